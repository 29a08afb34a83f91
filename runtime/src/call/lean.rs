//! Calls that are counted, and nothing else: most calls of most programs. They remember next to nothing.

use std::thread;

use super::ending::Ending;
use crate::clock;
use crate::metrics::{self, Exemplar};
use crate::scope;
use crate::site::Site;
use crate::trace;

/// A running call with neither span, labels nor a scope of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lean {
    site: &'static Site,
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
        let nanos = clock::nanos_between(self.start, end);
        let counted = local.finish(result, nanos);
        let ids = trace::current();
        if let Some(span_id) = ids.span_id().filter(|_| ids.is_sampled()) {
            local.offer(counted, || Exemplar {
                value: metrics::seconds(nanos),
                unix_nanos: scope::unix_nanos(None, end),
                trace_id: ids.trace_id(),
                span_id,
            });
        }
    }
}
