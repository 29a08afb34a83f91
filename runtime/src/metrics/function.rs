//! The metrics of one annotated function: calls by outcome, their durations, and how many are running.

use std::borrow::Cow;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use super::bounded::BoundedValues;
use super::bounds::{self, DurationBounds};
use super::exemplar::Exemplars;
use super::label::LabelValue;
use super::shards::Shards;
use super::snapshot::{Exemplar, HistogramValue, Label, Series};

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

/// At most this many combinations of label values have a series of their own; further ones share the overflow series.
const SERIES_LIMIT: usize = 2_000;
/// Tables of series with more places than this are not built: all their calls go to the overflow series.
const TABLE_LIMIT: usize = 1 << 16;

/// The cells of one function: one series, or one for each combination of its labels.
#[derive(Debug)]
pub(crate) struct FunctionCells {
    /// The only series of a function without labels.
    plain: FunctionSeries,
    table: OnceLock<Table>,
    bounds: OnceLock<DurationBounds>,
}

/// Every combination of label values has its place; the first label is the most significant digit.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Box<[Column]>,
    series: Box<[OnceLock<Box<FunctionSeries>>]>,
    used: AtomicUsize,
    overflow: FunctionSeries,
}

/// The values that one label can have.
#[derive(Debug)]
enum Column {
    Listed(&'static [&'static str]),
    Bounded(BoundedValues),
}

/// What tells one series of a function from the others.
#[derive(Debug)]
pub(crate) enum SeriesLabels<'a> {
    /// A function without labels, or one with labels before its first call.
    None,
    /// The values of this place.
    Values(&'a Table, usize),
    /// All combinations beyond the limit.
    Overflow,
}

/// Which series of a function a call counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SeriesIndex(usize);

impl SeriesIndex {
    /// The series without labels.
    pub(crate) const PLAIN: Self = Self(usize::MAX);
    /// The series of all combinations beyond the limit.
    const OVERFLOW: Self = Self(usize::MAX - 1);
}

impl FunctionCells {
    pub(crate) const fn new() -> Self {
        Self {
            plain: FunctionSeries::new(),
            table: OnceLock::new(),
            bounds: OnceLock::new(),
        }
    }

    /// The bucket bounds: `own` in seconds, or the shared ones where it is empty.
    #[inline]
    pub(crate) fn bounds(&self, own: &'static [f64]) -> &DurationBounds {
        if own.is_empty() {
            &bounds::DEFAULT
        } else {
            self.bounds.get_or_init(|| DurationBounds::new(own))
        }
    }

    /// The series of a combination of label values; the overflow series once the limit is reached.
    pub(crate) fn index(&self, labels: &[LabelValue<'_>]) -> SeriesIndex {
        let table = self.table.get_or_init(|| Table::new(labels));
        table
            .index(labels)
            .map_or(SeriesIndex::OVERFLOW, SeriesIndex)
    }

    #[inline]
    pub(crate) fn series(&self, index: SeriesIndex) -> &FunctionSeries {
        if index == SeriesIndex::PLAIN {
            return &self.plain;
        }
        self.table
            .get()
            .map_or(&self.plain, |table| table.at(index))
    }

    /// How many calls counted in the overflow series.
    pub(crate) fn overflowed(&self) -> u64 {
        let table = self.table.get();
        table.map_or(0, |table| table.overflow.shards.sum(STARTED))
    }

    /// Every series in use; the one without labels only as long as there is no other.
    pub(crate) fn all(&self) -> Vec<(SeriesLabels<'_>, &FunctionSeries)> {
        let Some(table) = self.table.get() else {
            return vec![(SeriesLabels::None, &self.plain)];
        };
        let labelled = table
            .series
            .iter()
            .enumerate()
            .filter_map(|(index, series)| {
                let values = SeriesLabels::Values(table, index);
                series.get().map(|series| (values, &**series))
            });
        let overflow = table
            .overflow
            .is_used()
            .then_some((SeriesLabels::Overflow, &table.overflow));
        labelled.chain(overflow).collect()
    }
}

impl Table {
    fn new(labels: &[LabelValue<'_>]) -> Self {
        let columns: Box<[_]> = labels.iter().map(Column::new).collect();
        let places = columns.iter().try_fold(1_usize, |places, column| {
            places.checked_mul(column.places())
        });
        let places = places.filter(|places| *places <= TABLE_LIMIT).unwrap_or(0);
        Self {
            columns,
            series: std::iter::repeat_with(OnceLock::new).take(places).collect(),
            used: AtomicUsize::new(0),
            overflow: FunctionSeries::new(),
        }
    }

    fn at(&self, index: SeriesIndex) -> &FunctionSeries {
        let series = self.series.get(index.0).and_then(OnceLock::get);
        series.map_or(&self.overflow, |series| series)
    }

    fn index(&self, labels: &[LabelValue<'_>]) -> Option<usize> {
        let mut columns = self.columns.iter().zip(labels);
        let index = columns.try_fold(0, |index, (column, label)| {
            Some(index * column.places() + column.place(label)?)
        })?;
        let place = self.series.get(index)?;
        if place.get().is_none() {
            // Threads that race for the last places may exceed the limit by one each, which harms nobody.
            if self.used.load(Ordering::Relaxed) >= SERIES_LIMIT {
                return None;
            }
            place.get_or_init(|| {
                self.used.fetch_add(1, Ordering::Relaxed);
                Box::new(FunctionSeries::new())
            });
        }
        Some(index)
    }

    /// The values of a place, in the order of the label names.
    pub(crate) fn label_values(&self, mut index: usize) -> Vec<Cow<'static, str>> {
        let mut values: Vec<_> = self
            .columns
            .iter()
            .rev()
            .map(|column| {
                let digit = index % column.places();
                index /= column.places();
                column.text(digit)
            })
            .collect();
        values.reverse();
        values
    }
}

impl Column {
    fn new(label: &LabelValue<'_>) -> Self {
        match *label {
            LabelValue::Listed { values, .. } => Self::Listed(values),
            LabelValue::Bounded { max, .. } => Self::Bounded(BoundedValues::new(max)),
        }
    }

    #[inline]
    fn places(&self) -> usize {
        match self {
            Self::Listed(values) => values.len(),
            Self::Bounded(values) => values.numbers(),
        }
    }

    #[inline]
    fn place(&self, label: &LabelValue<'_>) -> Option<usize> {
        match (self, *label) {
            (Self::Listed(values), LabelValue::Listed { index, .. }) => {
                (index < values.len()).then_some(index)
            }
            (Self::Bounded(values), LabelValue::Bounded { value, .. }) => {
                Some(values.number(value))
            }
            _ => None,
        }
    }

    fn text(&self, place: usize) -> Cow<'static, str> {
        match self {
            Self::Listed(values) => Cow::Borrowed(values[place]),
            Self::Bounded(values) => values.text(place),
        }
    }
}

/// The counters of one series: how many calls started, for each outcome how many were not timed, then for each outcome
/// the nanoseconds and the buckets of those that were.
#[derive(Debug)]
pub(crate) struct FunctionSeries {
    shards: Shards,
    exemplars: [OnceLock<Exemplars>; CallResult::ALL.len()],
    /// Kept, so that series stay the same.
    published: OnceLock<PublishedSeries>,
}

/// The labels of each outcome, and at last those of the gauge.
pub(crate) type PublishedSeries = [Arc<Series>; CallResult::ALL.len() + 1];

const STARTED: usize = 0;
const UNTIMED: usize = 1;
const DURATIONS: usize = UNTIMED + CallResult::ALL.len();

impl FunctionSeries {
    const fn new() -> Self {
        Self {
            shards: Shards::new(),
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

    fn is_used(&self) -> bool {
        self.shards.sum(STARTED) > 0
    }

    /// Counts the start of a call, and returns how many this thread's shard had counted before.
    #[inline]
    pub(crate) fn start(&self, bounds: &DurationBounds) -> u64 {
        self.shards.local(Self::width(bounds)).count(STARTED)
    }

    /// Counts the end of a call that was not timed.
    #[inline]
    pub(crate) fn finish_untimed(&self, bounds: &DurationBounds, result: CallResult) {
        let cells = self.shards.local(Self::width(bounds));
        cells.add_release(UNTIMED + result as usize, 1);
    }

    /// Counts the end of a call. `exemplar` is asked only if the bucket wants one.
    #[inline]
    pub(crate) fn finish(
        &self,
        bounds: &DurationBounds,
        result: CallResult,
        nanos: u64,
        exemplar: Option<impl FnOnce() -> Exemplar>,
    ) {
        let (row, bucket) = (Self::row(bounds, result), bounds.bucket(nanos));
        let cells = self.shards.local(Self::width(bounds));
        cells.add(row, nanos);
        // The start of this call must be visible to whoever sees its end, or more calls could end than began.
        cells.add_release(row + 1 + bucket, 1);
        if let Some(exemplar) = exemplar {
            let exemplars =
                self.exemplars[result as usize].get_or_init(|| Exemplars::new(bounds.buckets()));
            exemplars.offer(bucket, exemplar);
        }
    }

    /// All figures at this moment. Ends are read before starts, so no call is seen to end before it began.
    pub(crate) fn read(&self, bounds: &DurationBounds) -> FunctionFigures {
        let durations = CallResult::ALL.map(|result| {
            let row = Self::row(bounds, result);
            let counts = (1..=bounds.buckets())
                .map(|bucket| self.shards.sum(row + bucket))
                .collect();
            #[expect(
                clippy::cast_precision_loss,
                reason = "a sum of 104 days is still exact to the nanosecond"
            )]
            let sum = self.shards.sum(row) as f64 / 1e9;
            HistogramValue {
                bounds: bounds.seconds(),
                counts,
                sum,
                exemplars: self.exemplars[result as usize]
                    .get()
                    .map(Exemplars::take)
                    .unwrap_or_default(),
            }
        });
        let mut ended = CallResult::ALL.map(|result| self.shards.sum(UNTIMED + result as usize));
        for (ended, durations) in ended.iter_mut().zip(&durations) {
            *ended = ended.wrapping_add(durations.count());
        }
        let all_ended = ended.iter().copied().fold(0, u64::wrapping_add);
        let started = self.shards.sum(STARTED);
        FunctionFigures {
            ended,
            durations,
            in_flight: started.wrapping_sub(all_ended).cast_signed(),
        }
    }

    /// The labels of each outcome and of the gauge; `labels` is asked once.
    pub(crate) fn published(&self, labels: impl FnOnce() -> Vec<Label>) -> &PublishedSeries {
        self.published.get_or_init(|| {
            let labels = labels();
            let with_result = |result: CallResult| {
                let mut labels = labels.clone();
                labels.insert(2, ("result".into(), Cow::Borrowed(result.as_str())));
                Series::new(labels)
            };
            let [ok, error, panic, cancelled] = CallResult::ALL.map(with_result);
            [ok, error, panic, cancelled, Series::new(labels)]
        })
    }
}

/// The figures of one series at one moment.
#[derive(Debug)]
pub(crate) struct FunctionFigures {
    /// How many calls ended, for each of [`CallResult::ALL`].
    pub(crate) ended: [u64; CallResult::ALL.len()],
    /// In seconds, for each of [`CallResult::ALL`]; of those calls that were timed.
    pub(crate) durations: [HistogramValue; CallResult::ALL.len()],
    /// Calls that have started and not ended.
    pub(crate) in_flight: i64,
}

impl FunctionFigures {
    /// Adds the figures of a function with the same labels, which has the same buckets too.
    pub(crate) fn add(&mut self, other: Self) {
        for (sum, ended) in self.ended.iter_mut().zip(other.ended) {
            *sum = sum.wrapping_add(ended);
        }
        for (sum, durations) in self.durations.iter_mut().zip(other.durations) {
            sum.add(durations);
        }
        self.in_flight += other.in_flight;
    }
}
