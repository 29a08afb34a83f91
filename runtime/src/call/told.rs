//! What calls are told by code of the user's that may panic: the call goes on without what that would have told.

use super::{Call, Closing, Setup};
use crate::caught;
use crate::lost;
use crate::outcome::{Message, Outcome};
use crate::scope::Scope;
use crate::semconv;
use crate::site::Site;

/// Runs code that tells something of a call. Whether it did not panic.
#[inline]
pub(super) fn told(site: &'static Site, scope: Option<&Scope>, tell: impl FnOnce()) -> bool {
    let mut tell = Some(tell);
    told_by_reference(site, scope, &mut || {
        if let Some(tell) = tell.take() {
            tell();
        }
    })
}

/// Compiled once, and not for each function.
#[inline(never)]
fn told_by_reference(site: &'static Site, scope: Option<&Scope>, tell: &mut dyn FnMut()) -> bool {
    let tell = || caught::caught(tell);
    lost::watching(site, scope, tell).is_some()
}

impl Call {
    /// Runs code that tells something of the call before it starts. Whether it did not panic.
    #[inline]
    fn told(&mut self, tell: impl FnOnce(&mut Setup<'_>)) -> bool {
        let Some(site) = self.closing().map(|closing| closing.site) else {
            return true;
        };
        let scope = self.full().and_then(|call| call.scope.clone());
        told(site, scope.as_deref(), || tell(&mut Setup { call: self }))
    }
}

impl Setup<'_> {
    /// Labels, if they are wanted. If the code panics, the call counts in the overflow series.
    #[inline]
    pub fn try_labels(&mut self, tell: impl FnOnce(&mut Setup<'_>)) {
        if self.is_metered() && !self.call.told(tell) {
            self.overflow();
        }
    }

    /// Fields and links, if they are wanted. If the code panics, those before stay.
    #[inline]
    pub fn try_fields(&mut self, tell: impl FnOnce(&mut Setup<'_>)) {
        if self.is_recording() {
            self.call.told(tell);
        }
    }
}

impl Closing<'_> {
    /// Labels of the result, if they are wanted. If the code panics, the call counts without them.
    #[inline]
    pub fn try_labels(&mut self, tell: impl FnOnce(&mut Closing<'_>)) {
        if self.is_metered() {
            self.told(tell);
        }
    }

    /// Fields of the result, if they are wanted. If the code panics, those before stay.
    #[inline]
    pub fn try_fields(&mut self, tell: impl FnOnce(&mut Closing<'_>)) {
        if self.is_recording() {
            self.told(tell);
        }
    }

    fn told(&mut self, tell: impl FnOnce(&mut Closing<'_>)) {
        let site = self.site;
        if let Some(call) = &mut self.call {
            let scope = call.scope.clone();
            told(site, scope.as_deref(), || {
                tell(&mut Closing {
                    site,
                    call: Some(call),
                });
            });
        }
    }

    /// Ok or not, as `predicate` says of what the call returned; as before if it panics.
    pub fn ok_if<'r, T>(
        &mut self,
        outcome: Outcome<'r>,
        returned: &T,
        predicate: impl FnOnce(&T) -> bool,
    ) -> Outcome<'r> {
        let scope = self.call.as_ref().and_then(|call| call.scope.clone());
        let judge = || caught::caught_by_reference(|| predicate(returned));
        match (lost::watching(self.site, scope.as_deref(), judge), outcome) {
            (Some(true), _) => Outcome::Ok,
            (Some(false), Outcome::Ok) => Outcome::Error {
                error_type: semconv::OTHER,
                message: Message::None,
            },
            (Some(false) | None, outcome) => outcome,
        }
    }

    /// An error or not, as `predicate` says of what the call returned; as before if it panics.
    pub fn error_if<'r, T>(
        &mut self,
        outcome: Outcome<'r>,
        returned: &T,
        predicate: impl FnOnce(&T) -> bool,
    ) -> Outcome<'r> {
        self.ok_if(outcome, returned, |returned| !predicate(returned))
    }
}
