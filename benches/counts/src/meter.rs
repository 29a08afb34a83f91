//! The stretch of a program whose instructions or time are measured.

use std::hint::black_box;

use rustix::time::{ClockId, clock_gettime};

/// What valgrind is told to count in: a function that is called for nothing else.
pub(crate) const COUNTED: &str = "*meter::counted*";

/// A grown path makes one call more for so many.
const GROWTH: u64 = 20;

/// Runs a path as often as it takes to measure it.
pub(crate) struct Meter {
    /// Stretches that are measured, after one that is not.
    stretches: u64,
    grows: bool,
    /// Not under valgrind, where rustix does not find the system's clock.
    reads_time: bool,
    calls: u64,
    nanos: i64,
}

impl Meter {
    /// For valgrind. A path that grows takes five in a hundred more instructions, which the check has to notice.
    pub(crate) const fn counting(grows: bool) -> Self {
        Self {
            stretches: 8,
            grows,
            reads_time: false,
            calls: 0,
            nanos: 0,
        }
    }

    /// For the time, which wants more of it.
    pub(crate) const fn timing() -> Self {
        Self {
            stretches: 32,
            reads_time: true,
            ..Self::counting(false)
        }
    }

    /// Makes calls in stretches, the first of which warms up.
    ///
    /// `stretch` makes so many calls each time. `between` comes before each stretch and is not measured.
    pub(crate) fn count(
        &mut self,
        calls: u64,
        stretch: &mut dyn FnMut(u64),
        between: &mut dyn FnMut(),
    ) {
        let more = if self.grows { calls / GROWTH } else { 0 };
        between();
        stretch(calls);
        for _ in 0..self.stretches {
            between();
            let time = || {
                if self.reads_time { processor_time() } else { 0 }
            };
            let start = time();
            counted(calls + more, stretch);
            self.nanos += time() - start;
            self.calls += calls;
        }
    }

    /// How many calls were measured, those that make a path grow left aside.
    pub(crate) fn calls(&self) -> u64 {
        self.calls
    }

    /// Nanoseconds of this thread's processor time for each call.
    #[expect(clippy::cast_precision_loss, reason = "seconds at most")]
    pub(crate) fn nanos(&self) -> f64 {
        self.nanos as f64 / self.calls as f64
    }
}

/// Returns something, or its last call could become a jump, and valgrind would not see where it ends.
#[inline(never)]
fn counted(calls: u64, stretch: &mut dyn FnMut(u64)) -> u64 {
    stretch(calls);
    black_box(calls)
}

/// In nanoseconds, of this thread.
fn processor_time() -> i64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}
