//! Calls that are counted, and nothing else: most calls of most programs. They remember next to nothing.

use std::thread;

use super::ending::{Ending, count_timed};
use crate::clock;
use crate::site::Site;
use crate::trace;

/// A running call with neither span, labels nor a scope of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lean {
    pub(super) site: &'static Site,
    start: u64,
    /// Whether the function's histogram will have the call's duration.
    timed: bool,
    was_panicking: bool,
}

impl Lean {
    /// Counts the start of a call.
    #[inline(always)]
    pub(super) fn start(site: &'static Site) -> Self {
        let timed = site.cells.plain_local(&site.metered).start();
        let was_panicking = thread::panicking();
        Self {
            site,
            timed,
            was_panicking,
            // Last, so that what happens before is not in the call's time.
            start: if timed { clock::now() } else { 0 },
        }
    }

    /// Counts the end of the call, on whichever thread that is.
    #[inline(always)]
    pub(super) fn end(self, ending: Ending<'_>) {
        // First, for the same reason.
        let end = if self.timed { clock::now() } else { 0 };
        let result = ending.result(self.was_panicking);
        let local = self.site.cells.plain_local(&self.site.metered);
        if !self.timed {
            return local.finish_untimed(result);
        }
        count_timed(local, result, (self.start, end), trace::current(), None);
    }
}
