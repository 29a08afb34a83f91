//! Items on their way, none of which goes missing.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::Tally;
use crate::dropped::Cause;

/// Items in the hands of an exporter. Those whose fate nobody tells were cut off by a shutdown.
pub(crate) struct InHand {
    tally: Arc<Tally>,
    items: u64,
}

impl InHand {
    pub(crate) fn new(tally: Arc<Tally>, items: u64) -> Self {
        Self { tally, items }
    }

    /// The figures that these items end in.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// The encoder knows better how many there are.
    pub(crate) fn recount(&mut self, items: u64) {
        self.tally.given(items);
        self.tally.given.fetch_sub(self.items, Ordering::Relaxed);
        self.items = items;
    }

    /// So many of them, to be told of apart.
    pub(crate) fn split(&mut self, items: u64) -> Self {
        let items = items.min(self.items);
        self.items -= items;
        Self::new(Arc::clone(&self.tally), items)
    }

    /// The backend has so many of them.
    pub(crate) fn taken(&mut self, items: u64) {
        self.items = self.items.saturating_sub(items);
        self.tally.exported.add(items);
    }

    /// So many of them are lost.
    pub(crate) fn lost(&mut self, items: u64, cause: Cause, reason: impl Into<String>) {
        self.items = self.items.saturating_sub(items);
        self.tally.drops.add(items, cause, reason);
    }

    /// All that is left is lost.
    pub(crate) fn all_lost(&mut self, cause: Cause, reason: &str) {
        self.lost(self.items, cause, reason);
    }
}

impl Drop for InHand {
    fn drop(&mut self) {
        self.tally.drops.cut_off(self.items);
    }
}
