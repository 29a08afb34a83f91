//! Which span a thread is in.

#![expect(clippy::inline_always, reason = "ids stay in registers")]

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

use super::parts::{self, Parts};
use super::{SpanContext, SpanId, TraceId};

/// What a thread knows of the span that it is in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ids {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    // As wide as its neighbours, so that copies are plain moves.
    pub(super) flags: u64,
}

/// The trace is recorded.
pub(super) const SAMPLED: u64 = 1;
/// The span lives in another process.
pub(super) const REMOTE: u64 = 1 << 1;
/// The thread is in a copy of the span's context that was carried here, not in the span itself.
const CARRIED: u64 = 1 << 2;
/// The trace carries a `tracestate`, which is among the parts.
pub(super) const TRACE_STATE: u64 = 1 << 3;
/// The span has parts. Most have none, and then nobody looks for them.
pub(super) const PARTS_SET: u64 = 1 << 4;
/// The parent lives in another process.
pub(super) const PARENT_REMOTE: u64 = 1 << 5;
/// Code has chosen the parent, so the span stays where it is.
pub(super) const CHOSEN: u64 = 1 << 6;

impl Ids {
    #[inline]
    pub(super) fn has(self, flag: u64) -> bool {
        self.flags & flag != 0
    }

    #[inline]
    pub(crate) fn is_sampled(self) -> bool {
        self.has(SAMPLED)
    }
}

thread_local! {
    // Without a destructor: most calls need only this one, and reading it is cheap.
    static CURRENT: Current = const { Current::none() };
    /// The parts of the current span; most spans have none.
    static PARTS: Cell<Option<Box<Parts>>> = const { Cell::new(None) };
}

/// The ids of the span that a thread is in; the span id is zero when there is none.
///
/// One thread alone uses them, but the compiler moves atomics one by one. It joins plain words into wide moves, and a
/// wide load of words that were just written one by one waits until all have reached the cache: longer than the rest.
struct Current {
    trace_high: AtomicU64,
    trace_low: AtomicU64,
    span_id: AtomicU64,
    flags: AtomicU64,
}

impl Current {
    const fn none() -> Self {
        Self {
            trace_high: AtomicU64::new(0),
            trace_low: AtomicU64::new(0),
            span_id: AtomicU64::new(0),
            flags: AtomicU64::new(0),
        }
    }

    #[inline]
    fn get(&self) -> Option<Ids> {
        let span_id = SpanId::from_u64(self.span_id.load(Ordering::Relaxed))?;
        Some(Ids {
            trace_id: TraceId::from_halves(
                self.trace_high.load(Ordering::Relaxed),
                self.trace_low.load(Ordering::Relaxed),
            ),
            span_id,
            flags: self.flags.load(Ordering::Relaxed),
        })
    }

    #[inline]
    fn set(&self, ids: Option<Ids>) {
        let Some(ids) = ids else {
            self.span_id.store(0, Ordering::Relaxed);
            return;
        };
        let (high, low) = ids.trace_id.halves();
        self.trace_high.store(high, Ordering::Relaxed);
        self.trace_low.store(low, Ordering::Relaxed);
        self.span_id.store(ids.span_id.to_u64(), Ordering::Relaxed);
        self.flags.store(ids.flags, Ordering::Relaxed);
    }
}

/// The span that the calling thread is in.
#[inline]
pub(crate) fn current() -> Option<Ids> {
    CURRENT.with(Current::get)
}

/// The context of the current span, to be carried elsewhere.
pub(crate) fn current_context() -> Option<SpanContext> {
    let ids = current()?;
    let trace_state = ids
        .has(TRACE_STATE)
        .then(|| change_parts(|parts| parts.rare.trace_state.clone()));
    Some(SpanContext {
        trace_id: ids.trace_id,
        span_id: ids.span_id,
        sampled: ids.is_sampled(),
        remote: ids.has(REMOTE),
        trace_state: trace_state.flatten().flatten(),
    })
}

/// Changes the parts of the current span; `None` when there is none, or it does not record here.
pub(crate) fn with_parts<T>(change: impl FnOnce(&mut Parts) -> T) -> Option<T> {
    let current = current()?;
    if !current.is_sampled() || current.has(CARRIED) {
        return None;
    }
    let flags = current.flags | PARTS_SET;
    CURRENT.with(|ids| ids.flags.store(flags, Ordering::Relaxed));
    change_parts(change)
}

fn change_parts<T>(change: impl FnOnce(&mut Parts) -> T) -> Option<T> {
    PARTS
        .try_with(|cell| {
            let mut parts = cell.take().unwrap_or_else(parts::spare);
            let changed = change(&mut parts);
            cell.set(Some(parts));
            changed
        })
        .ok()
}

/// The span a thread was in before it entered another one.
#[derive(Debug)]
pub(crate) struct Previous {
    pub(super) ids: Option<Ids>,
    pub(super) parts: Option<Box<Parts>>,
}

impl Previous {
    /// Puts the thread into another span, or into none, and returns where it was.
    #[inline(always)]
    pub(super) fn replace(ids: Option<Ids>, parts: Option<Box<Parts>>) -> Self {
        let previous = CURRENT.with(|current| {
            let previous = current.get();
            current.set(ids);
            previous
        });
        let has_parts = |ids: Ids| ids.has(PARTS_SET | TRACE_STATE);
        if previous.is_none_or(|ids| !has_parts(ids)) && parts.is_none() {
            return Self {
                ids: previous,
                parts: None,
            };
        }
        Self {
            ids: previous,
            // A thread whose thread-locals are gone loses the attributes of its last spans.
            parts: PARTS
                .try_with(|cell| cell.replace(parts))
                .unwrap_or_default(),
        }
    }
}

/// Runs `body` as a thread would that is in no span, or in one that `context` names.
pub(crate) fn in_context<T>(context: Option<&SpanContext>, body: impl FnOnce() -> T) -> T {
    struct Restore(Option<Previous>);

    impl Drop for Restore {
        fn drop(&mut self) {
            if let Some(previous) = self.0.take() {
                Previous::replace(previous.ids, previous.parts);
            }
        }
    }

    let trace_state = context.and_then(|context| context.trace_state.clone());
    let parts = trace_state.map(|trace_state| {
        let mut parts = parts::spare();
        parts.rare.trace_state = Some(trace_state);
        parts
    });
    let _restore = Restore(Some(Previous::replace(context.map(Ids::from), parts)));
    body()
}

impl From<&SpanContext> for Ids {
    fn from(context: &SpanContext) -> Self {
        Self {
            trace_id: context.trace_id,
            span_id: context.span_id,
            flags: CARRIED
                | if context.sampled { SAMPLED } else { 0 }
                | if context.remote { REMOTE } else { 0 }
                | if context.trace_state.is_some() {
                    TRACE_STATE
                } else {
                    0
                },
        }
    }
}
