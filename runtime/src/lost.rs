//! What of a call could not be told, because the code that should tell it failed: a value's `Display` that panics or
//! gives up, an expression of `fields(..)` that panics. The call goes on, and what is lost is counted by its cause.

pub(crate) use crate::caught::has_lost as is_unsettled;
use crate::caught::{self, Cause, Losses, NO_LOSSES};
use crate::registry::Registry;
use crate::scope::Scope;
use crate::site::Site;

/// Runs code that tells something of a call of this function, and counts what is lost meanwhile.
#[inline]
pub(crate) fn watching<T>(
    site: &'static Site,
    scope: Option<&Scope>,
    tell: impl FnOnce() -> T,
) -> T {
    // What it calls itself may be watched, too.
    let before = caught::exchange(NO_LOSSES);
    let told = tell();
    count(site, scope, caught::exchange(before));
    told
}

/// Counts what this thread has lost outside of all [`watching`] code, of a call of this function.
#[cold]
pub(crate) fn settle(site: &'static Site, scope: Option<&Scope>) {
    count(site, scope, caught::exchange(NO_LOSSES));
}

#[inline]
fn count(site: &'static Site, scope: Option<&Scope>, lost: Losses) {
    if lost != NO_LOSSES {
        count_each(site, scope, lost);
    }
}

#[cold]
fn count_each(site: &'static Site, scope: Option<&Scope>, lost: Losses) {
    let registry = match scope {
        Some(scope) => &scope.registry,
        None => Registry::global(),
    };
    for (cause, count) in Cause::ALL.into_iter().zip(lost) {
        if count > 0 {
            registry.lose(site, cause, count);
        }
    }
}
