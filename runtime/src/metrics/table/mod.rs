//! All series of one metric.

mod expiry;
mod rows;

use std::any::Any;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use super::info::{InstrumentInfo, InstrumentKind};
use super::instrument::Kind;
use super::observable::{Observable, Observed};
use super::snapshot::{Descriptor, Metric, Points, Run};
use super::spec::{LabelNames, Spec};
use crate::semconv;
use expiry::Expiry;
pub(crate) use rows::Row;
use rows::{RowRun, Rows};

/// One metric: what it is, and its series by their labels.
#[derive(Debug)]
pub struct Table<I: Kind> {
    pub(crate) spec: Spec,
    descriptor: RwLock<Descriptor>,
    bounds: Arc<[f64]>,
    series: RwLock<AllSeries<I::Cells>>,
    overflow: OnceLock<Arc<RowRun<I::Cells>>>,
    overflowed: AtomicU64,
    pub(super) callbacks: I::Callbacks,
}

#[derive(Debug)]
struct AllSeries<C> {
    rows: Rows<C>,
    /// Where series do not live for ever.
    expiry: Option<Expiry<C>>,
}

/// A table of any kind of instrument.
pub(crate) trait AnyTable: Any + Debug + Send + Sync {
    fn spec(&self) -> &Spec;

    /// The kind of its instrument.
    fn kind(&self) -> InstrumentKind;

    fn info(&self) -> InstrumentInfo;

    /// How many times a series was asked for and the overflow series was given instead.
    fn overflowed(&self) -> u64;

    /// Asks the callbacks, if there are some, for the values; `panicked` is told of each one that panics.
    fn ask(&self, panicked: &mut dyn FnMut());

    /// The values of all series; `None` when there are no series. `now` is the time since any moment.
    fn read(&self, now: Duration) -> Option<Metric>;

    /// Replaces description and unit.
    #[cfg(feature = "metrics")]
    fn describe(&self, descriptor: &Descriptor);
}

impl<I: Kind> Table<I> {
    pub(crate) fn new(spec: Spec) -> Self {
        let keys = match &spec.labels {
            LabelNames::Named(keys) => Some(Arc::clone(keys)),
            LabelNames::Any => None,
        };
        Self {
            descriptor: RwLock::new(Descriptor::new(
                spec.name.clone(),
                spec.description.clone(),
                spec.unit.clone(),
            )),
            bounds: spec.bounds::<I>(),
            series: RwLock::new(AllSeries {
                rows: Rows::new(keys),
                expiry: spec.series_ttl.map(Expiry::new),
            }),
            overflow: OnceLock::new(),
            overflowed: AtomicU64::new(0),
            callbacks: I::Callbacks::default(),
            spec,
        }
    }

    /// The series with these label values, in the order of the keys; with keys and values in turn where each series has
    /// its own. `None` when the table is full.
    pub(crate) fn get<'a>(
        &self,
        texts: impl Iterator<Item = &'a str> + Clone,
    ) -> Option<Arc<Row<I::Cells>>> {
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = series.get(&texts) {
            return Some(known);
        }
        if self.is_full(&series) {
            return None;
        }
        drop(series);
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = series.get(&texts) {
            return Some(known);
        }
        if self.is_full(&series) {
            return None;
        }
        Some(series.add(texts, I::cells(&self.bounds)))
    }

    fn is_full(&self, series: &AllSeries<I::Cells>) -> bool {
        series.rows.len() >= self.spec.series_limit.min(Rows::<I::Cells>::MAX)
    }

    /// The series with these texts, or the one that stands in for it.
    pub(crate) fn get_or_overflow<'a>(
        &self,
        texts: impl Iterator<Item = &'a str> + Clone,
    ) -> Arc<Row<I::Cells>> {
        self.get(texts).unwrap_or_else(|| self.overflow())
    }

    /// The series that stands in for all that the limit leaves out.
    pub(crate) fn overflow(&self) -> Arc<Row<I::Cells>> {
        self.overflowed.fetch_add(1, Ordering::Relaxed);
        Arc::clone(self.overflow_row())
    }

    fn overflow_row(&self) -> &Arc<Row<I::Cells>> {
        let run = self.overflow.get_or_init(|| {
            let texts = [semconv::OTEL_METRIC_OVERFLOW, "true"];
            let row = Row::of(texts.into_iter(), I::cells(&self.bounds));
            Arc::new(RowRun::new(None, vec![row]))
        });
        &run.rows()[0]
    }

    pub(crate) fn remove<'a>(&self, texts: &(impl Iterator<Item = &'a str> + Clone)) -> bool {
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        series.remove(texts)
    }

    pub(crate) fn clear(&self) {
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        series.clear();
    }

    fn expire(&self, now: Duration) {
        if self.spec.series_ttl.is_some() {
            let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
            let AllSeries { rows, expiry } = &mut *series;
            if let Some(expiry) = expiry {
                expiry.expire(rows, now);
            }
        }
    }
}

impl<I: Observed> Table<Observable<I>> {
    /// Sets the series that were observed, by their label values. If those were all there are, others are removed.
    pub(super) fn observe(&self, values: &[(Vec<String>, I::Number)], are_all: bool) {
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        if are_all {
            let mut observed = vec![false; series.rows.len()];
            for (labels, _) in values {
                if let Some(position) = series.rows.find(&texts(labels)) {
                    observed[position] = true;
                }
            }
            series.rows.keep(|position| observed[position]);
        }
        let mut overflow = None;
        for (labels, value) in values {
            let known = series.rows.find(&texts(labels));
            let row = || {
                let cells = I::cells(&self.bounds);
                I::set(&cells, *value);
                Row::of(texts(labels), cells)
            };
            match known {
                Some(position) if I::set(&series.rows.at(position).cells, *value) => {}
                // One that was counted back is another series, which begins now.
                Some(position) => series.rows.replace(position, row()),
                None if self.is_full(&series) => {
                    self.overflowed.fetch_add(1, Ordering::Relaxed);
                    overflow = Some(overflow.map_or(*value, |other| I::both(other, *value)));
                }
                None => series.rows.push(row()),
            }
        }
        drop(series);
        if let Some(value) = overflow {
            I::set(&self.overflow_row().cells, value);
        }
    }
}

impl<I: Kind> AnyTable for Table<I> {
    fn spec(&self) -> &Spec {
        &self.spec
    }

    fn kind(&self) -> InstrumentKind {
        I::KIND
    }

    fn info(&self) -> InstrumentInfo {
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        InstrumentInfo::new(I::KIND, series.rows.len(), self.spec.clone())
    }

    fn overflowed(&self) -> u64 {
        self.overflowed.load(Ordering::Relaxed)
    }

    fn ask(&self, panicked: &mut dyn FnMut()) {
        I::ask(self, panicked);
    }

    fn read(&self, now: Duration) -> Option<Metric> {
        self.expire(now);
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        let mut runs = series.rows.runs().to_vec();
        // The lock is free again while the values are read.
        drop(series);
        runs.extend(self.overflow.get().cloned());
        if runs.is_empty() {
            return None;
        }
        let mut values = Vec::with_capacity(runs.iter().map(|run| run.rows().len()).sum());
        for run in &runs {
            values.extend(run.rows().iter().map(|row| I::read(&row.cells)));
        }
        let runs = runs.into_iter().map(|run| run as Arc<dyn Run>);
        let points = Points::of_runs(runs.collect(), values);
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

fn texts(labels: &[String]) -> impl Iterator<Item = &str> + Clone {
    labels.iter().map(String::as_str)
}

impl<C> AllSeries<C> {
    fn get<'a>(&self, texts: &(impl Iterator<Item = &'a str> + Clone)) -> Option<Arc<Row<C>>> {
        let position = self.rows.find(texts)?;
        if let Some(expiry) = &self.expiry {
            expiry.look_up(position);
        }
        Some(Arc::clone(self.rows.at(position)))
    }

    /// Adds a series that is not there yet.
    fn add<'a>(&mut self, texts: impl Iterator<Item = &'a str>, cells: C) -> Arc<Row<C>> {
        let row = Row::of(texts, cells);
        if let Some(expiry) = &mut self.expiry {
            expiry.supersede(self.rows.runs().last());
            expiry.push();
        }
        self.rows.push(Arc::clone(&row));
        row
    }

    fn remove<'a>(&mut self, texts: &(impl Iterator<Item = &'a str> + Clone)) -> bool {
        let Some(position) = self.rows.find(texts) else {
            return false;
        };
        if let Some(expiry) = &mut self.expiry {
            expiry.supersede(self.rows.runs_of(position));
            expiry.swap_remove(position);
        }
        self.rows.swap_remove(position);
        true
    }

    fn clear(&mut self) {
        if let Some(expiry) = &mut self.expiry {
            expiry.clear();
        }
        self.rows.clear();
    }
}
