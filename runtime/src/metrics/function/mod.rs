//! The metrics of annotated functions: calls by outcome, their durations, and how many are running.
//!
//! ```text
//! Site ─► FunctionCells ─► Row (labels at the start) ─► FunctionSeries ─► ThreadCells     what calls write to
//!                           └─► Ends (labels of the result) ─► FunctionSeries ..
//! publish: figures of all functions ─► SharedMetrics ─► Metric                          what exporters read
//! ```

#![expect(
    clippy::inline_always,
    reason = "a call counts within its own code, and keeps what it counts in in registers"
)]

mod bounded;
mod cells;
mod check;
mod columns;
mod durations;
mod figures;
mod local;
#[cfg(all(test, loom))]
mod loom_models;
mod publish;
mod rows;
mod sample;
mod series;
mod shared;
mod sparse;
mod thread;

pub(crate) use cells::{FunctionCells, SeriesIndex, Side};
pub(crate) use check::check_functions;
pub(crate) use columns::Combination;
pub use durations::FunctionBuckets;
pub(crate) use durations::seconds;
pub(crate) use local::LocalCells;
pub(crate) use publish::{Overflow, owner, publish};
pub(crate) use rows::BUCKETS;
pub(crate) use series::{CallResult, FunctionSeries};
