//! The counters of one series of calls.

#![expect(
    clippy::inline_always,
    reason = "a call counts within its own code, and keeps what it counts in in registers"
)]

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::durations::{self, Durations};
use crate::inside::once;
use crate::metrics::bounds::DurationBounds;
use crate::metrics::exemplar::Exemplars;
use crate::metrics::exponential::{Octaves, SCALE};
use crate::metrics::shards::{Shards, Writer};
use crate::metrics::snapshot::{Exemplar, ExponentialHistogramValue, HistogramValue, Series};

/// What became of a call, as the label `result` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallResult {
    Ok,
    Error,
    Panic,
    Cancelled,
}

impl CallResult {
    pub(crate) const ALL: [Self; 4] = [Self::Ok, Self::Error, Self::Panic, Self::Cancelled];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Panic => "panic",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The counters of one series: how many calls started, for each outcome how many were not timed, then for each outcome
/// the nanoseconds and the buckets of those that were.
#[derive(Debug)]
pub(crate) struct FunctionSeries {
    shards: Shards,
    /// The buckets of each outcome, if they are exponential.
    octaves: OnceLock<Box<[Octaves; CallResult::ALL.len()]>>,
    exemplars: [OnceLock<Exemplars>; CallResult::ALL.len()],
    /// Kept, so that series stay the same.
    published: OnceLock<PublishedSeries>,
}

/// What one thread counts in, in one series: found once, and good as long as the thread runs.
///
/// A call that ends on the thread it began on keeps them from its start to its end. A future may be somewhere else by
/// then, and looks them up again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LocalCells<'a> {
    series: &'a FunctionSeries,
    bounds: &'a DurationBounds,
    untimed: u64,
    writer: Writer<'a>,
}

/// Where an exemplar belongs: the place that a duration was counted at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    result: CallResult,
    bucket: usize,
}

impl LocalCells<'_> {
    /// Counts the start of a call. Whether the call is to be timed.
    #[inline(always)]
    pub(crate) fn start(self) -> bool {
        self.writer.count(STARTED) & self.untimed == 0
    }

    /// Counts the end of a call that was not timed.
    #[inline(always)]
    pub(crate) fn finish_untimed(self, result: CallResult) {
        self.writer.add_release(UNTIMED + result as usize, 1);
    }

    /// Counts the end of a call that was timed.
    ///
    /// The start of the call must be visible to whoever sees its end, or more calls could end than began.
    #[inline(always)]
    pub(crate) fn finish(self, result: CallResult, nanos: u64) -> Counted {
        let row = FunctionSeries::row(self.bounds, result);
        self.writer.add(row, nanos);
        let bucket = if self.bounds.are_exponential() {
            self.series.count_by_octave(result, nanos)
        } else {
            let bucket = self.bounds.bucket(nanos);
            self.writer.add_release(row + 1 + bucket, 1);
            bucket
        };
        Counted { result, bucket }
    }

    /// Offers what `exemplar` returns as an example of durations like this one; it is asked only if one is wanted.
    #[inline]
    pub(crate) fn offer(self, counted: Counted, exemplar: impl FnOnce() -> Exemplar) {
        let exemplars = &self.series.exemplars[counted.result as usize];
        let new = || Exemplars::new(self.bounds.exemplars());
        let exemplars = once(exemplars, new);
        exemplars.offer(counted.bucket, exemplar);
    }
}

/// The labels of each outcome, and at last those of the gauge.
pub(crate) type PublishedSeries = [Series; CallResult::ALL.len() + 1];

/// Name and value of one label.
pub(crate) type SeriesLabel = (Cow<'static, str>, Cow<'static, str>);

const STARTED: usize = 0;
const UNTIMED: usize = 1;
const DURATIONS: usize = UNTIMED + CallResult::ALL.len();

impl FunctionSeries {
    pub(crate) const fn new() -> Self {
        Self {
            shards: Shards::new(),
            octaves: OnceLock::new(),
            exemplars: [const { OnceLock::new() }; CallResult::ALL.len()],
            published: OnceLock::new(),
        }
    }

    fn width(bounds: &DurationBounds) -> usize {
        DURATIONS + CallResult::ALL.len() * (1 + bounds.buckets())
    }

    /// Where the nanoseconds of an outcome are; its buckets follow.
    #[inline]
    fn row(bounds: &DurationBounds, result: CallResult) -> usize {
        DURATIONS + result as usize * (1 + bounds.buckets())
    }

    /// How many calls have started.
    pub(crate) fn started(&self) -> u64 {
        self.shards.sum(STARTED)
    }

    /// What the calling thread counts in.
    #[inline(always)]
    pub(super) fn local<'a>(&'a self, bounds: &'a DurationBounds, untimed: u64) -> LocalCells<'a> {
        LocalCells {
            series: self,
            bounds,
            untimed,
            writer: self.shards.local(Self::width(bounds)),
        }
    }

    /// A function of its own, so that the way of explicit buckets is as short as if there were no others.
    #[inline(never)]
    fn count_by_octave(&self, result: CallResult, nanos: u64) -> usize {
        let new = || Box::new(CallResult::ALL.map(|_| Octaves::new()));
        let octaves = &self.octaves.get_or_init(new)[result as usize];
        octaves.count(durations::seconds(nanos))
    }

    /// What has ended until this moment.
    pub(crate) fn read(&self, bounds: &DurationBounds) -> FunctionFigures {
        let durations = CallResult::ALL.map(|result| self.read_durations(bounds, result));
        let mut ended = CallResult::ALL.map(|result| self.shards.sum(UNTIMED + result as usize));
        for (ended, durations) in ended.iter_mut().zip(&durations) {
            *ended = ended.wrapping_add(durations.count());
        }
        FunctionFigures {
            ended,
            durations,
            in_flight: None,
        }
    }

    /// The buckets are read before the sum, so that every counted duration is in the sum.
    fn read_durations(&self, bounds: &DurationBounds, result: CallResult) -> Durations {
        let row = Self::row(bounds, result);
        let sum = || durations::seconds(self.shards.sum(row));
        let exemplars = self.exemplars[result as usize].get();
        let exemplars = exemplars.map(Exemplars::take).unwrap_or_default();
        if bounds.are_exponential() {
            let octaves = self.octaves.get();
            let read = octaves.map(|octaves| octaves[result as usize].read());
            let (zero_count, positive) = read.unwrap_or_default();
            return Durations::Exponential(ExponentialHistogramValue {
                scale: SCALE,
                zero_count,
                positive,
                negative: BTreeMap::new(),
                sum: sum(),
                exemplars: exemplars
                    .into_iter()
                    .map(|(_, exemplar)| exemplar)
                    .collect(),
            });
        }
        let counts = (1..=bounds.buckets()).map(|bucket| self.shards.sum(row + bucket));
        Durations::Explicit(HistogramValue {
            bounds: bounds.seconds(),
            counts: counts.collect(),
            sum: sum(),
            exemplars,
        })
    }

    /// The series of each outcome and of the gauge, which began at this moment; `labels` is asked once.
    pub(crate) fn published(
        &self,
        start_unix_nanos: u64,
        labels: impl FnOnce() -> Vec<SeriesLabel>,
    ) -> &PublishedSeries {
        self.published.get_or_init(|| {
            let labels = labels();
            let with_result = |result: CallResult| {
                let mut labels = labels.clone();
                labels.insert(2, ("result".into(), Cow::Borrowed(result.as_str())));
                Series::starting_at(start_unix_nanos, labels)
            };
            let [ok, error, panic, cancelled] = CallResult::ALL.map(with_result);
            let gauge = Series::starting_at(start_unix_nanos, labels.iter().cloned());
            [ok, error, panic, cancelled, gauge]
        })
    }
}

/// The figures of one series at one moment.
#[derive(Debug)]
pub(crate) struct FunctionFigures {
    /// How many calls ended, for each of [`CallResult::ALL`].
    pub(crate) ended: [u64; CallResult::ALL.len()],
    /// In seconds, for each of [`CallResult::ALL`]; of those calls that were timed.
    pub(crate) durations: [Durations; CallResult::ALL.len()],
    /// Calls that have started and not ended; none in a series that has only ends.
    pub(crate) in_flight: Option<i64>,
}

impl FunctionFigures {
    pub(crate) fn all_ended(&self) -> u64 {
        self.ended.iter().copied().fold(0, u64::wrapping_add)
    }

    /// Adds the figures of a function with the same labels, which has the same buckets too.
    pub(crate) fn add(&mut self, other: Self) {
        for (sum, ended) in self.ended.iter_mut().zip(other.ended) {
            *sum = sum.wrapping_add(ended);
        }
        for (sum, durations) in self.durations.iter_mut().zip(other.durations) {
            sum.add(durations);
        }
        self.in_flight = match (self.in_flight, other.in_flight) {
            (Some(sum), Some(in_flight)) => Some(sum + in_flight),
            (sum, in_flight) => sum.or(in_flight),
        };
    }
}
