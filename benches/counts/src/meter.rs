//! The stretch of a program whose instructions are counted.

use std::hint::black_box;

use crate::valgrind::Side;

/// What valgrind is told to count in: a function that is called for nothing else.
pub(crate) const COUNTED: &str = "*meter::counted*";

/// Stretches that are counted, after one that is not.
const STRETCHES: u64 = 8;
/// A grown path makes one call more for so many.
const GROWTH: u64 = 20;

/// Runs a path as often as it takes to count it.
pub(crate) struct Meter {
    side: Side,
    calls: u64,
}

impl Meter {
    pub(crate) const fn new(side: Side) -> Self {
        Self { side, calls: 0 }
    }

    /// Makes calls in stretches, the first of which warms up.
    ///
    /// `stretch` makes so many calls each time. `between` comes before each stretch and is not counted.
    pub(crate) fn count(
        &mut self,
        calls: u64,
        stretch: &mut dyn FnMut(u64),
        between: &mut dyn FnMut(),
    ) {
        let more = match self.side {
            Side::Grown => calls / GROWTH,
            Side::Ours | Side::Bare => 0,
        };
        between();
        stretch(calls);
        for _ in 0..STRETCHES {
            between();
            counted(calls + more, stretch);
            self.calls += calls;
        }
    }

    /// How many calls were counted, those that make a path grow left aside.
    pub(crate) fn calls(&self) -> u64 {
        self.calls
    }
}

/// Returns something, or its last call could become a jump, and valgrind would not see where it ends.
#[inline(never)]
fn counted(calls: u64, stretch: &mut dyn FnMut(u64)) -> u64 {
    stretch(calls);
    black_box(calls)
}
