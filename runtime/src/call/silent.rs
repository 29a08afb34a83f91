//! Calls in a root span that is not recorded, and that are not counted either: all that is seen of them is that calls below
//! are silent, too, and their ids, if somebody asks.

use crate::site::Site;
use crate::trace::{Entry, Ids};

/// A running call that has nothing to record.
#[derive(Debug)]
pub(super) struct Silent {
    pub(super) site: &'static Site,
    ids: Ids,
    /// The thread's entry into the span; none while a future waits.
    entry: Option<Entry>,
}

impl Silent {
    /// Enters the span.
    #[inline(always)]
    pub(super) fn start(site: &'static Site, ids: Ids) -> Self {
        Self {
            site,
            ids,
            entry: Some(Entry::into_silence(ids)),
        }
    }

    /// Enters the span again, on whichever thread that is.
    pub(super) fn resume(&mut self) {
        self.entry = Some(Entry::into_silence(self.ids));
    }

    /// Leaves the span until the next poll.
    pub(super) fn suspend(&mut self) {
        if let Some(ids) = self.entry.take().and_then(Entry::end_silence) {
            self.ids.take_names(ids);
        }
    }

    /// Leaves the span for good.
    #[inline(always)]
    pub(super) fn end(&mut self) {
        if let Some(entry) = self.entry.take() {
            entry.end_silence();
        }
    }
}
