//! Trace and span ids.

use std::fmt;
use std::num::NonZeroU64;

use crate::random;

/// Identifies a trace: 16 bytes, never all zero. Printed as 32 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceId {
    // Two halves: 16 bytes with a niche would be compared whole wherever a call looks whether it has begun.
    high: u64,
    low: u64,
}

/// Identifies a span in its trace: 8 bytes, never all zero. Printed as 16 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpanId(NonZeroU64);

impl TraceId {
    /// A new id with this lower half, which is random and not zero. The other half is random, too, so that any bits can
    /// be used for sampling (W3C Trace Context level 2).
    pub(super) fn with_low(low: u64) -> Self {
        random::stir();
        Self {
            high: random::u64(),
            low,
        }
    }

    /// A new random id.
    pub(super) fn random() -> Self {
        Self::with_low(random::u64().max(1))
    }

    #[inline]
    pub(super) fn from_halves(high: u64, low: u64) -> Self {
        Self { high, low }
    }

    #[inline]
    pub(crate) fn halves(self) -> (u64, u64) {
        (self.high, self.low)
    }

    /// The id with these bits; `None` for zero, which the specification calls invalid.
    #[must_use]
    pub const fn from_u128(id: u128) -> Option<Self> {
        #[expect(clippy::cast_possible_truncation, reason = "the halves")]
        let (high, low) = ((id >> 64) as u64, id as u64);
        if id == 0 {
            None
        } else {
            Some(Self { high, low })
        }
    }

    /// The id as a big-endian number.
    #[must_use]
    pub const fn to_u128(self) -> u128 {
        ((self.high as u128) << 64) | self.low as u128
    }

    /// The id as it travels in OTLP.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.to_u128().to_be_bytes()
    }
}

impl SpanId {
    /// A new random id.
    #[inline]
    pub(crate) fn random() -> Self {
        Self(NonZeroU64::new(random::u64()).unwrap_or(NonZeroU64::MIN))
    }

    /// The id with these bits; `None` for zero, which the specification calls invalid.
    #[must_use]
    pub const fn from_u64(id: u64) -> Option<Self> {
        match NonZeroU64::new(id) {
            Some(id) => Some(Self(id)),
            None => None,
        }
    }

    /// The id as a big-endian number.
    #[must_use]
    pub const fn to_u64(self) -> u64 {
        self.0.get()
    }

    /// The id as it travels in OTLP.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0.get().to_be_bytes()
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.to_u128())
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
