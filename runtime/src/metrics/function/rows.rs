//! Cells for buckets, in rows of eight that come into being where something is counted.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicU16};

use crate::inside::once_boxed;
use crate::sync::{AtomicU64, Ordering};

/// So many buckets are in a row, which is one cache line: an octave of durations.
pub(super) const ROW: usize = 8;
/// So many rows are found at once; rows that are further apart than that may share a place and follow each other.
const PLACES: usize = 4;
/// A place has a row's number beside its own in eight bits, of which zero means none.
const ROWS: usize = PLACES * u8::MAX as usize;

/// Buckets below this number may be counted in.
pub(crate) const BUCKETS: usize = ROW * (ROWS - 1);
/// Cells that are no buckets, in the last row of all.
pub(super) const TALLIES: [usize; ROW] = {
    let mut cells = [0; ROW];
    let mut at = 0;
    while at < ROW {
        cells[at] = BUCKETS + at;
        at += 1;
    }
    cells
};

/// The rows that one thread writes to, or several that share a slot.
///
/// The first row to come is kept here, which is all that many functions need. Durations of others lie in a few
/// neighbouring octaves, which are at places of their own; those further away are looked for in a list.
#[derive(Debug)]
pub(super) struct Rows {
    /// The number of the first row and one: zero for none.
    first_row: AtomicU16,
    /// Which row is in each place: zero for none.
    tags: [AtomicU8; PLACES],
    first: [AtomicU64; ROW],
    lines: [OnceLock<Box<Line>>; PLACES],
    next: OnceLock<Box<Self>>,
}

/// One cache line, which nothing of another thread's is in.
#[derive(Debug)]
#[repr(align(64))]
struct Line([AtomicU64; ROW]);

impl Rows {
    pub(super) fn new() -> Self {
        Self {
            first_row: AtomicU16::new(0),
            tags: [const { AtomicU8::new(0) }; PLACES],
            first: zeros(),
            lines: [const { OnceLock::new() }; PLACES],
            next: OnceLock::new(),
        }
    }

    /// The cell of a bucket.
    #[inline(always)]
    pub(super) fn cell(&self, bucket: usize) -> &AtomicU64 {
        let row = bucket / ROW;
        let place = row % PLACES;
        let line = if usize::from(self.first_row.load(Ordering::Relaxed)) == row + 1 {
            &self.first
        } else {
            let is_here = self.tags[place].load(Ordering::Relaxed) == tag(row);
            match self.lines[place].get() {
                Some(line) if is_here => &line.0,
                _ => self.line(row),
            }
        };
        &line[bucket % ROW]
    }

    /// The cells of a row, which are made if there are none.
    #[inline(never)]
    fn line(&self, row: usize) -> &[AtomicU64; ROW] {
        let place = row % PLACES;
        let order = Ordering::Relaxed;
        let mut rows = self;
        loop {
            let number = u16::try_from(row + 1).unwrap_or(u16::MAX);
            let claimed = rows.first_row.compare_exchange(0, number, order, order);
            if claimed.is_ok() || claimed == Err(number) {
                return &rows.first;
            }
            let claimed = rows.tags[place].compare_exchange(0, tag(row), order, order);
            if claimed.is_ok() || claimed == Err(tag(row)) {
                return &once_boxed(&rows.lines[place], || Line(zeros())).0;
            }
            rows = once_boxed(&rows.next, Self::new);
        }
    }

    /// All rows, each with its number; whoever sees a count sees all that its writer wrote before.
    pub(super) fn read(&self, mut row: impl FnMut(usize, [u64; ROW])) {
        let groups = std::iter::successors(Some(self), |rows| rows.next.get().map(|next| &**next));
        for rows in groups {
            let first = usize::from(rows.first_row.load(Ordering::Relaxed));
            if let Some(number) = first.checked_sub(1) {
                row(number, counts(&rows.first));
            }
            for (place, line) in rows.lines.iter().enumerate() {
                let tag = usize::from(rows.tags[place].load(Ordering::Relaxed));
                if let (Some(line), Some(high)) = (line.get(), tag.checked_sub(1)) {
                    row(high * PLACES + place, counts(&line.0));
                }
            }
        }
    }
}

fn zeros() -> [AtomicU64; ROW] {
    std::array::from_fn(|_| AtomicU64::new(0))
}

fn counts(line: &[AtomicU64; ROW]) -> [u64; ROW] {
    line.each_ref().map(|cell| cell.load(Ordering::Acquire))
}

/// The row's number without the bits that its place says, and never zero.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "no row is beyond the last")]
fn tag(row: usize) -> u8 {
    debug_assert!(row < ROWS, "{row}");
    (row / PLACES + 1) as u8
}

#[cfg(test)]
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
    fn every_bucket_has_a_cell_of_its_own() {
        let rows = Rows::new();
        for bucket in (0..BUCKETS + ROW).rev() {
            rows.cell(bucket)
                .store(bucket as u64 + 1, Ordering::Relaxed);
        }
        let all = (0..BUCKETS + ROW).map(|bucket| (bucket, bucket as u64 + 1));
        assert_eq!(read(&rows), all.collect());
    }

    #[test]
    fn threads_that_share_rows_lose_nothing() {
        let rows = Rows::new();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for bucket in 0..1_000 {
                        rows.cell(bucket % 200).fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        });
        assert_eq!(read(&rows), (0..200).map(|bucket| (bucket, 20)).collect());
    }
}
