//! What was decided about a trace, as it travels with it.

use std::fmt;

/// The trace flags of [W3C Trace Context level 2]: one byte, of which two bits have a meaning today.
///
/// ```
/// use tachograph::trace::TraceFlags;
///
/// let flags = TraceFlags::SAMPLED.with(TraceFlags::RANDOM);
/// assert!(flags.is_sampled() && flags.is_random());
/// assert_eq!(flags.to_string(), "03");
/// ```
///
/// [W3C Trace Context level 2]: https://www.w3.org/TR/trace-context-2/#trace-flags
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct TraceFlags(u8);

impl TraceFlags {
    /// No flag.
    pub const NONE: Self = Self(0);
    /// The trace is recorded by whoever gave this flag.
    pub const SAMPLED: Self = Self(0b01);
    /// The last seven bytes of the trace id are random, so that samplers may decide by them.
    pub const RANDOM: Self = Self(0b10);

    /// The flags of a byte, those without a meaning included.
    #[must_use]
    pub const fn from_u8(bits: u8) -> Self {
        Self(bits)
    }

    /// The flags as a byte.
    #[must_use]
    pub const fn to_u8(self) -> u8 {
        self.0
    }

    /// Whether all of `flags` are set.
    #[must_use]
    pub const fn contains(self, flags: Self) -> bool {
        self.0 & flags.0 == flags.0
    }

    /// These flags and those.
    #[must_use]
    pub const fn with(self, flags: Self) -> Self {
        Self(self.0 | flags.0)
    }

    /// These flags but those.
    #[must_use]
    pub const fn without(self, flags: Self) -> Self {
        Self(self.0 & !flags.0)
    }

    /// Whether the trace is recorded.
    #[must_use]
    pub const fn is_sampled(self) -> bool {
        self.contains(Self::SAMPLED)
    }

    /// Whether the last seven bytes of the trace id are random.
    #[must_use]
    pub const fn is_random(self) -> bool {
        self.contains(Self::RANDOM)
    }
}

/// Two hexadecimal digits, as in the header `traceparent`.
impl fmt::Display for TraceFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02x}", self.0)
    }
}

impl fmt::Debug for TraceFlags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
