//! Log records as they are read.
//!
//! The first words of a log record:
//!
//! ```text
//! 0   length in words 28 bits | number of the site 22 | severity 5 | trace flags 8
//! 1   trace id, upper half, or 0
//! 2   trace id, lower half, or 0
//! 3   span id, or 0
//! 4   time
//! 5   observed time
//! 6   length of the attributes in bytes
//! ```

use std::fmt;

use super::LogRecord;
use crate::packed::{Attributes, Batch, Cursor, Supplement, Supplements, ValueRef, WORD};
use crate::site::{self, Site};
use crate::trace::{InstrumentationScope, Level, SpanId, TraceFlags, TraceId};

/// Words of a head.
pub(super) const HEAD: usize = 7;

const SITE_SHIFT: u32 = 28;
const SITE_MASK: u64 = (1 << 22) - 1;
const SEVERITY_SHIFT: u32 = 50;
const SEVERITY_MASK: u64 = (1 << 5) - 1;
const FLAGS_SHIFT: u32 = 55;

/// An attribute without a key.
pub(super) const BODY: u8 = 1;
/// Name, version and schema URL.
pub(super) const SCOPE: u8 = 2;
/// Text.
pub(super) const TARGET: u8 = 3;
/// Text.
pub(super) const EVENT_NAME: u8 = 4;
/// Text.
pub(super) const SEVERITY_TEXT: u8 = 5;

/// The first word of a head, but for the length.
pub(super) fn head_word(site: Option<&'static Site>, severity: u8, flags: TraceFlags) -> u64 {
    u64::from(site.map_or(0, Site::number)) << SITE_SHIFT
        | u64::from(severity) << SEVERITY_SHIFT
        | u64::from(flags.to_u8()) << FLAGS_SHIFT
}

/// OpenTelemetry's number for a level, the first of four.
pub(super) fn severity_number(level: Level) -> u8 {
    match level {
        Level::Trace => 1,
        Level::Debug => 5,
        Level::Info => 9,
        Level::Warn => 13,
        Level::Error => 17,
    }
}

/// Log records on their way to the exporters.
///
/// It holds bytes, which are read in place. What the collector took is such a batch; it can also be made of
/// [`LogRecord`]s.
#[derive(Clone, Default)]
pub struct LogBatch(Batch);

impl LogBatch {
    /// How many records there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The records, in the order in which the collector took them.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = LogData<'_>> + Clone {
        self.0.records().map(LogData::new)
    }

    pub(crate) fn push(&mut self, record: LogRecord) {
        record.pack(|head, items| self.0.push(&head, items));
    }
}

impl From<Batch> for LogBatch {
    fn from(batch: Batch) -> Self {
        Self(batch)
    }
}

impl fmt::Debug for LogBatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

/// Something that happened, by OpenTelemetry's data model for logs.
#[derive(Clone, Copy)]
pub struct LogData<'a> {
    head: &'a [[u8; WORD]; HEAD],
    attributes: &'a [u8],
    supplements: &'a [u8],
}

impl<'a> LogData<'a> {
    fn new(record: &'a [u8]) -> Self {
        let (words, _) = record.as_chunks();
        let head = words.first_chunk::<HEAD>().expect("a record has a head");
        let items = &record[HEAD * WORD..];
        let len = usize::try_from(u64::from_le_bytes(head[6])).unwrap_or(items.len());
        let (attributes, supplements) = items.split_at(len);
        Self {
            head,
            attributes,
            supplements,
        }
    }

    fn supplement(self, kind: u8) -> Option<Supplement<'a>> {
        Supplements::new(self.supplements).get(kind)
    }

    fn word(self, at: usize) -> u64 {
        u64::from_le_bytes(self.head[at])
    }

    /// How much it matters.
    #[must_use]
    pub fn severity(self) -> Level {
        match self.severity_number() {
            ..=4 => Level::Trace,
            5..=8 => Level::Debug,
            9..=12 => Level::Info,
            13..=16 => Level::Warn,
            17.. => Level::Error,
        }
    }

    /// How much it matters, as OpenTelemetry counts: from 1 to 24, four numbers for each level.
    #[must_use]
    pub fn severity_number(self) -> u8 {
        (self.word(0) >> SEVERITY_SHIFT & SEVERITY_MASK).to_le_bytes()[0]
    }

    /// The severity as its source writes it, if that says more.
    #[must_use]
    pub fn severity_text(self) -> Option<&'a str> {
        self.supplement(SEVERITY_TEXT).map(Supplement::text)
    }

    /// What it says.
    #[must_use]
    pub fn body(self) -> Option<ValueRef<'a>> {
        let body = self.supplement(BODY)?;
        Attributes::packed(body.bytes)
            .next()
            .map(|(_, value)| value)
    }

    /// What it says, if that is text: the message of an error, if the function records it.
    #[must_use]
    pub fn body_text(self) -> Option<&'a str> {
        match self.body()? {
            ValueRef::String(text) => Some(text),
            _ => None,
        }
    }

    /// Details, such as `error.type`, without those that say where the code stands.
    #[must_use]
    pub fn attributes(self) -> Attributes<'a> {
        Attributes::packed(self.attributes)
    }

    /// `code.function.name`, `code.file.path` and `code.line.number` of the annotated function, the same for all its
    /// records.
    #[must_use]
    pub fn code_attributes(self) -> Attributes<'static> {
        self.site()
            .map_or(Attributes::none(), |site| site.code_attributes().into())
    }

    /// What filters know it by: what its source chose, or that of the function's spans; empty if there is neither.
    #[must_use]
    pub fn target(self) -> &'a str {
        let own = self.supplement(TARGET).map(Supplement::text);
        own.or_else(|| Some(self.site()?.span_target()))
            .unwrap_or_default()
    }

    /// The name of the event that it is, if it is one.
    #[must_use]
    pub fn event_name(self) -> Option<&'a str> {
        self.supplement(EVENT_NAME).map(Supplement::text)
    }

    /// The annotated function; `None` for a record that was made elsewhere.
    #[must_use]
    pub fn site(self) -> Option<&'static Site> {
        let number = self.word(0) >> SITE_SHIFT & SITE_MASK;
        site::numbered(u32::try_from(number).ok()?)
    }

    /// Who made it: the function's crate, or what its source chose.
    #[must_use]
    pub fn instrumentation_scope(self) -> Option<InstrumentationScope<'a>> {
        let own = self.supplement(SCOPE);
        own.and_then(|own| InstrumentationScope::unpack(&mut Cursor::new(own.bytes)))
            .or_else(|| Some(self.site()?.scope()))
    }

    /// The trace in which it happened, sampled or not.
    #[must_use]
    pub fn trace_id(self) -> Option<TraceId> {
        TraceId::from_u128(u128::from(self.word(1)) << 64 | u128::from(self.word(2)))
    }

    /// The span in which it happened, sampled or not: that of the call itself, if it has one.
    #[must_use]
    pub fn span_id(self) -> Option<SpanId> {
        SpanId::from_u64(self.word(3))
    }

    /// What was decided about that trace.
    #[must_use]
    pub fn flags(self) -> TraceFlags {
        TraceFlags::from_u8((self.word(0) >> FLAGS_SHIFT).to_le_bytes()[0])
    }

    /// When it happened, in nanoseconds since the Unix epoch.
    #[must_use]
    pub fn unix_nanos(self) -> u64 {
        self.word(4)
    }

    /// When it was heard of, in nanoseconds since the Unix epoch.
    #[must_use]
    pub fn observed_unix_nanos(self) -> u64 {
        self.word(5)
    }
}

impl fmt::Debug for LogData<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LogData")
            .field("severity", &self.severity())
            .field("target", &self.target())
            .field("body", &self.body())
            .field("attributes", &self.attributes())
            .field("trace_id", &self.trace_id())
            .field("span_id", &self.span_id())
            .field("unix_nanos", &self.unix_nanos())
            .finish_non_exhaustive()
    }
}
