//! What a span gathers while it is open, in boxes that go from span to span.

use std::cell::RefCell;

use super::record::Rare;
use super::{Event, Status};
use crate::scope::{self, Scope};
use crate::semconv::{ERROR_TYPE, EXCEPTION, EXCEPTION_MESSAGE, EXCEPTION_TYPE};
use crate::value::Attribute;

/// What a span gathers while it is open, beyond its ids.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) rare: Rare,
}

thread_local! {
    /// Emptied parts, so that spans with attributes need no allocation.
    #[expect(clippy::vec_box, reason = "the boxes go from here to spans and back")]
    static SPARE: RefCell<Vec<Box<Parts>>> = const { RefCell::new(Vec::new()) };
}

/// Parts with nothing in them.
#[expect(clippy::unnecessary_box_returns, reason = "the box is what is spared")]
pub(super) fn spare() -> Box<Parts> {
    SPARE
        .try_with(|spare| spare.borrow_mut().pop())
        .ok()
        .flatten()
        .unwrap_or_default()
}

/// Keeps the parts of a span that is over.
#[inline(never)]
pub(super) fn recycle(mut parts: Box<Parts>) {
    const KEPT: usize = 16;
    parts.attributes.clear();
    // A thread that is ending needs no spare parts.
    let _ = SPARE.try_with(|spare| {
        let mut spare = spare.borrow_mut();
        if spare.len() < KEPT {
            spare.push(parts);
        }
    });
}

impl Parts {
    /// What few spans have, if this one has it.
    pub(super) fn take_rare(&mut self) -> Option<Box<Rare>> {
        self.rare
            .is_filled()
            .then(|| Box::new(std::mem::take(&mut self.rare)))
    }

    /// Marks the span as failed: status, `error.type`, and with a message an `exception` event at `unix_nanos`.
    pub(crate) fn fail(
        &mut self,
        error_type: &'static str,
        message: Option<String>,
        unix_nanos: u64,
    ) {
        self.set_attribute(Attribute::new(ERROR_TYPE, error_type));
        let description = message.clone().unwrap_or_default().into();
        self.set_status(Status::Error { description });
        if let Some(message) = message {
            self.add_event(Event {
                name: EXCEPTION.into(),
                unix_nanos,
                attributes: vec![
                    Attribute::new(EXCEPTION_TYPE, error_type),
                    Attribute::new(EXCEPTION_MESSAGE, message),
                ],
            });
        }
    }

    /// Marks the span as failed with an error of this type, now.
    pub(super) fn record_error(
        &mut self,
        error_type: &'static str,
        message: String,
        scope: Option<&Scope>,
    ) {
        self.fail(error_type, Some(message), scope::unix_now(scope));
    }

    /// Sets the status; `Ok` is final, and `Unset` changes nothing.
    pub(crate) fn set_status(&mut self, status: Status) {
        if self.rare.status != Status::Ok && status != Status::Unset {
            self.rare.status = status;
        }
    }
}
