//! Calls that do more than to count: they are spans, or have labels of their results, or happen in a recorder's scope.
//!
//! What most of them need is at hand here, and the rest is behind a branch. A call is made where it stays, and not moved.

use std::sync::Arc;
use std::thread;

use super::ending::{Ending, count_timed};
use crate::listed;
use crate::listen::{self, METRICS, SPANS};
use crate::metrics::{CallResult, FunctionCells, SeriesIndex};
use crate::scope::{self, Scope};
use crate::site::Site;
use crate::trace::{self, Entry, OpenSpan, Parts};

/// What a call must remember to count at its end what it counted at its start, whatever is installed or shut down
/// meanwhile.
#[derive(Debug)]
pub(super) struct Full {
    pub(super) site: &'static Site,
    pub(super) span: Option<OpenSpan>,
    /// The thread's entry into the span; none while a future waits.
    entry: Option<Entry>,
    start: u64,
    /// The start of the call, or of the poll that has the span.
    span_start: u64,
    pub(super) series: SeriesIndex,
    pub(super) metered: bool,
    /// Whether the function's histogram will have the call's duration.
    timed: bool,
    /// Code that a panic runs on its way, in a destructor, may still end well.
    pub(super) was_panicking: bool,
    pub(super) scope: Option<Arc<Scope>>,
}

impl Full {
    /// A call that has not started, in no span and outside of scopes.
    #[inline(always)]
    pub(super) fn new(site: &'static Site, metered: bool) -> Self {
        Self {
            site,
            span: None,
            entry: None,
            start: 0,
            span_start: 0,
            series: SeriesIndex::PLAIN,
            metered,
            timed: false,
            was_panicking: thread::panicking(),
            scope: None,
        }
    }

    /// The same wherever the thread is; none if nobody listens to this function there.
    #[inline(never)]
    pub(super) fn unusual(site: &'static Site, listening: usize) -> Option<Self> {
        listed::join(site);
        let scope = if listen::has_scopes(listening) {
            scope::current()
        } else {
            None
        };
        let on = site.switches.on();
        let signals = if scope.is_some() { on } else { on & listening };
        let metered = signals & METRICS != 0;
        let span = if signals & SPANS == 0 {
            None
        } else {
            OpenSpan::begin(site, scope.as_deref())
        };
        if !metered && span.is_none() && !site.records_without_span(signals) {
            return None;
        }
        Some(Self {
            span,
            scope,
            ..Self::new(site, metered)
        })
    }

    /// Whether it turned out that the call is counted, and nothing else.
    #[inline]
    pub(super) fn is_lean(&self) -> bool {
        self.span.is_none() && self.scope.is_none() && self.metered && self.site.counts_plainly()
    }

    /// Counts the start of the call and enters its span.
    #[inline(always)]
    pub(super) fn start_and_enter(&mut self) {
        self.count_start();
        self.enter();
        self.start_time();
    }

    /// Counts the start of a call whose span is entered when it is polled.
    #[inline(always)]
    pub(super) fn start(&mut self) {
        self.count_start();
        self.start_time();
    }

    #[inline(always)]
    fn count_start(&mut self) {
        if self.metered {
            let keyed = self.keyed_cells();
            let cells = keyed.as_deref().unwrap_or(&self.site.cells);
            self.timed = cells.local(self.series, &self.site.metered).start();
        }
    }

    /// Comes last, so that what happens before is not in the call's time.
    #[inline(always)]
    fn start_time(&mut self) {
        self.start = self.now_if_timed();
        self.span_start = self.start;
    }

    /// Counts the end of the call, leaves its span and hands that over.
    #[inline(always)]
    pub(super) fn end(&mut self, ending: Ending<'_>) {
        // First, for the same reason.
        let end = self.now_if_timed();
        let result = ending.result(self.was_panicking);
        if self.metered {
            self.count(result, end);
        }
        self.leave();
        if result != CallResult::Ok {
            self.describe(ending, end);
        }
        self.finish_span(end);
    }

    #[inline(always)]
    fn count(&self, result: CallResult, end: u64) {
        let keyed = self.keyed_cells();
        let cells = keyed.as_deref().unwrap_or(&self.site.cells);
        let local = cells.local(self.series, &self.site.metered);
        if !self.timed {
            return local.finish_untimed(result);
        }
        let ids = match &self.span {
            Some(span) => span.ids,
            None => trace::current(),
        };
        let readings = (self.start, end);
        count_timed(local, result, readings, ids, self.scope.as_deref());
    }

    #[inline(always)]
    fn finish_span(&mut self, end: u64) {
        if let Some(span) = &mut self.span
            && span.ids.is_recording()
        {
            span.finish_call(self.site, self.span_start, end, self.scope.as_deref());
        }
    }

    /// Goes on with a call whose setup is long over, in a span that begins where the thread is now.
    pub(super) fn start_prepared(&mut self) {
        let span = self.span.take();
        self.span = span.and_then(|span| span.below_current(self.scope.as_deref()));
        self.begin_poll();
        self.start_and_enter();
    }

    /// Enters the span again, on whichever thread that is.
    #[inline(never)]
    pub(super) fn resume(&mut self) {
        self.begin_poll();
        self.enter();
    }

    /// Leaves the span until the next poll.
    #[inline(always)]
    pub(super) fn suspend(&mut self) {
        self.leave();
        if self.site.enters_on_poll() {
            self.end_poll();
        }
    }

    /// Begins the span of a poll, where each has one of its own.
    #[inline(always)]
    fn begin_poll(&mut self) {
        if self.site.enters_on_poll() && self.span.is_none() {
            self.begin_span_of_poll();
        }
    }

    #[cold]
    fn begin_span_of_poll(&mut self) {
        if self.scope.is_some() || listen::listening() & SPANS != 0 {
            self.span = OpenSpan::begin(self.site, self.scope.as_deref());
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

    /// The function's cells in the scope that the call began in; they are in the site where there is no scope.
    #[inline(always)]
    pub(super) fn keyed_cells(&self) -> Option<Arc<FunctionCells>> {
        let scope = self.scope.as_ref()?;
        Some(scope.registry.function(self.site))
    }

    /// Whether anybody will know how long the call took. A span that is not recorded only carries its ids on.
    #[inline(always)]
    pub(super) fn is_timed(&self) -> bool {
        self.timed || self.is_recording()
    }

    #[inline(always)]
    fn now_if_timed(&self) -> u64 {
        if self.is_timed() { self.now() } else { 0 }
    }

    #[inline]
    pub(super) fn is_recording(&self) -> bool {
        self.span
            .as_ref()
            .is_some_and(|span| span.ids.is_recording())
    }

    #[inline(always)]
    pub(super) fn now(&self) -> u64 {
        scope::now(self.scope.as_deref())
    }

    #[inline(always)]
    pub(super) fn enter(&mut self) {
        if let Some(span) = &mut self.span {
            self.entry = Some(span.enter());
        }
    }

    #[inline(always)]
    pub(super) fn leave(&mut self) {
        if let (Some(span), Some(entry)) = (&mut self.span, self.entry.take()) {
            span.leave(entry);
        }
    }

    /// What the span has recorded until now.
    #[inline]
    pub(super) fn parts(&mut self) -> Option<&mut Parts> {
        let span = self.span.as_mut().filter(|span| span.ids.is_recording())?;
        Some(match self.entry {
            None => span.parts(),
            Some(entry) => span.parts_within(entry),
        })
    }

    /// Drops what the call owns.
    #[inline(always)]
    pub(super) fn release(&mut self) {
        if let Some(span) = &mut self.span {
            span.release();
        }
        self.scope = None;
    }
}
