//! What the words beside the cells say: which row has which line, and what a cell shall hold.

/// So many buckets are in a row: an octave of durations.
pub(in crate::metrics::function) const ROW: usize = 8;
/// So many rows are found at once; those that come later are looked for in further ones.
pub(super) const LINES: usize = 8;
/// A row is known by its number and one, in eight bits.
pub(super) const ROWS: usize = u8::MAX as usize;

/// What a cell shall hold: its column in the lowest bits, its line in those above, and the number in all others.
#[derive(Clone, Copy)]
pub(super) struct Count(pub(super) u64);

#[expect(clippy::cast_possible_truncation, reason = "there are few cells")]
impl Count {
    #[inline(always)]
    pub(super) fn new(line: usize, column: usize, number: u64) -> Self {
        Self((number * LINES as u64 + line as u64) * ROW as u64 + column as u64)
    }

    #[inline(always)]
    pub(super) fn column(self) -> usize {
        self.0 as usize % ROW
    }

    #[inline(always)]
    pub(super) fn line(self) -> usize {
        self.0 as usize / ROW % LINES
    }

    #[inline(always)]
    pub(super) fn number(self) -> u64 {
        self.0 / (LINES * ROW) as u64
    }
}

/// What a row is known by; never zero.
#[inline(always)]
pub(super) fn tag(row: usize) -> u64 {
    debug_assert!(row < ROWS, "{row}");
    row as u64 + 1
}

/// The tag of a line.
#[inline(always)]
pub(super) fn tag_of(tags: u64, line: usize) -> u64 {
    tags >> (8 * line) & 0xff
}

/// Which of eight bytes is this tag: the lowest one, if there are some.
#[inline(always)]
pub(super) fn line_of(tags: u64, tag: u64) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; LINES]);
    let differences = tags ^ (tag * ONES);
    // The highest bit of the lowest byte that is zero; it may be set above that one too.
    let zeros = differences.wrapping_sub(ONES) & !differences & (ONES << 7);
    (zeros != 0).then(|| zeros.trailing_zeros() as usize / 8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_beside_others() {
        let tags = u64::from_le_bytes([7, 6, 255, 1, 6, 0, 0, 0]);
        let lines = [7, 6, 255, 1, 0, 5, 8, 254].map(|tag| line_of(tags, tag));
        let expected = [Some(0), Some(1), Some(2), Some(3), Some(5)];
        assert_eq!(lines[..5], expected);
        assert_eq!(lines[5..], [None; 3]);
    }

    #[test]
    fn a_count_is_its_cell_and_its_number() {
        for (line, column, number) in [(0, 0, 0), (7, 0, 1), (3, 5, u64::MAX >> 6)] {
            let count = Count::new(line, column, number);
            let parts = (count.line(), count.column(), count.number());
            assert_eq!(parts, (line, column, number));
        }
    }
}
