//! The registry: everything that is counted, in one place.

use std::any::Any;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use crate::clock;
#[cfg(feature = "metrics")]
use crate::facade::Facade;
use crate::listed;
use crate::metrics::{
    self, AnyTable, BuildError, Counter, Family, FunctionCells, Gauge, Histogram, Instrument,
    InstrumentBuilder, LabelNames, Metric, Overflow, Place, Snapshot, Spec, Table, UpDownCounter,
};
use crate::site::Site;

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
    tables: RwLock<Tables>,
    overflowed: Family<Counter, 1>,
    full_labels: Family<Counter, 3>,
    #[cfg(feature = "metrics")]
    facade: Facade,
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
        let overflowed = own_counter(
            &mut tables,
            "tachograph.series.overflowed",
            "Lookups of a series that ended at its metric's overflow series.",
            "{lookup}",
            ["metric"],
        );
        let full_labels = own_counter(
            &mut tables,
            "tachograph.labels.overflowed",
            "Calls of annotated functions with a value that a bounded label shows as `_OTHER`.",
            "{call}",
            ["function", "module", "label"],
        );
        #[cfg(feature = "metrics")]
        let conflicting = own_counter(
            &mut tables,
            "tachograph.facade.conflicts",
            "Handles of the metrics facade that record nothing, because another metric has their name.",
            "{handle}",
            ["metric"],
        );
        Self {
            inner: Arc::new(Inner {
                functions,
                tables: RwLock::new(tables),
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
        let sites = listed::sites().into_iter().filter(|site| site.is_metered());
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
            let metric = &*table.spec().name;
            note(&self.inner.overflowed, [metric], table.overflowed());
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
        let overflowed = |overflow: Overflow<'_>, calls| match overflow {
            Overflow::Series { metric } => note(&self.inner.overflowed, [metric], calls),
            Overflow::Label {
                function,
                module,
                label,
            } => note(&self.inner.full_labels, [function, module, label], calls),
        };
        self.with_functions(|functions| metrics::publish(functions, overflowed))
    }

    /// The labels of annotated functions that have had more values than they tell apart, and so show `_OTHER`:
    /// `labels(user(id, max = 100))` after a hundred users.
    #[must_use]
    pub fn full_labels(&self) -> Vec<(&'static Site, &'static str)> {
        self.with_functions(|functions| {
            let full = functions.flat_map(|(site, cells)| {
                let full = cells.left_out().filter(|(_, _, calls)| *calls > 0);
                full.map(move |(side, position, _)| (site, site.metered.names(side)[position]))
            });
            full.collect()
        })
    }

    /// All metered functions, with their cells in this registry.
    fn with_functions<T>(
        &self,
        read: impl FnOnce(&mut dyn Iterator<Item = (&'static Site, &FunctionCells)>) -> T,
    ) -> T {
        match &self.inner.functions {
            Functions::Static => {
                let metered = listed::sites().into_iter().filter(|site| site.is_metered());
                read(&mut metered.map(|site| (site, &site.cells)))
            }
            Functions::Keyed(functions) => {
                let functions = functions.read().unwrap_or_else(PoisonError::into_inner);
                read(&mut functions.values().map(|(site, cells)| (*site, &**cells)))
            }
        }
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn facade(&self) -> &Facade {
        &self.inner.facade
    }

    /// The table with this name, in upper or lower case.
    pub(crate) fn find(&self, name: &str) -> Option<Arc<dyn AnyTable>> {
        let tables = self.inner.tables.read();
        let tables = tables.unwrap_or_else(PoisonError::into_inner);
        tables.get(&name.to_ascii_lowercase()).cloned()
    }

    /// The table of an instrument, made now or before.
    pub(crate) fn table<I: Instrument>(&self, spec: Spec) -> Result<Arc<Table<I>>, BuildError> {
        if let Some(known) = self.find(&spec.name) {
            return same(known, &spec);
        }
        if let Some(site) = metrics::owner(&spec.name) {
            let that = format!("a metric of the function `{}`", site.path());
            let place = Place::Code(site.location());
            return Err(spec.conflict(I::KIND.into(), that, &place));
        }
        let tables = self.inner.tables.write();
        let mut tables = tables.unwrap_or_else(PoisonError::into_inner);
        match tables.get(&spec.name.to_ascii_lowercase()) {
            Some(known) => same(Arc::clone(known), &spec),
            None => Ok(add(&mut tables, spec)),
        }
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

/// The known table, if it is what is described.
fn same<I: Instrument>(known: Arc<dyn AnyTable>, spec: &Spec) -> Result<Arc<Table<I>>, BuildError> {
    let (kind, place) = (known.kind(), known.spec().place.clone());
    let known: Arc<dyn Any + Send + Sync> = known;
    let Ok(same) = known.downcast::<Table<I>>() else {
        return Err(spec.conflict(I::KIND.into(), kind.into(), &place));
    };
    spec.agrees::<I>(&same.spec)?;
    Ok(same)
}

fn add<I: Instrument>(tables: &mut Tables, spec: Spec) -> Arc<Table<I>> {
    let name = spec.name.to_ascii_lowercase();
    let table = Arc::new(Table::new(spec));
    tables.insert(name, Arc::clone(&table) as _);
    table
}

/// Shows what was counted elsewhere; nothing where nothing happened.
fn note<const N: usize>(counter: &Family<Counter, N>, labels: [&str; N], count: u64) {
    if count > 0 {
        counter.get(labels).raise_to(count);
    }
}

/// A counter of what happens to the registry itself.
fn own_counter<const N: usize>(
    tables: &mut Tables,
    name: &'static str,
    description: &'static str,
    unit: &'static str,
    labels: [&'static str; N],
) -> Family<Counter, N> {
    let spec = Spec {
        description: description.into(),
        unit: unit.into(),
        labels: LabelNames::Named(labels.map(Cow::Borrowed).into()),
        ..Spec::here(name)
    };
    Family::new(add(tables, spec))
}
