//! Sums that go up and down.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::info::InstrumentKind;
use super::instrument::{Instrument, Kind};
use super::snapshot::{MetricData, Points};
use super::table::Row;

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
    row: Arc<Row<AtomicI64>>,
}

impl UpDownCounter {
    /// Adds `n`, which may be negative.
    #[inline]
    pub fn add(&self, n: i64) {
        self.row.cells.fetch_add(n, Ordering::Relaxed);
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
        self.row.cells.load(Ordering::Relaxed)
    }
}

impl Instrument for UpDownCounter {
    fn new(row: Arc<Row<AtomicI64>>) -> Self {
        Self { row }
    }
}

impl Kind for UpDownCounter {
    const KIND: InstrumentKind = InstrumentKind::UpDownCounter;
    type Cells = AtomicI64;
    type Value = i64;
    type Callbacks = ();

    fn cells(_: &Arc<[f64]>) -> AtomicI64 {
        AtomicI64::new(0)
    }

    fn read(sum: &AtomicI64) -> i64 {
        sum.load(Ordering::Relaxed)
    }

    fn data(points: Points<i64>) -> MetricData {
        MetricData::UpDownCounter(points)
    }
}
