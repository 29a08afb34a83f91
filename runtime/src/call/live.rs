//! What a running call remembers, and what it counts and records at its ends.

use std::sync::Arc;
use std::thread;

use crate::clock;
use crate::listed;
use crate::listen::{self, METRICS, SPANS};
use crate::logs::{self, LogRecord};
use crate::metrics::{self, CallResult, Exemplar, FunctionCells, SeriesIndex};
use crate::outcome::{Message, Outcome};
use crate::scope::{self, Scope};
use crate::semconv;
use crate::site::Site;
use crate::trace::{self, Level, OpenSpan, Origin, Previous};
use crate::value::Attribute;

/// What a call must remember to count at its end what it counted at its start, whatever is installed or shut down
/// meanwhile.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) site: &'static Site,
    pub(super) scope: Option<Arc<Scope>>,
    pub(super) span: Option<OpenSpan>,
    /// Where the thread was before it entered the span.
    pub(super) previous: Option<Previous>,
    pub(super) series: SeriesIndex,
    start: u64,
    /// The start of the call, or of the poll that has the span.
    span_start: u64,
    pub(super) metered: bool,
    /// Whether the function's histogram will have the call's duration.
    timed: bool,
    /// Code that a panic runs on its way, in a destructor, may still end well.
    was_panicking: bool,
}

/// All the ways in which a call can end.
#[derive(Clone, Copy)]
pub(super) enum Ending<'r> {
    Returned(Outcome<'r>),
    /// A guard went out of scope, or a panic unwinds through it.
    Dropped,
    Cancelled,
}

impl Live {
    /// A call that has not started; none if nobody listens to this function.
    #[inline(always)]
    pub(super) fn new(site: &'static Site, listening: usize) -> Option<Self> {
        listed::join(site);
        let scope = if listen::has_scopes(listening) {
            scope::current()
        } else {
            None
        };
        let signals = if scope.is_some() {
            site.records
        } else {
            site.records & listening
        };
        let metered = signals & METRICS != 0;
        let span = if signals & SPANS == 0 {
            None
        } else {
            OpenSpan::child_of_current(scope.as_deref())
        };
        if !metered && span.is_none() && !site.records_without_span(signals) {
            return None;
        }
        Some(Self {
            site,
            scope,
            span,
            previous: None,
            series: SeriesIndex::PLAIN,
            start: 0,
            span_start: 0,
            metered,
            timed: false,
            was_panicking: thread::panicking(),
        })
    }

    #[inline(never)]
    pub(super) fn start_after_setup(&mut self) {
        self.start();
    }

    #[inline(never)]
    pub(super) fn enter_again(&mut self) {
        self.enter_poll();
    }

    #[inline(always)]
    pub(super) fn enter_poll(&mut self) {
        if self.site.enters_on_poll() && self.span.is_none() {
            self.begin_poll();
        }
        self.enter();
    }

    #[inline(never)]
    pub(super) fn suspend(&mut self) {
        self.leave();
        if self.site.enters_on_poll() {
            self.end_poll();
        }
    }

    /// Begins the span of a poll, where each has one of its own.
    #[cold]
    fn begin_poll(&mut self) {
        if self.scope.is_some() || listen::listening() & SPANS != 0 {
            self.span = OpenSpan::child_of_current(self.scope.as_deref());
        }
        if self.is_recording() {
            self.span_start = self.now();
        }
    }

    #[cold]
    fn end_poll(&mut self) {
        if self.is_recording() {
            self.finish_span(self.now());
        }
        self.span = None;
    }

    #[inline(always)]
    pub(super) fn start(&mut self) {
        if self.metered {
            let keyed = self.keyed_cells();
            let cells = keyed.as_deref().unwrap_or(&self.site.cells);
            let before = cells
                .series(self.series)
                .start(cells.bounds(self.site.metered.buckets));
            self.timed = before & self.site.metered.untimed == 0;
        }
        // Last, so that what happens before is not in the call's time.
        if self.is_timed() {
            self.start = self.now();
            self.span_start = self.start;
        }
    }

    /// The function's cells in the scope that the call began in; they are in the site where there is no scope.
    #[inline(always)]
    pub(super) fn keyed_cells(&self) -> Option<Arc<FunctionCells>> {
        self.scope
            .as_ref()
            .map(|scope| scope.registry.function(self.site))
    }

    /// Whether anybody will know how long the call took. A span that is not sampled only carries its ids on.
    #[inline]
    fn is_timed(&self) -> bool {
        self.timed || self.is_recording()
    }

    #[inline]
    pub(super) fn is_recording(&self) -> bool {
        self.span.as_ref().is_some_and(|span| span.ids.is_sampled())
    }

    #[inline]
    fn now(&self) -> u64 {
        match &self.scope {
            None => clock::now(),
            Some(scope) => scope.clock.unix_nanos(),
        }
    }

    #[inline(always)]
    pub(super) fn enter(&mut self) {
        if let Some(span) = &mut self.span {
            self.previous = Some(span.enter());
        }
    }

    #[inline(always)]
    pub(super) fn leave(&mut self) {
        if let (Some(span), Some(previous)) = (&mut self.span, self.previous.take()) {
            span.leave(previous);
        }
    }

    pub(super) fn end(&mut self, ending: Ending<'_>) {
        let end = if self.is_timed() { self.now() } else { 0 };
        if self.metered {
            self.count(self.result(ending), end);
        }
        self.leave();
        self.describe(ending, end);
        self.finish_span(end);
    }

    #[inline(always)]
    fn finish_span(&mut self, end: u64) {
        if let Some(span) = &mut self.span {
            let (origin, kind) = (Origin::Site(self.site), self.site.span_kind());
            span.finish(origin, kind, self.span_start, end, self.scope.as_deref());
        }
    }

    /// Whether a panic that began during the call is unwinding.
    fn panics(&self) -> bool {
        thread::panicking() && !self.was_panicking
    }

    #[inline]
    fn result(&self, ending: Ending<'_>) -> CallResult {
        match ending {
            Ending::Returned(Outcome::Error { .. }) => CallResult::Error,
            Ending::Dropped if self.panics() => CallResult::Panic,
            Ending::Returned(Outcome::Ok) | Ending::Dropped => CallResult::Ok,
            Ending::Cancelled => CallResult::Cancelled,
        }
    }

    #[inline]
    fn count(&self, result: CallResult, end: u64) {
        let keyed = self.keyed_cells();
        let cells = keyed.as_deref().unwrap_or(&self.site.cells);
        let bounds = cells.bounds(self.site.metered.buckets);
        let series = cells.series(self.series);
        if !self.timed {
            return series.finish_untimed(bounds, result);
        }
        let nanos = match &self.scope {
            None => clock::nanos_between(self.start, end),
            Some(_) => end.saturating_sub(self.start),
        };
        let ids = match &self.span {
            Some(span) => Some(span.ids),
            None => trace::current(),
        };
        let exemplar = ids.filter(|ids| ids.is_sampled()).map(|ids| {
            move || Exemplar {
                value: metrics::seconds(nanos),
                unix_nanos: trace::unix_nanos(self.scope.as_deref(), end),
                trace_id: ids.trace_id,
                span_id: ids.span_id,
            }
        });
        series.finish(bounds, result, nanos, exemplar);
    }

    /// Tells the span, and whoever reads the log, how the call ended.
    #[inline]
    fn describe(&mut self, ending: Ending<'_>, end: u64) {
        match ending {
            Ending::Returned(Outcome::Error {
                error_type,
                message,
            }) => self.failed(error_type, message, self.site.error_level(), end),
            // The panic has told of itself.
            Ending::Dropped if self.panics() => self.failed("panic", Message::None, None, end),
            Ending::Returned(Outcome::Ok) | Ending::Dropped => {}
            Ending::Cancelled => self.cancelled(),
        }
    }

    #[cold]
    fn failed(
        &mut self,
        error_type: &'static str,
        message: Message<'_>,
        level: Option<Level>,
        end: u64,
    ) {
        let level = level.filter(|_| logs::are_listened_to(self.scope.as_deref()));
        if level.is_none() && !self.is_recording() {
            return;
        }
        let message = message.text();
        let end = if self.is_timed() { end } else { self.now() };
        let unix_nanos = trace::unix_nanos(self.scope.as_deref(), end);
        if let Some(level) = level {
            self.log(level, error_type, message.clone(), unix_nanos);
        }
        if let Some(span) = self.span.as_mut().filter(|span| span.ids.is_sampled()) {
            span.parts().fail(error_type, message, unix_nanos);
        }
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
        let span_context = trace::current_context();
        let site = self.site;
        let record = LogRecord::of_error(
            site,
            severity,
            error_type,
            message,
            span_context,
            unix_nanos,
        );
        logs::emit(record, self.scope.as_deref());
        self.leave();
    }

    #[cold]
    fn cancelled(&mut self) {
        if let Some(span) = self.span.as_mut().filter(|span| span.ids.is_sampled()) {
            let cancelled = Attribute::new(semconv::TACHOGRAPH_CANCELLED, true);
            span.parts().set_attribute(cancelled);
        }
    }
}
