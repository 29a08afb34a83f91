//! How long calls took, in the form that a snapshot is asked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::figures::ResultFigures;
use crate::metrics::bounds::{self, DurationBounds, DurationBuckets};
use crate::metrics::exponential::nanos;
use crate::metrics::snapshot::{ExponentialHistogramValue, HistogramValue, MetricData, Series};

/// How the durations of annotated functions are shown that have neither `buckets` of their own nor exponential ones.
///
/// They are counted in exponential buckets, eight from one power of two to the next, so that a percentile is within
/// 4.5 % wherever durations are. That is what a snapshot has unless it is asked for bounds: then every function has the
/// same 13, from 0.5 microseconds to 8 seconds, each four times the one before.
///
/// ```
/// use tachograph::Registry;
/// use tachograph::metrics::FunctionBuckets;
///
/// let snapshot = Registry::global().snapshot_with(FunctionBuckets::Explicit);
/// # _ = snapshot;
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum FunctionBuckets {
    /// All that was counted, as an exponential histogram.
    #[default]
    Exponential,
    /// A histogram with bounds, for readers that know no other.
    Explicit,
}

/// The durations of one series at one moment, in seconds.
#[derive(Debug)]
pub(super) enum Durations {
    Explicit(HistogramValue),
    Exponential(ExponentialHistogramValue),
}

impl Durations {
    /// What was counted, as it is to be shown. `bounds` are the function's own.
    pub(super) fn new(
        figures: ResultFigures,
        buckets: DurationBuckets,
        bounds: &DurationBounds,
        form: FunctionBuckets,
    ) -> Self {
        match (buckets, form) {
            (DurationBuckets::Explicit(_), _) => {
                let mut counts = vec![0; bounds.seconds().len() + 1];
                for (bucket, count) in figures.buckets() {
                    counts[bucket] = count;
                }
                Self::Explicit(explicit(figures, bounds.seconds(), counts))
            }
            (DurationBuckets::Default, FunctionBuckets::Explicit) => {
                let mut counts = vec![0; bounds::SHOWN + 1];
                for (place, count) in figures.buckets() {
                    counts[bounds::shown_bucket(place)] += count;
                }
                if let Some(bucket) = bounds.within_bucket() {
                    let below: u64 = counts[..bucket].iter().sum();
                    let within = figures.within.saturating_sub(below).min(counts[bucket]);
                    counts[bucket] -= within;
                    counts.insert(bucket, within);
                }
                Self::Explicit(explicit(figures, bounds.seconds(), counts))
            }
            (DurationBuckets::Default, FunctionBuckets::Exponential) => {
                Self::Exponential(exponential(figures, nanos::COARSE))
            }
            (DurationBuckets::Exponential, _) => {
                Self::Exponential(exponential(figures, nanos::FINE))
            }
        }
    }

    /// The points of one metric, which are all of the kind of the first one.
    pub(super) fn data(points: Vec<(Series, Self)>) -> MetricData {
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

fn explicit(figures: ResultFigures, bounds: &Arc<[f64]>, counts: Vec<u64>) -> HistogramValue {
    let mut exemplars: Vec<_> = figures.exemplars.into_iter().collect();
    for (bucket, exemplar) in &mut exemplars {
        *bucket = bounds.partition_point(|bound| *bound < exemplar.value);
    }
    // Sorting is stable, so of two exemplars of a bucket the first is kept.
    exemplars.sort_by_key(|(bucket, _)| *bucket);
    exemplars.dedup_by_key(|(bucket, _)| *bucket);
    HistogramValue {
        bounds: Arc::clone(bounds),
        counts,
        sum: sum(figures.nanos),
        exemplars,
    }
}

fn exponential(figures: ResultFigures, scale: i32) -> ExponentialHistogramValue {
    let mut value = ExponentialHistogramValue::new(scale);
    let mut positive = BTreeMap::new();
    for (place, count) in figures.buckets() {
        match nanos::index(place, scale) {
            None => value.zero_count = count,
            Some(index) => _ = positive.insert(index, count),
        }
    }
    value.positive = positive;
    value.sum = sum(figures.nanos);
    let exemplars = figures.exemplars.into_iter();
    value.exemplars = exemplars.map(|(_, exemplar)| exemplar).collect();
    value
}

/// How many of these calls were within the latency that is the function's objective, as its buckets tell or a cell of
/// its own does. No more than were timed.
pub(super) fn within_objective(
    figures: &ResultFigures,
    buckets: DurationBuckets,
    bounds: &DurationBounds,
    latency_nanos: u64,
) -> u64 {
    match buckets {
        DurationBuckets::Explicit(_) => {
            let last = bounds.bucket(latency_nanos);
            let within = figures.buckets().take_while(|(bucket, _)| *bucket <= last);
            within.map(|(_, count)| count).sum()
        }
        DurationBuckets::Default | DurationBuckets::Exponential => {
            figures.within.min(figures.timed())
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "sums of more than 104 days are rounded"
)]
fn sum(nanos: u128) -> f64 {
    nanos as f64 / 1e9
}

/// Nanoseconds in seconds.
#[inline]
#[expect(
    clippy::cast_precision_loss,
    reason = "a duration of 104 days is still exact to the nanosecond"
)]
pub(crate) fn seconds(nanos: u64) -> f64 {
    nanos as f64 / 1e9
}
