//! All series of one metric.

use std::any::Any;
use std::borrow::Borrow;
use std::collections::HashMap;
use std::fmt::Debug;
use std::hash::{Hash, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use super::function::SeriesLabel;
use super::instrument::Instrument;
use super::snapshot::{Descriptor, Metric, Series};
use super::spec::Spec;
use crate::semconv;

/// One metric: what it is, and its series by their labels.
#[derive(Debug)]
pub(crate) struct Table<I> {
    pub(crate) spec: Spec,
    descriptor: RwLock<Descriptor>,
    bounds: Arc<[f64]>,
    series: RwLock<HashMap<SeriesKey, (Series, I)>>,
    overflow: OnceLock<(Series, I)>,
    overflowed: AtomicU64,
}

/// A table of any kind of instrument.
pub(crate) trait AnyTable: Any + Debug + Send + Sync {
    fn spec(&self) -> &Spec;

    /// The kind of its instrument, with an article.
    fn kind(&self) -> &'static str;

    /// How many times a series was asked for and the overflow series was given instead.
    fn overflowed(&self) -> u64;

    /// The values of all series; `None` when there are no series.
    fn read(&self) -> Option<Metric>;

    /// Replaces description and unit.
    #[cfg(feature = "metrics")]
    fn describe(&self, descriptor: &Descriptor);
}

impl<I: Instrument> Table<I> {
    pub(crate) fn new(spec: Spec) -> Self {
        Self {
            descriptor: RwLock::new(Descriptor::new(
                spec.name.clone(),
                spec.description.clone(),
                spec.unit.clone(),
            )),
            bounds: spec.bounds::<I>(),
            spec,
            series: RwLock::default(),
            overflow: OnceLock::new(),
            overflowed: AtomicU64::new(0),
        }
    }

    /// The series with these labels, which `owned` returns to be kept if it is new; `None` when the table is full.
    pub(crate) fn get(
        &self,
        labels: &dyn Labels,
        owned: impl FnOnce() -> Vec<SeriesLabel>,
    ) -> Option<I> {
        let is_full = |series: &HashMap<_, _>| series.len() >= self.spec.series_limit;
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = series.get(labels) {
            return Some(known.1.clone());
        }
        if is_full(&series) {
            return None;
        }
        drop(series);
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = series.get(labels) {
            return Some(known.1.clone());
        }
        if is_full(&series) {
            return None;
        }
        let new = I::new(&self.bounds);
        let labels = owned();
        let identity = Series::new(labels.iter().cloned());
        series.insert(SeriesKey(labels.into()), (identity, new.clone()));
        Some(new)
    }

    /// The series that stands in for all that the limit leaves out.
    pub(crate) fn overflow(&self) -> I {
        self.overflowed.fetch_add(1, Ordering::Relaxed);
        let (_, overflow) = self.overflow.get_or_init(|| {
            let labels = [(semconv::OTEL_METRIC_OVERFLOW, "true")];
            (Series::new(labels), I::new(&self.bounds))
        });
        overflow.clone()
    }

    pub(crate) fn remove(&self, labels: &dyn Labels) {
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        series.remove(labels);
    }

    pub(crate) fn clear(&self) {
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        series.clear();
    }
}

impl<I: Instrument> AnyTable for Table<I> {
    fn spec(&self) -> &Spec {
        &self.spec
    }

    fn kind(&self) -> &'static str {
        I::KIND
    }

    fn overflowed(&self) -> u64 {
        self.overflowed.load(Ordering::Relaxed)
    }

    fn read(&self) -> Option<Metric> {
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        let mut series: Vec<_> = series.values().cloned().collect();
        // The lock is free again while the values are read.
        series.sort_by_key(|(series, _)| series.start_unix_nanos());
        series.extend(self.overflow.get().cloned());
        if series.is_empty() {
            return None;
        }
        let points = series
            .into_iter()
            .map(|(series, cells)| (series, cells.read()))
            .collect();
        let descriptor = self
            .descriptor
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        Some(Metric::new(descriptor.clone(), I::data(points)))
    }

    #[cfg(feature = "metrics")]
    fn describe(&self, descriptor: &Descriptor) {
        let known = self.descriptor.write();
        let mut known = known.unwrap_or_else(PoisonError::into_inner);
        // Of several spellings of the name the first is kept.
        *known = descriptor.named(&known);
    }
}

/// What a series is looked up by: its labels, in their order, wherever they are kept.
pub(crate) trait Labels {
    fn label(&self, index: usize) -> Option<(&str, &str)>;
}

impl dyn Labels + '_ {
    fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        (0..).map_while(|index| self.label(index))
    }
}

impl Hash for dyn Labels + '_ {
    fn hash<H: Hasher>(&self, state: &mut H) {
        // The names tell few series of a table apart.
        self.iter().for_each(|(_, value)| value.hash(state));
    }
}

impl PartialEq for dyn Labels + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for dyn Labels + '_ {}

impl Labels for [SeriesLabel] {
    fn label(&self, index: usize) -> Option<(&str, &str)> {
        self.get(index).map(|(name, value)| (&**name, &**value))
    }
}

impl Labels for Vec<SeriesLabel> {
    fn label(&self, index: usize) -> Option<(&str, &str)> {
        self[..].label(index)
    }
}

/// A series as the key of a map: its labels are stored once.
#[derive(Debug)]
struct SeriesKey(Box<[SeriesLabel]>);

impl Labels for SeriesKey {
    fn label(&self, index: usize) -> Option<(&str, &str)> {
        self.0.label(index)
    }
}

impl<'a> Borrow<dyn Labels + 'a> for SeriesKey {
    fn borrow(&self) -> &(dyn Labels + 'a) {
        self
    }
}

impl Hash for SeriesKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self as &dyn Labels).hash(state);
    }
}

impl PartialEq for SeriesKey {
    fn eq(&self, other: &Self) -> bool {
        self as &dyn Labels == other as &dyn Labels
    }
}

impl Eq for SeriesKey {}
