//! What ends a call, whichever way its function is left.

use super::ending::Ending;
use super::{Call, Closing};
use crate::outcome::Outcome;

/// A running call that ends when this is dropped.
#[derive(Debug)]
#[must_use]
pub struct CallGuard<'a> {
    pub(super) call: Option<&'a mut Call>,
}

impl CallGuard<'_> {
    #[inline]
    pub(super) fn end<'r>(&mut self, outcome: impl FnOnce(&mut Closing<'_>) -> Outcome<'r>) {
        if self.call.is_some() {
            // While the guard still has the call: if this panics, that ends the call.
            let live = self.call.as_mut().and_then(|call| call.closing());
            let outcome = outcome(&mut Closing { live });
            if let Some(call) = self.call.take() {
                match outcome {
                    Outcome::Ok => call.end_well(),
                    error @ Outcome::Error { .. } => call.end_badly(Ending::Returned(error)),
                }
            }
        }
    }
}

impl Drop for CallGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            call.end_dropped();
        }
    }
}
