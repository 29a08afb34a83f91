//! The words by which a thread knows its span.

use crate::random;
use crate::trace::extras::Extras;
use crate::trace::{Sampler, SpanContext, SpanId, TraceFlags, TraceId};

/// What a thread knows of the span that it is in.
///
/// The lowest byte of the flags is that of W3C, the other bits are ours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ids {
    pub(super) trace_high: u64,
    pub(super) trace_low: u64,
    /// Zero where there is none, and where nobody has asked for it.
    pub(super) span_id: u64,
    // As wide as its neighbours, so that copies are plain moves.
    pub(super) flags: u64,
}

pub(in crate::trace) const SAMPLED: u64 = TraceFlags::SAMPLED.to_u8() as u64;
pub(in crate::trace) const RANDOM: u64 = TraceFlags::RANDOM.to_u8() as u64;
/// The thread is in a span, recorded or not.
pub(in crate::trace) const PRESENT: u64 = 1 << 8;
/// What the span says is kept: it is sampled, or whether it is will be known at the end of the trace.
pub(in crate::trace) const RECORDING: u64 = 1 << 9;
/// The span lives in another process.
pub(in crate::trace) const REMOTE: u64 = 1 << 10;
/// The thread is in a copy of the span's context that was carried here, not in the span itself.
pub(in crate::trace) const CARRIED: u64 = 1 << 11;
/// The span has no ids yet. They are made when somebody can see them, which nobody may ever do.
pub(in crate::trace) const UNNAMED: u64 = 1 << 12;
/// There are extras, among what lies beside.
pub(in crate::trace) const EXTRAS: u64 = 1 << 13;
/// There is something beside the ids. Most spans have nothing, and then nobody looks for it.
pub(in crate::trace) const BESIDE: u64 = 1 << 14;
/// The parent lives in another process.
pub(in crate::trace) const PARENT_REMOTE: u64 = 1 << 15;
/// Code has chosen the parent, so the span stays where it is.
pub(in crate::trace) const CHOSEN: u64 = 1 << 16;
/// The span is recorded whatever was decided about its trace.
pub(in crate::trace) const FORCED: u64 = 1 << 17;

impl Ids {
    /// Those of a thread that is in no span.
    pub(super) const NONE: Self = Self {
        trace_high: 0,
        trace_low: 0,
        span_id: 0,
        flags: 0,
    };

    /// A span of this trace that has its id.
    #[inline]
    pub(in crate::trace) fn new(trace_id: TraceId, span_id: SpanId, flags: u64) -> Self {
        let (trace_high, trace_low) = trace_id.halves();
        Self {
            trace_high,
            trace_low,
            span_id: span_id.to_u64(),
            flags: flags | PRESENT,
        }
    }

    /// The root of a new trace, about which this sampler decides.
    ///
    /// One that is not recorded has no ids until somebody asks, but for the half of its trace's that the sampler looked at.
    #[inline]
    pub(crate) fn root(sampler: Sampler) -> Self {
        // The half that samplers look at; no id is all zero.
        let low = random::u64().max(1);
        match sampler.decide(TraceId::from_halves(0, low), None) {
            0 => Self {
                trace_high: 0,
                trace_low: low,
                span_id: 0,
                flags: PRESENT | UNNAMED | RANDOM,
            },
            decision => Self::new(TraceId::with_low(low), SpanId::random(), RANDOM | decision),
        }
    }

    #[inline]
    pub(in crate::trace) fn has(self, flag: u64) -> bool {
        self.flags & flag != 0
    }

    #[inline]
    pub(in crate::trace) fn set(&mut self, flag: u64) {
        self.flags |= flag;
    }

    /// Whether the thread is in a span.
    #[inline]
    pub(in crate::trace) fn is_present(self) -> bool {
        self.has(PRESENT)
    }

    /// Whether the span is a copy that was carried here or from another process, or has extras.
    #[inline]
    pub(in crate::trace) fn is_special(self) -> bool {
        self.has(REMOTE | EXTRAS | UNNAMED)
    }

    /// Whether the thread is in no span, and there is nothing beside that either.
    #[inline]
    pub(crate) fn is_nothing(self) -> bool {
        self.flags == 0
    }

    /// Whether spans below are none, because this one is not recorded.
    #[inline]
    pub(crate) fn is_silent(self) -> bool {
        self.flags & (PRESENT | RECORDING | REMOTE) == PRESENT
    }

    /// Whether the span is recorded, lives here, and has nothing to hand on but its ids.
    #[inline]
    pub(crate) fn is_plain_parent(self) -> bool {
        self.flags & (RECORDING | REMOTE | EXTRAS | UNNAMED) == RECORDING
    }

    #[inline]
    pub(crate) fn is_sampled(self) -> bool {
        self.has(SAMPLED)
    }

    /// Whether what the span says is kept.
    #[inline]
    pub(crate) fn is_recording(self) -> bool {
        self.has(RECORDING)
    }

    #[inline]
    pub(crate) fn trace_id(self) -> TraceId {
        TraceId::from_halves(self.trace_high, self.trace_low)
    }

    #[inline]
    pub(crate) fn span_id(self) -> Option<SpanId> {
        SpanId::from_u64(self.span_id)
    }

    #[inline]
    pub(crate) fn trace_flags(self) -> TraceFlags {
        #[expect(clippy::cast_possible_truncation, reason = "the lowest byte")]
        TraceFlags::from_u8(self.flags as u8)
    }

    /// Makes the ids that are missing.
    pub(crate) fn name(&mut self) {
        if self.has(UNNAMED) {
            self.flags &= !UNNAMED;
            self.trace_high = random::u64();
            self.trace_low = self.trace_low.max(1);
            self.span_id = SpanId::random().to_u64();
        }
    }

    /// What children of the span are told: the flags of W3C, and whether they are recorded.
    #[inline]
    pub(in crate::trace) fn decision(self) -> u64 {
        self.flags & (0xff | RECORDING)
    }

    /// Takes over the ids that the same span has been given meanwhile.
    pub(crate) fn take_names(&mut self, named: Self) {
        if self.has(UNNAMED) && !named.has(UNNAMED) {
            *self = Self {
                flags: self.flags & !UNNAMED,
                ..named
            };
        }
    }

    /// The span's identity, for others; `None` where there is no span.
    pub(in crate::trace) fn context(self, extras: Option<&Extras>) -> Option<SpanContext> {
        Some(SpanContext {
            trace_id: self.trace_id(),
            span_id: self.span_id()?,
            flags: self.trace_flags(),
            remote: self.has(REMOTE),
            trace_state: extras.and_then(|extras| extras.trace_state.clone()),
        })
    }

    /// Those of a context that was carried here.
    pub(in crate::trace) fn carried(context: Option<&SpanContext>) -> Self {
        let Some(context) = context else {
            return Self::NONE;
        };
        let flags = u64::from(context.flags.to_u8()) | CARRIED;
        let remote = if context.remote { REMOTE } else { 0 };
        // Below a span of another process it is decided here what is recorded.
        let recording = if context.flags.is_sampled() {
            RECORDING
        } else {
            0
        };
        Self::new(
            context.trace_id,
            context.span_id,
            flags | remote | recording,
        )
    }
}
