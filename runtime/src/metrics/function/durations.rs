//! How long calls took, over whichever buckets a function has.

use crate::metrics::snapshot::{ExponentialHistogramValue, HistogramValue, MetricData, Series};

/// The durations of one series at one moment, in seconds.
#[derive(Debug)]
pub(crate) enum Durations {
    Explicit(HistogramValue),
    Exponential(ExponentialHistogramValue),
}

impl Durations {
    pub(crate) fn count(&self) -> u64 {
        match self {
            Self::Explicit(durations) => durations.count(),
            Self::Exponential(durations) => durations.count(),
        }
    }

    /// Adds the durations of a function with the same labels. It has the same kind of buckets too: whoever installs
    /// telemetry checks that.
    pub(crate) fn add(&mut self, other: Self) {
        match (self, other) {
            (Self::Explicit(sum), Self::Explicit(other)) => sum.add(other),
            (Self::Exponential(sum), Self::Exponential(other)) => sum.add(&other),
            _ => {}
        }
    }

    /// The points of one metric, which are all of the kind of the first one.
    pub(crate) fn data(points: Vec<(Series, Self)>) -> MetricData {
        let (mut explicit, mut exponential) = (Vec::new(), Vec::new());
        for (series, value) in points {
            match value {
                Self::Explicit(value) => explicit.push((series, value)),
                Self::Exponential(value) => exponential.push((series, value)),
            }
        }
        if exponential.is_empty() {
            MetricData::Histogram(explicit.into_iter().collect())
        } else {
            MetricData::ExponentialHistogram(exponential.into_iter().collect())
        }
    }
}

/// Nanoseconds in seconds. Powers of two are exact, and so is the side of them that a duration is on.
#[inline]
#[expect(
    clippy::cast_precision_loss,
    reason = "a duration of 104 days is still exact to the nanosecond"
)]
pub(crate) fn seconds(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}
