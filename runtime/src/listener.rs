//! Starts and stops listening: for exporters, which install telemetry for a whole program.

use std::sync::Arc;

use crate::inside::inside;
use crate::listen;
use crate::logs::{LogData, listener};

/// From now on calls of annotated functions count and make spans.
pub fn start() {
    listen::start(listen::METRICS | listen::SPANS);
}

/// From now on `on_record` is given each log record, on the thread that makes it.
///
/// It may panic, which is as if it had returned. What it calls may make log records; those are given to nobody.
pub fn start_logs(on_record: impl Fn(LogData<'_>) + Send + Sync + 'static) {
    listener::set(Some(Arc::new(on_record)));
    listen::start(listen::LOGS);
}

/// From now on each log record waits for a [`Collector<Logs>`](crate::collector::Collector), too.
///
/// ```
/// use tachograph::collector::{Collector, Logs};
/// use tachograph::logs::LogRecord;
/// use tachograph::{listener, trace::Level};
///
/// let collector = Collector::<Logs>::install()?;
/// listener::collect_logs();
/// LogRecord::new(Level::Info).with_body("ready").submit();
/// listener::stop();
/// let records = collector.drain(512);
/// assert_eq!(records.iter().next().unwrap().body_text(), Some("ready"));
/// # Ok::<(), tachograph::collector::CollectorTaken>(())
/// ```
pub fn collect_logs() {
    listener::collect(true);
    listen::start(listen::LOGS);
}

/// Does work that nobody shall hear of: calls, spans and log records of this thread are left out meanwhile.
///
/// It is for telemetry's own work, such as telling what went wrong with it, which would otherwise make more of it.
///
/// ```
/// use tachograph::collector::{Collector, Spans};
/// use tachograph::trace::Span;
/// use tachograph::{listener, traced};
///
/// #[traced]
/// fn tell() {
///     Span::start("told").end();
/// }
///
/// let collector = Collector::<Spans>::install()?;
/// listener::start();
/// listener::unheard(tell);
/// listener::stop();
/// assert!(collector.drain(512).is_empty());
/// # Ok::<(), tachograph::collector::CollectorTaken>(())
/// ```
pub fn unheard<T>(work: impl FnOnce() -> T) -> T {
    inside(work)
}

/// From now on calls do nothing of that. A call that is running still ends as it began, but makes no log record.
pub fn stop() {
    listen::stop(listen::METRICS | listen::SPANS | listen::LOGS);
    listener::collect(false);
    listener::set(None);
}
