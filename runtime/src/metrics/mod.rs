//! Metrics: instruments, the cells of annotated functions, and snapshots of both.

mod bounds;
mod exemplar;
mod function;
mod functions;
mod label;
mod shards;
mod slot;
mod snapshot;

pub use label::{Label, LabelValue, label};
pub use snapshot::{
    Descriptor, Exemplar, HistogramValue, Label as SeriesLabel, Metric, MetricData, Point, Series,
    Snapshot,
};

pub(crate) use function::{CallResult, FunctionCells, SeriesIndex};
pub(crate) use functions::publish;
