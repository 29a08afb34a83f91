//! Starts and stops listening: for exporters, which install telemetry for a whole program.

use std::sync::Arc;

use crate::listen;
use crate::logs::{LogRecord, listener};

/// From now on calls of annotated functions count and make spans.
pub fn start() {
    listen::start(listen::METRICS | listen::SPANS);
}

/// From now on `on_record` is given each log record, on the thread that makes it.
///
/// It may panic, which is as if it had returned. What it calls may make log records; those are given to nobody.
pub fn start_logs(on_record: impl Fn(&LogRecord) + Send + Sync + 'static) {
    listener::set(Some(Arc::new(on_record)));
    listen::start(listen::LOGS);
}

/// From now on calls do nothing of that. A call that is running still ends as it began, but makes no log record.
pub fn stop() {
    listen::stop(listen::METRICS | listen::SPANS | listen::LOGS);
    listener::set(None);
}
