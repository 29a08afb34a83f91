//! Distributions over buckets.

use std::iter;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use super::bounds;
use super::exemplar::{self, Exemplars};
use super::info::InstrumentKind;
use super::instrument::{Instrument, Kind};
use super::shards::{Shards, Writer};
use super::snapshot::{HistogramValue, MetricData, Points};
use super::table::Row;

/// Shows how values are distributed: sizes, durations.
///
/// A value belongs to the first bucket whose upper bound is not below it; a last bucket up to infinity is always
/// there. The bounds are those of [`with_bounds`](super::InstrumentBuilder::with_bounds), or by default
///
/// - 5 ms to 10 s, as OpenTelemetry's conventions advise for durations, where the unit is `s`,
/// - 0 to 10,000, as its specification has them for all else, where it is another one or none.
///
/// Where nobody knows the values beforehand, an [`ExponentialHistogram`](super::ExponentialHistogram) finds its own.
///
/// Clones record to the same series. Recording takes a few nanoseconds, no lock and no allocation, on any number of
/// threads. NaN is left out: it belongs to no bucket. An infinite value counts in its bucket and not in the sum, which
/// it would make useless for ever.
///
/// A value that is recorded in a sampled span may become its bucket's exemplar, which leads from the metric to a trace.
///
/// ```
/// # use std::time::Duration;
/// # use tachograph::Registry;
/// # let registry = Registry::new();
/// let size = registry
///     .histogram("basket.size")
///     .with_unit("{item}")
///     .with_bounds([1.0, 2.0, 5.0, 10.0])
///     .build()?;
/// size.record(3.0);
///
/// let waited = registry.histogram("queue.wait").with_unit("s").build()?;
/// waited.record_duration(Duration::from_millis(3));
/// # Ok::<(), tachograph::metrics::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Histogram {
    row: Arc<Row<Buckets>>,
}

impl Histogram {
    /// Records a value, in the histogram's unit.
    #[inline]
    pub fn record(&self, value: f64) {
        self.row.cells.record(value, 1);
    }

    /// Records a duration in seconds.
    #[inline]
    pub fn record_duration(&self, duration: Duration) {
        self.record(duration.as_secs_f64());
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn row(&self) -> &Arc<Row<Buckets>> {
        &self.row
    }
}

impl Instrument for Histogram {
    fn new(row: Arc<Row<Buckets>>) -> Self {
        Self { row }
    }
}

impl Kind for Histogram {
    const KIND: InstrumentKind = InstrumentKind::Histogram;
    type Cells = Buckets;
    type Value = HistogramValue;
    type Callbacks = ();

    fn cells(bounds: &Arc<[f64]>) -> Buckets {
        Buckets::new(Arc::clone(bounds))
    }

    fn read(buckets: &Buckets) -> HistogramValue {
        buckets.read()
    }

    fn data(points: Points<HistogramValue>) -> MetricData {
        MetricData::Histogram(points)
    }

    fn default_bounds(unit: &str) -> Arc<[f64]> {
        if unit == "s" {
            bounds::default_seconds()
        } else {
            bounds::default_unitless()
        }
    }
}

/// The cells of one series: the sum of the values, then the buckets.
///
/// As a counter does, a histogram begins with one block for all threads, and has shards once two got in each other's
/// way: most of many thousand series never need them.
#[derive(Debug)]
pub struct Buckets {
    bounds: Arc<[f64]>,
    first: Box<[AtomicU64]>,
    shards: OnceLock<Box<Shards>>,
    exemplars: OnceLock<Box<Exemplars>>,
}

const SUM: usize = 0;

impl Buckets {
    fn new(bounds: Arc<[f64]>) -> Self {
        Self {
            first: iter::repeat_with(AtomicU64::default)
                .take(2 + bounds.len())
                .collect(),
            bounds,
            shards: OnceLock::new(),
            exemplars: OnceLock::new(),
        }
    }

    /// Records a value `n` times.
    #[inline]
    pub(crate) fn record(&self, value: f64, n: u64) {
        if value.is_nan() {
            return;
        }
        let bucket = self.bounds.partition_point(|bound| *bound < value);
        #[expect(
            clippy::cast_precision_loss,
            reason = "nobody records a value 2^53 times at once"
        )]
        let sum = if value.is_finite() {
            value * n as f64
        } else {
            0.0
        };
        match self.shards.get() {
            Some(shards) => record_in(self.local(shards), sum, bucket, n),
            None if try_add_f64(&self.first[SUM], sum) => {
                self.first[1 + SUM + bucket].fetch_add(n, Ordering::Release);
            }
            None => self.record_sharded(sum, bucket, n),
        }
        exemplar::offer_current(&self.exemplars, 1 + self.bounds.len(), bucket, value);
    }

    #[cold]
    fn record_sharded(&self, sum: f64, bucket: usize, n: u64) {
        let shards = self.shards.get_or_init(|| Box::new(Shards::new()));
        record_in(self.local(shards), sum, bucket, n);
    }

    #[inline]
    fn local<'a>(&self, shards: &'a Shards) -> Writer<'a> {
        shards.local(2 + self.bounds.len())
    }

    /// The buckets are read before the sum, so that every counted value is in the sum.
    fn read(&self) -> HistogramValue {
        let shards = self.shards.get();
        let counts = (0..=self.bounds.len())
            .map(|bucket| {
                let sharded = shards.map_or(0, |shards| shards.sum(1 + SUM + bucket));
                self.first[1 + SUM + bucket]
                    .load(Ordering::Acquire)
                    .wrapping_add(sharded)
            })
            .collect();
        let sharded = shards.map_or(0.0, |shards| shards.sum_f64(SUM));
        let sum = f64::from_bits(self.first[SUM].load(Ordering::Acquire)) + sharded;
        let exemplars = self.exemplars.get().map(|exemplars| exemplars.take());
        HistogramValue {
            bounds: Arc::clone(&self.bounds),
            counts,
            sum,
            exemplars: exemplars.unwrap_or_default(),
        }
    }
}

/// Adds to a cell that holds a floating-point number, unless another thread writes to it at this moment.
#[inline]
pub(super) fn try_add_f64(cell: &AtomicU64, n: f64) -> bool {
    let seen = cell.load(Ordering::Relaxed);
    let sum = (f64::from_bits(seen) + n).to_bits();
    cell.compare_exchange(seen, sum, Ordering::Relaxed, Ordering::Relaxed)
        .is_ok()
}

/// Whoever sees the value in its bucket must see it in the sum.
#[inline]
fn record_in(cells: Writer<'_>, sum: f64, bucket: usize, n: u64) {
    cells.add_f64(SUM, sum);
    cells.add_release(1 + SUM + bucket, n);
}

#[cfg(test)]
#[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
mod tests {
    use super::*;
    use std::thread::{self, ScopedJoinHandle};

    fn buckets() -> Buckets {
        Buckets::new(Arc::new([1.0, 2.0]))
    }

    #[test]
    fn values_fall_into_the_first_bucket_that_holds_them() {
        let buckets = buckets();
        for value in [-1.0, 1.0, 1.5, 2.0, 2.5, f64::NAN, f64::INFINITY] {
            buckets.record(value, 1);
        }
        buckets.record(1.25, 2);
        let value = buckets.read();
        assert_eq!((value.counts, value.sum), (vec![2, 4, 2], 8.5));
    }

    #[test]
    fn many_threads_lose_nothing() {
        let buckets = buckets();
        thread::scope(|scope| {
            let threads = [0.5, 1.5, 2.5, 0.5].map(|value| {
                let buckets = &buckets;
                scope.spawn(move || (0..10_000).for_each(|_| buckets.record(value, 1)))
            });
            let mut seen = 0;
            while !threads.iter().all(ScopedJoinHandle::is_finished) {
                let value = buckets.read();
                assert!(value.count() >= seen);
                // Every counted value is in the sum, and none is below 0.5.
                assert!(value.sum >= value.counts[1] as f64 + value.count() as f64 / 2.0);
                seen = value.count();
            }
        });
        let value = buckets.read();
        assert_eq!(value.counts, [20_000, 10_000, 10_000]);
        assert!((value.sum - 50_000.0).abs() < 1e-6);
    }

    #[test]
    fn shards_count_together_with_the_first_block() {
        let buckets = buckets();
        buckets.record(1.5, 1);
        buckets.record_sharded(0.5, 0, 1);
        buckets.record(3.0, 1);
        let value = buckets.read();
        assert_eq!((value.counts, value.sum), (vec![1, 1, 1], 5.0));
    }
}
