//! The registry: everything that is counted, in one place.

mod functions;
mod tables;

use std::borrow::Cow;
use std::sync::{Arc, LazyLock, RwLock};

use crate::clock;
#[cfg(feature = "metrics")]
use crate::facade::Facade;
#[cfg(feature = "metrics")]
use crate::metrics::AnyTable;
use crate::metrics::{
    self, BuildError, Counter, Family, FunctionCells, Gauge, Histogram, Instrument,
    InstrumentBuilder, Metric, Overflow, Snapshot, Spec, Table, UpDownCounter,
};
use crate::site::Site;
use functions::Functions;
use tables::Tables;

/// Holds all metrics. Clones share one registry.
///
/// [`Registry::global`] is the one that exporters show: `#[metered]` functions record to it, and
/// [instruments](crate::metrics) are built in it. With the feature `metrics` it is also a recorder for the `metrics`
/// facade.
///
/// A registry counts what happens to itself: `tachograph.series.overflowed`, by `metric`, is how many lookups of a
/// series or calls of a function ended at a metric's overflow series; `tachograph.labels.overflowed`, by `function`,
/// `module` and `label`, is how many calls had a value that a bounded label shows as `_OTHER`; with the feature
/// `metrics` also `tachograph.facade.conflicts`, by `metric`, for handles that record nothing because another metric
/// has their name.
#[derive(Clone, Debug)]
pub struct Registry {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    functions: Functions,
    tables: Tables,
    overflowed: Family<Counter, 1>,
    full_labels: Family<Counter, 3>,
    #[cfg(feature = "metrics")]
    facade: Facade,
    start_unix_nanos: u64,
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
        let tables = Tables::default();
        let overflowed = tables.own_counter(
            "tachograph.series.overflowed",
            "Lookups of a series that ended at its metric's overflow series.",
            "{lookup}",
            ["metric"],
        );
        let full_labels = tables.own_counter(
            "tachograph.labels.overflowed",
            "Calls of annotated functions with a value that a bounded label shows as `_OTHER`.",
            "{call}",
            ["function", "module", "label"],
        );
        #[cfg(feature = "metrics")]
        let conflicting = tables.own_counter(
            "tachograph.facade.conflicts",
            "Handles of the metrics facade that record nothing, because another metric has their name.",
            "{handle}",
            ["metric"],
        );
        Self {
            inner: Arc::new(Inner {
                functions,
                tables,
                overflowed,
                full_labels,
                #[cfg(feature = "metrics")]
                facade: Facade::new(conflicting),
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
        metrics::check_functions(&functions::metered().collect::<Vec<_>>())
    }

    /// Reads all metrics.
    ///
    /// Recording goes on meanwhile. A count lies between what was recorded before this began and what was recorded
    /// before it returned.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut metrics = self.functions();
        let tables = self.inner.tables.all();
        for table in &tables {
            let metric = &*table.spec().name;
            note(&self.inner.overflowed, [metric], table.overflowed());
        }
        metrics.extend(tables.iter().filter_map(|table| table.read()));
        // A function that joins late may take a name that an instrument had before: the first of two stays.
        Snapshot::new(clock::unix_nanos(), metrics)
    }

    fn functions(&self) -> Vec<Metric> {
        let overflowed = |overflow: Overflow<'_>, calls| match overflow {
            Overflow::Series { metric } => note(&self.inner.overflowed, [metric], calls),
            Overflow::Label {
                function,
                module,
                label,
            } => note(&self.inner.full_labels, [function, module, label], calls),
        };
        let start_unix_nanos = self.inner.start_unix_nanos;
        self.inner
            .functions
            .with_all(|functions| metrics::publish(functions, start_unix_nanos, overflowed))
    }

    /// The labels of annotated functions that have had more values than they tell apart, and so show `_OTHER`:
    /// `labels(user(id, max = 100))` after a hundred users.
    #[must_use]
    pub fn full_labels(&self) -> Vec<(&'static Site, &'static str)> {
        self.inner.functions.with_all(|functions| {
            let full = functions.flat_map(|(site, cells)| {
                let full = cells.left_out().filter(|(_, _, calls)| *calls > 0);
                full.map(move |(side, position, _)| (site, site.metered.names(side)[position]))
            });
            full.collect()
        })
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn facade(&self) -> &Facade {
        &self.inner.facade
    }

    /// The table with this name, in upper or lower case.
    #[cfg(feature = "metrics")]
    pub(crate) fn find(&self, name: &str) -> Option<Arc<dyn AnyTable>> {
        self.inner.tables.find(name)
    }

    /// The table of an instrument, made now or before.
    pub(crate) fn table<I: Instrument>(&self, spec: Spec) -> Result<Arc<Table<I>>, BuildError> {
        self.inner.tables.table(spec)
    }

    /// The cells of a function in this registry, which is not the global one.
    pub(crate) fn function(&self, site: &'static Site) -> Arc<FunctionCells> {
        self.inner.functions.cells(site)
    }
}

impl Default for Registry {
    fn default() -> Self {
        Self::new()
    }
}

/// Shows what was counted elsewhere; nothing where nothing happened.
fn note<const N: usize>(counter: &Family<Counter, N>, labels: [&str; N], count: u64) {
    if count > 0 {
        counter.get(labels).raise_to(count);
    }
}
