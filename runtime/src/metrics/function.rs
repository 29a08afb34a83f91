//! The metrics of one annotated function: calls by outcome, their durations, and how many are running.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::bounds::{self, DurationBounds, DurationBuckets};
use super::calls::FunctionSeries;
use super::columns::Columns;
use super::label::LabelValue;

/// At most this many combinations of label values have a series of their own; further ones share the overflow series.
const SERIES_LIMIT: usize = 2_000;
/// Tables of series with more places than this are not built: all their calls go to the overflow series.
const TABLE_LIMIT: usize = 1 << 16;

/// The cells of one function: one series, or one for each combination of its labels.
#[derive(Debug)]
pub(crate) struct FunctionCells {
    /// The only series of a function without labels.
    plain: FunctionSeries,
    table: OnceLock<Table>,
    bounds: OnceLock<DurationBounds>,
}

/// A series for each combination of label values.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Columns,
    series: Box<[OnceLock<Box<FunctionSeries>>]>,
    used: AtomicUsize,
    overflow: FunctionSeries,
}

/// What tells one series of a function from the others.
#[derive(Debug)]
pub(crate) enum SeriesLabels<'a> {
    /// A function without labels, or one with labels before its first call.
    None,
    /// The values of this combination.
    Values(&'a Columns, usize),
    /// All combinations beyond the limit.
    Overflow,
}

/// Which series of a function a call counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SeriesIndex(usize);

impl SeriesIndex {
    /// The series without labels.
    pub(crate) const PLAIN: Self = Self(usize::MAX);
    /// The series of all combinations beyond the limit.
    const OVERFLOW: Self = Self(usize::MAX - 1);
}

impl FunctionCells {
    pub(crate) const fn new() -> Self {
        Self {
            plain: FunctionSeries::new(),
            table: OnceLock::new(),
            bounds: OnceLock::new(),
        }
    }

    /// The bucket bounds, in one place for all series.
    #[inline]
    pub(crate) fn bounds(&self, buckets: DurationBuckets) -> &DurationBounds {
        match buckets {
            DurationBuckets::Default => &bounds::DEFAULT,
            DurationBuckets::Explicit(own) => self.bounds.get_or_init(|| DurationBounds::new(own)),
            DurationBuckets::Exponential => &bounds::EXPONENTIAL,
        }
    }

    /// The series of a combination of label values; the overflow series once the limit is reached.
    pub(crate) fn index(&self, labels: &[LabelValue<'_>]) -> SeriesIndex {
        let table = self.table.get_or_init(|| Table::new(labels));
        table
            .index(labels)
            .map_or(SeriesIndex::OVERFLOW, SeriesIndex)
    }

    #[inline]
    pub(crate) fn series(&self, index: SeriesIndex) -> &FunctionSeries {
        if index == SeriesIndex::PLAIN {
            return &self.plain;
        }
        self.table
            .get()
            .map_or(&self.plain, |table| table.at(index))
    }

    /// How many calls counted in the overflow series.
    pub(crate) fn overflowed(&self) -> u64 {
        let table = self.table.get();
        table.map_or(0, |table| table.overflow.started())
    }

    /// Every series in use; the one without labels only as long as there is no other.
    pub(crate) fn all(&self) -> Vec<(SeriesLabels<'_>, &FunctionSeries)> {
        let Some(table) = self.table.get() else {
            return vec![(SeriesLabels::None, &self.plain)];
        };
        let labelled = table
            .series
            .iter()
            .enumerate()
            .filter_map(|(index, series)| {
                let values = SeriesLabels::Values(&table.columns, index);
                series.get().map(|series| (values, &**series))
            });
        let is_used = table.overflow.started() > 0;
        let overflow = is_used.then_some((SeriesLabels::Overflow, &table.overflow));
        labelled.chain(overflow).collect()
    }
}

impl Table {
    fn new(labels: &[LabelValue<'_>]) -> Self {
        let columns = Columns::new(labels);
        let places = columns.combinations().unwrap_or(usize::MAX);
        let places = if places <= TABLE_LIMIT { places } else { 0 };
        Self {
            columns,
            series: std::iter::repeat_with(OnceLock::new).take(places).collect(),
            used: AtomicUsize::new(0),
            overflow: FunctionSeries::new(),
        }
    }

    fn at(&self, index: SeriesIndex) -> &FunctionSeries {
        let series = self.series.get(index.0).and_then(OnceLock::get);
        series.map_or(&self.overflow, |series| series)
    }

    fn index(&self, labels: &[LabelValue<'_>]) -> Option<usize> {
        let index = self.columns.number(labels)?;
        let place = self.series.get(index)?;
        if place.get().is_none() {
            // Threads that race for the last places may exceed the limit by one each, which harms nobody.
            if self.used.load(Ordering::Relaxed) >= SERIES_LIMIT {
                return None;
            }
            place.get_or_init(|| {
                self.used.fetch_add(1, Ordering::Relaxed);
                Box::new(FunctionSeries::new())
            });
        }
        Some(index)
    }
}
