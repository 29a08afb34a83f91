//! Time: a cheap monotonic reading on the hot path, turned into wall-clock time where spans are collected.

use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

/// The processor's time stamp counter where it is steady, the system's monotonic clock elsewhere.
static CLOCK: LazyLock<quanta::Clock> = LazyLock::new(quanta::Clock::new);

/// A reading of the monotonic clock; only differences mean something.
#[inline]
pub(crate) fn now() -> u64 {
    CLOCK.raw()
}

/// Nanoseconds from one reading to a later one; zero if `end` is not later.
#[inline]
pub(crate) fn nanos_between(start: u64, end: u64) -> u64 {
    CLOCK.delta_as_nanos(start, end)
}

/// The wall clock, in nanoseconds since the Unix epoch.
pub(crate) fn unix_nanos() -> u64 {
    let since_epoch = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since_epoch.as_nanos()).unwrap_or(u64::MAX)
}

/// Calibrates the clock, which takes about a millisecond, before the first call needs it.
pub(crate) fn prepare() {
    LazyLock::force(&CLOCK);
}

/// One moment on both clocks, to translate readings of one into the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Anchor {
    reading: u64,
    unix_nanos: u64,
}

impl Anchor {
    /// How long an anchor is kept where both clocks agree, so that spans follow corrections of the wall clock.
    const LIFETIME_NANOS: u64 = 10_000_000_000;
    /// How far they may be apart before that. The system's clock is adjusted by at most 5 ms in ten seconds; what is more
    /// was set by hand, or one clock stood still while the machine slept or moved.
    const TOLERANCE_NANOS: u64 = 20_000_000;

    /// The anchor in use.
    pub(crate) fn current() -> Self {
        static CURRENT: Mutex<Option<Anchor>> = Mutex::new(None);

        let now = Self {
            reading: now(),
            unix_nanos: unix_nanos(),
        };
        let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
        let anchor = match *current {
            Some(anchor) if anchor.holds_at(now) => anchor,
            _ => now,
        };
        *current = Some(anchor);
        anchor
    }

    /// Whether readings of this moment can still be told by this anchor.
    fn holds_at(self, now: Self) -> bool {
        // A reading that went back is of another counter: the machine was moved.
        now.reading >= self.reading
            && nanos_between(self.reading, now.reading) < Self::LIFETIME_NANOS
            && self.unix_nanos(now.reading).abs_diff(now.unix_nanos) < Self::TOLERANCE_NANOS
    }

    /// The wall-clock time of a reading, in nanoseconds since the Unix epoch.
    pub(crate) fn unix_nanos(self, reading: u64) -> u64 {
        if reading >= self.reading {
            self.unix_nanos + nanos_between(self.reading, reading)
        } else {
            self.unix_nanos
                .saturating_sub(nanos_between(reading, self.reading))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// So many readings are a millisecond, whatever the clock counts.
    fn millisecond() -> u64 {
        let nanos = nanos_between(0, 1 << 40);
        u64::try_from((1_u128 << 40) * 1_000_000 / u128::from(nanos)).unwrap()
    }

    #[track_caller]
    fn check(reading_millis: i64, wall_millis: i64, holds: bool) {
        let anchor = Anchor {
            reading: 1 << 50,
            unix_nanos: 1_700_000_000_000_000_000,
        };
        let now = Anchor {
            reading: anchor
                .reading
                .saturating_add_signed(reading_millis * i64::try_from(millisecond()).unwrap()),
            unix_nanos: anchor
                .unix_nanos
                .saturating_add_signed(wall_millis * 1_000_000),
        };
        assert_eq!(anchor.holds_at(now), holds, "{now:?}");
    }

    #[test]
    fn an_anchor_holds_while_both_clocks_go_alike() {
        check(0, 0, true);
        check(1, 1, true);
        check(9_990, 9_985, true);
        check(10_010, 10_010, false);
    }

    #[test]
    fn a_machine_that_slept_or_moved_gets_another_anchor() {
        // The counter stood still.
        check(1, 60_000, false);
        // The counter is another one, behind or ahead.
        check(-5, 1, false);
        check(7_000, 1, false);
        // The wall clock was set back.
        check(2_000, -3_600_000, false);
    }
}
