//! Kinds of telemetry data.

use std::fmt;

/// A kind of telemetry data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Signal {
    /// Spans.
    Traces,
    /// Data points of metrics.
    Metrics,
}

impl Signal {
    /// As it stands in self-metrics and errors: `traces`, `metrics`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Traces => "traces",
            Self::Metrics => "metrics",
        }
    }

    /// So many of the signal's items, in words: `1 span`, `3 data points`.
    pub(crate) fn counted(self, items: u64) -> String {
        let one = match self {
            Self::Traces => "span",
            Self::Metrics => "data point",
        };
        let plural = if items == 1 { "" } else { "s" };
        format!("{items} {one}{plural}")
    }
}

impl fmt::Display for Signal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
