//! What a running call remembers, and what it counts and records at its ends.

use std::sync::Arc;
use std::thread;

use crate::clock;
use crate::listed;
use crate::listen::{self, METRICS, SPANS};
use crate::metrics::{CallResult, Exemplar, FunctionCells, SeriesIndex};
use crate::outcome::{Message, Outcome};
use crate::scope::{self, Scope};
use crate::semconv;
use crate::site::Site;
use crate::trace::{self, OpenSpan, Origin, Previous};
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
        if !metered && span.is_none() {
            return None;
        }
        Some(Self {
            site,
            scope,
            span,
            previous: None,
            series: SeriesIndex::PLAIN,
            start: 0,
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
        self.enter();
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
        if let Some(span) = &mut self.span {
            let (origin, kind) = (Origin::Site(self.site), self.site.span_kind());
            span.finish(origin, kind, self.start, end, self.scope.as_deref());
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
            move || {
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "a duration of 104 days is still exact"
                )]
                let value = nanos as f64 / 1e9;
                Exemplar {
                    value,
                    unix_nanos: trace::unix_nanos(self.scope.as_deref(), end),
                    trace_id: ids.trace_id,
                    span_id: ids.span_id,
                }
            }
        });
        series.finish(bounds, result, nanos, exemplar);
    }

    /// Tells the span how the call ended.
    #[inline]
    fn describe(&mut self, ending: Ending<'_>, end: u64) {
        let (error_type, message) = match ending {
            Ending::Returned(Outcome::Ok) => return,
            Ending::Dropped if !self.panics() => return,
            Ending::Returned(Outcome::Error {
                error_type,
                message,
            }) => (error_type, message),
            Ending::Dropped => ("panic", Message::None),
            Ending::Cancelled => return self.cancelled(),
        };
        self.failed(error_type, message, end);
    }

    #[cold]
    fn failed(&mut self, error_type: &'static str, message: Message<'_>, end: u64) {
        let unix_nanos = trace::unix_nanos(self.scope.as_deref(), end);
        if let Some(span) = self.span.as_mut().filter(|span| span.ids.is_sampled()) {
            let parts = span.parts();
            parts.fail(error_type, message.text(), unix_nanos);
        }
    }

    #[cold]
    fn cancelled(&mut self) {
        if let Some(span) = self.span.as_mut().filter(|span| span.ids.is_sampled()) {
            let cancelled = Attribute::new(semconv::TACHOGRAPH_CANCELLED, true);
            span.parts().set_attribute(cancelled);
        }
    }
}
