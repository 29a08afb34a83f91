//! What the calls of one function write to.

mod reading;

pub(super) use reading::{SeriesLabels, Values};

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::columns::{Columns, Combination};
use super::series::FunctionSeries;
use super::sparse::{Position, Sparse};
use crate::inside::{once, once_boxed};
use crate::metrics::bounds::{DurationBounds, DurationBuckets};
use crate::metrics::label::LabelValue;
use crate::metrics::rules::SERIES_LIMIT;
use crate::site::Metered;

/// The cells of one function: one series, or one for each combination of its labels.
///
/// Some labels are known when a call starts, others are those of its result. A call counts its start in a [`Row`],
/// which the former choose, and its end in the series of the row that the latter choose.
#[derive(Debug)]
pub(crate) struct FunctionCells {
    /// The only row of a function without labels that are known at the start.
    plain: Row,
    rows: OnceLock<Box<Rows>>,
    /// The labels of each [`Side`].
    ends: OnceLock<Box<[OnceLock<Columns>; Side::ALL.len()]>>,
    /// How many combinations have a series.
    used: AtomicUsize,
    bounds: OnceLock<Box<DurationBounds>>,
}

/// A row for each combination of the labels that are known at the start.
#[derive(Debug)]
struct Rows {
    columns: Columns,
    /// What a combination of listed values must have to be one of these columns.
    lengths: u64,
    table: Sparse<Row>,
    /// Of all combinations beyond the limit; they have no labels, and get none at their ends.
    overflow: Row,
}

/// The calls that started with the same labels.
#[derive(Debug)]
struct Row {
    /// All their starts, and the ends without labels.
    series: FunctionSeries,
    /// The ends that have the labels of a [`Side`].
    ends: OnceLock<Box<[OnceLock<Box<Ends>>; Side::ALL.len()]>>,
}

/// A series for each combination of the labels of one side.
#[derive(Debug)]
struct Ends {
    table: Sparse<FunctionSeries>,
    /// Of this row, and not of all, or calls that start in one row would seem never to end.
    overflow: FunctionSeries,
}

/// Which labels an end has. Those of an `Ok` and those of an `Err` never meet, so their combinations add up and do not
/// multiply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Ok,
    Err,
}

impl Side {
    pub(crate) const ALL: [Self; 2] = [Self::Ok, Self::Err];
}

/// Which series of a function a call counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SeriesIndex {
    start: Position,
    end: Position,
    /// Whose labels the end has, if it has any.
    side: Side,
}

impl SeriesIndex {
    /// The series without labels.
    pub(crate) const PLAIN: Self = Self {
        start: Position::NONE,
        end: Position::NONE,
        side: Side::Ok,
    };

    /// The series of calls whose labels are not known.
    pub(crate) const OVERFLOW: Self = Self {
        start: Position::BEYOND,
        ..Self::PLAIN
    };
}

impl FunctionCells {
    pub(crate) const fn new() -> Self {
        Self {
            plain: Row::new(FunctionSeries::new()),
            rows: OnceLock::new(),
            ends: OnceLock::new(),
            used: AtomicUsize::new(0),
            bounds: OnceLock::new(),
        }
    }

    /// The bucket bounds, in one place for all series.
    pub(crate) fn bounds(&self, metered: &Metered) -> &DurationBounds {
        if metered.buckets == DurationBuckets::Default && metered.latency_nanos == 0 {
            return DurationBounds::shown();
        }
        once_boxed(&self.bounds, || {
            DurationBounds::new(metered.buckets, metered.latency_nanos)
        })
    }

    /// The series of a call that starts with these labels; the overflow series once the limit is reached.
    pub(crate) fn starting(&self, labels: &[LabelValue<'_>]) -> SeriesIndex {
        let rows = once_boxed(&self.rows, || Rows::new(labels));
        let new = || Row::new(FunctionSeries::begun());
        SeriesIndex {
            start: self.position(&rows.table, rows.columns.number(labels), new),
            ..SeriesIndex::PLAIN
        }
    }

    /// The series of a call that starts with this combination, if a call has and it is found at once.
    #[inline]
    pub(crate) fn known(&self, combination: Combination) -> Option<(SeriesIndex, &FunctionSeries)> {
        let rows = self.rows.get()?;
        if rows.lengths != combination.lengths {
            return None;
        }
        let (start, row) = rows.table.at_home(combination.number)?;
        let index = SeriesIndex {
            start,
            ..SeriesIndex::PLAIN
        };
        Some((index, &row.series))
    }

    /// The series of a call that started in this one and ends with these labels.
    pub(crate) fn ending(
        &self,
        started: SeriesIndex,
        side: Side,
        labels: &[LabelValue<'_>],
    ) -> SeriesIndex {
        if started.start == Position::BEYOND {
            return started;
        }
        let columns = &once(&self.ends, Box::default)[side as usize];
        let columns = once(columns, || Columns::new(labels));
        let ends = &once(&self.row(started).ends, Box::default)[side as usize];
        let ends = once_boxed(ends, || Ends {
            table: Sparse::new(),
            overflow: FunctionSeries::new(),
        });
        SeriesIndex {
            end: self.position(&ends.table, columns.number(labels), FunctionSeries::begun),
            side,
            ..started
        }
    }

    /// Where a combination has its place, which `new` is put in if it is the first time.
    fn position<T>(&self, table: &Sparse<T>, number: Option<u64>, new: impl Fn() -> T) -> Position {
        let Some(number) = number else {
            return Position::BEYOND;
        };
        // Threads that race for the last places may exceed the limit by one each, which harms nobody.
        let has_room = || self.used.load(Ordering::Relaxed) < SERIES_LIMIT;
        let new = || {
            self.used.fetch_add(1, Ordering::Relaxed);
            new()
        };
        let found = table.find_or_add(number, |_| true, has_room, new);
        found.map_or(Position::BEYOND, |(position, _)| position)
    }

    /// That of a function without labels.
    #[inline(always)]
    pub(crate) fn plain_series(&self) -> &FunctionSeries {
        &self.plain.series
    }

    #[inline(always)]
    pub(crate) fn series(&self, index: SeriesIndex) -> &FunctionSeries {
        let row = self.row(index);
        if index.end == Position::NONE {
            return &row.series;
        }
        row.end(index)
    }

    /// The row that a call started in.
    #[inline(always)]
    fn row(&self, index: SeriesIndex) -> &Row {
        if index.start == Position::NONE {
            return &self.plain;
        }
        match self.rows.get() {
            Some(rows) => rows.table.get(index.start).unwrap_or(&rows.overflow),
            None => &self.plain,
        }
    }
}

impl Rows {
    fn new(labels: &[LabelValue<'_>]) -> Self {
        let columns = Columns::new(labels);
        Self {
            lengths: columns.lengths(),
            table: Sparse::with_room_for(columns.combinations()),
            columns,
            overflow: Row::new(FunctionSeries::new()),
        }
    }
}

impl Row {
    const fn new(series: FunctionSeries) -> Self {
        Self {
            series,
            ends: OnceLock::new(),
        }
    }

    /// The series of one side's labels, if calls ended with some.
    fn ends(&self, side: Side) -> Option<&Ends> {
        self.ends.get()?[side as usize].get().map(|ends| &**ends)
    }

    fn end(&self, index: SeriesIndex) -> &FunctionSeries {
        self.ends(index.side).map_or(&self.series, |ends| {
            ends.table.get(index.end).unwrap_or(&ends.overflow)
        })
    }
}
