//! How a call ends: what is counted and recorded of it, and who is told.

use std::thread;

use super::full::Full;
use crate::logs::{LogRecord, listener};
use crate::lost;
use crate::metrics::{self, CallResult, Exemplar, LocalCells};
use crate::outcome::{Message, Outcome};
use crate::packed::{ValueRef, numbered};
use crate::scope::{self, Scope};
use crate::semconv;
use crate::trace::{Context, Ids, Level};

/// All the ways in which a call can end.
#[derive(Clone, Copy)]
pub(super) enum Ending<'r> {
    Returned(Outcome<'r>),
    /// A function whose result nobody looks at was left: it returned, or a panic unwinds through it.
    Left,
    /// The body ended without a result.
    Unwound,
    Cancelled,
}

impl Ending<'_> {
    /// What a call counts as that ends so.
    ///
    /// A function that is left on a thread that was panicking when it was called may have returned, or not: a destructor
    /// that runs while a panic unwinds may call it, and have caught another panic. Such a call is counted as `ok`.
    #[inline]
    pub(super) fn result(self, was_panicking: bool) -> CallResult {
        match self {
            Ending::Returned(Outcome::Error { .. }) => CallResult::Error,
            Ending::Unwound => CallResult::Panic,
            Ending::Left if thread::panicking() && !was_panicking => CallResult::Panic,
            Ending::Returned(Outcome::Ok) | Ending::Left => CallResult::Ok,
            Ending::Cancelled => CallResult::Cancelled,
        }
    }
}

/// Counts the end of a call between two readings of the clock, which may become an exemplar if its span is sampled.
#[inline(always)]
pub(super) fn count_timed(
    local: LocalCells<'_>,
    result: CallResult,
    (start, end): (u64, u64),
    span: Ids,
    scope: Option<&Scope>,
) {
    let nanos = scope::nanos_between(scope, start, end);
    let counted = local.finish(result, nanos);
    if let Some(span_id) = span.span_id().filter(|_| span.is_sampled()) {
        local.offer(counted, || Exemplar {
            value: metrics::seconds(nanos),
            unix_nanos: scope::unix_nanos(scope, end),
            trace_id: span.trace_id(),
            span_id,
        });
    }
}

impl Full {
    /// Tells the span, and whoever reads the log, how the call ended.
    #[cold]
    pub(super) fn describe(&mut self, ending: Ending<'_>, end: u64) {
        match ending {
            Ending::Returned(Outcome::Error {
                error_type,
                message,
            }) => self.failed(error_type, message, self.site.error_level(), end),
            // The panic has told of itself.
            Ending::Left | Ending::Unwound => {
                if ending.result(self.was_panicking) == CallResult::Panic {
                    self.failed("panic", Message::None, None, end);
                }
            }
            Ending::Returned(Outcome::Ok) => {}
            Ending::Cancelled => self.cancelled(),
        }
    }

    fn failed(
        &mut self,
        error_type: &'static str,
        message: Message<'_>,
        level: Option<Level>,
        end: u64,
    ) {
        let level = level.filter(|_| listener::is_there(self.scope.as_deref()));
        if level.is_none() && !self.is_recording() {
            return;
        }
        let message = self.text(message);
        let end = if self.is_timed() { end } else { self.now() };
        let unix_nanos = scope::unix_nanos(self.scope.as_deref(), end);
        if let Some(level) = level {
            self.log(level, error_type, message.clone(), unix_nanos);
        }
        if let Some(parts) = self.parts() {
            parts.fail(error_type, message, unix_nanos);
        }
    }

    /// Reads the message while the thread is in the span, for what the error's own code records.
    fn text(&mut self, message: Message<'_>) -> Option<String> {
        if matches!(message, Message::None) {
            return None;
        }
        self.enter();
        let scope = self.scope.clone();
        let text = lost::watching(self.site, scope.as_deref(), || message.text());
        self.leave();
        text
    }

    /// Makes a log record while the thread is in the span, where whoever hears of it can find it.
    fn log(
        &mut self,
        severity: Level,
        error_type: &'static str,
        message: Option<String>,
        unix_nanos: u64,
    ) {
        self.enter();
        let record = LogRecord::of_error(self.site, severity, error_type, message, unix_nanos);
        let record = record.with_context(&Context::current());
        listener::tell(record, self.scope.as_deref());
        self.leave();
    }

    fn cancelled(&mut self) {
        if let Some(parts) = self.parts() {
            let cancelled = const { numbered(semconv::TACHOGRAPH_CANCELLED) };
            parts.set(cancelled, ValueRef::Bool(true));
        }
    }
}
