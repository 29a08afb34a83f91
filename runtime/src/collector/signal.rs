//! What can wait to be collected: spans and log records.

use super::waiting::Waiting;
use crate::clock::Anchor;
use crate::logs::LogBatch;
use crate::packed::Batch;
use crate::trace::{self, SpanBatch};

pub(super) static SPANS: Waiting = Waiting::new();
pub(super) static LOGS: Waiting = Waiting::new();

/// A kind of records that wait for whoever collects them: [`Spans`] or [`Logs`].
pub trait Signal: sealed::Sealed {
    /// Records that were taken.
    type Batch: From<Batch>;
}

/// Finished spans.
#[derive(Debug)]
pub enum Spans {}

/// Log records.
#[derive(Debug)]
pub enum Logs {}

impl Signal for Spans {
    type Batch = SpanBatch;
}

impl Signal for Logs {
    type Batch = LogBatch;
}

pub(super) mod sealed {
    use super::{Batch, Waiting};

    /// What the collector must know of a signal.
    pub trait Sealed {
        /// Where its records wait.
        fn waiting() -> &'static Waiting;

        /// Takes at most so many of them, and turns what is particular to this process into what it means.
        fn drain(max: usize) -> Batch;
    }
}

impl sealed::Sealed for Spans {
    fn waiting() -> &'static Waiting {
        &SPANS
    }

    fn drain(max: usize) -> Batch {
        let anchor = Anchor::current();
        SPANS.drain(max, |record| trace::settle(record, anchor))
    }
}

impl sealed::Sealed for Logs {
    fn waiting() -> &'static Waiting {
        &LOGS
    }

    /// A log record has its times from the start.
    fn drain(max: usize) -> Batch {
        LOGS.drain(max, |_| {})
    }
}
