//! What the calls of one function write to.

#![expect(
    clippy::inline_always,
    reason = "what a call counts in is found within the call's own code"
)]

mod reading;

pub(super) use reading::{SeriesLabels, Values};

use std::sync::OnceLock;

use super::columns::Columns;
use super::places::{Found, PLACES_LIMIT, Places, Used};
use super::series::{FunctionSeries, LocalCells};
use crate::metrics::bounds::{self, DurationBounds, DurationBuckets};
use crate::metrics::label::LabelValue;
use crate::site::Metered;

/// The cells of one function: one series, or one for each combination of its labels.
///
/// Some labels are known when a call starts, others are those of its result. A call counts its start in a [`Row`],
/// which the former choose, and its end in the series of the row that the latter choose.
#[derive(Debug)]
pub(crate) struct FunctionCells {
    /// The only row of a function without labels that are known at the start.
    plain: Row,
    rows: OnceLock<Rows>,
    /// The labels of each [`Side`].
    ends: [OnceLock<Columns>; Side::ALL.len()],
    used: Used,
    bounds: OnceLock<DurationBounds>,
}

/// A row for each combination of the labels that are known at the start.
#[derive(Debug)]
struct Rows {
    columns: Columns,
    places: Places<Row>,
    /// Of all combinations beyond the limit; they have no labels, and get none at their ends.
    overflow: Row,
}

/// The calls that started with the same labels.
#[derive(Debug)]
struct Row {
    /// All their starts, and the ends without labels.
    series: FunctionSeries,
    /// The ends that have the labels of a [`Side`].
    ends: [OnceLock<Box<Ends>>; Side::ALL.len()],
}

/// A series for each combination of the labels of one side.
#[derive(Debug)]
struct Ends {
    places: Places<FunctionSeries>,
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
    start: Found,
    end: Found,
    /// Whose labels the end has, if it has any.
    side: Side,
}

impl SeriesIndex {
    /// The series without labels.
    pub(crate) const PLAIN: Self = Self {
        start: Found::NONE,
        end: Found::NONE,
        side: Side::Ok,
    };

    /// The series of calls whose labels are not known.
    pub(crate) const OVERFLOW: Self = Self {
        start: Found::OVERFLOW,
        ..Self::PLAIN
    };
}

impl FunctionCells {
    pub(crate) const fn new() -> Self {
        Self {
            plain: Row::new(),
            rows: OnceLock::new(),
            ends: [const { OnceLock::new() }; Side::ALL.len()],
            used: Used::new(),
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

    /// The series of a call that starts with these labels; the overflow series once the limit is reached.
    pub(crate) fn starting(&self, labels: &[LabelValue<'_>]) -> SeriesIndex {
        let rows = self.rows.get_or_init(|| Rows::new(labels));
        let number = rows.columns.number(labels);
        SeriesIndex {
            start: rows.places.find(number, &self.used, Row::new),
            ..SeriesIndex::PLAIN
        }
    }

    /// The series of a call that started in this one and ends with these labels.
    pub(crate) fn ending(
        &self,
        started: SeriesIndex,
        side: Side,
        labels: &[LabelValue<'_>],
    ) -> SeriesIndex {
        if started.start == Found::OVERFLOW {
            return started;
        }
        let row = self.row(started);
        let columns = self.ends[side as usize].get_or_init(|| Columns::new(labels));
        let ends = row.ends[side as usize].get_or_init(|| {
            let rows = self.rows.get().and_then(|rows| rows.columns.combinations());
            let limit = PLACES_LIMIT / rows.unwrap_or(1);
            Box::new(Ends {
                places: Places::new(columns.combinations(), limit),
                overflow: FunctionSeries::new(),
            })
        });
        let number = columns.number(labels);
        let place = ends.places.find(number, &self.used, FunctionSeries::new);
        SeriesIndex {
            end: place,
            side,
            ..started
        }
    }

    /// What the calling thread counts in, of a function without labels.
    #[inline(always)]
    pub(crate) fn plain_local<'a>(&'a self, metered: &Metered) -> LocalCells<'a> {
        let bounds = self.bounds(metered.buckets);
        self.plain.series.local(bounds, metered.untimed)
    }

    /// What the calling thread counts in, of this series.
    #[inline]
    pub(crate) fn local<'a>(&'a self, index: SeriesIndex, metered: &Metered) -> LocalCells<'a> {
        if index == SeriesIndex::PLAIN {
            return self.plain_local(metered);
        }
        let bounds = self.bounds(metered.buckets);
        self.series(index).local(bounds, metered.untimed)
    }

    #[inline]
    fn series(&self, index: SeriesIndex) -> &FunctionSeries {
        let row = self.row(index);
        if index.end == Found::NONE {
            return &row.series;
        }
        row.end(index)
    }

    /// The row that a call started in.
    #[inline]
    fn row(&self, index: SeriesIndex) -> &Row {
        if index.start == Found::NONE {
            return &self.plain;
        }
        self.rows.get().map_or(&self.plain, |rows| {
            rows.places.get(index.start).unwrap_or(&rows.overflow)
        })
    }
}

impl Rows {
    fn new(labels: &[LabelValue<'_>]) -> Self {
        let columns = Columns::new(labels);
        Self {
            places: Places::new(columns.combinations(), PLACES_LIMIT),
            columns,
            overflow: Row::new(),
        }
    }
}

impl Row {
    const fn new() -> Self {
        Self {
            series: FunctionSeries::new(),
            ends: [const { OnceLock::new() }; Side::ALL.len()],
        }
    }

    fn end(&self, index: SeriesIndex) -> &FunctionSeries {
        self.ends[index.side as usize]
            .get()
            .map_or(&self.series, |ends| {
                ends.places.get(index.end).unwrap_or(&ends.overflow)
            })
    }
}
