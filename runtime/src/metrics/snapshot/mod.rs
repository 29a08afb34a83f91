//! What a registry holds at one moment, in a form that any exporter can read.

mod exponential;
mod histogram;
mod points;
mod series;

use std::borrow::Cow;
use std::sync::Arc;

pub use exponential::ExponentialHistogramValue;
#[cfg(test)]
pub(crate) use exponential::power_of_two;
pub use histogram::{Exemplar, HistogramValue};
pub(crate) use points::Run;
pub use points::{Point, Points, PointsIter, SeriesList};
pub(crate) use series::{Identity, Keys, SeriesRef, Texts, TextsBuilder};
pub use series::{Labels, Series};

/// All metrics of a registry, read at one moment.
///
/// Counts never go backwards from one snapshot to the next. Within one histogram the count is the sum of the buckets.
///
/// ```
/// use tachograph::Registry;
/// use tachograph::metrics::MetricData;
///
/// let registry = Registry::new();
/// let placed = registry.counter("orders.placed").with_labels(["tier"]).build()?;
/// placed.get(["paid"]).add(3);
///
/// let snapshot = registry.snapshot();
/// let metric = snapshot.metric("orders.placed").expect("it has a series");
/// let MetricData::Counter(points) = metric.data() else {
///     panic!("a counter");
/// };
/// for point in points {
///     assert_eq!((point.label("tier"), *point.value()), (Some("paid"), 3));
/// }
/// # Ok::<(), tachograph::metrics::BuildError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    metrics: Vec<Metric>,
    unix_nanos: u64,
}

/// One metric with the values of all its series.
#[derive(Clone, Debug)]
pub struct Metric {
    descriptor: Descriptor,
    data: MetricData,
}

/// What a metric is called and what it means. Clones share one allocation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Descriptor(Arc<Words>);

#[derive(Debug, PartialEq, Eq)]
struct Words {
    name: Cow<'static, str>,
    description: Cow<'static, str>,
    unit: Cow<'static, str>,
}

impl Snapshot {
    /// A snapshot of these metrics, read at this moment; registries make theirs with
    /// [`Registry::snapshot`](crate::Registry::snapshot), and tests of exporters make them so.
    ///
    /// Of metrics with the same name the first one stays.
    ///
    /// ```
    /// use tachograph::metrics::{Descriptor, Metric, MetricData, Series, Snapshot};
    ///
    /// let series = Series::new([("tier", "paid")]);
    /// let points = MetricData::Counter([(series, 3)].into());
    /// let metric = Metric::new(Descriptor::new("orders.placed", "", "{order}"), points);
    /// let snapshot = Snapshot::new(1_700_000_000_000_000_000, [metric]);
    /// assert_eq!(snapshot.point_count(), 1);
    /// ```
    #[must_use]
    pub fn new(unix_nanos: u64, metrics: impl IntoIterator<Item = Metric>) -> Self {
        let mut metrics: Vec<_> = metrics.into_iter().collect();
        metrics.sort_by(|a, b| a.name().cmp(b.name()));
        metrics.dedup_by(|later, earlier| later.name() == earlier.name());
        Self {
            metrics,
            unix_nanos,
        }
    }

    /// The metrics, sorted by name; no name occurs twice.
    #[must_use]
    pub fn metrics(&self) -> impl ExactSizeIterator<Item = &Metric> {
        self.metrics.iter()
    }

    /// The metric with this name.
    #[must_use]
    pub fn metric(&self, name: &str) -> Option<&Metric> {
        let found = self.metrics.binary_search_by(|it| it.name().cmp(name));
        found.ok().map(|at| &self.metrics[at])
    }

    /// How many series all metrics have, each with its point.
    #[must_use]
    pub fn point_count(&self) -> usize {
        self.metrics().map(|metric| metric.data.point_count()).sum()
    }

    /// When the values were read, in nanoseconds since the Unix epoch.
    #[must_use]
    pub fn unix_nanos(&self) -> u64 {
        self.unix_nanos
    }
}

impl Metric {
    /// Pairs a description with values.
    #[must_use]
    pub fn new(descriptor: Descriptor, data: MetricData) -> Self {
        Self { descriptor, data }
    }

    /// Name, description and unit together, to keep and compare.
    #[must_use]
    pub fn descriptor(&self) -> &Descriptor {
        &self.descriptor
    }

    /// The name, in dots: `http.server.request.duration`.
    #[must_use]
    pub fn name(&self) -> &str {
        self.descriptor.name()
    }

    /// What it counts, in a sentence; empty when nobody said.
    #[must_use]
    pub fn description(&self) -> &str {
        self.descriptor.description()
    }

    /// The unit in UCUM's notation (`s`, `By`, `{call}`); empty when there is none.
    #[must_use]
    pub fn unit(&self) -> &str {
        self.descriptor.unit()
    }

    /// The values, each cumulative since its series began.
    #[must_use]
    pub fn data(&self) -> &MetricData {
        &self.data
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
        Self(Arc::new(Words {
            name: name.into(),
            description: description.into(),
            unit: unit.into(),
        }))
    }

    /// The name, in dots.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// What is counted, in a sentence; empty when nobody said.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.0.description
    }

    /// The unit in UCUM's notation; empty when there is none.
    #[must_use]
    pub fn unit(&self) -> &str {
        &self.0.unit
    }

    /// The same with the name of another one.
    #[cfg(feature = "metrics")]
    pub(crate) fn named(&self, other: &Self) -> Self {
        let Words {
            description, unit, ..
        } = &*self.0;
        Self::new(other.0.name.clone(), description.clone(), unit.clone())
    }

    /// Description and unit, to be kept elsewhere.
    #[cfg(feature = "metrics")]
    pub(crate) fn texts(&self) -> [Cow<'static, str>; 2] {
        [self.0.description.clone(), self.0.unit.clone()]
    }
}

/// The values of one metric, by the kind of its instrument.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum MetricData {
    /// A sum that only grows.
    Counter(Points<u64>),
    /// A sum that only grows, and may have fractions.
    CounterF64(Points<f64>),
    /// A sum that goes up and down.
    UpDownCounter(Points<i64>),
    /// The last value set.
    Gauge(Points<f64>),
    /// How values are distributed over buckets.
    Histogram(Points<HistogramValue>),
    /// How values are distributed over buckets that grow with the values.
    ExponentialHistogram(Points<ExponentialHistogramValue>),
}

impl MetricData {
    /// How many series there are, each with its point.
    #[must_use]
    pub fn point_count(&self) -> usize {
        match self {
            Self::Counter(points) => points.len(),
            Self::CounterF64(points) | Self::Gauge(points) => points.len(),
            Self::UpDownCounter(points) => points.len(),
            Self::Histogram(points) => points.len(),
            Self::ExponentialHistogram(points) => points.len(),
        }
    }
}
