//! The registry: everything that is counted, in one place.

use std::any::Any;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crate::clock;
use crate::metrics::{
    self, AnyTable, BuildError, Counter, Family, FunctionCells, Gauge, Histogram, Instrument,
    InstrumentBuilder, LabelNames, Metric, Place, Snapshot, Spec, Table, UpDownCounter,
};
use crate::site::{self, Site};

/// Holds all metrics. Clones share one registry.
///
/// [`Registry::global`] is the one that exporters show: `#[metered]` functions record to it, and
/// [instruments](crate::metrics) are built in it. With the feature `metrics` it is also a recorder for the `metrics`
/// facade.
///
/// A registry counts what happens to itself: `tachograph.series.overflowed`, by `metric`, is how many lookups of a
/// series or calls of a function ended at a metric's overflow series.
#[derive(Clone, Debug)]
pub struct Registry {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    functions: Functions,
    tables: RwLock<Tables>,
    overflowed: Family<Counter, 1>,
    start_unix_nanos: u64,
}

/// The instruments, by their names in lower case.
type Tables = BTreeMap<String, Arc<dyn AnyTable>>;

/// Where the cells of annotated functions are.
#[derive(Debug)]
enum Functions {
    /// In the sites themselves.
    Static,
    /// In a map by the sites' addresses, for registries besides the global one.
    Keyed(RwLock<HashMap<usize, (&'static Site, Arc<FunctionCells>)>>),
}

impl Registry {
    /// The registry that annotated functions record to.
    #[must_use]
    pub fn global() -> &'static Self {
        static GLOBAL: LazyLock<Registry> = LazyLock::new(|| Registry::with(Functions::Static));
        &GLOBAL
    }

    /// An empty registry, which no exporter shows unless it is told to.
    #[must_use]
    pub fn new() -> Self {
        Self::with(Functions::Keyed(RwLock::default()))
    }

    fn with(functions: Functions) -> Self {
        let mut tables = Tables::new();
        let overflowed = Spec {
            description: "Lookups of a series that ended at its metric's overflow series.".into(),
            unit: "{lookup}".into(),
            labels: LabelNames::Named(Box::new(["metric".into()])),
            series_limit: usize::MAX,
            ..Spec::here("tachograph.series.overflowed")
        };
        let overflowed = Family::new(add(&mut tables, overflowed));
        Self {
            inner: Arc::new(Inner {
                functions,
                tables: RwLock::new(tables),
                overflowed,
                start_unix_nanos: clock::unix_nanos(),
            }),
        }
    }

    /// Describes a [`Counter`] to be built.
    #[track_caller]
    pub fn counter(&self, name: impl Into<Cow<'static, str>>) -> InstrumentBuilder<Counter> {
        self.instrument(name)
    }

    /// Describes an [`UpDownCounter`] to be built.
    #[track_caller]
    pub fn up_down_counter(
        &self,
        name: impl Into<Cow<'static, str>>,
    ) -> InstrumentBuilder<UpDownCounter> {
        self.instrument(name)
    }

    /// Describes a [`Gauge`] to be built.
    #[track_caller]
    pub fn gauge(&self, name: impl Into<Cow<'static, str>>) -> InstrumentBuilder<Gauge> {
        self.instrument(name)
    }

    /// Describes a [`Histogram`] to be built.
    #[track_caller]
    pub fn histogram(&self, name: impl Into<Cow<'static, str>>) -> InstrumentBuilder<Histogram> {
        self.instrument(name)
    }

    #[track_caller]
    fn instrument<I: Instrument>(
        &self,
        name: impl Into<Cow<'static, str>>,
    ) -> InstrumentBuilder<I> {
        InstrumentBuilder::new(self.clone(), Spec::here(name))
    }

    /// Whether the metrics of all annotated functions can be told apart; whoever installs telemetry asks.
    ///
    /// # Errors
    ///
    /// - [`BuildError::InvalidName`], [`InvalidLabel`](BuildError::InvalidLabel) and
    ///   [`InvalidBounds`](BuildError::InvalidBounds) for what an attribute was told.
    /// - [`BuildError::Conflict`] when two functions have one family and disagree on its buckets.
    pub fn check_functions() -> Result<(), BuildError> {
        let sites = site::sites().into_iter().filter(|site| site.is_metered());
        metrics::check_functions(&sites.collect::<Vec<_>>())
    }

    /// Reads all metrics.
    ///
    /// Recording goes on meanwhile. A count lies between what was recorded before this began and what was recorded
    /// before it returned.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut metrics = self.functions();
        // Copied, so that no instrument has to wait for this to be built.
        let tables = self.inner.tables.read();
        let tables: Vec<_> = tables
            .unwrap_or_else(PoisonError::into_inner)
            .values()
            .cloned()
            .collect();
        for table in &tables {
            self.note_overflow(&table.spec().name, table.overflowed());
        }
        metrics.extend(tables.iter().filter_map(|table| table.read()));
        metrics.sort_by(|a, b| a.descriptor.name.cmp(&b.descriptor.name));
        // A function that joins late may take a name that an instrument had before.
        metrics.dedup_by(|later, earlier| later.descriptor.name == earlier.descriptor.name);
        Snapshot {
            metrics,
            start_unix_nanos: self.inner.start_unix_nanos,
            unix_nanos: clock::unix_nanos(),
        }
    }

    fn functions(&self) -> Vec<Metric> {
        let overflowed = |metric: &str, calls| self.note_overflow(metric, calls);
        match &self.inner.functions {
            Functions::Static => {
                let metered = site::sites().into_iter().filter(|site| site.is_metered());
                metrics::publish(metered.map(|site| (site, &site.cells)), overflowed)
            }
            Functions::Keyed(functions) => {
                let functions = functions.read().unwrap_or_else(PoisonError::into_inner);
                let functions = functions.values().map(|(site, cells)| (*site, &**cells));
                metrics::publish(functions, overflowed)
            }
        }
    }

    fn note_overflow(&self, metric: &str, lookups: u64) {
        if lookups > 0 {
            self.inner.overflowed.get([metric]).raise_to(lookups);
        }
    }

    /// The table of an instrument, made now or before.
    pub(crate) fn table<I: Instrument>(&self, spec: Spec) -> Result<Arc<Table<I>>, BuildError> {
        let tables = self.inner.tables.write();
        let mut tables = tables.unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = tables.get(&spec.name.to_ascii_lowercase()) {
            let same: Arc<dyn Any + Send + Sync> = Arc::clone(known) as _;
            let Ok(same) = same.downcast::<Table<I>>() else {
                let place = &known.spec().place;
                return Err(spec.conflict(I::KIND.into(), known.kind().into(), place));
            };
            spec.agrees::<I>(&same.spec)?;
            return Ok(same);
        }
        if let Some(site) = metrics::owner(&spec.name) {
            let that = format!("a metric of the function `{}`", site.path());
            let place = Place::Code(site.location());
            return Err(spec.conflict(I::KIND.into(), that, &place));
        }
        Ok(add(&mut tables, spec))
    }

    /// The cells of a function in this registry, which is not the global one.
    pub(crate) fn function(&self, site: &'static Site) -> Arc<FunctionCells> {
        let Functions::Keyed(functions) = &self.inner.functions else {
            unreachable!("only scopes look functions up");
        };
        let key = std::ptr::from_ref(site).addr();
        let known = functions
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .map(|(_, cells)| Arc::clone(cells));
        known.unwrap_or_else(|| {
            let mut functions = functions.write().unwrap_or_else(PoisonError::into_inner);
            let (_, cells) = functions
                .entry(key)
                .or_insert_with(|| (site, Arc::new(FunctionCells::new())));
            Arc::clone(cells)
        })
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

fn add<I: Instrument>(tables: &mut Tables, spec: Spec) -> Arc<Table<I>> {
    let name = spec.name.to_ascii_lowercase();
    let table = Arc::new(Table::new(spec));
    tables.insert(name, Arc::clone(&table) as _);
    table
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
mod tests {
    use super::*;
    use crate::metrics::MetricData;

    /// The numbers of a metric, by the values of their labels.
    fn values(registry: &Registry, name: &str) -> Vec<(String, f64)> {
        fn numbers<T: Copy>(
            points: &[crate::metrics::Point<T>],
            number: impl Fn(T) -> f64,
        ) -> Vec<(String, f64)> {
            let text = |point: &crate::metrics::Point<T>| {
                let values: Vec<_> = point
                    .series
                    .labels
                    .iter()
                    .map(|(_, value)| &**value)
                    .collect();
                (values.join(" "), number(point.value))
            };
            points.iter().map(text).collect()
        }
        let snapshot = registry.snapshot();
        let metric = snapshot
            .metrics
            .iter()
            .find(|metric| metric.descriptor.name == name);
        match metric.map(|metric| &metric.data) {
            Some(MetricData::Counter(points)) => numbers(points, |value| value as f64),
            Some(MetricData::UpDownCounter(points)) => numbers(points, |value| value as f64),
            Some(MetricData::Gauge(points)) => numbers(points, |value| value),
            Some(MetricData::Histogram(_)) | None => Vec::new(),
        }
    }

    #[test]
    fn instruments_without_labels_show_at_zero() -> Result<(), BuildError> {
        let registry = Registry::new();
        registry.counter("b").build()?;
        registry.gauge("a").build()?;
        registry.up_down_counter("c").build()?;
        registry.histogram("d").build()?;
        let snapshot = registry.snapshot();
        let names: Vec<_> = snapshot
            .metrics
            .iter()
            .map(|metric| &*metric.descriptor.name)
            .collect();
        assert_eq!(names, ["a", "b", "c", "d"]);
        assert_eq!(values(&registry, "b"), [(String::new(), 0.0)]);
        Ok(())
    }

    #[test]
    fn the_same_instrument_twice_is_one_series() -> Result<(), BuildError> {
        let registry = Registry::new();
        let build = |name: &'static str| registry.counter(name).with_unit("By").build();
        build("sent")?.add(2);
        build("Sent")?.add(3);
        assert_eq!(values(&registry, "sent"), [(String::new(), 5.0)]);
        Ok(())
    }

    #[test]
    fn series_keep_their_identity() -> Result<(), BuildError> {
        let registry = Registry::new();
        let family = registry.counter("placed").with_labels(["tier"]).build()?;
        for tier in ["paid", "free", "trial"] {
            family.get([tier]).increment();
        }
        let series = || match registry.snapshot().metrics.remove(0).data {
            MetricData::Counter(points) => points
                .into_iter()
                .map(|point| point.series.id)
                .collect::<Vec<_>>(),
            other => panic!("{other:?}"),
        };
        assert_eq!(series(), series());
        assert_eq!(
            values(&registry, "placed"),
            [
                ("paid".into(), 1.0),
                ("free".into(), 1.0),
                ("trial".into(), 1.0)
            ]
        );
        Ok(())
    }

    #[test]
    fn series_beyond_the_limit_share_one() -> Result<(), BuildError> {
        let registry = Registry::new();
        let family = registry
            .up_down_counter("open")
            .with_labels(["peer"])
            .with_series_limit(2)
            .build()?;
        for peer in ["a", "b", "c", "d", "a"] {
            family.get([peer]).increment();
        }
        let expected = [("a".into(), 2.0), ("b".into(), 1.0), ("true".into(), 2.0)];
        assert_eq!(values(&registry, "open"), expected);
        assert_eq!(
            values(&registry, "tachograph.series.overflowed"),
            [("open".into(), 2.0)]
        );

        family.remove(["a"]);
        family.remove(["z"]);
        family.get(["e"]).add(7);
        assert_eq!(
            values(&registry, "open"),
            [("b".into(), 1.0), ("true".into(), 2.0), ("e".into(), 7.0)]
        );
        family.clear();
        assert_eq!(values(&registry, "open"), [("true".into(), 2.0)]);
        Ok(())
    }

    #[test]
    fn one_name_for_two_instruments_names_both_places() {
        let registry = Registry::new();
        let (first, there) = (registry.counter("orders"), line!());
        assert!(first.with_unit("{order}").build().is_ok());
        let (gauge, here) = (registry.gauge("Orders").build(), line!());
        let file = file!();
        assert_eq!(
            gauge.unwrap_err().to_string(),
            format!(
                "`Orders` is a gauge at {file}:{here}, but a counter at {file}:{there}: \
                 describe both alike, or rename one of them"
            )
        );
    }

    #[test]
    fn one_name_for_two_instruments_says_where_they_differ() -> Result<(), BuildError> {
        let registry = Registry::new();
        let counter = || registry.counter("orders").with_unit("{order}");
        counter().build()?;
        let check = |built: Result<(), BuildError>, expected: [&str; 2]| match built {
            Err(BuildError::Conflict { this, that, .. }) => assert_eq!([this, that], expected),
            other => panic!("{other:?}"),
        };
        let unitless = registry.counter("orders").build().map(drop);
        let units = ["a counter without a unit", "a counter in `{order}`"];
        check(unitless, units);
        let family = counter().with_labels(["a", "b"]).build().map(drop);
        let labels = [
            "a counter with the labels `a`, `b`",
            "a counter without labels",
        ];
        check(family, labels);
        Ok(())
    }

    #[test]
    fn bounds_are_those_of_the_first() -> Result<(), BuildError> {
        let registry = Registry::new();
        registry.histogram("wait").with_unit("s").build()?;
        let bounds = [
            0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
        ];
        registry
            .histogram("wait")
            .with_unit("s")
            .with_bounds(bounds)
            .build()?;
        let other = registry
            .histogram("wait")
            .with_unit("s")
            .with_bounds([1.0])
            .build();
        let message = other.unwrap_err().to_string();
        assert!(
            message.starts_with("`wait` is a histogram with the bucket bounds [1.0] at "),
            "{message}"
        );
        Ok(())
    }

    #[test]
    fn wrong_descriptions_say_what_to_write() {
        let registry = Registry::new();
        let check = |built: Result<(), BuildError>, expected: &str| {
            let message = built.unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        };
        check(
            registry.counter("http requests").build().map(drop),
            "write `http_requests`",
        );
        check(registry.counter("2xx").build().map(drop), "write `xx`");
        check(registry.counter("").build().map(drop), "`` at ");
        check(
            registry.counter("a".repeat(256)).build().map(drop),
            "1 to 255",
        );
        check(
            registry.gauge("t").with_unit("°C").build().map(drop),
            "63 ASCII characters",
        );
        let labelled = |label: &'static str| {
            registry
                .counter("c")
                .with_labels([label, "x", "x"])
                .build()
                .map(drop)
        };
        check(labelled("le"), "the label `le` of `c`");
        check(labelled("__name__"), "begins with `__`");
        check(labelled(""), "is empty");
        check(labelled("y"), "the label `x` of `c`");
        let bounded = registry
            .histogram("h")
            .with_bounds([1.0, 0.1])
            .build()
            .map(drop);
        check(bounded, "bucket bounds must increase, but 0.1 follows 1");
    }
}
