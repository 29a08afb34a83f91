//! What ends a call, whichever way its function is left.

use super::ending::Ending;
use super::{Call, Closing};
use crate::outcome::Outcome;

/// A running call beside the body of its function, whose result nobody looks at. It ends when this is dropped.
#[derive(Debug)]
#[must_use]
pub struct CallGuard<'a> {
    pub(super) call: Option<&'a mut Call>,
}

impl Drop for CallGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            call.end_left();
        }
    }
}

/// A running call around the body of its function. Dropped before it has ended, it ends as a panic: nothing else leaves a
/// body without a result.
pub(super) struct Running<'a> {
    pub(super) call: Option<&'a mut Call>,
}

impl<'a> Running<'a> {
    /// What is asked how the call ended, if somebody listens.
    #[inline]
    pub(super) fn closing(&mut self) -> Option<Closing<'_>> {
        self.call.as_mut()?.closing()
    }

    #[inline]
    pub(super) fn end(&mut self, outcome: Outcome<'_>) {
        if let Some(call) = self.call.take() {
            match outcome {
                Outcome::Ok => call.end_well(),
                error @ Outcome::Error { .. } => {
                    call.settle();
                    call.end_badly(Ending::Returned(error));
                }
            }
        }
    }

    /// The call, which goes on.
    #[inline]
    pub(super) fn take(&mut self) -> Option<&'a mut Call> {
        self.call.take()
    }
}

impl Drop for Running<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            call.end_badly(Ending::Unwound);
        }
    }
}
