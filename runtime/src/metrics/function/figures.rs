//! What the cells of one series come to at one moment.

use std::collections::BTreeMap;

use super::rows::{BUCKETS, ROW};
use super::series::CallResult;
use super::thread::{CARRIED, ResultCells, UNTIMED, WITHIN};
use crate::metrics::snapshot::Exemplar;

/// The figures of one series.
#[derive(Debug)]
pub(crate) struct FunctionFigures {
    /// For each of [`CallResult::ALL`].
    pub(crate) results: [ResultFigures; CallResult::ALL.len()],
    /// Calls that have started and not ended; none in a series that has only ends.
    pub(crate) in_flight: Option<i64>,
}

/// The calls that ended in one way.
#[derive(Debug, Default)]
pub(crate) struct ResultFigures {
    /// How many there are in each bucket, by rows of buckets; only of those that were timed.
    pub(super) rows: BTreeMap<usize, [u64; ROW]>,
    untimed: u64,
    /// How many were within the latency that is the function's objective.
    pub(super) within: u64,
    pub(super) nanos: u128,
    /// With the place of each.
    pub(super) exemplars: Vec<(usize, Exemplar)>,
}

impl FunctionFigures {
    /// How many calls ended.
    pub(crate) fn ended(&self) -> u64 {
        let ended = self.results.iter().map(ResultFigures::ended);
        ended.fold(0, u64::wrapping_add)
    }

    /// Adds the figures of a function with the same labels, which has the same buckets too.
    pub(crate) fn add(&mut self, other: Self) {
        for (sum, result) in self.results.iter_mut().zip(other.results) {
            sum.add(result);
        }
        self.in_flight = match (self.in_flight, other.in_flight) {
            (Some(sum), Some(in_flight)) => Some(sum + in_flight),
            (sum, in_flight) => sum.or(in_flight),
        };
    }
}

impl ResultFigures {
    /// How many calls ended so.
    pub(crate) fn ended(&self) -> u64 {
        self.untimed.wrapping_add(self.timed())
    }

    /// How many of them were timed.
    pub(crate) fn timed(&self) -> u64 {
        let counts = self.rows.values().flatten().copied();
        counts.fold(0, u64::wrapping_add)
    }

    /// Adds what one thread counted. Its sum is read last, so that every counted duration is in it.
    pub(super) fn add_cells(&mut self, cells: &ResultCells) {
        let mut carried = 0;
        cells.read_rows(|row, counts| {
            if row == BUCKETS / ROW {
                let tally = |cell: usize| counts[cell - BUCKETS];
                carried = tally(CARRIED);
                self.untimed = self.untimed.wrapping_add(tally(UNTIMED));
                self.within = self.within.wrapping_add(tally(WITHIN));
            } else {
                self.add_row(row, counts);
            }
        });
        self.nanos += cells.nanos(carried);
    }

    fn add_row(&mut self, row: usize, counts: [u64; ROW]) {
        let sums = self.rows.entry(row).or_default();
        for (sum, count) in sums.iter_mut().zip(counts) {
            *sum = sum.wrapping_add(count);
        }
    }

    fn add(&mut self, other: Self) {
        for (row, counts) in other.rows {
            self.add_row(row, counts);
        }
        self.untimed = self.untimed.wrapping_add(other.untimed);
        self.within = self.within.wrapping_add(other.within);
        self.nanos += other.nanos;
        self.exemplars.extend(other.exemplars);
    }

    /// The buckets that are not empty, by their places.
    pub(super) fn buckets(&self) -> impl Iterator<Item = (usize, u64)> {
        let rows = self.rows.iter();
        rows.flat_map(|(row, counts)| (row * ROW..).zip(*counts))
            .filter(|(_, count)| *count > 0)
    }
}
