//! What a call counts in.

use super::cells::{FunctionCells, SeriesIndex};
use super::series::{CallResult, FunctionSeries};
use super::thread::{ThreadCells, UNTIMED, WITHIN};
use crate::metrics::bounds::{self, DurationBuckets};
use crate::metrics::exponential::nanos;
use crate::metrics::snapshot::Exemplar;
use crate::site::Metered;

/// What one thread counts in, in one series: found once, and good as long as the thread runs.
///
/// A call that ends on the thread it began on keeps them from its start to its end. A future may be somewhere else by
/// then, and looks them up again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LocalCells<'a> {
    thread: &'a ThreadCells,
    series: &'a FunctionSeries,
    function: &'a FunctionCells,
    metered: &'a Metered,
}

/// Where an exemplar belongs: what a duration was counted as.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    result: CallResult,
    bucket: usize,
}

/// 292 years.
const LONGEST_NANOS: u64 = u64::MAX >> 1;

impl FunctionCells {
    /// What the calling thread counts in, of this series.
    #[inline(always)]
    pub(crate) fn local<'a>(&'a self, index: SeriesIndex, metered: &'a Metered) -> LocalCells<'a> {
        self.local_in(self.series(index), metered)
    }

    /// The same of a series that was found before.
    #[inline(always)]
    pub(crate) fn local_in<'a>(
        &'a self,
        series: &'a FunctionSeries,
        metered: &'a Metered,
    ) -> LocalCells<'a> {
        let new = |is_exclusive| Box::new(ThreadCells::new(is_exclusive));
        LocalCells {
            thread: series.threads.local(new).value,
            series,
            function: self,
            metered,
        }
    }
}

impl LocalCells<'_> {
    /// Counts the start of a call. Whether the call is to be timed.
    #[inline(always)]
    pub(crate) fn start(self) -> bool {
        self.thread.count_start();
        self.thread.gap.is_over(self.metered.sample)
    }

    /// Counts the end of a call that was not timed.
    #[inline(always)]
    pub(crate) fn finish_untimed(self, result: CallResult) {
        let cells = self.thread.of(result);
        cells.tally(UNTIMED, self.thread.is_exclusive);
    }

    /// Counts the end of a call that was timed.
    ///
    /// The start of the call must be visible to whoever sees its end, or more calls could end than began.
    #[inline(always)]
    pub(crate) fn finish(self, result: CallResult, nanos: u64) -> Counted {
        if self.thread.is_exclusive {
            self.count_end(result, nanos, true)
        } else {
            self.finish_among_others(result, nanos)
        }
    }

    /// The same on a thread that shares its cells.
    #[inline(never)]
    fn finish_among_others(self, result: CallResult, nanos: u64) -> Counted {
        self.count_end(result, nanos, false)
    }

    #[inline(always)]
    fn count_end(self, result: CallResult, nanos: u64, is_exclusive: bool) -> Counted {
        let nanos = nanos.min(LONGEST_NANOS);
        let cells = self.thread.of(result);
        cells.add_nanos(nanos, is_exclusive);
        let bucket = match self.metered.buckets {
            DurationBuckets::Default => nanos::coarse(nanos),
            _ => self.own_bucket(nanos),
        };
        if self.metered.latency_nanos != 0 {
            self.count_within(result, nanos);
        }
        cells.count(bucket, is_exclusive);
        Counted { result, bucket }
    }

    #[inline(never)]
    fn own_bucket(self, nanos: u64) -> usize {
        match self.metered.buckets {
            DurationBuckets::Explicit(_) => self.function.bounds(self.metered).bucket(nanos),
            DurationBuckets::Default | DurationBuckets::Exponential => nanos::fine(nanos),
        }
    }

    #[inline(never)]
    fn count_within(self, result: CallResult, nanos: u64) {
        if nanos <= self.metered.latency_nanos {
            let cells = self.thread.of(result);
            cells.tally(WITHIN, self.thread.is_exclusive);
        }
    }

    /// Offers what `exemplar` returns as an example of durations like this one; it is asked only if one is wanted.
    #[inline]
    pub(crate) fn offer(self, counted: Counted, exemplar: impl FnOnce() -> Exemplar) {
        let Counted { result, bucket } = counted;
        let (place, places) = match self.metered.buckets {
            DurationBuckets::Default => (bounds::shown_bucket(bucket), bounds::SHOWN + 1),
            DurationBuckets::Explicit(bounds) => (bucket, bounds.len() + 1),
            DurationBuckets::Exponential => {
                let octave = bucket >> nanos::FINE;
                (octave % FINE_EXEMPLARS, FINE_EXEMPLARS)
            }
        };
        self.series.exemplars(result, places).offer(place, exemplar);
    }
}

/// So many octaves of fine buckets have an exemplar, and others share it.
const FINE_EXEMPLARS: usize = 16;
