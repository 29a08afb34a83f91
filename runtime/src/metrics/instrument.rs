//! What all instruments have in common.

use std::fmt::Debug;
use std::sync::Arc;

use super::snapshot::{MetricData, Points};

/// A kind of instrument: [`Counter`](super::Counter), [`UpDownCounter`](super::UpDownCounter),
/// [`Gauge`](super::Gauge), [`Histogram`](super::Histogram) or [`ExponentialHistogram`](super::ExponentialHistogram).
pub trait Instrument: Cells {}

impl<I: Cells> Instrument for I {}

/// The values behind a handle. Nobody outside can name this trait, so there are no further instruments.
pub trait Cells: Clone + Debug + Send + Sync + 'static {
    /// With its article, as messages say it.
    const KIND: &'static str;

    /// What a snapshot shows of one series.
    type Value;

    /// A series at zero. Only histograms with explicit buckets have bounds.
    fn new(bounds: &Arc<[f64]>) -> Self;

    /// The value at this moment.
    fn read(&self) -> Self::Value;

    /// The values of all series.
    fn data(points: Points<Self::Value>) -> MetricData;

    /// The bounds where the code names none.
    fn default_bounds(_unit: &str) -> Arc<[f64]> {
        Arc::new([])
    }
}
