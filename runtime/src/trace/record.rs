//! Finished spans, as exporters read them.

use std::fmt;

use super::head::{HEAD, PackedHead, with_items};
use super::parts::{Dropped, Parts};
use super::supplements::{EventData, LinkData, SpanSupplements};
use super::{InstrumentationScope, SpanId, SpanKind, Status, TraceFlags, TraceId};
use crate::packed::{Attributes, Batch, Cursor, KeyRef, ValueBytes, WORD};
use crate::site::Site;

/// Finished spans on their way to the exporters.
///
/// It holds bytes, which are read in place. What the collector took is such a batch; it can also be made of
/// [`FinishedSpan`](super::FinishedSpan)s.
#[derive(Clone, Default)]
pub struct SpanBatch(Batch);

impl SpanBatch {
    /// How many spans there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The spans, in the order in which the collector took them.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = SpanData<'_>> + Clone {
        self.0.records().map(SpanData::new)
    }

    /// Leaves out the spans that `keep` says no to; the others stay in their order.
    ///
    /// ```
    /// use tachograph::trace::{FinishedSpan, SpanBatch};
    ///
    /// let spans = ["load", "store"].map(|name| FinishedSpan::new(name, 1, 2));
    /// let mut batch: SpanBatch = spans.into_iter().collect();
    /// batch.retain(|span| span.name() == "store");
    /// assert_eq!(batch.len(), 1);
    /// ```
    pub fn retain(&mut self, mut keep: impl FnMut(SpanData<'_>) -> bool) {
        self.0.retain(|record| keep(SpanData::new(record)));
    }

    /// How many bytes the spans take in memory.
    #[must_use]
    pub fn byte_len(&self) -> usize {
        self.0.byte_len()
    }

    /// Adds a span whose times are nanoseconds since the Unix epoch.
    pub(super) fn push(&mut self, head: [u64; HEAD], parts: Option<&mut Parts>) {
        match parts {
            None => self.0.push(&head, &[]),
            Some(parts) => with_items(head, parts, |head, items| match head {
                Ok(head) => self.0.push(&head, items),
                Err(head) => self.0.push(&head, items),
            }),
        }
    }
}

impl From<Batch> for SpanBatch {
    fn from(batch: Batch) -> Self {
        Self(batch)
    }
}

impl fmt::Debug for SpanBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// One finished span.
#[derive(Clone, Copy)]
pub struct SpanData<'a> {
    head: PackedHead<'a>,
    attributes: &'a [u8],
    supplements: SpanSupplements<'a>,
}

impl<'a> SpanData<'a> {
    #[inline]
    fn new(record: &'a [u8]) -> Self {
        let (words, _) = record.as_chunks::<WORD>();
        let head = words.first_chunk::<HEAD>().expect("a record has a head");
        let head = PackedHead(head);
        let items = &record[HEAD * WORD..];
        let (attributes, supplements) = if head.has_supplements() {
            let (len, items) = items.split_at(WORD);
            let len = u64::from_le_bytes(*len.first_chunk().expect("split there"));
            items.split_at(usize::try_from(len).unwrap_or(items.len()))
        } else {
            (items, &[][..])
        };
        Self {
            head,
            attributes,
            supplements: SpanSupplements(supplements),
        }
    }

    /// The trace it belongs to.
    #[inline]
    #[must_use]
    pub fn trace_id(self) -> TraceId {
        self.head.trace_id()
    }

    /// Its own id.
    #[inline]
    #[must_use]
    pub fn span_id(self) -> SpanId {
        self.head.span_id()
    }

    /// The span that caused it; `None` for the root of a trace.
    #[inline]
    #[must_use]
    pub fn parent_span_id(self) -> Option<SpanId> {
        self.head.parent_span_id()
    }

    /// Whether the parent lives in another process.
    #[inline]
    #[must_use]
    pub fn parent_is_remote(self) -> bool {
        self.head.parent_is_remote()
    }

    /// What was decided about its trace, and what travels on with it.
    #[inline]
    #[must_use]
    pub fn flags(self) -> TraceFlags {
        self.head.flags()
    }

    /// The W3C `tracestate` it carries on, unchanged.
    #[must_use]
    pub fn trace_state(self) -> Option<&'a str> {
        self.supplements.trace_state()
    }

    /// Its name: `Type::method`, `module::function`, or what the code chose.
    #[must_use]
    pub fn name(self) -> &'a str {
        self.own_name()
            .or_else(|| Some(self.site()?.span_name_or_path()))
            .unwrap_or_default()
    }

    /// Its name where that is not the one that all spans of the function have.
    #[must_use]
    pub fn own_name(self) -> Option<&'a str> {
        self.supplements.name()
    }

    /// Its role towards other processes.
    #[inline]
    #[must_use]
    pub fn kind(self) -> SpanKind {
        self.head.kind()
    }

    /// When it began, in nanoseconds since the Unix epoch.
    #[inline]
    #[must_use]
    pub fn start_unix_nanos(self) -> u64 {
        self.head.start()
    }

    /// When it ended, in nanoseconds since the Unix epoch; never before its start.
    #[inline]
    #[must_use]
    pub fn end_unix_nanos(self) -> u64 {
        self.head.end()
    }

    /// How it ended.
    #[must_use]
    pub fn status(self) -> Status<'a> {
        self.supplements.status()
    }

    /// What was recorded, without the attributes that say where the code stands.
    #[inline]
    #[must_use]
    pub fn attributes(self) -> Attributes<'a> {
        if self.attributes.is_empty() {
            return Attributes::none();
        }
        let fields = self.site().map_or(&[][..], Site::field_keys);
        Attributes::with_fields(self.attributes, fields)
    }

    /// The same, with the keys of fields by their index and texts as bytes of UTF-8: for encoders, which keep what they
    /// rendered of each field and copy the rest.
    ///
    /// ```
    /// use tachograph::trace::{FinishedSpan, SpanBatch};
    /// use tachograph::{KeyRef, ValueBytes};
    ///
    /// let batch = SpanBatch::from_iter([FinishedSpan::new("load", 1, 2).with_attribute("tier", "paid")]);
    /// let span = batch.iter().next().unwrap();
    /// let tier = (KeyRef::Text(b"tier"), ValueBytes::String(b"paid"));
    /// assert_eq!(span.keyed_attributes().next(), Some(tier));
    /// ```
    #[inline]
    pub fn keyed_attributes(self) -> impl Iterator<Item = (KeyRef<'a>, ValueBytes<'a>)> {
        let mut cursor = Cursor::new(self.attributes);
        std::iter::from_fn(move || cursor.attribute())
    }

    /// Whether anything was recorded.
    #[inline]
    #[must_use]
    pub fn has_attributes(self) -> bool {
        !self.attributes.is_empty()
    }

    /// `code.function.name`, `code.file.path` and `code.line.number` of the annotated function.
    ///
    /// The same for every span of one function, so an exporter can keep what it rendered for it.
    #[must_use]
    pub fn code_attributes(self) -> Attributes<'static> {
        self.site()
            .map_or(Attributes::none(), |site| site.code_attributes().into())
    }

    /// The [number](Site::number) of the annotated function; 0 for a span that was started by hand or elsewhere.
    #[inline]
    #[must_use]
    pub fn site_number(self) -> u32 {
        self.head.site_number()
    }

    /// The annotated function; `None` for a span that was started by hand or elsewhere.
    #[must_use]
    pub fn site(self) -> Option<&'static Site> {
        self.head.site()
    }

    /// Who made it: the function's crate, or what the code chose; `None` for a span that was started by hand.
    #[must_use]
    pub fn instrumentation_scope(self) -> Option<InstrumentationScope<'a>> {
        self.own_scope().or_else(|| Some(self.site()?.scope()))
    }

    /// Who made it, where the code chose that.
    #[must_use]
    pub fn own_scope(self) -> Option<InstrumentationScope<'a>> {
        self.supplements.scope()
    }

    /// Whether nothing can be said of it but its name, its kind, its times, its ids and its attributes.
    #[inline]
    #[must_use]
    pub fn is_plain(self) -> bool {
        self.supplements.0.is_empty()
    }

    /// What happened meanwhile.
    pub fn events(self) -> impl Iterator<Item = EventData<'a>> + Clone + use<'a> {
        self.supplements.events()
    }

    /// Other spans it has to do with.
    pub fn links(self) -> impl Iterator<Item = LinkData<'a>> + Clone + use<'a> {
        self.supplements.links()
    }

    /// Attributes beyond the limit, which were left out.
    #[must_use]
    pub fn dropped_attributes(self) -> u32 {
        self.dropped().attributes
    }

    /// Events beyond the limit, which were left out.
    #[must_use]
    pub fn dropped_events(self) -> u32 {
        self.dropped().events
    }

    /// Links beyond the limit, which were left out.
    #[must_use]
    pub fn dropped_links(self) -> u32 {
        self.dropped().links
    }

    fn dropped(self) -> Dropped {
        self.supplements.dropped()
    }
}

impl fmt::Debug for SpanData<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let events = self.events().collect::<Vec<_>>();
        let links = self.links().collect::<Vec<_>>();
        f.debug_struct("SpanData")
            .field("name", &self.name())
            .field("kind", &self.kind())
            .field("trace_id", &self.trace_id())
            .field("span_id", &self.span_id())
            .field("parent_span_id", &self.parent_span_id())
            .field("start_unix_nanos", &self.start_unix_nanos())
            .field("end_unix_nanos", &self.end_unix_nanos())
            .field("attributes", &self.attributes())
            .field("status", &self.status())
            .field("events", &events)
            .field("links", &links)
            .finish_non_exhaustive()
    }
}
