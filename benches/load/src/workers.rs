//! The threads that make calls.

use std::hint::black_box;
use std::time::Instant;

use crate::histogram::Histogram;
use crate::usage;
use crate::work::{Order, Work, bare};

/// Annotated calls in a row, and bare ones after them.
const ANNOTATED: u64 = 512;
const BARE: u64 = 64;

/// Calls of one kind.
#[derive(Clone, Default)]
pub(crate) struct Calls {
    pub(crate) count: u64,
    /// Processor time of their threads, in nanoseconds.
    pub(crate) processor_nanos: u64,
    pub(crate) durations: Histogram,
}

/// What the threads did.
#[derive(Clone, Default)]
pub(crate) struct Figures {
    pub(crate) annotated: Calls,
    pub(crate) bare: Calls,
}

/// Makes calls until the time is over.
pub(crate) fn work(annotated: Order, work: Work, end: Instant) -> Figures {
    let mut figures = Figures::default();
    while Instant::now() < end {
        figures.annotated.make(ANNOTATED, annotated, work);
        figures.bare.make(BARE, bare::order, work);
    }
    figures
}

pub(crate) fn sum(workers: Vec<Figures>) -> Figures {
    let mut sum = Figures::default();
    for worker in workers {
        sum.annotated.add(&worker.annotated);
        sum.bare.add(&worker.bare);
    }
    sum
}

impl Calls {
    fn make(&mut self, count: u64, order: Order, work: Work) {
        let time = usage::thread_time();
        for n in self.count..self.count + count {
            let start = Instant::now();
            _ = black_box(order(n, work));
            let nanos = start.elapsed().as_nanos();
            self.durations
                .record(u64::try_from(nanos).unwrap_or(u64::MAX >> 1));
        }
        self.processor_nanos += usage::thread_time() - time;
        self.count += count;
    }

    fn add(&mut self, other: &Self) {
        self.count += other.count;
        self.processor_nanos += other.processor_nanos;
        self.durations.add(&other.durations);
    }
}
