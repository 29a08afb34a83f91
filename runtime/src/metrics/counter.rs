//! Sums that only grow.

use std::fmt::Debug;
use std::sync::Arc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use super::histogram::try_add_f64;
use super::info::InstrumentKind;
use super::instrument::{Instrument, Kind};
use super::shards::Shards;
use super::snapshot::{MetricData, Points};
use super::table::Row;

/// Counts what happens: orders placed, bytes sent. It begins at 0 and never goes down.
///
/// Clones count in the same series. Adding takes a few nanoseconds, no lock and no allocation, on any number of
/// threads.
///
/// ```
/// # use tachograph::Registry;
/// # let registry = Registry::new();
/// let placed = registry
///     .counter("orders.placed")
///     .with_description("Orders that were accepted.")
///     .with_unit("{order}")
///     .build()?;
/// placed.add(3);
/// placed.increment();
/// assert_eq!(placed.value(), 4);
/// # Ok::<(), tachograph::metrics::BuildError>(())
/// ```
///
/// A `Counter<f64>`, from [`Registry::counter_f64`](crate::Registry::counter_f64), adds up what has fractions: seconds
/// of work, money. What would take it back or spoil it is left out: negative numbers, NaN and infinities.
///
/// ```
/// # use tachograph::Registry;
/// # let registry = Registry::new();
/// let worked = registry.counter_f64("worker.busy").with_unit("s").build()?;
/// worked.add(0.25);
/// worked.add(-1.0);
/// worked.add(f64::NAN);
/// assert_eq!(worked.value(), 0.25);
/// # Ok::<(), tachograph::metrics::BuildError>(())
/// ```
#[derive(Debug)]
pub struct Counter<N: Number = u64> {
    row: Arc<Row<N::Sum>>,
}

/// What counters count in: `u64` or `f64`. Nobody else can name what it takes, so there are no others.
pub trait Number: Copy + Debug + PartialOrd + Send + Sync + 'static {
    /// The kind of a counter of these.
    const KIND: InstrumentKind;
    /// The kind of a counter whose total is asked for.
    const OBSERVABLE_KIND: InstrumentKind;
    /// One, to be added.
    const ONE: Self;
    /// The cells of one series.
    type Sum: Adds<Self>;

    /// Whether it can be the total of a counter.
    fn can_be_counted(self) -> bool;

    /// The sum of both, or the largest number.
    #[must_use]
    fn plus(self, other: Self) -> Self;

    /// The values of all series.
    fn data(points: Points<Self>) -> MetricData;
}

/// A sum in a series.
pub trait Adds<N>: Debug + Default + Send + Sync {
    /// Adds a number.
    fn add(&self, n: N);
    /// Adds what is missing to a total.
    fn raise_to(&self, total: N);
    /// The sum at this moment.
    fn get(&self) -> N;
}

impl<N: Number> Counter<N> {
    /// Adds `n`.
    #[inline]
    pub fn add(&self, n: N) {
        self.row.cells.add(n);
    }

    /// Adds one.
    #[inline]
    pub fn increment(&self) {
        self.add(N::ONE);
    }

    /// Raises the counter to a total that is counted elsewhere; a lower total changes nothing.
    ///
    /// ```
    /// # let counter = tachograph::Registry::new().counter("faults").build()?;
    /// counter.raise_to(7);
    /// counter.raise_to(5);
    /// assert_eq!(counter.value(), 7);
    /// # Ok::<(), tachograph::metrics::BuildError>(())
    /// ```
    pub fn raise_to(&self, total: N) {
        self.row.cells.raise_to(total);
    }

    /// What was counted so far.
    #[must_use]
    pub fn value(&self) -> N {
        self.row.cells.get()
    }
}

#[cfg(feature = "metrics")]
impl Counter {
    pub(crate) fn row(&self) -> &Arc<Row<Sum>> {
        &self.row
    }
}

impl<N: Number> Clone for Counter<N> {
    fn clone(&self) -> Self {
        Self {
            row: Arc::clone(&self.row),
        }
    }
}

impl<N: Number> Instrument for Counter<N> {
    fn new(row: Arc<Row<N::Sum>>) -> Self {
        Self { row }
    }
}

impl<N: Number> Kind for Counter<N> {
    const KIND: InstrumentKind = N::KIND;
    type Cells = N::Sum;
    type Value = N;
    type Callbacks = ();

    fn cells(_: &Arc<[f64]>) -> N::Sum {
        N::Sum::default()
    }

    fn read(sum: &N::Sum) -> N {
        sum.get()
    }

    fn data(points: Points<N>) -> MetricData {
        N::data(points)
    }
}

impl Number for u64 {
    const KIND: InstrumentKind = InstrumentKind::Counter;
    const OBSERVABLE_KIND: InstrumentKind = InstrumentKind::ObservableCounter;
    const ONE: Self = 1;
    type Sum = Sum;

    fn can_be_counted(self) -> bool {
        true
    }

    fn plus(self, other: Self) -> Self {
        self.saturating_add(other)
    }

    fn data(points: Points<Self>) -> MetricData {
        MetricData::Counter(points)
    }
}

impl Number for f64 {
    const KIND: InstrumentKind = InstrumentKind::CounterF64;
    const OBSERVABLE_KIND: InstrumentKind = InstrumentKind::ObservableCounterF64;
    const ONE: Self = 1.0;
    type Sum = SumF64;

    fn can_be_counted(self) -> bool {
        self >= 0.0 && self.is_finite()
    }

    fn plus(self, other: Self) -> Self {
        (self + other).min(Self::MAX)
    }

    fn data(points: Points<Self>) -> MetricData {
        MetricData::CounterF64(points)
    }
}

/// A sum that begins as one number, which is all that most of many thousand series need.
///
/// The first thread that loses a race for the number gives the sum shards, 64 bytes and a cache line for each
/// thread, and from then on the threads keep out of each other's way.
#[derive(Debug, Default)]
pub struct Sum {
    first: AtomicU64,
    shards: OnceLock<Box<Shards>>,
}

impl Adds<u64> for Sum {
    #[inline]
    fn add(&self, n: u64) {
        match self.shards.get() {
            Some(shards) => shards.local(1).add(0, n),
            None => self.add_first(n),
        }
    }

    fn raise_to(&self, total: u64) {
        // Of threads that raise at the same time all but one find `first` changed, and look again.
        let _ = self
            .first
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |first| {
                let missing = total.checked_sub(first.wrapping_add(self.sharded()))?;
                Some(first.wrapping_add(missing))
            });
    }

    fn get(&self) -> u64 {
        self.first
            .load(Ordering::Relaxed)
            .wrapping_add(self.sharded())
    }
}

impl Sum {
    #[inline]
    fn add_first(&self, n: u64) {
        let seen = self.first.load(Ordering::Relaxed);
        let added = self.first.compare_exchange(
            seen,
            seen.wrapping_add(n),
            Ordering::Relaxed,
            Ordering::Relaxed,
        );
        if added.is_err() {
            self.add_sharded(n);
        }
    }

    #[cold]
    fn add_sharded(&self, n: u64) {
        let shards = self.shards.get_or_init(|| Box::new(Shards::new()));
        shards.local(1).add(0, n);
    }

    fn sharded(&self) -> u64 {
        self.shards.get().map_or(0, |shards| shards.sum(0))
    }
}

/// The same for numbers with fractions, which are kept as their bits.
#[derive(Debug, Default)]
pub struct SumF64 {
    first: AtomicU64,
    shards: OnceLock<Box<Shards>>,
}

impl Adds<f64> for SumF64 {
    #[inline]
    fn add(&self, n: f64) {
        // NaN is not greater than zero either.
        if n > 0.0 && n.is_finite() {
            match self.shards.get() {
                Some(shards) => shards.local(1).add_f64(0, n),
                None if try_add_f64(&self.first, n) => {}
                None => self.add_sharded(n),
            }
        }
    }

    fn raise_to(&self, total: f64) {
        if !total.is_finite() {
            return;
        }
        let _ = self
            .first
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |first| {
                let first = f64::from_bits(first);
                let missing = total - (first + self.sharded());
                (missing > 0.0).then(|| (first + missing).to_bits())
            });
    }

    fn get(&self) -> f64 {
        f64::from_bits(self.first.load(Ordering::Relaxed)) + self.sharded()
    }
}

impl SumF64 {
    #[cold]
    fn add_sharded(&self, n: f64) {
        let shards = self.shards.get_or_init(|| Box::new(Shards::new()));
        shards.local(1).add_f64(0, n);
    }

    fn sharded(&self) -> f64 {
        self.shards.get().map_or(0.0, |shards| shards.sum_f64(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread::{self, ScopedJoinHandle};

    #[test]
    fn many_threads_lose_nothing() {
        let sum = Sum::default();
        thread::scope(|scope| {
            let add = || (0..10_000).for_each(|_| sum.add(1));
            let threads = [(); 8].map(|()| scope.spawn(add));
            let mut seen = 0;
            while !threads.iter().all(ScopedJoinHandle::is_finished) {
                let now = sum.get();
                assert!((seen..=80_000).contains(&now), "{seen} then {now}");
                seen = now;
            }
        });
        assert_eq!(sum.get(), 80_000);
    }

    #[test]
    fn raising_counts_what_the_shards_hold() {
        let sum = Sum::default();
        sum.add(2);
        sum.add_sharded(3);
        sum.raise_to(4);
        assert_eq!(sum.get(), 5);
        thread::scope(|scope| {
            for total in 0..100 {
                let sum = &sum;
                scope.spawn(move || sum.raise_to(total));
            }
        });
        assert_eq!(sum.get(), 99);
    }

    #[test]
    fn fractions_add_up_and_never_go_backwards() {
        let sum = SumF64::default();
        thread::scope(|scope| {
            let add = || (0..10_000).for_each(|_| sum.add(0.25));
            let threads = [(); 8].map(|()| scope.spawn(add));
            let mut seen = 0.0;
            while !threads.iter().all(ScopedJoinHandle::is_finished) {
                let now = sum.get();
                assert!((seen..=20_000.0).contains(&now), "{seen} then {now}");
                seen = now;
            }
        });
        for spoiled in [-1.0, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            sum.add(spoiled);
            sum.raise_to(spoiled);
        }
        assert_eq!(sum.get().to_bits(), 20_000_f64.to_bits());
        sum.raise_to(20_000.5);
        sum.raise_to(3.0);
        assert_eq!(sum.get().to_bits(), 20_000.5_f64.to_bits());
    }
}
