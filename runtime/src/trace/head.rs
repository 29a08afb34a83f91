//! The first words of a span's record.
//!
//! ```text
//! 0   length in words 28 bits | number of the site 22 | kind 3 | trace flags 8 | PARENT_IS_REMOTE | SUPPLEMENTS | READINGS
//! 1   trace id, upper half
//! 2   trace id, lower half
//! 3   span id
//! 4   span id of the parent, or 0
//! 5   start
//! 6   end
//! 7   length of the attributes in bytes, if there are supplements after them
//! ```

#![expect(
    clippy::inline_always,
    reason = "the words of a plain span stay in registers"
)]

use super::parts::Parts;
use super::{SpanId, SpanKind, TraceFlags, TraceId};
use crate::clock::Anchor;
use crate::collector;
use crate::packed::WORD;
use crate::scope::Scope;
use crate::site::{self, Site};

/// Words of every head.
pub(super) const HEAD: usize = 7;

const SITE_SHIFT: u32 = 28;
const SITE_MASK: u64 = (1 << 22) - 1;
const KIND_SHIFT: u32 = 50;
const FLAGS_SHIFT: u32 = 53;
const PARENT_IS_REMOTE: u64 = 1 << 61;
/// There is more than attributes.
const SUPPLEMENTS: u64 = 1 << 62;
/// Start and end are readings of the clock, not nanoseconds since the Unix epoch.
const READINGS: u64 = 1 << 63;

const KINDS: [SpanKind; 5] = [
    SpanKind::Internal,
    SpanKind::Server,
    SpanKind::Client,
    SpanKind::Producer,
    SpanKind::Consumer,
];

/// What every span has, when it is over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SpanHead {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    pub(crate) parent_span_id: Option<SpanId>,
    pub(crate) parent_is_remote: bool,
    pub(crate) flags: TraceFlags,
    pub(crate) kind: SpanKind,
    /// Readings of the clock that timed it, or nanoseconds since the Unix epoch.
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// The annotated function; none for a span that was started by hand or elsewhere.
    pub(crate) site: Option<&'static Site>,
}

/// Hands a span that is over to its recorder's scope, or to the collector. Its parts can be used for another one.
///
/// The times are readings of the clock: the scope's, or that of the process.
#[inline]
pub(crate) fn collect(span: &SpanHead, parts: Option<&mut Parts>, scope: Option<&Scope>) {
    let mut head = span.words();
    if let Some(scope) = scope {
        return keep(head, parts, scope);
    }
    head[0] |= READINGS;
    match parts {
        None => collector::collect_span(&head, &[]),
        Some(parts) => collect_with(head, parts),
    }
}

/// The same for a span outside of scopes that has gathered nothing but attributes.
#[inline(always)]
pub(super) fn collect_plain(span: &SpanHead, attributes: &[u8]) {
    let mut head = span.words();
    head[0] |= READINGS;
    collector::collect_span(&head, attributes);
}

#[cold]
fn keep(head: [u64; HEAD], parts: Option<&mut Parts>, scope: &Scope) {
    scope.lock_spans().push(head, parts);
}

/// The same for a span whose times are nanoseconds since the Unix epoch.
pub(super) fn collect_settled(span: &SpanHead, parts: &mut Parts) {
    collect_with(span.words(), parts);
}

#[inline(never)]
fn collect_with(head: [u64; HEAD], parts: &mut Parts) {
    with_items(head, parts, |head, items| match head {
        Ok(head) => collector::collect_span(&head, items),
        Err(head) => collector::collect_span(&head, items),
    });
}

/// Calls `take` with the whole head, which has one more word where there are supplements, and with the items.
#[inline]
pub(super) fn with_items<T>(
    head: [u64; HEAD],
    parts: &mut Parts,
    take: impl FnOnce(Result<[u64; HEAD], [u64; HEAD + 1]>, &[u8]) -> T,
) -> T {
    let attributes = parts.attributes_len();
    let items = parts.items();
    if items.len() == attributes {
        return take(Ok(head), items);
    }
    let mut longer = [attributes as u64; HEAD + 1];
    longer[..HEAD].copy_from_slice(&head);
    longer[0] |= SUPPLEMENTS;
    take(Err(longer), items)
}

impl SpanHead {
    /// All but the length.
    #[inline(always)]
    pub(super) fn words(&self) -> [u64; HEAD] {
        let site = self.site.map_or(0, Site::number);
        let remote = if self.parent_is_remote {
            PARENT_IS_REMOTE
        } else {
            0
        };
        let (high, low) = self.trace_id.halves();
        [
            u64::from(site) << SITE_SHIFT
                | (self.kind as u64) << KIND_SHIFT
                | u64::from(self.flags.to_u8()) << FLAGS_SHIFT
                | remote,
            high,
            low,
            self.span_id.to_u64(),
            self.parent_span_id.map_or(0, SpanId::to_u64),
            self.start,
            self.end.max(self.start),
        ]
    }
}

/// The head of a record, to be looked at.
#[derive(Clone, Copy, Debug)]
pub(super) struct PackedHead<'a>(pub(super) &'a [[u8; WORD]; HEAD]);

impl PackedHead<'_> {
    #[inline]
    fn word(self, at: usize) -> u64 {
        u64::from_le_bytes(self.0[at])
    }

    #[inline]
    pub(super) fn has_supplements(self) -> bool {
        self.word(0) & SUPPLEMENTS != 0
    }

    pub(super) fn parent_is_remote(self) -> bool {
        self.word(0) & PARENT_IS_REMOTE != 0
    }

    pub(super) fn flags(self) -> TraceFlags {
        TraceFlags::from_u8((self.word(0) >> FLAGS_SHIFT).to_le_bytes()[0])
    }

    pub(super) fn kind(self) -> SpanKind {
        let kind = (self.word(0) >> KIND_SHIFT & 0b111) as usize;
        KINDS.get(kind).copied().unwrap_or_default()
    }

    #[inline]
    pub(super) fn site_number(self) -> u32 {
        (self.word(0) >> SITE_SHIFT & SITE_MASK) as u32
    }

    pub(super) fn site(self) -> Option<&'static Site> {
        site::numbered(self.site_number())
    }

    #[inline]
    pub(super) fn trace_id(self) -> TraceId {
        TraceId::from_halves(self.word(1), self.word(2))
    }

    #[inline]
    pub(super) fn span_id(self) -> SpanId {
        SpanId::from_u64(self.word(3)).expect("a span has an id")
    }

    #[inline]
    pub(super) fn parent_span_id(self) -> Option<SpanId> {
        SpanId::from_u64(self.word(4))
    }

    #[inline]
    pub(super) fn start(self) -> u64 {
        self.word(5)
    }

    #[inline]
    pub(super) fn end(self) -> u64 {
        self.word(6)
    }
}

/// Turns readings of the clock in a record into nanoseconds since the Unix epoch.
#[inline]
pub(crate) fn settle(record: &mut [[u8; WORD]], anchor: Anchor) {
    if let [first, _, _, _, _, start, end, ..] = record
        && u64::from_le_bytes(*first) & READINGS != 0
    {
        for time in [start, end] {
            *time = anchor.unix_nanos(u64::from_le_bytes(*time)).to_le_bytes();
        }
    }
}
