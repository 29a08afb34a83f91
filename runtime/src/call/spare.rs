//! Room for the calls of futures: boxes that go from call to call, so that a future holds a pointer and no call
//! allocates once its thread has run a few.

use std::cell::RefCell;

use super::Call;
use crate::inside::inside;

thread_local! {
    #[expect(clippy::vec_box, reason = "the boxes go from here to futures and back")]
    static SPARE: RefCell<Vec<Box<Call>>> = const { RefCell::new(Vec::new()) };
}

/// A box with a call that has not started.
pub(super) fn take() -> Box<Call> {
    SPARE
        .try_with(|spare| spare.borrow_mut().pop())
        .ok()
        .flatten()
        .unwrap_or_else(|| inside(Box::default))
}

/// Keeps the box of a call that is over.
pub(super) fn give_back(call: Box<Call>) {
    const KEPT: usize = 64;
    // A thread that is ending keeps nothing.
    let _ = SPARE.try_with(|spare| {
        let mut spare = spare.borrow_mut();
        if spare.len() < KEPT {
            inside(|| spare.push(call));
        }
    });
}
