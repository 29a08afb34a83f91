//! From the records of this process to the backends: the one place with a thread.
//!
//! ```text
//! collector ─► Feed ─┬─► taps: the trace store
//!                    ├─► Lane: Inbox ─► Encoder ─► Outbox ─► row ─► Transport    one for each exporter and signal
//!                    └─► Lane ..
//! registry ─► MetricFeed ─► Lane ..
//!
//! row: Halve ─► Breaker ─► Retry ─► Attempt
//! ```

mod attempt;
mod breaker;
mod circuit;
mod feed;
mod halve;
mod inbox;
mod lane;
mod lanes;
mod load;
mod metric_feed;
mod outbox;
mod parcel;
pub(crate) mod payload;
mod retry;
mod row;
pub(crate) mod schedule;
mod settlement;
pub(crate) mod sink;
pub(crate) mod tally;
mod tap;
mod tasks;
#[cfg(test)]
mod tests;
pub(crate) mod verdict;
pub(crate) mod work;
pub(crate) mod worker;
