//! How much one span may hold.

use std::borrow::Cow;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::packed::{self, ArrayRef, FieldList, KeyForm, ValueRef};
use crate::value::Value;

/// Limits of what a span keeps; what comes beyond them is left out and counted on the span.
///
/// The defaults are the specification's: 128 of each, and texts of any length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpanLimits {
    /// Attributes of one span.
    pub attributes: u32,
    /// Events of one span.
    pub events: u32,
    /// Links of one span.
    pub links: u32,
    /// Attributes of one event.
    pub attributes_per_event: u32,
    /// Attributes of one link.
    pub attributes_per_link: u32,
    /// Characters of a text; longer ones are cut.
    pub value_length: u32,
}

const DEFAULT: SpanLimits = SpanLimits {
    attributes: 128,
    events: 128,
    links: 128,
    attributes_per_event: 128,
    attributes_per_link: 128,
    value_length: u32::MAX,
};

impl Default for SpanLimits {
    fn default() -> Self {
        DEFAULT
    }
}

// Those that are installed.
static ATTRIBUTES: AtomicU32 = AtomicU32::new(DEFAULT.attributes);
static EVENTS: AtomicU32 = AtomicU32::new(DEFAULT.events);
static LINKS: AtomicU32 = AtomicU32::new(DEFAULT.links);
static ATTRIBUTES_PER_EVENT: AtomicU32 = AtomicU32::new(DEFAULT.attributes_per_event);
static ATTRIBUTES_PER_LINK: AtomicU32 = AtomicU32::new(DEFAULT.attributes_per_link);
static VALUE_LENGTH: AtomicU32 = AtomicU32::new(DEFAULT.value_length);

impl SpanLimits {
    /// Makes these the limits of all spans of this process.
    pub fn install(self) {
        ATTRIBUTES.store(self.attributes, Ordering::Relaxed);
        EVENTS.store(self.events, Ordering::Relaxed);
        LINKS.store(self.links, Ordering::Relaxed);
        ATTRIBUTES_PER_EVENT.store(self.attributes_per_event, Ordering::Relaxed);
        ATTRIBUTES_PER_LINK.store(self.attributes_per_link, Ordering::Relaxed);
        VALUE_LENGTH.store(self.value_length, Ordering::Relaxed);
    }
}

/// Attributes of one span.
#[inline]
pub(super) fn attributes() -> u32 {
    ATTRIBUTES.load(Ordering::Relaxed)
}

/// Events of one span.
pub(super) fn events() -> u32 {
    EVENTS.load(Ordering::Relaxed)
}

/// Links of one span.
pub(super) fn links() -> u32 {
    LINKS.load(Ordering::Relaxed)
}

/// Attributes of one event.
pub(super) fn per_event() -> u32 {
    ATTRIBUTES_PER_EVENT.load(Ordering::Relaxed)
}

/// Attributes of one link.
pub(super) fn per_link() -> u32 {
    ATTRIBUTES_PER_LINK.load(Ordering::Relaxed)
}

/// Appends an attribute with its texts cut to the limit.
#[inline]
pub(super) fn put_attribute(out: &mut Vec<u8>, key: KeyForm<'_>, value: ValueRef<'_>) {
    let limit = VALUE_LENGTH.load(Ordering::Relaxed);
    if limit == u32::MAX {
        packed::put_attribute(out, key, value);
    } else {
        put_cut(out, key, value, limit as usize);
    }
}

#[cold]
fn put_cut(out: &mut Vec<u8>, key: KeyForm<'_>, value: ValueRef<'_>, limit: usize) {
    let cut = |text| cut(text, limit);
    match value {
        ValueRef::String(text) => packed::put_attribute(out, key, ValueRef::String(cut(text))),
        ValueRef::Array(ArrayRef::String(texts)) => {
            let texts = texts.map(|text| Cow::Owned(cut(text).to_owned()));
            let array = Value::from(texts.collect::<Vec<_>>());
            packed::put_attribute(out, key, array.as_ref());
        }
        value => packed::put_attribute(out, key, value),
    }
}

/// So many characters of a text.
fn cut(text: &str, limit: usize) -> &str {
    let end = text.char_indices().nth(limit);
    end.map_or(text, |(end, _)| &text[..end])
}

/// Appends the attributes of an event or a link: of a key the last value, no empty key, and at most so many.
pub(super) fn put_attributes<'v>(
    out: &mut Vec<u8>,
    attributes: impl Iterator<Item = (KeyForm<'v>, ValueRef<'v>)>,
    limit: u32,
) {
    let start = out.len();
    let mut count = 0;
    for (key, value) in attributes {
        if replace(out, start, key, value.clone(), &[]) || key.as_str().is_empty() || count >= limit
        {
            continue;
        }
        put_attribute(out, key, value);
        count += 1;
    }
}

/// Replaces the value of a key among the attributes that begin at `start`, if it is there. `fields` are those of the function
/// whose span it is.
pub(super) fn replace(
    out: &mut Vec<u8>,
    start: usize,
    key: KeyForm<'_>,
    value: ValueRef<'_>,
    fields: FieldList,
) -> bool {
    let Some(known) = packed::find(&out[start..], key, fields) else {
        return false;
    };
    // Another value may have another length, so what comes after it moves.
    let after = out.split_off(start + known.end);
    out.truncate(start + known.start);
    put_attribute(out, key, value);
    out.extend_from_slice(&after);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packed::Attributes;

    #[test]
    fn texts_are_cut_by_characters() {
        for (limit, expected) in [(0, ""), (1, "ä"), (2, "äb"), (3, "äbc"), (4, "äbc")] {
            assert_eq!(cut("äbc", limit), expected);
        }
    }

    #[test]
    fn the_last_value_of_a_key_wins_where_the_first_stood() {
        let mut out = Vec::new();
        let pairs = [("a", 1), ("b", 2), ("", 3), ("a", 4), ("c", 5), ("b", 6)];
        let pairs = pairs.map(|(key, value)| (KeyForm::Text(key), ValueRef::I64(value)));
        put_attributes(&mut out, pairs.into_iter(), 2);
        let read = Attributes::packed(&out).collect::<Vec<_>>();
        assert_eq!(read, [("a", ValueRef::I64(4)), ("b", ValueRef::I64(6))]);
    }
}
