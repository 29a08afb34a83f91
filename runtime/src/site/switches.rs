//! What of a function is on: one byte for each, which a call reads when it begins.

use std::sync::atomic::{AtomicU8, Ordering};

use crate::listen::{ALL, METRICS, SPANS};

/// The signals that calls feed, and why others are off.
///
/// The three low bits are those that are on, as in the word of who listens, so that one `and` says what a call records.
#[derive(Debug)]
pub(crate) struct Switches(AtomicU8);

/// Somebody has switched the metrics off.
const METRICS_OFF: u8 = 1 << 3;
/// Somebody has switched the spans off.
const SPANS_OFF: u8 = 1 << 4;
/// The filter leaves the spans out.
const FILTERED: u8 = 1 << 5;
/// Spans are recorded whatever the head of their trace has decided.
const FORCED: u8 = 1 << 6;

impl Switches {
    pub(crate) const fn new(records: usize) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "there are three signals")]
        Self(AtomicU8::new(records as u8))
    }

    /// The signals that are on.
    #[inline]
    pub(crate) fn on(&self) -> usize {
        usize::from(self.0.load(Ordering::Relaxed)) & ALL
    }

    /// Those of the signals that are on and somebody listens to, and a higher bit where there is more to think of.
    #[inline]
    pub(crate) fn on_or_more(&self, listening: usize) -> usize {
        let switches = usize::from(self.0.load(Ordering::Relaxed));
        listening & (switches & ALL | !ALL) | switches & usize::from(FORCED)
    }

    #[inline]
    pub(crate) fn forces_spans(&self) -> bool {
        self.0.load(Ordering::Relaxed) & FORCED != 0
    }

    pub(crate) fn set_metrics(&self, records: usize, on: bool) {
        self.change(records, METRICS_OFF, !on);
    }

    pub(crate) fn set_spans(&self, records: usize, on: bool) {
        self.change(records, SPANS_OFF, !on);
    }

    pub(crate) fn set_filtered(&self, records: usize, is_filtered: bool) {
        self.change(records, FILTERED, is_filtered);
    }

    pub(crate) fn set_forced(&self, records: usize, is_forced: bool) {
        self.change(records, FORCED, is_forced);
    }

    /// Sets or clears a bit, and says anew what is on of that which the function records at all.
    fn change(&self, records: usize, bit: u8, is_set: bool) {
        let _ = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |switches| {
                let why = if is_set {
                    switches | bit
                } else {
                    switches & !bit
                } & !0b111;
                let mut on = records;
                if why & METRICS_OFF != 0 {
                    on &= !METRICS;
                }
                if why & (SPANS_OFF | FILTERED) != 0 {
                    on &= !SPANS;
                }
                #[expect(clippy::cast_possible_truncation, reason = "there are three signals")]
                Some(why | on as u8)
            });
    }
}
