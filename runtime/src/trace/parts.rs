//! What a span gathers while it is open, in boxes that go from span to span.
//!
//! Attributes, events and links are packed at once, as records have them: what is set is copied once, and a span that
//! ends copies no more than bytes.

use std::borrow::Cow;
use std::cell::RefCell;
use std::mem;
use std::sync::Arc;

use super::{Event, InstrumentationScope, Link, Status, limits, supplements};
use crate::inside::inside;
use crate::packed::{
    Attributes, FieldList, KeyForm, Supplements, ValueRef, WORD, numbered, put_supplement,
    put_word, short_field,
};
use crate::scope::{self, Scope};
use crate::semconv::{ERROR_TYPE, EXCEPTION, EXCEPTION_MESSAGE, EXCEPTION_TYPE};
use crate::value::Attribute;

/// What a span gathers while it is open, beyond its ids.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    /// Packed attributes; at the end of the span the supplements follow.
    items: Vec<u8>,
    attributes: u32,
    /// The fields of the function whose span it is, once a call has recorded one.
    fields: FieldList,
    /// Whether anybody asked for what few spans have.
    has_rare: bool,
    rare: Rare,
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
        if spare.capacity() == 0 {
            inside(|| spare.reserve_exact(KEPT));
        }
        if spare.len() < spare.capacity() {
            spare.push(parts);
        }
    });
}

impl Parts {
    /// Empties it, and keeps the memory of its attributes.
    fn clear(&mut self) {
        self.items.clear();
        (self.attributes, self.fields) = (0, &[]);
        if mem::take(&mut self.has_rare) {
            self.rare = Rare::default();
        }
    }

    /// What few spans have, to be changed.
    pub(crate) fn rare(&mut self) -> &mut Rare {
        self.has_rare = true;
        &mut self.rare
    }

    pub(super) fn trace_state(&self) -> Option<Arc<str>> {
        self.rare.trace_state.clone()
    }

    /// Whether there are attributes at most.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        !self.has_rare
    }

    /// The packed attributes.
    #[inline]
    pub(super) fn attributes(&self) -> &[u8] {
        &self.items
    }

    /// How many bytes the attributes have. Ask before [`Parts::items`].
    #[inline]
    pub(super) fn attributes_len(&self) -> usize {
        self.items.len()
    }

    /// All items, as the span's record has them. Nothing can be set any more.
    #[inline]
    pub(super) fn items(&mut self) -> &[u8] {
        if self.has_rare {
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
        let key = key.listed(self.fields);
        let is_known = limits::replace(&mut self.items, 0, key, value.clone(), self.fields);
        if !is_known && !key.as_str().is_empty() {
            self.add(key, value);
        }
    }

    /// Names the fields of the function whose span it is, which can be set from here on.
    #[inline]
    pub(crate) fn with_fields(&mut self, fields: FieldList) -> &mut Self {
        self.fields = fields;
        self
    }

    /// Sets a field, by its index.
    pub(crate) fn set_field(&mut self, index: usize, value: ValueRef<'_>) {
        self.set(KeyForm::field(self.fields, index), value);
    }

    /// The same for a field that is not set yet.
    #[inline]
    pub(crate) fn add_field(&mut self, index: usize, value: ValueRef<'_>) {
        self.add(KeyForm::field(self.fields, index), value);
    }

    /// The same for an integer, if that takes no more than to write a word. Whether it did.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "most fields of most calls")]
    pub(crate) fn add_short_field(&mut self, index: usize, number: i64) -> bool {
        let Some(word) = short_field(index, number) else {
            return false;
        };
        let has_room = self.items.capacity() - self.items.len() >= WORD
            && self.attributes < limits::attributes();
        if has_room {
            self.attributes += 1;
            put_word(&mut self.items, word);
        }
        has_room
    }

    /// Sets all that `later` has, as if it had been set here.
    #[cold]
    pub(super) fn absorb(&mut self, later: &mut Self) {
        for (key, value) in Attributes::with_fields(&later.items, later.fields) {
            self.set(KeyForm::Text(key), value);
        }
        if later.has_rare {
            self.rare().absorb(&mut later.rare);
        }
    }

    /// Adds an attribute whose key is known to be new, and not empty.
    #[inline]
    pub(crate) fn add(&mut self, key: KeyForm<'_>, value: ValueRef<'_>) {
        if self.attributes < limits::attributes() {
            self.attributes += 1;
            limits::put_attribute(&mut self.items, key, value);
        } else {
            self.rare().dropped.attributes += 1;
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
        let rare = self.rare();
        if rare.events < limits::events() {
            rare.events += 1;
            supplements::put_event(&mut rare.packed, name, unix_nanos, attributes);
        } else {
            rare.dropped.events += 1;
        }
    }

    pub(crate) fn add_link(&mut self, link: &Link) {
        let rare = self.rare();
        if rare.links < limits::links() {
            rare.links += 1;
            supplements::put_link(&mut rare.packed, link);
        } else {
            rare.dropped.links += 1;
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
        self.rare().set_status(status);
    }
}

impl Rare {
    fn set_status(&mut self, status: Status<'static>) {
        if self.status != Status::Ok && status != Status::Unset {
            self.status = status;
        }
    }

    fn absorb(&mut self, later: &mut Self) {
        self.name = later.name.take().or(self.name.take());
        self.set_status(mem::take(&mut later.status));
        let Dropped {
            attributes,
            events,
            links,
        } = later.dropped;
        self.dropped.attributes += attributes;
        self.dropped.events += events;
        self.dropped.links += links;
        for supplement in Supplements::new(&later.packed) {
            let (count, limit, dropped) = if supplements::is_event(supplement) {
                (&mut self.events, limits::events(), &mut self.dropped.events)
            } else {
                (&mut self.links, limits::links(), &mut self.dropped.links)
            };
            if *count < limit {
                *count += 1;
                let put = |out: &mut Vec<u8>| out.extend_from_slice(supplement.bytes);
                put_supplement(&mut self.packed, supplement.kind, put);
            } else {
                *dropped += 1;
            }
        }
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
