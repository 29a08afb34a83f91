//! Whether anybody listens: one word that every annotated call looks at first.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::sync::forks;

/// Zero until telemetry is installed: the three low bits are the signals, the rest counts open recorder scopes.
static LISTENING: AtomicUsize = AtomicUsize::new(0);

/// Somebody listens to function metrics.
pub(crate) const METRICS: usize = 0b001;
/// Somebody listens to spans.
pub(crate) const SPANS: usize = 0b010;
/// Somebody listens to log records.
pub(crate) const LOGS: usize = 0b100;
/// All signals.
pub(crate) const ALL: usize = METRICS | SPANS | LOGS;
/// One open scope.
const SCOPE: usize = 0b1000;

/// Who listens now.
///
/// Relaxed is enough: a call that begins while telemetry is being installed may count or not, and remembers which.
#[inline]
pub(crate) fn listening() -> usize {
    LISTENING.load(Ordering::Relaxed)
}

/// Whether some thread has an open scope, and may be the one to ask.
#[inline]
pub(crate) fn has_scopes(listening: usize) -> bool {
    listening >= SCOPE
}

pub(crate) fn start(signals: usize) {
    crate::clock::prepare();
    forks::watch_with(stop_in_child);
    LISTENING.fetch_or(signals, Ordering::Relaxed);
}

pub(crate) fn stop(signals: usize) {
    LISTENING.fetch_and(!signals, Ordering::Relaxed);
}

/// Nobody listens in a process that was forked off: the threads of those who do have stayed behind.
///
/// It runs between `fork` and its return, and so does nothing but this.
fn stop_in_child() {
    stop(ALL);
}

pub(crate) fn open_scope() {
    crate::clock::prepare();
    forks::watch_with(stop_in_child);
    LISTENING.fetch_add(SCOPE, Ordering::Relaxed);
}

pub(crate) fn close_scope() {
    LISTENING.fetch_sub(SCOPE, Ordering::Relaxed);
}
