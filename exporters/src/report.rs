//! What goes wrong while the program runs: rate-limited `tracing` events, and the user's `on_error`. If nobody has
//! either, standard error hears of it.

use std::collections::HashMap;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::dispatcher::{self, Dispatch};
use tracing::subscriber::NoSubscriber;

use crate::error::ExportError;

/// After an event, others of the same exporter and kind are only counted for so long.
const QUIET: Duration = Duration::from_secs(30);

/// What `on_error` was given.
pub(crate) type OnError = Box<dyn Fn(&ExportError) + Send + Sync>;

/// Tells people about errors that no caller gets to see.
#[derive(Default)]
pub(crate) struct Reporter {
    on_error: Option<OnError>,
    limits: Mutex<HashMap<(String, &'static str), Limit>>,
}

/// When the last event was let through, and how many were not since then.
#[derive(Clone, Copy, Debug)]
struct Limit {
    last: Instant,
    suppressed: u64,
}

impl Reporter {
    pub(crate) fn new(on_error: Option<OnError>) -> Self {
        Self {
            on_error,
            limits: Mutex::default(),
        }
    }

    /// Calls `on_error`, and makes an event with target `tachograph` unless there was one of the kind just now.
    pub(crate) fn report(&self, error: &ExportError) {
        if let Some(on_error) = &self.on_error {
            // The exporters' thread must survive the user's code.
            let _ = catch_unwind(AssertUnwindSafe(|| on_error(error)));
        }
        let Some(suppressed) = self.admit(error, Instant::now()) else {
            return;
        };
        let more = match suppressed {
            0 => String::new(),
            _ => format!(" (and {suppressed} more like it)"),
        };
        let has_subscriber = !dispatcher::get_default(Dispatch::is::<NoSubscriber>);
        if self.on_error.is_some() || has_subscriber {
            tracing::warn!(target: "tachograph", suppressed, "{error}{more}");
        } else {
            // Not `eprintln!`, which panics where standard error is closed.
            let _ = writeln!(io::stderr(), "tachograph: {error}{more}");
        }
    }

    /// How many errors of the kind were suppressed before this one; `None` if this one is, too.
    fn admit(&self, error: &ExportError, now: Instant) -> Option<u64> {
        let mut limits = self.limits.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(limit) = limits.get_mut(&error.kind()) else {
            let first = Limit {
                last: now,
                suppressed: 0,
            };
            limits.insert(error.kind(), first);
            return Some(0);
        };
        if now.duration_since(limit.last) < QUIET {
            limit.suppressed += 1;
            return None;
        }
        limit.last = now;
        Some(std::mem::take(&mut limit.suppressed))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::Signal;

    fn error(exporter: &'static str, reason: &str) -> ExportError {
        ExportError::Retrying {
            exporter,
            signal: Signal::Traces,
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn a_kind_of_error_is_told_once_in_a_while() {
        let reporter = Reporter::default();
        let start = Instant::now();
        let refused = error("otlp_http", "connection refused");
        assert_eq!(reporter.admit(&refused, start), Some(0));
        assert_eq!(reporter.admit(&refused, start), None);
        assert_eq!(reporter.admit(&error("otlp_http", "503"), start), None);
        assert_eq!(reporter.admit(&error("jaeger_udp", "503"), start), Some(0));
        assert_eq!(reporter.admit(&refused, start + QUIET), Some(2));
        assert_eq!(reporter.admit(&refused, start + QUIET), None);
    }

    #[test]
    fn on_error_hears_every_error_and_may_panic() {
        let heard = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&heard);
        let reporter = Reporter::new(Some(Box::new(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            panic!("on purpose");
        })));
        reporter.report(&error("otlp_http", "503"));
        reporter.report(&error("otlp_http", "503"));
        assert_eq!(heard.load(Ordering::Relaxed), 2);
    }
}
