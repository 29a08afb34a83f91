//! What few spans have, packed: each is a supplement of its own type.

use std::fmt;

use super::parts::Dropped;
use super::{InstrumentationScope, Link, SpanId, Status, TraceFlags, TraceId, limits};
use crate::packed::{
    Attributes, Cursor, KeyForm, Supplement, Supplements, ValueRef, put_supplement, put_text,
    put_word,
};

/// Text.
const NAME: u8 = 1;
/// Name, version and schema URL.
const SCOPE: u8 = 2;
/// Nothing.
const OK: u8 = 3;
/// Text.
const ERROR: u8 = 4;
/// Time, name and attributes.
const EVENT: u8 = 5;
/// Trace id in two halves, span id, flags, `tracestate` and attributes.
const LINK: u8 = 6;
/// Text.
const TRACE_STATE: u8 = 7;
/// How many attributes, events and links.
const DROPPED: u8 = 8;

/// Beside W3C's flags: the span lives in another process.
const REMOTE: u64 = 1 << 8;

pub(super) fn put_name(out: &mut Vec<u8>, name: &str) {
    put_supplement(out, NAME, |out| out.extend_from_slice(name.as_bytes()));
}

pub(super) fn put_trace_state(out: &mut Vec<u8>, trace_state: &str) {
    put_supplement(out, TRACE_STATE, |out| {
        out.extend_from_slice(trace_state.as_bytes());
    });
}

pub(super) fn put_scope(out: &mut Vec<u8>, scope: &InstrumentationScope<'_>) {
    put_supplement(out, SCOPE, |out| scope.pack(out));
}

pub(super) fn put_status(out: &mut Vec<u8>, status: &Status<'_>) {
    match status {
        Status::Unset => {}
        Status::Ok => put_supplement(out, OK, |_| {}),
        Status::Error { description } => put_supplement(out, ERROR, |out| {
            out.extend_from_slice(description.as_bytes());
        }),
    }
}

pub(super) fn put_dropped(out: &mut Vec<u8>, dropped: Dropped) {
    put_supplement(out, DROPPED, |out| {
        for count in [dropped.attributes, dropped.events, dropped.links] {
            put_word(out, count.into());
        }
    });
}

pub(super) fn is_event(supplement: Supplement<'_>) -> bool {
    supplement.kind == EVENT
}

pub(super) fn put_event<'v>(
    out: &mut Vec<u8>,
    name: &str,
    unix_nanos: u64,
    attributes: impl Iterator<Item = (KeyForm<'v>, ValueRef<'v>)>,
) {
    put_supplement(out, EVENT, |out| {
        put_word(out, unix_nanos);
        put_text(out, name);
        limits::put_attributes(out, attributes, limits::per_event());
    });
}

pub(super) fn put_link(out: &mut Vec<u8>, link: &Link) {
    let context = &link.context;
    let (high, low) = context.trace_id.halves();
    let remote = if context.remote { REMOTE } else { 0 };
    let flags = u64::from(context.flags.to_u8()) | remote;
    put_supplement(out, LINK, |out| {
        for word in [high, low, context.span_id.to_u64(), flags] {
            put_word(out, word);
        }
        put_text(out, context.trace_state.as_deref().unwrap_or_default());
        let attributes = link.attributes.iter();
        let attributes = attributes.map(|own| (KeyForm::Text(&own.key), own.value.as_ref()));
        limits::put_attributes(out, attributes, limits::per_link());
    });
}

/// What a span has beyond its attributes, to be looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct SpanSupplements<'a>(pub(super) &'a [u8]);

impl<'a> SpanSupplements<'a> {
    fn all(self) -> Supplements<'a> {
        Supplements::new(self.0)
    }

    pub(super) fn name(self) -> Option<&'a str> {
        self.all().get(NAME).map(Supplement::text)
    }

    pub(super) fn trace_state(self) -> Option<&'a str> {
        self.all().get(TRACE_STATE).map(Supplement::text)
    }

    pub(super) fn scope(self) -> Option<InstrumentationScope<'a>> {
        let mut cursor = Cursor::new(self.all().get(SCOPE)?.bytes);
        InstrumentationScope::unpack(&mut cursor)
    }

    pub(super) fn status(self) -> Status<'a> {
        let status = self.all().find_map(|supplement| match supplement.kind {
            OK => Some(Status::Ok),
            ERROR => Some(Status::Error {
                description: supplement.text().into(),
            }),
            _ => None,
        });
        status.unwrap_or_default()
    }

    pub(super) fn dropped(self) -> Dropped {
        let Some(supplement) = self.all().get(DROPPED) else {
            return Dropped::default();
        };
        let mut cursor = Cursor::new(supplement.bytes);
        let mut count = || {
            let count = cursor.word().unwrap_or_default();
            u32::try_from(count).unwrap_or(u32::MAX)
        };
        Dropped {
            attributes: count(),
            events: count(),
            links: count(),
        }
    }

    pub(super) fn events(self) -> impl Iterator<Item = EventData<'a>> + Clone + use<'a> {
        let events = self.all().filter(|supplement| supplement.kind == EVENT);
        events.filter_map(|event| EventData::unpack(event.bytes))
    }

    pub(super) fn links(self) -> impl Iterator<Item = LinkData<'a>> + Clone + use<'a> {
        let links = self.all().filter(|supplement| supplement.kind == LINK);
        links.filter_map(|link| LinkData::unpack(link.bytes))
    }
}

/// Something that happened at one moment of a span.
#[derive(Clone, Copy)]
pub struct EventData<'a> {
    unix_nanos: u64,
    name: &'a str,
    attributes: &'a [u8],
}

impl<'a> EventData<'a> {
    fn unpack(bytes: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(bytes);
        Some(Self {
            unix_nanos: cursor.word()?,
            name: cursor.text()?,
            attributes: cursor.rest(),
        })
    }

    /// What happened: `exception`, `cache.miss`.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.name
    }

    /// When, in nanoseconds since the Unix epoch.
    #[must_use]
    pub fn unix_nanos(self) -> u64 {
        self.unix_nanos
    }

    /// Details.
    #[must_use]
    pub fn attributes(self) -> Attributes<'a> {
        Attributes::packed(self.attributes)
    }
}

impl fmt::Debug for EventData<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventData")
            .field("name", &self.name)
            .field("unix_nanos", &self.unix_nanos)
            .field("attributes", &self.attributes())
            .finish()
    }
}

/// Another span that a span has to do with.
#[derive(Clone, Copy)]
pub struct LinkData<'a> {
    trace_id: TraceId,
    span_id: SpanId,
    flags: u64,
    trace_state: &'a str,
    attributes: &'a [u8],
}

impl<'a> LinkData<'a> {
    fn unpack(bytes: &'a [u8]) -> Option<Self> {
        let mut cursor = Cursor::new(bytes);
        Some(Self {
            trace_id: TraceId::from_halves(cursor.word()?, cursor.word()?),
            span_id: SpanId::from_u64(cursor.word()?)?,
            flags: cursor.word()?,
            trace_state: cursor.text()?,
            attributes: cursor.rest(),
        })
    }

    /// The other span's trace.
    #[must_use]
    pub fn trace_id(self) -> TraceId {
        self.trace_id
    }

    /// The other span within it.
    #[must_use]
    pub fn span_id(self) -> SpanId {
        self.span_id
    }

    /// What was decided about its trace.
    #[must_use]
    pub fn flags(self) -> TraceFlags {
        TraceFlags::from_u8(self.flags.to_le_bytes()[0])
    }

    /// Whether it lives in another process.
    #[must_use]
    pub fn is_remote(self) -> bool {
        self.flags & REMOTE != 0
    }

    /// Its W3C `tracestate`, if it carries one.
    #[must_use]
    pub fn trace_state(self) -> Option<&'a str> {
        Some(self.trace_state).filter(|state| !state.is_empty())
    }

    /// Details.
    #[must_use]
    pub fn attributes(self) -> Attributes<'a> {
        Attributes::packed(self.attributes)
    }
}

impl fmt::Debug for LinkData<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinkData")
            .field("trace_id", &self.trace_id)
            .field("span_id", &self.span_id)
            .field("flags", &self.flags())
            .field("is_remote", &self.is_remote())
            .field("trace_state", &self.trace_state())
            .field("attributes", &self.attributes())
            .finish()
    }
}
