//! What a running call remembers, and how it starts and goes from poll to poll.

use std::sync::Arc;
use std::thread;

use crate::listed;
use crate::listen::{self, METRICS, SPANS};
use crate::metrics::{FunctionCells, SeriesIndex};
use crate::scope::{self, Scope};
use crate::site::Site;
use crate::trace::{Entry, OpenSpan};

/// What a call must remember to count at its end what it counted at its start, whatever is installed or shut down
/// meanwhile.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) site: &'static Site,
    pub(super) scope: Option<Arc<Scope>>,
    pub(super) span: Option<OpenSpan>,
    /// The thread's entry into the span.
    pub(super) entry: Option<Entry>,
    pub(super) series: SeriesIndex,
    pub(super) start: u64,
    /// The start of the call, or of the poll that has the span.
    pub(super) span_start: u64,
    pub(super) metered: bool,
    /// Whether the function's histogram will have the call's duration.
    pub(super) timed: bool,
    /// Code that a panic runs on its way, in a destructor, may still end well.
    pub(super) was_panicking: bool,
}

impl Live {
    /// A call that has not started; none if nobody listens to this function.
    #[inline(never)]
    pub(super) fn new(site: &'static Site, listening: usize) -> Option<Self> {
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
        Some(Self::with(site, scope, span, metered))
    }

    /// A call that has not started, in this span, if it has one.
    #[inline(always)]
    pub(super) fn with(
        site: &'static Site,
        scope: Option<Arc<Scope>>,
        span: Option<OpenSpan>,
        metered: bool,
    ) -> Self {
        Self {
            site,
            scope,
            span,
            entry: None,
            series: SeriesIndex::PLAIN,
            start: 0,
            span_start: 0,
            metered,
            timed: false,
            was_panicking: thread::panicking(),
        }
    }

    /// Whether it turned out that the call is counted, and nothing else.
    #[inline]
    pub(super) fn is_lean(&self) -> bool {
        self.span.is_none() && self.scope.is_none() && self.metered && self.site.counts_plainly()
    }

    #[inline(never)]
    pub(super) fn start_after_setup(&mut self) {
        self.start();
    }

    #[inline(never)]
    pub(super) fn start_and_enter(&mut self) {
        self.start();
        self.enter();
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

    #[inline(always)]
    pub(super) fn start(&mut self) {
        if self.metered {
            let keyed = self.keyed_cells();
            let cells = keyed.as_deref().unwrap_or(&self.site.cells);
            self.timed = cells.local(self.series, &self.site.metered).start();
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
    pub(super) fn is_timed(&self) -> bool {
        self.timed || self.is_recording()
    }

    #[inline]
    pub(super) fn is_recording(&self) -> bool {
        self.span
            .as_ref()
            .is_some_and(|span| span.ids.is_recording())
    }

    #[inline]
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
}
