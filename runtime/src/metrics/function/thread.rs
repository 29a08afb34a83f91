//! What one thread counts in, in one series.

use std::sync::OnceLock;

use super::rows::{Rows, TALLIES};
use super::sample::Gap;
use super::series::CallResult;
use crate::inside::{once, once_boxed};
use crate::metrics::by_thread::add;
use crate::sync::{AtomicU64, Ordering};

/// Ends that were not timed.
pub(super) const UNTIMED: usize = TALLIES[0];
/// Ends within the latency that is the function's objective.
pub(super) const WITHIN: usize = TALLIES[1];
/// How often the sum of nanoseconds had no room in 63 bits.
pub(super) const CARRIED: usize = TALLIES[2];

/// Nearly all calls end well, so the cells of that are here; those of other results are made when one first happens.
///
/// There is no room around them to keep other threads' cells off their cache lines: each thread allocates its own, and
/// allocators give a thread memory that others have none of.
#[derive(Debug)]
pub(super) struct ThreadCells {
    started: AtomicU64,
    ok: ResultCells,
    others: OnceLock<Box<[OnceLock<Box<ResultCells>>; CallResult::ALL.len() - 1]>>,
    pub(super) gap: Gap,
    pub(super) is_exclusive: bool,
}

/// The calls that ended in one way.
#[derive(Debug)]
pub(super) struct ResultCells {
    /// The sum of durations. The highest bit is the lowest of what is [`CARRIED`].
    nanos: AtomicU64,
    rows: Rows,
}

impl ThreadCells {
    #[cold]
    pub(super) fn new(is_exclusive: bool) -> Self {
        Self {
            started: AtomicU64::new(0),
            ok: ResultCells::new(),
            others: OnceLock::new(),
            gap: Gap::default(),
            is_exclusive,
        }
    }

    #[inline(always)]
    pub(super) fn count_start(&self) {
        add(&self.started, 1, self.is_exclusive, Ordering::Relaxed);
    }

    pub(super) fn started(&self) -> u64 {
        self.started.load(Ordering::Acquire)
    }

    #[inline(always)]
    pub(super) fn of(&self, result: CallResult) -> &ResultCells {
        match result {
            CallResult::Ok => &self.ok,
            other => self.of_other(other),
        }
    }

    #[inline(never)]
    fn of_other(&self, result: CallResult) -> &ResultCells {
        let others = once(&self.others, Box::default);
        let cells = &others[result as usize - 1];
        once_boxed(cells, ResultCells::new)
    }

    /// Those of a result, if it ever happened.
    pub(super) fn existing(&self, result: CallResult) -> Option<&ResultCells> {
        match result {
            CallResult::Ok => Some(&self.ok),
            other => self.others.get()?[other as usize - 1].get().map(|it| &**it),
        }
    }
}

impl ResultCells {
    fn new() -> Self {
        Self {
            nanos: AtomicU64::new(0),
            rows: Rows::new(),
        }
    }

    /// Counts in the cell of a bucket; whoever sees it sees all that this thread wrote before.
    #[inline(always)]
    pub(super) fn count(&self, bucket: usize, is_exclusive: bool) {
        self.rows.count(bucket, is_exclusive);
    }

    /// Counts in one of the cells that are no buckets; whoever sees it sees the same.
    #[inline(always)]
    pub(super) fn tally(&self, cell: usize, is_exclusive: bool) {
        self.rows.tally(cell, is_exclusive);
    }

    /// Adds to the sum of durations, less than 2^63 nanoseconds at a time.
    #[inline(always)]
    pub(super) fn add_nanos(&self, nanos: u64, is_exclusive: bool) {
        let before = add(&self.nanos, nanos, is_exclusive, Ordering::Relaxed);
        if (before ^ before.wrapping_add(nanos)) >> 63 != 0 {
            self.count_carried(is_exclusive);
        }
    }

    /// Once in 292 years of calls.
    #[cold]
    fn count_carried(&self, is_exclusive: bool) {
        self.tally(CARRIED, is_exclusive);
    }

    pub(super) fn read_rows(&self, row: impl FnMut(usize, [u64; super::rows::ROW])) {
        self.rows.read(row);
    }

    /// The sum of durations, where so many carries were read before: one more may have happened, and its bit tells.
    pub(super) fn nanos(&self, carried: u64) -> u128 {
        let low = self.nanos.load(Ordering::Acquire);
        let carried = carried + ((low >> 63) ^ (carried & 1));
        u128::from(carried) << 63 | u128::from(low & (u64::MAX >> 1))
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn sum(cells: &ResultCells) -> u128 {
        let mut carried = 0;
        cells.read_rows(|row, cells| {
            let first = row * super::super::rows::ROW;
            carried = cells[CARRIED - first];
        });
        cells.nanos(carried)
    }

    #[test]
    fn a_sum_goes_on_beyond_64_bits() {
        const LONGEST: u64 = u64::MAX >> 1;
        for is_exclusive in [true, false] {
            let cells = ResultCells::new();
            let mut expected = 0;
            for nanos in [1, LONGEST, LONGEST, 5, LONGEST, LONGEST, 0, LONGEST] {
                cells.add_nanos(nanos, is_exclusive);
                expected += u128::from(nanos);
                assert_eq!(sum(&cells), expected);
            }
        }
    }

    #[test]
    fn one_thread_of_a_series_takes_little_memory() {
        // With what an allocator adds, nine times 16 bytes.
        assert_eq!(size_of::<ThreadCells>(), 136);
    }
}
