//! The state of histograms with explicit buckets.

use std::iter;
use std::sync::Arc;

use crate::trace::{SpanId, TraceId};

/// The state of one histogram series.
///
/// ```
/// use tachograph::metrics::HistogramValue;
///
/// let seconds = HistogramValue::new([0.1, 1.0], [4, 2, 1], 3.5);
/// assert_eq!((seconds.count(), seconds.sum()), (7, 3.5));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramValue {
    pub(crate) bounds: Arc<[f64]>,
    pub(crate) counts: Vec<u64>,
    pub(crate) sum: f64,
    pub(crate) exemplars: Vec<(usize, Exemplar)>,
}

impl HistogramValue {
    /// Values that fell into `counts.len() - 1` bounded buckets and a last one up to infinity, and their sum.
    ///
    /// # Panics
    ///
    /// When there is not exactly one more count than there are bounds.
    #[must_use]
    pub fn new(bounds: impl Into<Arc<[f64]>>, counts: impl Into<Vec<u64>>, sum: f64) -> Self {
        let (bounds, counts) = (bounds.into(), counts.into());
        assert_eq!(
            counts.len(),
            bounds.len() + 1,
            "a histogram has one more count than bounds"
        );
        Self {
            bounds,
            counts,
            sum,
            exemplars: Vec::new(),
        }
    }

    /// Adds examples with the index of their bucket, at most one for each bucket.
    #[must_use]
    pub fn with_exemplars(
        mut self,
        exemplars: impl IntoIterator<Item = (usize, Exemplar)>,
    ) -> Self {
        self.exemplars.extend(exemplars);
        self
    }

    /// Upper bounds, inclusive and increasing; a last bucket up to infinity follows them.
    #[must_use]
    pub fn bounds(&self) -> &[f64] {
        &self.bounds
    }

    /// How many values fell into each bucket (not cumulative): one more than there are bounds.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The sum of all values.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// How many values were recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().copied().fold(0, u64::wrapping_add)
    }

    /// Examples with the index of their bucket, at most one for each bucket.
    #[must_use]
    pub fn exemplars(&self) -> impl ExactSizeIterator<Item = (usize, &Exemplar)> {
        let exemplars = self.exemplars.iter();
        exemplars.map(|(bucket, exemplar)| (*bucket, exemplar))
    }

    /// The ends of each bucket, infinite ones included, and how many values are between them.
    ///
    /// ```
    /// use tachograph::metrics::HistogramValue;
    ///
    /// let value = HistogramValue::new([0.1], [7, 3], 1.5);
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
}

/// One recorded value and the sampled span that was current then.
///
/// ```
/// use tachograph::metrics::{Exemplar, HistogramValue};
/// use tachograph::trace::{SpanId, TraceId};
///
/// let ids = TraceId::from_u128(7).zip(SpanId::from_u64(9));
/// let (trace_id, span_id) = ids.expect("neither is zero");
/// let exemplar = Exemplar::new(0.3, 1_700_000_000_000_000_000, trace_id, span_id);
/// let seconds = HistogramValue::new([0.1, 1.0], [4, 2, 1], 3.5).with_exemplars([(1, exemplar)]);
/// assert_eq!(seconds.exemplars().len(), 1);
/// ```
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
