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
    /// The anchor in use. It is taken anew every ten seconds, so that spans follow corrections of the wall clock.
    pub(crate) fn current() -> Self {
        const LIFETIME_NANOS: u64 = 10_000_000_000;
        static CURRENT: Mutex<Option<Anchor>> = Mutex::new(None);

        let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
        match *current {
            Some(anchor) if nanos_between(anchor.reading, now()) < LIFETIME_NANOS => anchor,
            _ => *current.insert(Self {
                reading: now(),
                unix_nanos: unix_nanos(),
            }),
        }
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
