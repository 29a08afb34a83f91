//! Distributions over buckets that need not be chosen.

mod mapping;
pub(crate) mod nanos;
mod octaves;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::exemplar::{self, Exemplars};
use super::info::InstrumentKind;
use super::instrument::{Instrument, Kind};
use super::shards::Shards;
use super::snapshot::{ExponentialHistogramValue, MetricData, Points};
use super::table::Row;
pub(crate) use mapping::SCALE;
#[cfg(test)]
pub(crate) use mapping::index;
pub(crate) use octaves::{EXEMPLARS, Octaves};

/// Shows how values are distributed, with buckets that grow with the values: base-2 exponential ones, 2.2 % wide
/// wherever the values are.
///
/// That is what [`with_exponential_buckets`](super::InstrumentBuilder::with_exponential_buckets) makes of a
/// [`Histogram`](super::Histogram): nobody has to know the values beforehand, and percentiles are within 1.1 %. OTLP
/// sends the buckets as they are, or wider ones where there are more than 160. Prometheus' text has no such buckets and
/// gets powers of two.
///
/// Clones record to the same series. Any finite number can be recorded. NaN is left out; an infinite value counts with
/// the largest numbers, and not in the sum. Recording takes a few nanoseconds and no lock, on any number of threads,
/// and allocates only when a value is the first between two powers of two: some 100 bytes, and 256 more for each
/// thread.
///
/// A value that is recorded in a sampled span may become an exemplar, which leads from the metric to a trace.
///
/// ```
/// # use tachograph::Registry;
/// # let registry = Registry::new();
/// let size = registry
///     .histogram("response.size")
///     .with_unit("By")
///     .with_exponential_buckets()
///     .build()?;
/// size.record(1_536.0);
/// # Ok::<(), tachograph::metrics::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ExponentialHistogram {
    row: Arc<Row<SeriesCells>>,
}

impl ExponentialHistogram {
    /// Records a value, in the histogram's unit.
    #[inline]
    pub fn record(&self, value: f64) {
        self.row.cells.record(value);
    }

    /// Records a duration in seconds.
    #[inline]
    pub fn record_duration(&self, duration: Duration) {
        self.record(duration.as_secs_f64());
    }
}

impl Instrument for ExponentialHistogram {
    fn new(row: Arc<Row<SeriesCells>>) -> Self {
        Self { row }
    }
}

impl Kind for ExponentialHistogram {
    const KIND: InstrumentKind = InstrumentKind::ExponentialHistogram;
    type Cells = SeriesCells;
    type Value = ExponentialHistogramValue;
    type Callbacks = ();

    fn cells(_: &Arc<[f64]>) -> SeriesCells {
        SeriesCells::new()
    }

    fn read(cells: &SeriesCells) -> ExponentialHistogramValue {
        cells.read()
    }

    fn data(points: Points<ExponentialHistogramValue>) -> MetricData {
        MetricData::ExponentialHistogram(points)
    }
}

/// The cells of one series: the sum of the values, and how many there are of each size.
#[derive(Debug)]
pub struct SeriesCells {
    sum: Shards,
    /// Zeros are among the positive numbers.
    positive: OnceLock<Box<Octaves>>,
    negative: OnceLock<Box<Octaves>>,
    exemplars: OnceLock<Box<Exemplars>>,
}

impl SeriesCells {
    fn new() -> Self {
        Self {
            sum: Shards::new(),
            positive: OnceLock::new(),
            negative: OnceLock::new(),
            exemplars: OnceLock::new(),
        }
    }

    /// Whoever sees a value counted must see it in the sum.
    #[inline]
    fn record(&self, value: f64) {
        if value.is_nan() {
            return;
        }
        if value.is_finite() {
            self.sum.local(1).add_f64(0, value);
        }
        let octaves = if value < 0.0 {
            &self.negative
        } else {
            &self.positive
        };
        let octaves = octaves.get_or_init(|| Box::new(Octaves::new()));
        let slot = octaves.count(value.abs().min(f64::MAX));
        exemplar::offer_current(&self.exemplars, EXEMPLARS, slot, value);
    }

    /// The buckets are read before the sum, so that every counted value is in the sum.
    fn read(&self) -> ExponentialHistogramValue {
        let read = |octaves: &OnceLock<Box<Octaves>>| {
            octaves
                .get()
                .map(|octaves| octaves.read())
                .unwrap_or_default()
        };
        let (zero_count, positive) = read(&self.positive);
        let (_, negative) = read(&self.negative);
        let exemplars = self.exemplars.get().map(|exemplars| exemplars.take());
        let exemplars = exemplars.unwrap_or_default().into_iter();
        ExponentialHistogramValue {
            scale: SCALE,
            zero_count,
            positive,
            negative,
            sum: self.sum.sum_f64(0),
            exemplars: exemplars.map(|(_, exemplar)| exemplar).collect(),
        }
    }
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
mod tests {
    use super::*;
    use std::thread::{self, ScopedJoinHandle};

    fn histogram() -> SeriesCells {
        SeriesCells::new()
    }

    #[test]
    fn every_value_but_nan_is_counted() {
        let histogram = histogram();
        let values = [
            1.5,
            -1.5,
            0.0,
            -0.0,
            f64::from_bits(1),
            f64::MAX,
            f64::MIN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
        ];
        for value in values {
            histogram.record(value);
        }
        let value = histogram.read();
        assert_eq!((value.scale, value.zero_count, value.sum), (5, 2, 0.0));
        let highest = 1_024 * 32 - 1;
        assert_eq!(
            value.positive,
            [(-1_075 * 32 + 31, 1), (18, 1), (highest, 2)].into()
        );
        assert_eq!(value.negative, [(18, 1), (highest, 2)].into());
    }

    #[test]
    fn many_threads_lose_nothing() {
        let histogram = histogram();
        thread::scope(|scope| {
            let threads = [0.5, 1.5, -2.5, 0.0, 1e9, 0.5].map(|value| {
                let histogram = &histogram;
                let record = move |n| histogram.record(value * f64::from(1 << (n % 4)));
                scope.spawn(move || (0..10_000).for_each(record))
            });
            let mut seen = 0;
            while !threads.iter().all(ScopedJoinHandle::is_finished) {
                let value = histogram.read();
                assert!(value.count() >= seen);
                seen = value.count();
            }
        });
        let value = histogram.read();
        assert_eq!(value.zero_count, 10_000);
        assert_eq!(value.positive.values().sum::<u64>(), 40_000);
        assert_eq!(value.negative.values().sum::<u64>(), 10_000);
        let sum = 15.0 * 2_500.0 * (0.5 + 1.5 - 2.5 + 1e9 + 0.5);
        assert!((value.sum - sum).abs() < 1e-6, "{}", value.sum);
    }

    #[test]
    fn every_counted_value_is_in_the_sum() {
        let histogram = histogram();
        thread::scope(|scope| {
            let threads = [(); 4].map(|()| {
                let record = || (0..10_000).for_each(|_| histogram.record(1.0));
                scope.spawn(record)
            });
            while !threads.iter().all(ScopedJoinHandle::is_finished) {
                let value = histogram.read();
                assert!(value.sum >= value.count() as f64, "{value:?}");
            }
        });
        assert_eq!(histogram.read().positive, [(-1, 40_000)].into());
    }
}
