//! How much is sent at once, and when.

use std::time::Duration;

/// How much is sent at once, and when. The defaults are the specification's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    pub(crate) batch_size: usize,
    pub(crate) max_queue_size: usize,
    /// Spans wait at most so long for their batch to be full.
    pub(crate) batch_delay: Duration,
    pub(crate) span_export_timeout: Duration,
    pub(crate) metric_interval: Duration,
    pub(crate) metric_export_timeout: Duration,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            batch_size: 512,
            max_queue_size: 2_048,
            batch_delay: Duration::from_secs(5),
            span_export_timeout: Duration::from_secs(30),
            metric_interval: Duration::from_secs(60),
            metric_export_timeout: Duration::from_secs(30),
        }
    }
}
