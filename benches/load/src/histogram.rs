//! Durations of calls, within 1 % of each.

/// Parts of each power of two.
const PARTS: usize = 128;
const PARTS_BITS: u32 = PARTS.trailing_zeros();

/// Counts of durations in nanoseconds.
#[derive(Clone)]
pub(crate) struct Histogram(Vec<u64>);

impl Default for Histogram {
    fn default() -> Self {
        Self(vec![0; PARTS * (66 - PARTS_BITS as usize)])
    }
}

impl Histogram {
    pub(crate) fn record(&mut self, nanos: u64) {
        self.0[part(nanos)] += 1;
    }

    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, count) in self.0.iter_mut().zip(&other.0) {
            *sum += count;
        }
    }

    /// The nanoseconds that so many in a thousand did not exceed; none if there are none.
    pub(crate) fn quantile(&self, per_mille: u64) -> Option<u64> {
        let total: u64 = self.0.iter().sum();
        let rank = (total * per_mille).div_ceil(1_000).max(1);
        let mut sum = 0;
        let part = self.0.iter().position(|count| {
            sum += count;
            sum >= rank
        });
        part.map(end)
    }
}

/// Where a duration is counted: small ones each alone, the others by their power of two and what follows.
fn part(nanos: u64) -> usize {
    let power = nanos.max(1).ilog2().saturating_sub(PARTS_BITS);
    let within = usize::try_from(nanos >> power).unwrap_or(usize::MAX);
    PARTS * power as usize + within
}

/// The longest duration in a part.
fn end(part: usize) -> u64 {
    // All but the first power begin in the second half of their parts' numbers.
    let power = (part / PARTS).saturating_sub(1);
    let within = (part - PARTS * power) as u64;
    ((within + 1) << power) - 1
}

#[cfg(test)]
mod tests {
    use super::{Histogram, end, part};

    #[test]
    fn a_duration_is_at_most_one_in_a_hundred_below_the_end_of_its_part() {
        for nanos in (0..100_000).chain([1 << 30, (1 << 40) - 1, u64::MAX >> 1]) {
            let end = end(part(nanos));
            assert!(
                nanos <= end && end - nanos <= nanos / 100,
                "{nanos} in a part up to {end}"
            );
        }
    }

    #[test]
    fn quantiles_are_found() {
        let mut histogram = Histogram::default();
        assert_eq!(histogram.quantile(500), None);
        (1..=100).for_each(|nanos| histogram.record(nanos));
        assert_eq!(histogram.quantile(500), Some(50));
        assert_eq!(histogram.quantile(999), Some(100));
    }
}
