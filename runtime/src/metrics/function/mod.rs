//! The metrics of annotated functions: calls by outcome, their durations, and how many are running.
//!
//! ```text
//! Site ─► FunctionCells ─► Row (labels at the start) ─► FunctionSeries ─► Shards       what calls write to
//!                           └─► Ends (labels of the result) ─► FunctionSeries ..
//! publish: readings of all functions ─► families ─► Metric                             what exporters read
//! ```

mod bounded;
mod cells;
mod check;
mod columns;
mod durations;
mod places;
mod publish;
mod series;

pub(crate) use cells::{FunctionCells, SeriesIndex, Side};
pub(crate) use check::check_functions;
pub(crate) use durations::seconds;
pub(crate) use publish::{Overflow, owner, publish};
pub(crate) use series::{CallResult, LocalCells};
