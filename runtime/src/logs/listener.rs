//! Who is given log records: the scope that a call runs in, else the one listener of the process and its collector.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::{LogBatch, LogData, LogRecord};
use crate::collector;
use crate::inside;
use crate::listen::{self, LOGS};
use crate::scope::Scope;

type Listener = Arc<dyn Fn(LogData<'_>) + Send + Sync>;

/// Whether records wait to be collected.
static COLLECTS: AtomicBool = AtomicBool::new(false);
static LISTENER: RwLock<Option<Listener>> = RwLock::new(None);

thread_local! {
    /// Whether this thread is telling the listener of a record.
    static TELLS: Cell<bool> = const { Cell::new(false) };
}

pub(crate) fn set(listener: Option<Listener>) {
    let previous = {
        let mut current = LISTENER.write().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *current, listener)
    };
    // Its destructor is the listener's own code, which may come back here.
    drop(previous);
}

/// Whether records wait to be collected from now on.
pub(crate) fn collect(collects: bool) {
    COLLECTS.store(collects, Ordering::Relaxed);
}

/// Whether records that are made in `scope`, or in none, are given to anybody.
pub(crate) fn is_there(scope: Option<&Scope>) -> bool {
    (scope.is_some() || listen::listening() & LOGS != 0) && !inside::is_inside()
}

/// Keeps the record in its scope, or gives it to the listener and the collector.
///
/// The listener runs in the midst of the user's code, so it runs without a lock, its panics end here, and the records
/// that it makes itself are left out: telling of those would have no end.
pub(crate) fn tell(record: LogRecord, scope: Option<&Scope>) {
    if let Some(scope) = scope {
        return scope.lock_logs().push(record);
    }
    if TELLS.get() {
        return;
    }
    if let Some(listener) = current() {
        let batch = LogBatch::from_iter([record.clone()]);
        TELLS.set(true);
        let _ = catch_unwind(AssertUnwindSafe(|| {
            batch.iter().for_each(|data| listener(data));
        }));
        TELLS.set(false);
    }
    if COLLECTS.load(Ordering::Relaxed) {
        record.pack(|head, items| collector::collect_log(&head, items));
    }
}

fn current() -> Option<Listener> {
    let listener = LISTENER.read().unwrap_or_else(PoisonError::into_inner);
    listener.clone()
}
