//! What the series of one function show when they are read.

use super::{FunctionCells, Row, Side};
use crate::metrics::function::columns::Columns;
use crate::metrics::function::figures::FunctionFigures;
use crate::metrics::function::series::FunctionSeries;

/// One series of a function at one moment.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) series: &'a FunctionSeries,
    pub(crate) labels: SeriesLabels<'a>,
    pub(crate) figures: FunctionFigures,
}

/// What tells one series of a function from the others.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeriesLabels<'a> {
    pub(crate) start: Option<Values<'a>>,
    pub(crate) end: Option<(Side, Values<'a>)>,
}

/// The values of some labels.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Values<'a> {
    /// Those of this combination.
    Of(&'a Columns, u64),
    /// All combinations beyond the limit.
    Overflow,
}

impl FunctionCells {
    /// Every series in use; the one without labels only as long as no call has started with some.
    pub(crate) fn read(&self) -> Vec<Reading<'_>> {
        let mut readings = Vec::new();
        let Some(rows) = self.rows.get() else {
            self.read_row(&self.plain, None, &mut readings);
            return readings;
        };
        for (number, row) in rows.table.iter() {
            let values = Values::Of(&rows.columns, number);
            self.read_row(row, Some(values), &mut readings);
        }
        if rows.overflow.series.started() > 0 {
            let values = Some(Values::Overflow);
            self.read_row(&rows.overflow, values, &mut readings);
        }
        // Calls whose labels could not be told before any other was.
        if self.plain.series.started() > 0 {
            self.read_row(&self.plain, Some(Values::Overflow), &mut readings);
        }
        readings
    }

    /// All ends of a row are read before its starts, so no call is seen to end before it began.
    fn read_row<'a>(
        &'a self,
        row: &'a Row,
        start: Option<Values<'a>>,
        readings: &mut Vec<Reading<'a>>,
    ) {
        let first = readings.len();
        let labels = SeriesLabels { start, end: None };
        readings.push(Reading::new(&row.series, labels));
        for side in Side::ALL {
            let (Some(columns), Some(ends)) = (self.end_columns(side), row.ends(side)) else {
                continue;
            };
            let places = ends.table.iter();
            let places = places.map(|(number, series)| (Values::Of(columns, number), series));
            for (values, series) in places.chain([(Values::Overflow, &ends.overflow)]) {
                let labels = SeriesLabels {
                    start,
                    end: Some((side, values)),
                };
                let reading = Reading::new(series, labels);
                if reading.figures.ended() > 0 {
                    readings.push(reading);
                }
            }
        }
        let ended = readings[first..].iter().map(|it| it.figures.ended());
        let ended = ended.fold(0, u64::wrapping_add);
        let in_flight = row.series.started().wrapping_sub(ended).cast_signed();
        readings[first].figures.in_flight = Some(in_flight);
    }

    /// The labels of one side, if a call ended with some.
    fn end_columns(&self, side: Side) -> Option<&Columns> {
        self.ends.get()?[side as usize].get()
    }

    /// How many values of each bounded label had no place, by the position of the label: those that are known at the
    /// start, and those of each [`Side`].
    pub(crate) fn left_out(&self) -> impl Iterator<Item = (Option<Side>, usize, u64)> {
        let start = self.rows.get().map(|rows| (None, &rows.columns));
        let ends = Side::ALL.into_iter().filter_map(|side| {
            let columns = self.end_columns(side)?;
            Some((Some(side), columns))
        });
        let all = start.into_iter().chain(ends);
        all.flat_map(|(side, columns)| {
            let left_out = columns.left_out();
            left_out.map(move |(position, calls)| (side, position, calls))
        })
    }
}

impl<'a> Reading<'a> {
    fn new(series: &'a FunctionSeries, labels: SeriesLabels<'a>) -> Self {
        Self {
            series,
            labels,
            figures: series.read(),
        }
    }
}

impl SeriesLabels<'_> {
    /// Whether these calls are beyond the limit on series.
    pub(crate) fn are_beyond_the_limit(&self) -> bool {
        let end = self.end.map(|(_, values)| values);
        let mut values = self.start.into_iter().chain(end);
        values.any(|values| matches!(values, Values::Overflow))
    }
}
