//! Which span a thread is in.
//!
//! The thread's own words say which span that is. Who enters a span keeps what they were before, and puts that back:
//! calls do so in the order of their frames. Guards may be dropped in any order, so each entry has a token; one that ends
//! before those above it leaves word for them, and they pass it over.

#![expect(clippy::inline_always, reason = "ids stay in registers")]

mod entry;
mod ids;

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::SpanContext;
use super::extras::Extras;
use super::parts::{self, Parts};
use crate::inside::inside;

pub(crate) use entry::Entry;
pub(crate) use ids::Ids;
use ids::{BESIDE, CARRIED, EXTRAS, UNNAMED};
pub(super) use ids::{CHOSEN, FORCED, PARENT_REMOTE, RECORDING, REMOTE, SAMPLED};

/// What lies beside the ids of an entry, if anything does.
#[derive(Debug)]
struct Beside {
    token: u64,
    parts: Option<Box<Parts>>,
    extras: Option<Arc<Extras>>,
}

thread_local! {
    // Without a destructor: most calls need only this one, and reading it is cheap.
    static CURRENT: Current = const { Current::new() };
    /// The last one is that of the current entry, if that has something.
    static BESIDE_IDS: RefCell<Vec<Beside>> = const { RefCell::new(Vec::new()) };
}

/// The words of a thread.
///
/// One thread alone uses them, but the compiler moves atomics one by one. It joins plain words into wide moves, and a
/// wide load of words that were just written one by one waits until all have reached the cache: longer than the rest.
struct Current {
    trace_high: AtomicU64,
    trace_low: AtomicU64,
    span_id: AtomicU64,
    flags: AtomicU64,
    /// Which entry this is; zero for none.
    token: AtomicU64,
    /// The last token that was given out.
    last_token: Cell<u64>,
    /// Whether some entry has ended before those above it.
    has_ended: Cell<bool>,
}

impl Current {
    const fn new() -> Self {
        Self {
            trace_high: AtomicU64::new(0),
            trace_low: AtomicU64::new(0),
            span_id: AtomicU64::new(0),
            flags: AtomicU64::new(0),
            token: AtomicU64::new(0),
            last_token: Cell::new(0),
            has_ended: Cell::new(false),
        }
    }

    #[inline(always)]
    fn ids(&self) -> Ids {
        Ids {
            trace_high: self.trace_high.load(Ordering::Relaxed),
            trace_low: self.trace_low.load(Ordering::Relaxed),
            span_id: self.span_id.load(Ordering::Relaxed),
            flags: self.flags.load(Ordering::Relaxed),
        }
    }

    #[inline(always)]
    fn set(&self, ids: Ids, token: u64) {
        self.trace_high.store(ids.trace_high, Ordering::Relaxed);
        self.trace_low.store(ids.trace_low, Ordering::Relaxed);
        self.span_id.store(ids.span_id, Ordering::Relaxed);
        self.flags.store(ids.flags, Ordering::Relaxed);
        self.token.store(token, Ordering::Relaxed);
    }

    fn set_flag(&self, flag: u64) {
        let flags = self.flags.load(Ordering::Relaxed) | flag;
        self.flags.store(flags, Ordering::Relaxed);
    }
}

/// The span that the calling thread is in.
#[inline]
pub(crate) fn current() -> Ids {
    CURRENT.with(Current::ids)
}

/// The context of the current span, to be carried elsewhere. From here on it has ids.
pub(crate) fn current_context() -> Option<SpanContext> {
    named().context(current_extras().as_deref())
}

/// The current span with ids that others may see.
pub(super) fn named() -> Ids {
    CURRENT.with(|current| {
        let mut ids = current.ids();
        if ids.has(UNNAMED) {
            ids.name();
            current.set(ids, current.token.load(Ordering::Relaxed));
        }
        ids
    })
}

/// What the current context has beside its span.
pub(crate) fn current_extras() -> Option<Arc<Extras>> {
    if !current().has(EXTRAS) {
        return None;
    }
    beside_current(|beside| beside.extras.clone()).flatten()
}

/// Whether what is set on the current span is kept. A carried context has no span to set anything on.
pub(super) fn records() -> bool {
    let current = current();
    current.is_recording() && !current.has(CARRIED)
}

/// Changes the parts of the current span; `None` when there is none, or it does not record here.
pub(crate) fn with_parts<T>(change: impl FnOnce(&mut Parts) -> T) -> Option<T> {
    if !records() {
        return None;
    }
    beside_current(|beside| change(beside.parts.get_or_insert_with(parts::spare)))
}

/// What lies beside the current entry, made now if there was nothing.
fn beside_current<T>(use_it: impl FnOnce(&mut Beside) -> T) -> Option<T> {
    let token = CURRENT.with(|current| {
        current.set_flag(BESIDE);
        current.token.load(Ordering::Relaxed)
    });
    // A thread whose thread-locals are gone loses the attributes of its last spans.
    let used = BESIDE_IDS.try_with(|all| {
        let mut all = all.try_borrow_mut().ok()?;
        let last = all.last().is_some_and(|last| last.token == token);
        if !last {
            let beside = Beside {
                token,
                parts: None,
                extras: None,
            };
            inside(|| all.push(beside));
        }
        all.last_mut().map(use_it)
    });
    used.ok().flatten()
}

/// Puts a thread back to where it was when it is dropped.
#[derive(Debug)]
pub(super) struct Entered(pub(super) Entry);

impl Drop for Entered {
    fn drop(&mut self) {
        let (mut parts, mut extras) = (None, None);
        self.0.end(&mut parts, &mut extras);
        if let Some(parts) = parts {
            parts::recycle(parts);
        }
    }
}

/// Puts the thread where one would be that is in no span, or in one that `context` names, with these extras.
pub(super) fn enter_context(
    context: Option<&SpanContext>,
    mut extras: Option<Arc<Extras>>,
) -> Entered {
    Entered(Entry::begin(Ids::carried(context), &mut extras))
}

/// Runs `body` as a thread would that is in no span.
pub(crate) fn in_no_span<T>(body: impl FnOnce() -> T) -> T {
    let _entered = enter_context(None, None);
    body()
}

#[cfg(test)]
mod tests {
    use super::entry::ENDED;
    use super::*;
    use crate::trace::{SpanId, TraceFlags, TraceId};

    fn context(id: u64) -> SpanContext {
        let trace_id = TraceId::from_u128(1).unwrap();
        SpanContext::remote(trace_id, SpanId::from_u64(id).unwrap(), TraceFlags::SAMPLED)
    }

    fn enter(id: u64) -> Entered {
        let trace_state = Some(Arc::from(id.to_string()));
        let extras = Extras {
            trace_state,
            ..Extras::default()
        };
        // Every other one has nothing beside its ids.
        enter_context(
            Some(&context(id)),
            extras.shared().filter(|_| id.is_multiple_of(2)),
        )
    }

    /// The span that the thread is in; zero when there is none.
    #[track_caller]
    fn check(expected: u64) {
        let context = current_context();
        let id = context
            .as_ref()
            .map_or(0, |context| context.span_id.to_u64());
        assert_eq!(id, expected);
        let trace_state = context.and_then(|context| context.trace_state);
        let expected = (expected != 0 && expected.is_multiple_of(2)).then(|| expected.to_string());
        assert_eq!(trace_state.as_deref(), expected.as_deref());
    }

    #[test]
    fn guards_may_be_dropped_in_any_order() {
        // Each order in which four guards can be dropped.
        for order in 0..24_usize {
            let mut entered: Vec<_> = (1..=4).map(|id| (id, enter(id))).collect();
            let mut rest = order;
            for left in (1..=4).rev() {
                let (dropped, _) = entered.remove(rest % left);
                rest /= left;
                let top = entered.last().map_or(0, |(id, _)| *id);
                check(top);
                assert_ne!(top, dropped);
            }
        }
    }

    #[test]
    fn what_ends_below_is_passed_over_by_what_comes_later() {
        let one = enter(1);
        let two = enter(2);
        drop(one);
        check(2);
        let three = enter(3);
        drop(two);
        check(3);
        let four = enter(4);
        drop(four);
        check(3);
        drop(three);
        check(0);
        let again = enter(1);
        drop(again);
        check(0);
        assert!(ENDED.with_borrow(Vec::is_empty) && BESIDE_IDS.with_borrow(Vec::is_empty));
    }

    #[test]
    fn a_span_may_be_entered_twice() {
        let outer = enter(1);
        let inner = enter(1);
        drop(outer);
        check(1);
        drop(inner);
        check(0);
    }
}
