//! What was lost, and why: nothing is lost silently.

use std::fmt;
use std::sync::Arc;

use crate::signal::Signal;

/// Whose loss it is when spans never came as far as an exporter. No exporter has this name.
pub(crate) const COLLECTOR: &str = "collector";

/// What was dropped since telemetry was installed; prints as a line that people can read.
///
/// The same figures are the metric `tachograph.exporter.dropped`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dropped {
    pub(crate) losses: Vec<Loss>,
}

/// How many items of one signal one exporter dropped for one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loss {
    /// The exporter: `otlp_http`, `jaeger_udp`; `collector` for spans that never came as far as an exporter.
    pub exporter: Arc<str>,
    /// What was dropped.
    pub signal: Signal,
    /// Why.
    pub cause: Cause,
    /// How many spans or data points; never zero.
    pub items: u64,
}

/// Why something was dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cause {
    /// More was recorded than the exporter could send meanwhile, and its queue was full.
    QueueFull,
    /// The backend did not take it in the time for attempts, or before it was too old.
    TimedOut,
    /// The backend refused it for good.
    Rejected,
    /// It exceeds what the backend takes in one request.
    TooLarge,
    /// It still waited when the time of a shutdown was over.
    Shutdown,
    /// The exporter panicked over it.
    Panicked,
}

impl Cause {
    /// All causes.
    pub(crate) const ALL: [Self; 6] = [
        Self::QueueFull,
        Self::TimedOut,
        Self::Rejected,
        Self::TooLarge,
        Self::Shutdown,
        Self::Panicked,
    ];

    /// The label `cause` of `tachograph.exporter.dropped`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "queue_full",
            Self::TimedOut => "timed_out",
            Self::Rejected => "rejected",
            Self::TooLarge => "too_large",
            Self::Shutdown => "shutdown",
            Self::Panicked => "panicked",
        }
    }
}

impl Dropped {
    /// Whether nothing was dropped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.losses.is_empty()
    }

    /// The figures, one for each exporter, signal and cause.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Loss> + Clone {
        self.losses.iter()
    }
}

impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing was dropped");
        }
        f.write_str("dropped: ")?;
        for (index, loss) in self.losses.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            let cause = match loss.cause {
                Cause::QueueFull => "queue full",
                Cause::TimedOut => "timed out",
                Cause::Rejected => "rejected by the backend",
                Cause::TooLarge => "too large",
                Cause::Shutdown => "unsent at shutdown",
                Cause::Panicked => "panic",
            };
            let (items, exporter) = (loss.signal.counted(loss.items), &loss.exporter);
            write!(f, "{separator}{items} of {exporter} ({cause})")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_as_a_line() {
        assert_eq!(Dropped::default().to_string(), "nothing was dropped");
        let loss = |signal, cause, items| Loss {
            exporter: "otlp_http".into(),
            signal,
            cause,
            items,
        };
        let dropped = Dropped {
            losses: vec![
                loss(Signal::Traces, Cause::QueueFull, 12),
                loss(Signal::Metrics, Cause::Rejected, 3),
            ],
        };
        assert_eq!(
            dropped.to_string(),
            "dropped: 12 spans of otlp_http (queue full), 3 data points of otlp_http (rejected by the backend)"
        );
    }
}
