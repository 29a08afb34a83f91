//! What goes wrong while the program runs: rate-limited `tracing` events, and the user's `on_error`. If nobody has
//! either, standard error hears of it.

use std::collections::HashMap;
use std::fmt::{self, Display};
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tachograph::listener;
use tokio::time::Instant;
use tracing::Level;
use tracing::dispatcher::{self, Dispatch};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::NoSubscriber;

use crate::error::ExportError;

/// After an event, others of the same exporter and kind are only counted for so long.
const QUIET: Duration = Duration::from_secs(30);

/// What `on_error` was given.
pub(crate) type OnError = Box<dyn Fn(&ExportError) + Send + Sync>;

/// Tells people about errors that no caller gets to see.
pub(crate) struct Reporter {
    on_error: Option<OnError>,
    /// What is less grave makes no event.
    log_level: LevelFilter,
    limits: Mutex<HashMap<(String, &'static str), Limit>>,
}

/// When the last event was let through, and how many were not since then.
#[derive(Clone, Copy, Debug)]
struct Limit {
    last: Instant,
    suppressed: u64,
}

impl fmt::Debug for Reporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reporter")
            .field("log_level", &self.log_level)
            .finish_non_exhaustive()
    }
}

impl Reporter {
    pub(crate) fn new(on_error: Option<OnError>, log_level: LevelFilter) -> Self {
        Self {
            on_error,
            log_level,
            limits: Mutex::default(),
        }
    }

    /// Tells nobody.
    #[cfg(test)]
    pub(crate) fn silent() -> std::sync::Arc<Self> {
        std::sync::Arc::new(Self::new(None, LevelFilter::OFF))
    }

    /// Calls `on_error`, and makes an event with target `tachograph` unless there was one of the kind just now.
    pub(crate) fn report(&self, error: &ExportError) {
        if let Some(on_error) = &self.on_error {
            survive(|| on_error(error));
        }
        let level = error.level();
        if level > self.log_level {
            return;
        }
        if let Some(suppressed) = self.admit(error, Instant::now()) {
            let more = match suppressed {
                0 => String::new(),
                _ => format!(" (and {suppressed} more like it)"),
            };
            self.say(level, suppressed, &visible(&format!("{error}{more}")));
        }
    }

    /// The last words of a telemetry whose shutdown nobody asked for.
    pub(crate) fn warn(&self, message: &impl Display) {
        if Level::WARN <= self.log_level {
            self.say(Level::WARN, 0, message);
        }
    }

    /// What is good to know, for `tracing` subscribers alone.
    pub(crate) fn inform(&self, message: &impl Display) {
        if Level::INFO <= self.log_level {
            survive(|| tracing::info!(target: "tachograph", "{message}"));
        }
    }

    fn say(&self, level: Level, suppressed: u64, message: &dyn Display) {
        survive(|| {
            let has_subscriber = !dispatcher::get_default(Dispatch::is::<NoSubscriber>);
            if self.on_error.is_none() && !has_subscriber {
                // Not `eprintln!`, which panics where standard error is closed.
                let _ = writeln!(io::stderr(), "tachograph: {message}");
            } else if level == Level::ERROR {
                tracing::error!(target: "tachograph", suppressed, "{message}");
            } else {
                tracing::warn!(target: "tachograph", suppressed, "{message}");
            }
        });
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

/// The text without characters that steer whoever shows it: control characters, and those that turn the direction of
/// writing.
pub(crate) fn visible(text: &str) -> String {
    let steers = |char: char| {
        let turns = matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        turns || char.is_control()
    };
    text.chars().filter(|char| !steers(*char)).collect()
}

/// Runs code of the user, whose panics must end neither the exporters' thread nor one of its tasks. What it records is left
/// out: telling of an error that sending it meets would have no end.
fn survive(users: impl FnOnce()) {
    let _ = listener::unheard(|| catch_unwind(AssertUnwindSafe(users)));
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use tracing::span::{Attributes, Id, Record};
    use tracing::subscriber::with_default;
    use tracing::{Event, Metadata, Subscriber};

    use super::*;
    use crate::Signal;
    use crate::dropped::Cause;

    fn retrying(exporter: &str, reason: &str) -> ExportError {
        ExportError::Retrying {
            exporter: exporter.into(),
            signal: Signal::Traces,
            reason: reason.to_owned(),
        }
    }

    fn dropped() -> ExportError {
        ExportError::Dropped {
            exporter: "otlp_http".into(),
            signal: Signal::Traces,
            cause: Cause::QueueFull,
            items: 1,
            reason: "its queue is full".to_owned(),
        }
    }

    fn reporter(log_level: LevelFilter) -> Reporter {
        Reporter::new(None, log_level)
    }

    #[test]
    fn a_kind_of_error_is_told_once_in_a_while() {
        let reporter = reporter(LevelFilter::INFO);
        let start = Instant::now();
        let refused = retrying("otlp_http", "connection refused");
        assert_eq!(reporter.admit(&refused, start), Some(0));
        assert_eq!(reporter.admit(&refused, start), None);
        assert_eq!(reporter.admit(&retrying("otlp_http", "503"), start), None);
        assert_eq!(
            reporter.admit(&retrying("jaeger_udp", "503"), start),
            Some(0)
        );
        assert_eq!(reporter.admit(&refused, start + QUIET), Some(2));
        assert_eq!(reporter.admit(&refused, start + QUIET), None);
    }

    #[test]
    fn nothing_that_is_said_steers_a_terminal() {
        let text = "a\u{1b}[31mred\u{202e}txt\u{2066}.\r\nb ä\u{9b}";
        assert_eq!(visible(text), "a[31mredtxt.b ä");
    }

    #[test]
    fn what_is_said_once_is_not_hidden_by_others() {
        let reporter = reporter(LevelFilter::INFO);
        for metric in ["shop.a", "shop.b"] {
            let left_out = ExportError::Server {
                reason: format!("`{metric}` is left out of `/metrics`"),
            };
            assert_eq!(reporter.admit(&left_out, Instant::now()), Some(0));
        }
        for number in [1, 2] {
            let ignored = ExportError::Ignored {
                option: "OTEL_TRACES_EXPORTER".to_owned(),
                reason: format!("name {number} in it is no exporter of traces"),
            };
            assert_eq!(reporter.admit(&ignored, Instant::now()), Some(0));
        }
    }

    #[test]
    fn on_error_hears_every_error_and_may_panic() {
        let heard = Arc::new(AtomicU32::new(0));
        let count = Arc::clone(&heard);
        let on_error: OnError = Box::new(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            panic!("on purpose");
        });
        let reporter = Reporter::new(Some(on_error), LevelFilter::OFF);
        reporter.report(&retrying("otlp_http", "503"));
        reporter.report(&retrying("otlp_http", "503"));
        assert_eq!(heard.load(Ordering::Relaxed), 2);
    }

    /// Counts events by level, and panics over each.
    #[derive(Clone, Default)]
    struct Panicking {
        levels: Arc<Mutex<Vec<Level>>>,
    }

    impl Subscriber for Panicking {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }

        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }

        fn record(&self, _: &Id, _: &Record<'_>) {}

        fn record_follows_from(&self, _: &Id, _: &Id) {}

        fn event(&self, event: &Event<'_>) {
            assert_eq!(event.metadata().target(), "tachograph");
            self.levels.lock().unwrap().push(*event.metadata().level());
            panic!("on purpose");
        }

        fn enter(&self, _: &Id) {}

        fn exit(&self, _: &Id) {}
    }

    #[test]
    fn events_are_as_grave_as_they_must_be_and_a_subscriber_may_panic() {
        let check = |log_level, expected: &[Level]| {
            let subscriber = Panicking::default();
            with_default(subscriber.clone(), || {
                let reporter = reporter(log_level);
                reporter.inform(&"the start");
                reporter.report(&retrying("otlp_http", "503"));
                reporter.report(&dropped());
                reporter.warn(&"the end");
            });
            assert_eq!(*subscriber.levels.lock().unwrap(), expected);
        };
        let all = [Level::INFO, Level::WARN, Level::ERROR, Level::WARN];
        check(LevelFilter::INFO, &all);
        check(LevelFilter::WARN, &all[1..]);
        check(LevelFilter::ERROR, &[Level::ERROR]);
        check(LevelFilter::OFF, &[]);
    }
}
