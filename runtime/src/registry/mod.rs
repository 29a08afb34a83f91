//! The registry: everything that is counted, in one place.

mod functions;
mod tables;

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::{Arc, LazyLock, Mutex, PoisonError, RwLock};
use std::time::{Duration, Instant};

use crate::clock;
#[cfg(feature = "metrics")]
use crate::facade::Facade;
use crate::inside::inside;
use crate::lost::Cause;
use crate::metrics::{
    self, AnyTable, BuildError, Counter, Declaration, Family, FunctionBuckets, FunctionCells,
    Gauge, Histogram, InstrumentBuilder, InstrumentInfo, Kind, Metric, Observable, Overflow,
    Registered, Snapshot, Spec, Table, UpDownCounter,
};
use crate::scope::ManualClock;
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
/// `module` and `label`, is how many calls had a value that a bounded label shows as `_OTHER`;
/// `tachograph.callbacks.panicked`, by `metric`, is how often a callback of an observable instrument panicked;
/// `tachograph.values.lost`, by `function`, `module` and `cause`, is what calls could not record because the code that
/// should tell it panicked or gave up; with the feature
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
    panicked: Family<Counter, 1>,
    panicked_callbacks: Mutex<Vec<(String, Declaration)>>,
    /// Held while callbacks are called.
    asking: Mutex<()>,
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
        let panicked = tables.own_counter(
            "tachograph.callbacks.panicked",
            "Callbacks of observable instruments that panicked.",
            "{call}",
            ["metric"],
        );
        let lost = tables.own_counter(
            "tachograph.values.lost",
            "What calls of annotated functions could not record, because the code that should tell it failed.",
            "{value}",
            ["function", "module", "cause"],
        );
        #[cfg(feature = "metrics")]
        let conflicting = tables.own_counter(
            "tachograph.facade.conflicts",
            "Handles of the metrics facade that record nothing: another metric has their name, or there are too many.",
            "{handle}",
            ["metric"],
        );
        Self {
            inner: Arc::new(Inner {
                functions,
                tables,
                overflowed,
                full_labels,
                panicked,
                panicked_callbacks: Mutex::default(),
                asking: Mutex::new(()),
                lost,
                losers: Mutex::default(),
                #[cfg(feature = "metrics")]
                facade: Facade::new(conflicting),
                start_unix_nanos: clock::unix_nanos(),
                clock,
            }),
        }
    }

    /// Describes a [`Counter`] to be built.
    #[track_caller]
    pub fn counter(&self, name: impl Into<Cow<'static, str>>) -> InstrumentBuilder<Counter> {
        self.instrument(name)
    }

    /// Describes a [`Counter`] of what has fractions to be built: seconds of work, money.
    #[track_caller]
    pub fn counter_f64(
        &self,
        name: impl Into<Cow<'static, str>>,
    ) -> InstrumentBuilder<Counter<f64>> {
        self.instrument(name)
    }

    /// Describes a counter whose total a callback tells when metrics are collected: bytes that a device has sent.
    ///
    /// ```
    /// # use tachograph::Registry;
    /// # fn bytes_sent() -> u64 { 7 }
    /// let sent = Registry::global()
    ///     .observable_counter("device.sent")
    ///     .with_unit("By")
    ///     .with_labels(["device"])
    ///     .build(|observer| observer.observe(bytes_sent(), ["eth0"]))?;
    /// // The callback is registered until `sent` is dropped.
    /// sent.detach();
    /// # Ok::<(), tachograph::metrics::BuildError>(())
    /// ```
    #[track_caller]
    pub fn observable_counter(
        &self,
        name: impl Into<Cow<'static, str>>,
    ) -> InstrumentBuilder<Observable<Counter>> {
        self.instrument(name)
    }

    /// Describes a counter whose total has fractions, and a callback tells it when metrics are collected: seconds of
    /// processor time.
    #[track_caller]
    pub fn observable_counter_f64(
        &self,
        name: impl Into<Cow<'static, str>>,
    ) -> InstrumentBuilder<Observable<Counter<f64>>> {
        self.instrument(name)
    }

    /// Describes an up-down counter whose value a callback tells when metrics are collected: items in a queue that
    /// counts them itself.
    #[track_caller]
    pub fn observable_up_down_counter(
        &self,
        name: impl Into<Cow<'static, str>>,
    ) -> InstrumentBuilder<Observable<UpDownCounter>> {
        self.instrument(name)
    }

    /// Describes a gauge that a callback reads when metrics are collected: a temperature.
    #[track_caller]
    pub fn observable_gauge(
        &self,
        name: impl Into<Cow<'static, str>>,
    ) -> InstrumentBuilder<Observable<Gauge>> {
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
    fn instrument<I: Kind>(&self, name: impl Into<Cow<'static, str>>) -> InstrumentBuilder<I> {
        InstrumentBuilder::new(self.clone(), Spec::here(name))
    }

    /// The instrument with this name, in upper or lower case, that a builder built before; `None` if there is none, or
    /// one of another kind or with another number of labels.
    ///
    /// ```
    /// use tachograph::Registry;
    /// use tachograph::metrics::{Counter, Family, Gauge};
    ///
    /// let registry = Registry::new();
    /// registry.counter("orders.placed").with_labels(["tier"]).build()?;
    /// let placed = registry.get::<Family<Counter, 1>>("orders.placed").expect("it was built");
    /// placed.get(["paid"]).increment();
    /// assert!(registry.get::<Gauge>("orders.placed").is_none());
    /// # Ok::<(), tachograph::metrics::BuildError>(())
    /// ```
    #[must_use]
    pub fn get<T: Registered>(&self, name: &str) -> Option<T> {
        T::find(self, name)
    }

    /// All instruments that were built, through the `metrics` facade too, by name.
    ///
    /// [`sites`](crate::sites) lists annotated functions, which have metrics of their own.
    ///
    /// ```
    /// let registry = tachograph::Registry::new();
    /// registry.gauge("oven.temperature").with_unit("Cel").build()?;
    /// for instrument in registry.list() {
    ///     println!("{} ({}, {})", instrument.name(), instrument.kind(), instrument.declaration());
    /// }
    /// # assert!(registry.list().iter().any(|it| it.name() == "oven.temperature" && it.unit() == "Cel"));
    /// # Ok::<(), tachograph::metrics::BuildError>(())
    /// ```
    #[must_use]
    pub fn list(&self) -> Vec<InstrumentInfo> {
        let tables = self.inner.tables.all();
        tables.iter().map(|table| table.info()).collect()
    }

    /// Forgets an instrument with all its series; whether there was one. What its handles record from now on is not
    /// shown any more, and the name is free.
    ///
    /// The registry's own counters, whose names begin with `tachograph.`, stay.
    ///
    /// ```
    /// let registry = tachograph::Registry::new();
    /// registry.counter("uploads").build()?;
    /// assert!(registry.remove("uploads"));
    /// registry.gauge("uploads").build()?;
    /// # Ok::<(), tachograph::metrics::BuildError>(())
    /// ```
    #[expect(
        clippy::must_use_candidate,
        reason = "mostly it does not matter whether it was there"
    )]
    pub fn remove(&self, name: &str) -> bool {
        if name.to_ascii_lowercase().starts_with("tachograph.") {
            return false;
        }
        let removed = self.inner.tables.remove(name);
        #[cfg(feature = "metrics")]
        if let Some(removed) = &removed {
            self.inner.facade.forget(name, &**removed);
        }
        removed.is_some()
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

    /// Asks callbacks for what they observe. Who comes while others ask waits, and shares what they are told.
    fn ask(&self) {
        thread_local! {
            static ASKS: Cell<bool> = const { Cell::new(false) };
        }
        // A callback that reads metrics finds those of the last time.
        if ASKS.get() {
            return;
        }
        let Ok(_asking) = self.inner.asking.try_lock() else {
            drop(self.inner.asking.lock());
            return;
        };
        ASKS.set(true);
        // Copied, because a callback may build instruments.
        for table in self.inner.tables.all() {
            table.ask(&mut || {
                let Spec {
                    name, declaration, ..
                } = table.spec();
                self.inner.panicked.get([name]).increment();
                let told = self.inner.panicked_callbacks.lock();
                let mut told = told.unwrap_or_else(PoisonError::into_inner);
                if !told.iter().any(|(known, _)| *known == **name) {
                    told.push((name.to_string(), declaration.clone()));
                }
            });
        }
        ASKS.set(false);
    }

    /// The metrics of which a callback panicked, and where they were built first; each once, in the order in which that
    /// happened.
    #[must_use]
    pub fn panicked_callbacks(&self) -> Vec<(String, Declaration)> {
        let told = self.inner.panicked_callbacks.lock();
        told.unwrap_or_else(PoisonError::into_inner).clone()
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
            let full = functions.flat_map(|(site, cells)| {
                let full = cells.left_out().filter(|(_, _, calls)| *calls > 0);
                full.map(move |(side, position, _)| (site, site.metered.names(side)[position]))
            });
            full.collect()
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
