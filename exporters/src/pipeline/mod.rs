//! The one place with a thread: queues, batches, retries and flushes.
//!
//! ```text
//! collector ─► SpanFeed ──┬─► Lane: Queue ─► Encoder ─► Sender ─► Transport    one lane for each exporter and signal
//!                         └─► Lane ..
//! registry ──► MetricFeed ──► Lane ..
//! ```

mod feed;
mod lane;
pub(crate) mod payload;
mod queue;
pub(crate) mod schedule;
mod send;
pub(crate) mod sink;
mod tally;
#[cfg(test)]
mod tests;
pub(crate) mod verdict;
pub(crate) mod work;
pub(crate) mod worker;
