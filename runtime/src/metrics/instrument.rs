//! What all instruments have in common.

use std::fmt::Debug;
use std::sync::Arc;

use super::info::InstrumentKind;
use super::snapshot::{MetricData, Points};
use super::table::{Row, Table};

/// An instrument to record with: [`Counter`](super::Counter), [`UpDownCounter`](super::UpDownCounter),
/// [`Gauge`](super::Gauge), [`Histogram`](super::Histogram) or [`ExponentialHistogram`](super::ExponentialHistogram).
pub trait Instrument: Kind + Clone {
    /// A handle of one series.
    #[doc(hidden)]
    fn new(row: Arc<Row<Self::Cells>>) -> Self;
}

/// What makes an instrument one of its kind. Nobody outside can name this trait, so there are no further kinds.
pub trait Kind: Debug + Send + Sync + Sized + 'static {
    /// Which one.
    const KIND: InstrumentKind;

    /// What one series counts in.
    type Cells: Debug + Send + Sync;

    /// What a snapshot shows of one series.
    type Value;

    /// Who is asked for the values, where they are not recorded.
    type Callbacks: Debug + Default + Send + Sync;

    /// Cells at zero. Only histograms with explicit buckets have bounds.
    fn cells(bounds: &Arc<[f64]>) -> Self::Cells;

    /// The value at this moment.
    fn read(cells: &Self::Cells) -> Self::Value;

    /// The values of all series.
    fn data(points: Points<Self::Value>) -> MetricData;

    /// Asks the callbacks for the values; `panicked` is told of each one that panics.
    fn ask(_table: &Table<Self>, _panicked: &mut dyn FnMut()) {}

    /// The bounds where the code names none.
    fn default_bounds(_unit: &str) -> Arc<[f64]> {
        Arc::new([])
    }
}
