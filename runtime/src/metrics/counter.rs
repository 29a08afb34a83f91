//! Sums that only grow.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use super::instrument::Cells;
use super::shards::Shards;
use super::snapshot::{MetricData, Points};

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
#[derive(Clone, Debug)]
pub struct Counter {
    sum: Arc<Sum>,
}

impl Counter {
    /// Adds `n`.
    #[inline]
    pub fn add(&self, n: u64) {
        self.sum.add(n);
    }

    /// Adds one.
    #[inline]
    pub fn increment(&self) {
        self.add(1);
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
    pub fn raise_to(&self, total: u64) {
        self.sum.raise_to(total);
    }

    /// What was counted so far.
    #[must_use]
    pub fn value(&self) -> u64 {
        self.sum.get()
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn sum(&self) -> &Arc<Sum> {
        &self.sum
    }
}

impl Cells for Counter {
    const KIND: &'static str = "a counter";
    type Value = u64;

    fn new(_: &Arc<[f64]>) -> Self {
        Self {
            sum: Arc::default(),
        }
    }

    fn read(&self) -> u64 {
        self.value()
    }

    fn data(points: Points<u64>) -> MetricData {
        MetricData::Counter(points)
    }
}

/// A sum that begins as one number, which is all that most of many thousand series need.
///
/// The first thread that loses a race for the number gives the sum shards, 64 bytes and a cache line for each
/// thread, and from then on the threads keep out of each other's way.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    first: AtomicU64,
    shards: OnceLock<Box<Shards>>,
}

impl Sum {
    #[inline]
    pub(crate) fn add(&self, n: u64) {
        match self.shards.get() {
            Some(shards) => shards.local(1).add(0, n),
            None => self.add_first(n),
        }
    }

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

    pub(crate) fn raise_to(&self, total: u64) {
        // Of threads that raise at the same time all but one find `first` changed, and look again.
        let _ = self
            .first
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |first| {
                let missing = total.checked_sub(first.wrapping_add(self.sharded()))?;
                Some(first.wrapping_add(missing))
            });
    }

    pub(crate) fn get(&self) -> u64 {
        self.first
            .load(Ordering::Relaxed)
            .wrapping_add(self.sharded())
    }

    fn sharded(&self) -> u64 {
        self.shards.get().map_or(0, |shards| shards.sum(0))
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
}
