//! One place with a thread: queues, batches, retries and flushes.

pub(crate) mod sink;
