//! Values that are set.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::info::InstrumentKind;
use super::instrument::{Instrument, Kind};
use super::snapshot::{MetricData, Points};
use super::table::Row;
use crate::clock;

/// Shows the last value set: a temperature, a fill level. It begins at 0; infinities and NaN are values too.
///
/// Clones set the same series. Setting takes a few nanoseconds, no lock and no allocation.
///
/// ```
/// # use tachograph::Registry;
/// # let registry = Registry::new();
/// let temperature = registry.gauge("oven.temperature").with_unit("Cel").build()?;
/// temperature.set(180.0);
/// temperature.add(-0.5);
/// assert_eq!(temperature.value(), 179.5);
/// # Ok::<(), tachograph::metrics::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Gauge {
    row: Arc<Row<Level>>,
}

/// The bits of a floating-point number.
#[derive(Debug, Default)]
pub struct Level(AtomicU64);

impl Gauge {
    /// Sets the value.
    #[inline]
    pub fn set(&self, value: f64) {
        self.row.cells.set(value);
    }

    /// Adds to the value; `n` may be negative.
    #[inline]
    pub fn add(&self, n: f64) {
        self.row.cells.add(n);
    }

    /// Sets the value to the present time, in seconds since the Unix epoch: when something last succeeded, for example.
    pub fn set_to_current_time(&self) {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a microsecond more or less is no matter"
        )]
        self.set(clock::unix_nanos() as f64 / 1e9);
    }

    /// The value at this moment.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.row.cells.get()
    }

    #[cfg(feature = "metrics")]
    pub(crate) fn row(&self) -> &Arc<Row<Level>> {
        &self.row
    }
}

impl Level {
    #[inline]
    pub(crate) fn set(&self, value: f64) {
        self.0.store(value.to_bits(), Ordering::Relaxed);
    }

    #[inline]
    pub(crate) fn add(&self, n: f64) {
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |bits| {
                Some((f64::from_bits(bits) + n).to_bits())
            });
    }

    fn get(&self) -> f64 {
        f64::from_bits(self.0.load(Ordering::Relaxed))
    }
}

impl Instrument for Gauge {
    fn new(row: Arc<Row<Level>>) -> Self {
        Self { row }
    }
}

impl Kind for Gauge {
    const KIND: InstrumentKind = InstrumentKind::Gauge;
    type Cells = Level;
    type Value = f64;
    type Callbacks = ();

    fn cells(_: &Arc<[f64]>) -> Level {
        Level::default()
    }

    fn read(level: &Level) -> f64 {
        level.get()
    }

    fn data(points: Points<f64>) -> MetricData {
        MetricData::Gauge(points)
    }
}
