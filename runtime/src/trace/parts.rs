//! What a span gathers while it is open, in boxes that go from span to span.
//!
//! Attributes, events and links are packed at once, as records have them: what is set is copied once, and a span that
//! ends copies no more than bytes.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use super::{Event, InstrumentationScope, Link, Status, limits, supplements};
use crate::inside::inside;
use crate::packed::{KeyForm, ValueRef, numbered};
use crate::scope::{self, Scope};
use crate::semconv::{ERROR_TYPE, EXCEPTION, EXCEPTION_MESSAGE, EXCEPTION_TYPE};
use crate::value::Attribute;

/// What a span gathers while it is open, beyond its ids.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// Packed attributes; at the end of the span the supplements follow.
    items: Vec<u8>,
    attributes: u32,
    pub(crate) rare: Rare,
}

/// Parts of a span that are seldom filled.
#[derive(Debug, Default)]
pub(crate) struct Rare {
    pub(super) name: Option<Cow<'static, str>>,
    pub(super) instrumentation_scope: Option<Box<InstrumentationScope<'static>>>,
    pub(super) status: Status<'static>,
    /// Packed events and links.
    packed: Vec<u8>,
    events: u32,
    links: u32,
    pub(crate) trace_state: Option<Arc<str>>,
    pub(super) dropped: Dropped,
}

/// What the limits left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Dropped {
    pub(super) attributes: u32,
    pub(super) events: u32,
    pub(super) links: u32,
}

thread_local! {
    /// Emptied parts, so that spans with attributes need no allocation.
    #[expect(clippy::vec_box, reason = "the boxes go from here to spans and back")]
    static SPARE: RefCell<Vec<Box<Parts>>> = const { RefCell::new(Vec::new()) };
}

/// Parts with nothing in them.
pub(super) fn spare() -> Box<Parts> {
    SPARE
        .try_with(|spare| spare.borrow_mut().pop())
        .ok()
        .flatten()
        .unwrap_or_else(|| inside(Box::default))
}

/// Keeps the parts of a span that is over.
#[inline(never)]
pub(super) fn recycle(mut parts: Box<Parts>) {
    const KEPT: usize = 16;
    const KEPT_BYTES: usize = 16 << 10;
    if parts.items.capacity() > KEPT_BYTES {
        return;
    }
    parts.clear();
    // A thread that is ending needs no spare parts.
    let _ = SPARE.try_with(|spare| {
        let mut spare = spare.borrow_mut();
        if spare.len() < KEPT {
            inside(|| spare.push(parts));
        }
    });
}

impl Parts {
    /// Empties it, and keeps the memory of its attributes.
    fn clear(&mut self) {
        self.items.clear();
        self.attributes = 0;
        if self.rare.is_filled() {
            self.rare = Rare::default();
        }
    }

    /// How many bytes the attributes have. Ask before [`Parts::items`].
    #[inline]
    pub(super) fn attributes_len(&self) -> usize {
        self.items.len()
    }

    /// All items, as the span's record has them. Nothing can be set any more.
    #[inline]
    pub(super) fn items(&mut self) -> &[u8] {
        if self.rare.is_filled() {
            self.rare.pack(&mut self.items);
        }
        &self.items
    }

    /// Sets an attribute: the last value of a key wins, an empty key is left out.
    pub(crate) fn set_attribute(&mut self, attribute: Attribute) {
        let Attribute { key, value } = attribute;
        self.set(KeyForm::Text(&key), value.as_ref());
    }

    /// Sets an attribute that we name.
    pub(crate) fn set(&mut self, key: KeyForm<'_>, value: ValueRef<'_>) {
        let is_known = limits::replace(&mut self.items, 0, key, value.clone());
        if !is_known && !key.as_str().is_empty() {
            self.add(key, value);
        }
    }

    /// Adds an attribute whose key is known to be new, and not empty.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "a number goes from its variable to the bytes"
    )]
    pub(crate) fn add(&mut self, key: KeyForm<'_>, value: ValueRef<'_>) {
        if self.attributes < limits::attributes() {
            self.attributes += 1;
            limits::put_attribute(&mut self.items, key, value);
        } else {
            self.rare.dropped.attributes += 1;
        }
    }

    pub(crate) fn add_event(&mut self, event: &Event) {
        let attributes = event.attributes.iter();
        let attributes = attributes.map(|own| (KeyForm::Text(&own.key), own.value.as_ref()));
        self.event(&event.name, event.unix_nanos, attributes);
    }

    fn event<'v>(
        &mut self,
        name: &str,
        unix_nanos: u64,
        attributes: impl Iterator<Item = (KeyForm<'v>, ValueRef<'v>)>,
    ) {
        if self.rare.events < limits::events() {
            self.rare.events += 1;
            supplements::put_event(&mut self.rare.packed, name, unix_nanos, attributes);
        } else {
            self.rare.dropped.events += 1;
        }
    }

    pub(crate) fn add_link(&mut self, link: &Link) {
        if self.rare.links < limits::links() {
            self.rare.links += 1;
            supplements::put_link(&mut self.rare.packed, link);
        } else {
            self.rare.dropped.links += 1;
        }
    }

    /// Marks the span as failed: status, `error.type`, and with a message an `exception` event at `unix_nanos`.
    pub(crate) fn fail(
        &mut self,
        error_type: &'static str,
        message: Option<String>,
        unix_nanos: u64,
    ) {
        self.set(const { numbered(ERROR_TYPE) }, ValueRef::String(error_type));
        if let Some(message) = &message {
            let attributes = [
                (
                    const { numbered(EXCEPTION_TYPE) },
                    ValueRef::String(error_type),
                ),
                (
                    const { numbered(EXCEPTION_MESSAGE) },
                    ValueRef::String(message),
                ),
            ];
            self.event(EXCEPTION, unix_nanos, attributes.into_iter());
        }
        let description = message.unwrap_or_default().into();
        self.set_status(Status::Error { description });
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
    pub(crate) fn set_status(&mut self, status: Status<'static>) {
        if self.rare.status != Status::Ok && status != Status::Unset {
            self.rare.status = status;
        }
    }
}

impl Rare {
    /// Whether anything is in it.
    #[inline]
    fn is_filled(&self) -> bool {
        self.status != Status::Unset
            || !self.packed.is_empty()
            || self.trace_state.is_some()
            || self.name.is_some()
            || self.dropped != Dropped::default()
            || self.instrumentation_scope.is_some()
    }

    fn pack(&self, out: &mut Vec<u8>) {
        if let Some(name) = &self.name {
            supplements::put_name(out, name);
        }
        if let Some(scope) = &self.instrumentation_scope {
            supplements::put_scope(out, scope);
        }
        supplements::put_status(out, &self.status);
        if let Some(trace_state) = &self.trace_state {
            supplements::put_trace_state(out, trace_state);
        }
        if self.dropped != Dropped::default() {
            supplements::put_dropped(out, self.dropped);
        }
        out.extend_from_slice(&self.packed);
    }
}
