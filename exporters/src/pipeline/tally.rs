//! What became of the data that one exporter was given.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::sink::{Receipt, Signal};
use crate::dropped::{Cause, Loss};
use crate::error::ExportError;
use crate::report::Reporter;

/// The figures of one exporter and signal.
pub(crate) struct Tally {
    exporter: &'static str,
    signal: Signal,
    exported: AtomicU64,
    failed: AtomicU64,
    retried: AtomicU64,
    dropped: [AtomicU64; Cause::ALL.len()],
    reporter: Arc<Reporter>,
}

impl Tally {
    pub(crate) fn new(exporter: &'static str, signal: Signal, reporter: Arc<Reporter>) -> Self {
        Self {
            exporter,
            signal,
            exported: AtomicU64::new(0),
            failed: AtomicU64::new(0),
            retried: AtomicU64::new(0),
            dropped: Default::default(),
            reporter,
        }
    }

    /// A request was refused, or not answered.
    pub(crate) fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    /// A request will be sent again.
    pub(crate) fn retried(&self, reason: String) {
        self.retried.fetch_add(1, Ordering::Relaxed);
        self.reporter.report(&ExportError::Retrying {
            exporter: self.exporter,
            signal: self.signal,
            reason,
        });
    }

    /// So many items are lost.
    pub(crate) fn dropped(&self, items: u64, cause: Cause, reason: impl Into<String>) {
        if items == 0 {
            return;
        }
        self.dropped[cause as usize].fetch_add(items, Ordering::Relaxed);
        self.reporter.report(&ExportError::Dropped {
            exporter: self.exporter,
            signal: self.signal,
            cause,
            items,
            reason: reason.into(),
        });
    }

    /// So many items still waited when the time of a shutdown was over.
    pub(crate) fn cut_off(&self, items: u64) {
        let reason = "the shutdown did not leave enough time";
        self.dropped(items, Cause::Shutdown, reason);
    }

    /// What was lost so far.
    pub(crate) fn losses(&self) -> impl Iterator<Item = Loss> {
        let losses = Cause::ALL.into_iter().map(|cause| Loss {
            exporter: self.exporter,
            signal: self.signal,
            cause,
            items: self.dropped[cause as usize].load(Ordering::Relaxed),
        });
        losses.filter(|loss| loss.items > 0)
    }
}

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
        self.items = items;
    }

    /// The backend took a request with so many items.
    pub(crate) fn taken(&mut self, items: u64, receipt: Receipt) {
        self.items = self.items.saturating_sub(items);
        let exported = items.saturating_sub(receipt.rejected);
        self.tally.exported.fetch_add(exported, Ordering::Relaxed);
        if receipt.rejected > 0 {
            self.tally
                .dropped(receipt.rejected, Cause::Rejected, receipt.message);
        } else if !receipt.message.is_empty() {
            self.tally.reporter.report(&ExportError::Warned {
                exporter: self.tally.exporter,
                signal: self.tally.signal,
                message: receipt.message,
            });
        }
    }

    /// So many items are lost.
    pub(crate) fn lost(&mut self, items: u64, cause: Cause, reason: impl Into<String>) {
        self.items = self.items.saturating_sub(items);
        self.tally.dropped(items, cause, reason);
    }

    /// All that is left is lost.
    pub(crate) fn all_lost(&mut self, cause: Cause, reason: &str) {
        self.lost(self.items, cause, reason);
    }
}

impl Drop for InHand<'_> {
    fn drop(&mut self) {
        self.tally.cut_off(self.items);
    }
}
