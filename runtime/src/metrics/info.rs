//! What a registry tells of its instruments.

use std::any::Any;
use std::fmt;
use std::iter;
use std::sync::Arc;

use super::error::Declaration;
use super::family::Family;
use super::instrument::{Instrument, Kind};
use super::spec::{LabelNames, Spec};
use super::table::Table;
use crate::registry::Registry;

/// An instrument that was built; from [`Registry::list`].
#[derive(Clone, Debug)]
pub struct InstrumentInfo {
    kind: InstrumentKind,
    series: usize,
    spec: Spec,
}

/// The kind of an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InstrumentKind {
    /// A [`Counter`](super::Counter).
    Counter,
    /// A [`Counter<f64>`](super::Counter).
    CounterF64,
    /// An [`UpDownCounter`](super::UpDownCounter).
    UpDownCounter,
    /// A [`Gauge`](super::Gauge).
    Gauge,
    /// A [`Histogram`](super::Histogram).
    Histogram,
    /// An [`ExponentialHistogram`](super::ExponentialHistogram).
    ExponentialHistogram,
    /// An [`Observable`](super::Observable) counter.
    ObservableCounter,
    /// An [`Observable`](super::Observable) counter of fractions.
    ObservableCounterF64,
    /// An [`Observable`](super::Observable) up-down counter.
    ObservableUpDownCounter,
    /// An [`Observable`](super::Observable) gauge.
    ObservableGauge,
}

impl InstrumentInfo {
    pub(crate) fn new(kind: InstrumentKind, series: usize, spec: Spec) -> Self {
        Self { kind, series, spec }
    }

    /// The name, as it was spelled first.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.spec.name
    }

    /// The kind of instrument.
    #[must_use]
    pub fn kind(&self) -> InstrumentKind {
        self.kind
    }

    /// What it measures, in a sentence; empty when nobody said.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.spec.description
    }

    /// The unit in UCUM's notation; empty when there is none.
    #[must_use]
    pub fn unit(&self) -> &str {
        &self.spec.unit
    }

    /// The keys of its labels, in their order; none for an instrument that is one series, and none where each series
    /// has keys of its own, as those of the `metrics` facade do.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        let keys = match &self.spec.labels {
            LabelNames::Named(keys) => &**keys,
            LabelNames::Any => &[],
        };
        keys.iter().map(|key| &**key)
    }

    /// How many series it has, the one for those beyond the limit not counted.
    #[must_use]
    pub fn series_count(&self) -> usize {
        self.series
    }

    /// Where it was built first.
    #[must_use]
    pub fn declaration(&self) -> &Declaration {
        &self.spec.declaration
    }
}

impl InstrumentKind {
    /// As messages name one of them.
    pub(crate) fn with_article(self) -> String {
        let name = self.to_string();
        let article = if name.starts_with(['a', 'e', 'i', 'o', 'u']) {
            "an"
        } else {
            "a"
        };
        format!("{article} {name}")
    }
}

/// In words: `up-down counter`.
impl fmt::Display for InstrumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Counter => "counter",
            Self::CounterF64 => "counter with fractions",
            Self::UpDownCounter => "up-down counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::ExponentialHistogram => "exponential histogram",
            Self::ObservableCounter => "observable counter",
            Self::ObservableCounterF64 => "observable counter with fractions",
            Self::ObservableUpDownCounter => "observable up-down counter",
            Self::ObservableGauge => "observable gauge",
        })
    }
}

/// An [`Instrument`] without labels, or a [`Family`] of one with labels: what [`Registry::get`] finds.
pub trait Registered: Sized {
    /// The one with this name, if it is of this kind.
    #[doc(hidden)]
    fn find(registry: &Registry, name: &str) -> Option<Self>;
}

impl<I: Instrument> Registered for I {
    fn find(registry: &Registry, name: &str) -> Option<Self> {
        let table = table_with::<I>(registry, name, 0)?;
        Some(I::new(table.get_or_overflow(iter::empty())))
    }
}

impl<I: Instrument, const N: usize> Registered for Family<I, N> {
    fn find(registry: &Registry, name: &str) -> Option<Self> {
        table_with(registry, name, N).map(Self::new)
    }
}

/// The table with this name, if it has this kind of instrument with so many labels.
fn table_with<I: Kind>(registry: &Registry, name: &str, labels: usize) -> Option<Arc<Table<I>>> {
    let table: Arc<dyn Any + Send + Sync> = registry.find(name)?;
    let table = table.downcast::<Table<I>>().ok()?;
    match &table.spec.labels {
        LabelNames::Named(keys) if keys.len() == labels => Some(table),
        _ => None,
    }
}
