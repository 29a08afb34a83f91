//! Which calls are timed where not all of them are.

use std::sync::atomic::{AtomicU32, Ordering};

use crate::random;

/// How many calls there are until the next that is timed.
///
/// The gaps are drawn evenly from one call to twice the wanted number less one, so that work that repeats after any
/// number of calls is timed in fair share. Threads that share a slot may draw twice or lose a step, which changes no
/// count.
#[derive(Debug, Default)]
pub(super) struct Gap(AtomicU32);

impl Gap {
    /// Whether this call is to be timed, of which one in `sample` is.
    #[inline(always)]
    pub(super) fn is_over(&self, sample: u32) -> bool {
        if sample == 1 {
            return true;
        }
        let left = self.0.load(Ordering::Relaxed);
        if left > 1 {
            self.0.store(left - 1, Ordering::Relaxed);
            return false;
        }
        self.draw(left, sample)
    }

    #[cold]
    fn draw(&self, left: u32, sample: u32) -> bool {
        if left == 1 {
            self.0.store(gap(sample), Ordering::Relaxed);
            return true;
        }
        // The first call of all: the gap before the first timed one begins here.
        match gap(sample) {
            1 => {
                self.0.store(gap(sample), Ordering::Relaxed);
                true
            }
            gap => {
                self.0.store(gap - 1, Ordering::Relaxed);
                false
            }
        }
    }
}

/// A number from 1 to twice `sample` less one, any one as likely as another.
fn gap(sample: u32) -> u32 {
    let gaps = 2 * u64::from(sample) - 1;
    let high_bits = random::u64() >> 32;
    1 + ((high_bits * gaps) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_drawn_evenly() {
        for sample in [2, 8, 64] {
            let mut drawn = vec![0_u32; 2 * sample as usize];
            let each = 10_000;
            for _ in 0..each * (2 * sample - 1) {
                drawn[gap(sample) as usize] += 1;
            }
            assert_eq!(drawn[0], 0);
            // Six standard deviations, which is nothing that one sees.
            let room = 6.0 * f64::from(each).sqrt();
            let is_even = |count: &u32| (f64::from(*count) - f64::from(each)).abs() < room;
            assert!(drawn[1..].iter().all(is_even), "{drawn:?}");
        }
    }

    /// How many of so many calls were timed, and how many of them at a multiple of the period.
    fn timed(sample: u32, period: u32, calls: u32) -> (u32, u32) {
        let gap = Gap::default();
        let timed = (0..calls).filter(|_| gap.is_over(sample));
        timed.fold((0, 0), |(all, first), call| {
            (all + 1, first + u32::from(call % period == 0))
        })
    }

    #[test]
    fn work_that_repeats_is_timed_in_fair_share() {
        for sample in [2, 16, 64] {
            for period in [2, 3, 16, 64, 100, 1_024, 4_096] {
                // A thousand timed calls at each step of the period would take long; a hundred tell enough.
                let calls = 100 * sample * period.max(64);
                let (all, first) = timed(sample, period, calls);
                let expected = f64::from(calls) / f64::from(sample);
                assert!(
                    (f64::from(all) - expected).abs() < 6.0 * expected.sqrt(),
                    "{sample}: {all}"
                );
                let share = f64::from(all) / f64::from(period);
                assert!(
                    (f64::from(first) - share).abs() < 6.0 * share.sqrt(),
                    "one in {sample}, every {period}: {first} of {all}"
                );
            }
        }
    }

    #[test]
    fn every_call_is_timed_where_none_is_left_out() {
        assert_eq!(timed(1, 2, 100), (100, 50));
    }
}
