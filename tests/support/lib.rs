//! What several tests need: a process of their own, a backend and the lack of one, a check of counts, futures polled by
//! hand, and one way to compare what was recorded.

mod alone;
pub mod authority;
pub mod collector;
pub mod counting;
pub mod futures;
mod nowhere;

use tachograph::testing::Recorder;

pub use alone::alone;
pub use nowhere::Nowhere;

/// Makes some calls within a recorder of their own, and compares the traces and the changes of the metrics.
///
/// # Panics
///
/// When they differ from what is expected.
#[track_caller]
pub fn check(calls: impl FnOnce(&Recorder), traces: &str, metric_deltas: &str) {
    let recorder = Recorder::new();
    recorder.in_scope(|| calls(&recorder));
    recorder.assert_traces(traces);
    recorder.assert_metric_deltas(metric_deltas);
}
