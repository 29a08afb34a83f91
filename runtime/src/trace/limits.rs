//! How much one span may hold.

use std::sync::atomic::{AtomicU32, Ordering};

use super::parts::Parts;
use super::{Event, Link};
use crate::value::{Array, Attribute, Value};

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

impl Parts {
    /// Sets an attribute: the last value of a key wins, an empty key is left out.
    pub(crate) fn set_attribute(&mut self, mut attribute: Attribute) {
        shorten(&mut attribute.value);
        let is_known = self
            .attributes
            .iter()
            .any(|known| known.key == attribute.key);
        if is_known || has_room(self.attributes.len(), &ATTRIBUTES) {
            crate::value::set(&mut self.attributes, attribute);
        } else {
            self.rare.dropped_attributes += 1;
        }
    }

    pub(crate) fn add_event(&mut self, mut event: Event) {
        trim(&mut event.attributes, &ATTRIBUTES_PER_EVENT);
        if has_room(self.rare.events.len(), &EVENTS) {
            self.rare.events.push(event);
        } else {
            self.rare.dropped_events += 1;
        }
    }

    pub(crate) fn add_link(&mut self, mut link: Link) {
        trim(&mut link.attributes, &ATTRIBUTES_PER_LINK);
        if has_room(self.rare.links.len(), &LINKS) {
            self.rare.links.push(link);
        } else {
            self.rare.dropped_links += 1;
        }
    }
}

fn has_room(len: usize, limit: &AtomicU32) -> bool {
    len < limit.load(Ordering::Relaxed) as usize
}

/// Brings the attributes of an event or a link within the limits.
fn trim(attributes: &mut Vec<Attribute>, limit: &AtomicU32) {
    let mut kept = Vec::with_capacity(attributes.len());
    for mut attribute in attributes.drain(..) {
        shorten(&mut attribute.value);
        crate::value::set(&mut kept, attribute);
    }
    kept.truncate(limit.load(Ordering::Relaxed) as usize);
    *attributes = kept;
}

/// Cuts texts, and each text of a list, to the limit.
fn shorten(value: &mut Value) {
    let limit = VALUE_LENGTH.load(Ordering::Relaxed);
    if limit == u32::MAX {
        return;
    }
    let cut = |text: &mut std::borrow::Cow<'static, str>| {
        if let Some((at, _)) = text.char_indices().nth(limit as usize) {
            *text = text[..at].to_owned().into();
        }
    };
    match value {
        Value::String(text) => cut(text),
        Value::Array(array) => {
            if let Array::String(texts) = &mut **array {
                texts.iter_mut().for_each(cut);
            }
        }
        Value::Bool(_) | Value::I64(_) | Value::F64(_) => {}
    }
}
