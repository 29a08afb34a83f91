//! Calls that are spans, and may be counted: without labels, fields or a scope, and below a span of this process.
//!
//! That is the road of most traced calls, so what it remembers is written once, where it stays. A call that turns out to
//! need more goes on as [`Live`].

use std::thread;

use super::ending::{Ending, count_timed};
use super::live::Live;
use crate::clock;
use crate::listen::METRICS;
use crate::metrics::{CallResult, SeriesIndex};
use crate::site::Site;
use crate::trace::{Entry, OpenSpan};

/// A running call in a span of its own.
#[derive(Debug)]
pub(super) struct Spanned {
    pub(super) site: &'static Site,
    span: OpenSpan,
    /// The thread's entry into the span; none while a future waits.
    entry: Option<Entry>,
    start: u64,
    metered: bool,
    /// Whether the function's histogram will have the call's duration.
    timed: bool,
    was_panicking: bool,
}

impl Spanned {
    /// Counts the start of a call and enters its span.
    #[inline(always)]
    pub(super) fn start(site: &'static Site, signals: usize, mut span: OpenSpan) -> Self {
        let metered = signals & METRICS != 0;
        let timed = metered && site.cells.plain_local(&site.metered).start();
        let was_panicking = thread::panicking();
        let entry = Some(span.enter());
        // Last, so that what happens before is not in the call's time.
        let start = if timed || span.ids.is_recording() {
            clock::now()
        } else {
            0
        };
        Self {
            site,
            span,
            entry,
            start,
            metered,
            timed,
            was_panicking,
        }
    }

    /// Leaves the span until the next poll.
    #[inline]
    pub(super) fn suspend(&mut self) {
        if let Some(entry) = self.entry.take() {
            self.span.leave(entry);
        }
    }

    /// Enters the span again, on whichever thread that is.
    #[inline]
    pub(super) fn resume(&mut self) {
        self.entry = Some(self.span.enter());
    }

    /// Ends the call, if that needs no more than is at hand; whether it did.
    #[inline(always)]
    pub(super) fn end(&mut self, ending: Ending<'_>) -> bool {
        let is_recording = self.span.ids.is_recording();
        // First, for the same reason.
        let end = if self.timed || is_recording {
            clock::now()
        } else {
            0
        };
        let result = ending.result(self.was_panicking);
        if result != CallResult::Ok {
            return false;
        }
        if self.metered {
            let local = self.site.cells.plain_local(&self.site.metered);
            if self.timed {
                count_timed(local, result, (self.start, end), self.span.ids, None);
            } else {
                local.finish_untimed(result);
            }
        }
        if let Some(entry) = self.entry.take() {
            self.span.leave(entry);
        }
        if is_recording {
            self.span.finish_call(self.site, self.start, end);
        }
        true
    }

    /// Drops what the call owns.
    #[inline(always)]
    pub(super) fn release(&mut self) {
        self.span.release();
    }

    /// The same call, with room for all that may be said of it.
    #[cold]
    pub(super) fn into_live(self) -> Live {
        Live {
            site: self.site,
            scope: None,
            span: Some(self.span),
            entry: self.entry,
            series: SeriesIndex::PLAIN,
            start: self.start,
            span_start: self.start,
            metered: self.metered,
            timed: self.timed,
            was_panicking: self.was_panicking,
        }
    }
}
