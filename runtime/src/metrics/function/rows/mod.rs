//! Cells for buckets, in rows of eight that come into being where something is counted.

mod words;

use std::sync::OnceLock;

use crate::inside::once_boxed;
use crate::metrics::by_thread::add;
use crate::sync::{AtomicU64, Ordering};
pub(super) use words::ROW;
use words::{Count, LINES, ROWS, line_of, tag, tag_of};

/// So many lines are made when a second one is needed.
const FEW: usize = 3;
/// Buckets below this number may be counted in.
pub(crate) const BUCKETS: usize = ROW * (ROWS - 1);
/// Cells that are no buckets, in the last row of all. The first cell of that row is not among them: before anything is
/// counted, zero is written to the first cell of the first row to come.
pub(super) const TALLIES: [usize; ROW - 1] = {
    let mut cells = [0; ROW - 1];
    let mut at = 0;
    while at < cells.len() {
        cells[at] = BUCKETS + 1 + at;
        at += 1;
    }
    cells
};

/// The rows that one thread writes to, or several that share a slot.
///
/// A row gets the first line that is free. The first of them is kept here, which is all that many functions need, others
/// come a few at a time.
///
/// A thread that has the rows to itself writes what a cell shall hold into one word, always the same, and into the cell
/// when it counts again. So where it writes is known before the duration is, and the processor need not hold back what
/// the next call loads until it knows what this one has overwritten: a tight loop of calls takes a quarter less time.
#[derive(Debug)]
pub(super) struct Rows {
    /// Which row has which line, a byte for each: its number and one, or zero as long as the line is free.
    tags: AtomicU64,
    /// A [`Count`] that its cell may not hold yet.
    newest: AtomicU64,
    first: Line,
    further: OnceLock<Box<Further>>,
}

type Line = [AtomicU64; ROW];

/// For functions whose durations lie in a few octaves.
#[derive(Debug)]
struct Further {
    lines: [Line; FEW],
    more: OnceLock<Box<More>>,
}

/// For functions that take sometimes this long and sometimes that.
#[derive(Debug)]
struct More {
    lines: [Line; LINES - 1 - FEW],
    /// Rows that found no line.
    next: OnceLock<Box<Rows>>,
}

impl Rows {
    pub(super) fn new() -> Self {
        Self {
            tags: AtomicU64::new(0),
            newest: AtomicU64::new(0),
            first: zeros(),
            further: OnceLock::new(),
        }
    }

    /// Counts in the cell of a bucket; whoever sees it counted sees all that this thread wrote before.
    #[inline(always)]
    pub(super) fn count(&self, bucket: usize, is_exclusive: bool) {
        if is_exclusive {
            self.count_alone(bucket);
        } else {
            self.add(bucket, false);
        }
    }

    /// The same in a cell that is none of a bucket. Where it is does not depend on a duration, so it is written at once.
    #[inline(always)]
    pub(super) fn tally(&self, cell: usize, is_exclusive: bool) {
        self.add(cell, is_exclusive);
    }

    #[inline(always)]
    fn count_alone(&self, bucket: usize) {
        let newest = Count(self.newest.load(Ordering::Relaxed));
        let Some(cells) = self.line(newest.line()) else {
            return self.count_elsewhere(bucket);
        };
        cells[newest.column()].store(newest.number(), Ordering::Release);
        let (row, column) = (bucket / ROW, bucket % ROW);
        let tags = self.tags.load(Ordering::Relaxed);
        // Most calls take about as long as the one before.
        let (line, cells) = if tag_of(tags, newest.line()) == tag(row) {
            (newest.line(), cells)
        } else {
            let line = line_of(tags, tag(row));
            match line.and_then(|line| Some((line, self.line(line)?))) {
                Some(found) => found,
                None => return self.count_elsewhere(bucket),
            }
        };
        let number = cells[column].load(Ordering::Relaxed) + 1;
        let newest = Count::new(line, column, number);
        self.newest.store(newest.0, Ordering::Release);
    }

    #[inline(always)]
    fn add(&self, cell: usize, is_exclusive: bool) {
        let line = line_of(self.tags.load(Ordering::Relaxed), tag(cell / ROW));
        match line.and_then(|line| self.line(line)) {
            Some(cells) => _ = add(&cells[cell % ROW], 1, is_exclusive, Ordering::Release),
            None => self.add_elsewhere(cell, is_exclusive),
        }
    }

    #[inline(always)]
    fn line(&self, line: usize) -> Option<&Line> {
        if line == 0 {
            return Some(&self.first);
        }
        let further = self.further.get()?;
        match further.lines.get(line - 1) {
            Some(cells) => Some(cells),
            None => further.more.get()?.lines.get(line - 1 - FEW),
        }
    }

    #[inline(never)]
    fn count_elsewhere(&self, bucket: usize) {
        self.with_line_for(bucket / ROW).count_alone(bucket);
    }

    #[inline(never)]
    fn add_elsewhere(&self, cell: usize, is_exclusive: bool) {
        self.with_line_for(cell / ROW).add(cell, is_exclusive);
    }

    /// These rows or those behind them, whichever have a line for this row, which is made if there was none.
    fn with_line_for(&self, row: usize) -> &Self {
        let line = self.claim(tag(row));
        if line == Some(0) {
            return self;
        }
        let further = once_boxed(&self.further, Further::new);
        if line.is_some_and(|line| line <= FEW) {
            return self;
        }
        let more = once_boxed(&further.more, More::new);
        if line.is_some() {
            return self;
        }
        once_boxed(&more.next, Self::new).with_line_for(row)
    }

    /// The line of a row, its own from now on; none if all are taken.
    fn claim(&self, tag: u64) -> Option<usize> {
        let order = Ordering::Relaxed;
        let mut tags = self.tags.load(order);
        loop {
            if let Some(line) = line_of(tags, tag) {
                return Some(line);
            }
            let line = line_of(tags, 0)?;
            let claimed = tags | tag << (8 * line);
            match self.tags.compare_exchange(tags, claimed, order, order) {
                Ok(_) => return Some(line),
                Err(other) => tags = other,
            }
        }
    }

    fn next(&self) -> Option<&Self> {
        let more = self.further.get()?.more.get()?;
        more.next.get().map(|next| &**next)
    }

    /// All rows, each with its number; whoever sees a count sees all that its writer wrote before.
    pub(super) fn read(&self, mut row: impl FnMut(usize, [u64; ROW])) {
        for rows in std::iter::successors(Some(self), |rows| rows.next()) {
            // Before the cells: all counts before this one have been written to theirs.
            let newest = Count(rows.newest.load(Ordering::Acquire));
            let tags = rows.tags.load(Ordering::Relaxed).to_le_bytes();
            for (line, tag) in tags.into_iter().enumerate() {
                let number = usize::from(tag).checked_sub(1);
                if let (Some(cells), Some(number)) = (rows.line(line), number) {
                    let mut counts = cells.each_ref().map(|cell| cell.load(Ordering::Acquire));
                    if newest.line() == line {
                        let count = &mut counts[newest.column()];
                        *count = newest.number().max(*count);
                    }
                    row(number, counts);
                }
            }
        }
    }
}

impl Further {
    fn new() -> Self {
        Self {
            lines: std::array::from_fn(|_| zeros()),
            more: OnceLock::new(),
        }
    }
}

impl More {
    fn new() -> Self {
        Self {
            lines: std::array::from_fn(|_| zeros()),
            next: OnceLock::new(),
        }
    }
}

fn zeros() -> Line {
    std::array::from_fn(|_| AtomicU64::new(0))
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::thread;

    fn read(rows: &Rows) -> BTreeMap<usize, u64> {
        let mut all = BTreeMap::new();
        rows.read(|row, counts| {
            let buckets = (row * ROW..).zip(counts);
            all.extend(buckets.filter(|(_, count)| *count > 0));
        });
        all
    }

    #[test]
    fn all_have_cells_of_their_own() {
        for is_exclusive in [true, false] {
            let rows = Rows::new();
            let mut counted = BTreeMap::new();
            for round in 1..=3 {
                // Tallies first: no count may overwrite them.
                let cells = TALLIES.into_iter().chain((0..BUCKETS).rev());
                for cell in cells.filter(|it| it % round == 0) {
                    if cell < BUCKETS {
                        rows.count(cell, is_exclusive);
                    } else {
                        rows.tally(cell, is_exclusive);
                    }
                    *counted.entry(cell).or_default() += 1;
                }
                assert!(read(&rows) == counted, "round {round}");
            }
        }
    }

    #[test]
    fn each_count_is_seen_at_once() {
        let rows = Rows::new();
        let mut counted = BTreeMap::new();
        for bucket in [100, 3, 3, 100, 12, 12, 12, 3, 100] {
            rows.count(bucket, true);
            *counted.entry(bucket).or_default() += 1;
            assert_eq!(read(&rows), counted);
        }
    }

    #[test]
    fn a_row_that_comes_late_takes_no_line_of_another() {
        let rows = Rows::new();
        for row in 0..LINES {
            rows.count(row * ROW, true);
        }
        for _ in 0..2 {
            rows.count(LINES * ROW, true);
        }
        assert_eq!(read(rows.next().unwrap()), [(LINES * ROW, 2)].into());
    }

    #[test]
    fn threads_that_share_rows_lose_nothing() {
        let rows = Rows::new();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for bucket in 0..1_000 {
                        rows.count(bucket % 200, false);
                    }
                });
            }
        });
        assert_eq!(read(&rows), (0..200).map(|bucket| (bucket, 20)).collect());
    }

    #[test]
    fn no_count_goes_back_while_others_are_made() {
        let rows = Rows::new();
        thread::scope(|scope| {
            let writer = scope.spawn(|| {
                for n in 0..200_000_usize {
                    rows.count(n.wrapping_mul(7919) % 88, true);
                }
            });
            let mut seen = BTreeMap::new();
            while !writer.is_finished() {
                let now = read(&rows);
                assert!(seen.iter().all(|(bucket, count)| now[bucket] >= *count));
                seen = now;
            }
        });
        assert_eq!(read(&rows).values().sum::<u64>(), 200_000);
    }
}
