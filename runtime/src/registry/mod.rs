//! The registry: everything that is counted, in one place.

mod callbacks;
mod functions;
mod instruments;
mod own;
mod tables;

use std::sync::{Arc, LazyLock, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crate::caught::Cause;
use crate::clock;
#[cfg(feature = "metrics")]
use crate::facade::Facade;
use crate::inside::inside;
use crate::metrics::{
    self, AnyTable, BuildError, Counter, Family, FunctionBuckets, FunctionCells, Kind, Metric,
    Overflow, Snapshot, Spec, Table,
};
use crate::scope::ManualClock;
use crate::site::Site;
use callbacks::Callbacks;
use functions::Functions;
use tables::Tables;

pub use own::OWN_COUNTERS;

/// Holds all metrics. Clones share one registry.
///
/// [`Registry::global`] is the one that exporters show: `#[metered]` functions record to it, and
/// [instruments](crate::metrics) are built in it. With the feature `metrics` it is also a recorder for the `metrics`
/// facade.
///
/// A registry counts what happens to itself: `tachograph.series.overflowed`, by `metric`, is how many lookups of a
/// series or calls of a function ended at a metric's overflow series; `tachograph.labels.overflowed`, by `function`,
/// `module` and `label`, is how many calls had a value that a bounded label shows as `_OTHER`;
/// `tachograph.callbacks.panicked`, by `metric`, is how often a callback of an observable instrument panicked;
/// `tachograph.values.lost`, by `function`, `module` and `cause`, is what calls could not record because the code that
/// should tell it panicked or gave up; with the feature `metrics` also `tachograph.facade.conflicts`, by `metric`, for
/// handles that record nothing because another metric has their name, or because there are too many.
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
    callbacks: Callbacks,
    lost: Family<Counter, 3>,
    /// Functions that lost something, each with why.
    losers: Mutex<Vec<(&'static Site, Cause)>>,
    #[cfg(feature = "metrics")]
    facade: Facade,
    start_unix_nanos: u64,
    clock: Clock,
}

/// What tells how long nobody used a series.
#[derive(Debug)]
enum Clock {
    Steady(Instant),
    Manual(ManualClock),
}

impl Clock {
    /// The time since some moment, always the same one.
    fn now(&self) -> Duration {
        match self {
            Self::Steady(start) => start.elapsed(),
            Self::Manual(clock) => Duration::from_nanos(clock.unix_nanos()),
        }
    }
}

impl Registry {
    /// The registry that annotated functions record to.
    #[must_use]
    pub fn global() -> &'static Self {
        static GLOBAL: LazyLock<Registry> =
            LazyLock::new(|| Registry::with(Functions::Static, Clock::Steady(Instant::now())));
        &GLOBAL
    }

    /// An empty registry, which no exporter shows unless it is told to.
    #[must_use]
    pub fn new() -> Self {
        let clock = Clock::Steady(Instant::now());
        Self::with(Functions::Keyed(RwLock::default()), clock)
    }

    /// An empty registry whose series grow old as this clock says.
    pub(crate) fn timed_by(clock: ManualClock) -> Self {
        Self::with(Functions::Keyed(RwLock::default()), Clock::Manual(clock))
    }

    fn with(functions: Functions, clock: Clock) -> Self {
        let tables = Tables::default();
        let overflowed = tables.own_counter(&own::SERIES_OVERFLOWED);
        let full_labels = tables.own_counter(&own::LABELS_OVERFLOWED);
        let panicked = tables.own_counter(&own::CALLBACKS_PANICKED);
        let lost = tables.own_counter(&own::VALUES_LOST);
        #[cfg(feature = "metrics")]
        let conflicting = tables.own_counter(&own::FACADE_CONFLICTS);
        Self {
            inner: Arc::new(Inner {
                functions,
                tables,
                overflowed,
                full_labels,
                callbacks: Callbacks::new(panicked),
                lost,
                losers: Mutex::default(),
                #[cfg(feature = "metrics")]
                facade: Facade::new(conflicting),
                start_unix_nanos: clock::unix_nanos(),
                clock,
            }),
        }
    }

    /// Whether the metrics of all annotated functions can be told apart; whoever installs telemetry asks.
    ///
    /// # Errors
    ///
    /// - [`BuildError::InvalidName`], [`InvalidLabel`](BuildError::InvalidLabel) and
    ///   [`InvalidBounds`](BuildError::InvalidBounds) for what an attribute was told.
    /// - [`BuildError::Conflict`] when two functions have one `name` and disagree on its buckets.
    pub fn check_functions() -> Result<(), BuildError> {
        metrics::check_functions(&functions::metered())
    }

    /// Reads all metrics.
    ///
    /// Recording goes on meanwhile. A count lies between what was recorded before this began and what was recorded
    /// before it returned.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        self.snapshot_with(FunctionBuckets::default())
    }

    /// The same, with the durations of annotated functions in this form.
    #[must_use]
    pub fn snapshot_with(&self, buckets: FunctionBuckets) -> Snapshot {
        self.ask();
        let mut metrics = self.functions(buckets);
        let tables = self.inner.tables.all();
        for table in &tables {
            let metric = &*table.spec().name;
            note(&self.inner.overflowed, [metric], table.overflowed());
        }
        let now = self.inner.clock.now();
        metrics.extend(tables.iter().filter_map(|table| table.read(now)));
        // A function that joins late may take a name that an instrument had before: the first of two stays.
        Snapshot::new(clock::unix_nanos(), metrics)
    }

    fn functions(&self, buckets: FunctionBuckets) -> Vec<Metric> {
        let overflowed = |overflow: Overflow<'_>, calls| match overflow {
            Overflow::Series { metric } => note(&self.inner.overflowed, [metric], calls),
            Overflow::Label {
                function,
                module,
                label,
            } => note(&self.inner.full_labels, [function, module, label], calls),
        };
        let start_unix_nanos = self.inner.start_unix_nanos;
        self.inner.functions.with_all(|functions| {
            metrics::publish(functions, start_unix_nanos, buckets, overflowed)
        })
    }

    /// The labels of annotated functions that have had more values than they tell apart, and so show `_OTHER`:
    /// `labels(user(id, max = 100))` after a hundred users.
    #[must_use]
    pub fn full_labels(&self) -> Vec<(&'static Site, &'static str)> {
        self.inner.functions.with_all(|functions| {
            let full = functions.into_iter().flat_map(|(site, cells)| {
                let full = cells.left_out().filter(|(_, _, calls)| *calls > 0);
                full.map(move |(side, position, _)| (site, site.metered.names(side)[position]))
            });
            let mut full: Vec<_> = full.collect();
            full.sort_by_key(|(site, _)| site.path());
            full
        })
    }

    /// The annotated functions that could not record something, because the code that should tell it failed: each with
    /// the cause, `panic` or `format`.
    #[must_use]
    pub fn lost_values(&self) -> Vec<(&'static Site, &'static str)> {
        let losers = self.inner.losers.lock();
        let losers = losers.unwrap_or_else(PoisonError::into_inner);
        let losers = losers.iter().map(|(site, cause)| (*site, cause.as_str()));
        losers.collect()
    }

    /// Counts what a call could not record.
    #[cold]
    pub(crate) fn lose(&self, site: &'static Site, cause: Cause, count: u64) {
        let labels = [site.function(), site.module(), cause.as_str()];
        // What is new may allocate, in the midst of a call.
        inside(|| self.inner.lost.get(labels).add(count));
        let losers = self.inner.losers.lock();
        let mut losers = losers.unwrap_or_else(PoisonError::into_inner);
        let is_known = |(known, why): &(&Site, Cause)| std::ptr::eq(*known, site) && *why == cause;
        if !losers.iter().any(is_known) {
            losers.push((site, cause));
        }
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn facade(&self) -> &Facade {
        &self.inner.facade
    }

    /// The table with this name, in upper or lower case.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<dyn AnyTable>> {
        self.inner.tables.find(name)
    }

    /// The table of an instrument, made now or before.
    pub(crate) fn table<I: Kind>(&self, spec: Spec) -> Result<Arc<Table<I>>, BuildError> {
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
