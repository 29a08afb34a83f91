//! The one place with a thread: queues, batches, retries and flushes.

mod feed;
mod lane;
mod queue;
mod send;
pub(crate) mod sink;
mod tally;
pub(crate) mod worker;
