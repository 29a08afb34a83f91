//! What a registry holds at one moment, in a form that any exporter can read.

mod exponential;

use std::borrow::Cow;
use std::iter;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::trace::{SpanId, TraceId};
pub use exponential::ExponentialHistogramValue;
#[cfg(test)]
pub(crate) use exponential::power_of_two;

/// All metrics of a registry, read at one moment.
///
/// Counts never go backwards from one snapshot to the next. Within one histogram the count is the sum of the buckets.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Snapshot {
    /// The metrics, sorted by name; no name occurs twice.
    pub metrics: Vec<Metric>,
    /// When counting began, in nanoseconds since the Unix epoch.
    pub start_unix_nanos: u64,
    /// When the values were read, in nanoseconds since the Unix epoch.
    pub unix_nanos: u64,
}

/// One metric with the values of all its series.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Metric {
    /// Name, description and unit.
    pub descriptor: Arc<Descriptor>,
    /// The values, cumulative since [`Snapshot::start_unix_nanos`].
    pub data: MetricData,
}

/// What a metric is called and what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Descriptor {
    /// The name, in dots: `http.server.request.duration`.
    pub name: Cow<'static, str>,
    /// What it counts, in a sentence; empty when nobody said.
    pub description: Cow<'static, str>,
    /// The unit in UCUM's notation (`s`, `By`, `{call}`); empty when there is none.
    pub unit: Cow<'static, str>,
}

impl Metric {
    /// Pairs a description with values.
    #[must_use]
    pub fn new(descriptor: Arc<Descriptor>, data: MetricData) -> Self {
        Self { descriptor, data }
    }
}

impl Descriptor {
    /// A name in dots, a sentence, and a unit in UCUM's notation; the last two may be empty.
    #[must_use]
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        description: impl Into<Cow<'static, str>>,
        unit: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            name: name.into(),
            description: description.into(),
            unit: unit.into(),
        }
    }
}

/// The values of one metric, by the kind of its instrument.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum MetricData {
    /// A sum that only grows.
    Counter(Vec<Point<u64>>),
    /// A sum that goes up and down.
    UpDownCounter(Vec<Point<i64>>),
    /// The last value set.
    Gauge(Vec<Point<f64>>),
    /// How values are distributed over buckets.
    Histogram(Vec<Point<HistogramValue>>),
    /// How values are distributed over buckets that grow with the values.
    ExponentialHistogram(Vec<Point<ExponentialHistogramValue>>),
}

impl MetricData {
    /// How many series there are, each with its point.
    #[must_use]
    pub fn point_count(&self) -> usize {
        match self {
            Self::Counter(points) => points.len(),
            Self::UpDownCounter(points) => points.len(),
            Self::Gauge(points) => points.len(),
            Self::Histogram(points) => points.len(),
            Self::ExponentialHistogram(points) => points.len(),
        }
    }
}

/// One series with its value.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Point<T> {
    /// Which series of the metric.
    pub series: Arc<Series>,
    /// Its value when the snapshot was taken.
    pub value: T,
}

impl<T> Point<T> {
    /// The value of a series.
    #[must_use]
    pub fn new(series: Arc<Series>, value: T) -> Self {
        Self { series, value }
    }
}

/// Name and value of one label.
pub type SeriesLabel = (Cow<'static, str>, Cow<'static, str>);

/// One combination of label values.
///
/// The same series has the same `Arc` and the same [`Series::id`] in every snapshot, so an exporter can keep what it
/// rendered for it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Series {
    /// A small number that no other series of this process has.
    pub id: u64,
    /// The labels, in the order in which they were declared.
    pub labels: Box<[SeriesLabel]>,
}

impl Series {
    /// A series that no snapshot has had before. Whoever publishes it keeps it for the next snapshot.
    #[must_use]
    pub fn new(labels: impl Into<Box<[SeriesLabel]>>) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Arc::new(Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            labels: labels.into(),
        })
    }
}

/// The state of one histogram series.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct HistogramValue {
    /// Upper bounds, inclusive and increasing; a last bucket up to infinity follows them.
    pub bounds: Arc<[f64]>,
    /// How many values fell into each bucket (not cumulative): one more than there are bounds.
    pub counts: Vec<u64>,
    /// The sum of all values.
    pub sum: f64,
    /// Examples with the index of their bucket, at most one for each bucket.
    pub exemplars: Vec<(usize, Exemplar)>,
}

impl HistogramValue {
    /// Values that fell into `counts.len() - 1` bounded buckets and a last one up to infinity.
    ///
    /// # Panics
    ///
    /// When there is not exactly one more count than there are bounds.
    #[must_use]
    pub fn new(
        bounds: Arc<[f64]>,
        counts: Vec<u64>,
        sum: f64,
        exemplars: Vec<(usize, Exemplar)>,
    ) -> Self {
        assert_eq!(
            counts.len(),
            bounds.len() + 1,
            "a histogram has one more count than bounds"
        );
        Self {
            bounds,
            counts,
            sum,
            exemplars,
        }
    }

    /// How many values were recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The ends of each bucket, infinite ones included, and how many values are between them.
    ///
    /// ```
    /// use tachograph::metrics::HistogramValue;
    ///
    /// let value = HistogramValue::new([0.1].into(), vec![7, 3], 1.5, Vec::new());
    /// let buckets: Vec<_> = value.buckets().collect();
    /// assert_eq!(buckets, [(f64::NEG_INFINITY, 0.1, 7), (0.1, f64::INFINITY, 3)]);
    /// ```
    pub fn buckets(&self) -> impl Iterator<Item = (f64, f64, u64)> {
        let bounds = || self.bounds.iter().copied();
        let lower = iter::once(f64::NEG_INFINITY).chain(bounds());
        let upper = bounds().chain(iter::once(f64::INFINITY));
        let counts = self.counts.iter().copied();
        lower
            .zip(upper)
            .zip(counts)
            .map(|((lower, upper), count)| (lower, upper, count))
    }

    /// Adds values that fell into the same buckets.
    pub(crate) fn add(&mut self, other: Self) {
        for (sum, count) in self.counts.iter_mut().zip(other.counts) {
            *sum += count;
        }
        self.sum += other.sum;
        self.exemplars.extend(other.exemplars);
        // Sorting is stable, so of two exemplars of a bucket the first is kept.
        self.exemplars.sort_by_key(|(bucket, _)| *bucket);
        self.exemplars.dedup_by_key(|(bucket, _)| *bucket);
    }
}

/// One recorded value and the sampled span that was current then.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Exemplar {
    /// The recorded value, in the metric's unit.
    pub value: f64,
    /// When, in nanoseconds since the Unix epoch.
    pub unix_nanos: u64,
    /// The trace to look at.
    pub trace_id: TraceId,
    /// The span within it.
    pub span_id: SpanId,
}

impl Exemplar {
    /// A value recorded at a moment within a span.
    #[must_use]
    pub fn new(value: f64, unix_nanos: u64, trace_id: TraceId, span_id: SpanId) -> Self {
        Self {
            value,
            unix_nanos,
            trace_id,
            span_id,
        }
    }
}
