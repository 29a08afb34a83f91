//! Sums that go up and down.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::instrument::Cells;
use super::snapshot::{MetricData, Points};

/// Counts what comes and goes: open connections, items in a queue. It begins at 0.
///
/// Clones count in the same series. Adding takes a few nanoseconds, no lock and no allocation. It is one number for
/// all threads: over shards, a reader could see an item leave that it did not see come, and report -1 of them.
///
/// ```
/// # use tachograph::Registry;
/// # let registry = Registry::new();
/// let open = registry
///     .up_down_counter("connections.open")
///     .with_unit("{connection}")
///     .build()?;
/// open.increment();
/// open.add(3);
/// open.decrement();
/// assert_eq!(open.value(), 3);
/// # Ok::<(), tachograph::metrics::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct UpDownCounter {
    sum: Arc<AtomicI64>,
}

impl UpDownCounter {
    /// Adds `n`, which may be negative.
    #[inline]
    pub fn add(&self, n: i64) {
        self.sum.fetch_add(n, Ordering::Relaxed);
    }

    /// Adds one.
    #[inline]
    pub fn increment(&self) {
        self.add(1);
    }

    /// Takes one away.
    #[inline]
    pub fn decrement(&self) {
        self.add(-1);
    }

    /// The sum at this moment.
    #[must_use]
    pub fn value(&self) -> i64 {
        self.sum.load(Ordering::Relaxed)
    }
}

impl Cells for UpDownCounter {
    const KIND: &'static str = "an up-down counter";
    type Value = i64;

    fn new(_: &Arc<[f64]>) -> Self {
        Self {
            sum: Arc::default(),
        }
    }

    fn read(&self) -> i64 {
        self.value()
    }

    fn data(points: Points<i64>) -> MetricData {
        MetricData::UpDownCounter(points)
    }
}
