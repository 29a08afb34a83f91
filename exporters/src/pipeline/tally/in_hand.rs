//! Items on their way, none of which goes missing.

use std::sync::atomic::Ordering;

use super::Tally;
use crate::dropped::Cause;
use crate::pipeline::verdict::Receipt;

/// Items in the hands of an exporter. Those whose fate nobody tells were cut off by a shutdown.
pub(crate) struct InHand<'a> {
    tally: &'a Tally,
    items: u64,
}

impl<'a> InHand<'a> {
    pub(crate) fn new(tally: &'a Tally, items: u64) -> Self {
        Self { tally, items }
    }

    /// The figures that these items end in.
    pub(crate) fn tally(&self) -> &'a Tally {
        self.tally
    }

    /// The encoder knows better how many there are.
    pub(crate) fn recount(&mut self, items: u64) {
        self.tally.given(items);
        self.tally.given.fetch_sub(self.items, Ordering::Relaxed);
        self.items = items;
    }

    /// The backend took a request with so many items.
    pub(crate) fn taken(&mut self, items: u64, receipt: Receipt) {
        self.items = self.items.saturating_sub(items);
        self.tally
            .exported
            .add(items.saturating_sub(receipt.rejected));
        if receipt.rejected > 0 {
            let drops = &self.tally.drops;
            drops.add(receipt.rejected, Cause::Rejected, receipt.message);
        } else if !receipt.message.is_empty() {
            self.tally.warned(receipt.message);
        }
    }

    /// So many items are lost.
    pub(crate) fn lost(&mut self, items: u64, cause: Cause, reason: impl Into<String>) {
        self.items = self.items.saturating_sub(items);
        self.tally.drops.add(items, cause, reason);
    }

    /// All that is left is lost.
    pub(crate) fn all_lost(&mut self, cause: Cause, reason: &str) {
        self.lost(self.items, cause, reason);
    }
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        self.tally.drops.cut_off(self.items);
    }
}
