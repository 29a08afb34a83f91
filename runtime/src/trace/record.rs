//! Finished spans, as exporters read them.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Event, Link, Scope, SpanId, SpanKind, Status, TraceId};
use crate::site::Site;
use crate::value::Attribute;

/// Where a span got its name.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    Site(&'static Site),
    Manual(Cow<'static, str>),
}

impl Origin {
    /// Leaves a manual name empty.
    #[inline]
    pub(crate) fn take(&mut self) -> Self {
        match self {
            Self::Site(site) => Self::Site(site),
            Self::Manual(name) => Self::Manual(std::mem::take(name)),
        }
    }
}

/// A finished span as it waits for the exporters; its attributes wait in a second buffer.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) parent_span_id: Option<SpanId>,
    /// Clock readings until the collector turns them into Unix nanoseconds.
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) origin: Origin,
    pub(crate) kind: SpanKind,
    pub(crate) parent_is_remote: bool,
    /// How many of the attributes in the second buffer are this span's.
    pub(crate) attributes: u32,
    /// What few spans have.
    pub(crate) rare: Option<Box<Rare>>,
}

/// Parts of a span that are seldom filled.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rare {
    pub(crate) status: Status,
    pub(crate) events: Vec<Event>,
    pub(crate) links: Vec<Link>,
    pub(crate) trace_state: Option<Arc<str>>,
    pub(crate) dropped_attributes: u32,
    pub(crate) dropped_events: u32,
    pub(crate) dropped_links: u32,
}

impl Rare {
    /// Whether anything is in it.
    pub(super) fn is_filled(&self) -> bool {
        self.status != Status::Unset
            || !self.events.is_empty()
            || !self.links.is_empty()
            || self.trace_state.is_some()
            || self.dropped_attributes + self.dropped_events + self.dropped_links > 0
    }
}

/// Finished spans on their way to the exporters.
#[derive(Clone, Debug, Default)]
pub struct SpanBatch {
    pub(crate) spans: Vec<Record>,
    /// The attributes of all spans, in their order.
    pub(crate) attributes: Vec<Attribute>,
}

impl SpanBatch {
    /// How many spans there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The spans, in the order in which the collector took them.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = SpanData<'_>> + Clone {
        let mut attributes = &*self.attributes;
        self.spans.iter().map(move |record| {
            let own = attributes.split_off(..record.attributes as usize);
            SpanData {
                record,
                attributes: own.unwrap_or_default(),
            }
        })
    }

    pub(crate) fn push(
        &mut self,
        mut record: impl FnMut(u32) -> Record,
        attributes: &mut Vec<Attribute>,
    ) {
        let count = u32::try_from(attributes.len()).unwrap_or(u32::MAX);
        self.attributes.append(attributes);
        self.spans.push(record(count));
    }
}

/// One finished span.
#[derive(Clone, Copy, Debug)]
pub struct SpanData<'a> {
    record: &'a Record,
    attributes: &'a [Attribute],
}

impl<'a> SpanData<'a> {
    /// The trace it belongs to.
    #[must_use]
    pub fn trace_id(self) -> TraceId {
        self.record.trace_id
    }

    /// Its own id.
    #[must_use]
    pub fn span_id(self) -> SpanId {
        self.record.span_id
    }

    /// The span that caused it; `None` for the root of a trace.
    #[must_use]
    pub fn parent_span_id(self) -> Option<SpanId> {
        self.record.parent_span_id
    }

    /// Whether the parent lives in another process.
    #[must_use]
    pub fn parent_is_remote(self) -> bool {
        self.record.parent_is_remote
    }

    /// The W3C `tracestate` it carries on, unchanged.
    #[must_use]
    pub fn trace_state(self) -> Option<&'a str> {
        self.record.rare.as_ref()?.trace_state.as_deref()
    }

    /// Its name: `Type::method`, `module::function`, or what the code chose.
    #[must_use]
    pub fn name(self) -> &'a str {
        match &self.record.origin {
            Origin::Site(site) => site.span_name_or_path(),
            Origin::Manual(name) => name,
        }
    }

    /// Its role towards other processes.
    #[must_use]
    pub fn kind(self) -> SpanKind {
        self.record.kind
    }

    /// When it began, in nanoseconds since the Unix epoch.
    #[must_use]
    pub fn start_unix_nanos(self) -> u64 {
        self.record.start
    }

    /// When it ended, in nanoseconds since the Unix epoch; never before its start.
    #[must_use]
    pub fn end_unix_nanos(self) -> u64 {
        self.record.end
    }

    /// How it ended.
    #[must_use]
    pub fn status(self) -> &'a Status {
        self.record
            .rare
            .as_ref()
            .map_or(&Status::Unset, |rare| &rare.status)
    }

    /// What was recorded, without the attributes that say where the code stands.
    #[must_use]
    pub fn attributes(self) -> &'a [Attribute] {
        self.attributes
    }

    /// `code.function.name`, `code.file.path` and `code.line.number` of the annotated function.
    ///
    /// The same slice for every span of one function, so an exporter can keep what it rendered for it.
    #[must_use]
    pub fn code_attributes(self) -> &'static [Attribute] {
        self.site().map_or(&[], Site::code_attributes)
    }

    /// The annotated function; `None` for a span that was started by hand.
    #[must_use]
    pub fn site(self) -> Option<&'static Site> {
        match self.record.origin {
            Origin::Site(site) => Some(site),
            Origin::Manual(_) => None,
        }
    }

    /// The crate whose function this is; `None` for a span that was started by hand.
    #[must_use]
    pub fn scope(self) -> Option<Scope> {
        self.site().map(Site::scope)
    }

    /// What happened meanwhile.
    #[must_use]
    pub fn events(self) -> &'a [Event] {
        self.record.rare.as_ref().map_or(&[], |rare| &rare.events)
    }

    /// Other spans it has to do with.
    #[must_use]
    pub fn links(self) -> &'a [Link] {
        self.record.rare.as_ref().map_or(&[], |rare| &rare.links)
    }

    /// Attributes beyond the limit, which were left out.
    #[must_use]
    pub fn dropped_attributes(self) -> u32 {
        self.record
            .rare
            .as_ref()
            .map_or(0, |rare| rare.dropped_attributes)
    }

    /// Events beyond the limit, which were left out.
    #[must_use]
    pub fn dropped_events(self) -> u32 {
        self.record
            .rare
            .as_ref()
            .map_or(0, |rare| rare.dropped_events)
    }

    /// Links beyond the limit, which were left out.
    #[must_use]
    pub fn dropped_links(self) -> u32 {
        self.record
            .rare
            .as_ref()
            .map_or(0, |rare| rare.dropped_links)
    }
}
