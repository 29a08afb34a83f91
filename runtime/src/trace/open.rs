//! Spans that have not ended, and which of them a thread is in.

#![expect(clippy::inline_always, reason = "ids stay in registers")]

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::record::{Event, Origin, Rare, Record, SpanKind, Status};
use super::{Sampler, SpanContext, SpanId, TraceId};
use crate::clock::Anchor;
use crate::collector;
use crate::scope::Scope;
use crate::value::Attribute;

/// What a thread knows of the span that it is in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ids {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    // As wide as its neighbours, so that copies are plain moves.
    flags: u64,
}

/// The trace is recorded.
const SAMPLED: u64 = 1;
/// The span lives in another process.
const REMOTE: u64 = 1 << 1;
/// The thread is in a copy of the span's context that was carried here, not in the span itself.
const CARRIED: u64 = 1 << 2;
/// The trace carries a `tracestate`, which is among the parts.
const TRACE_STATE: u64 = 1 << 3;
/// The parent lives in another process.
const PARENT_REMOTE: u64 = 1 << 5;
/// Code has chosen the parent, so the span stays where it is.
const CHOSEN: u64 = 1 << 6;
/// The span has parts. Most have none, and then nobody looks for them.
const PARTS_SET: u64 = 1 << 4;

impl Ids {
    #[inline]
    fn has(self, flag: u64) -> bool {
        self.flags & flag != 0
    }

    #[inline]
    pub(crate) fn is_sampled(self) -> bool {
        self.has(SAMPLED)
    }
}

/// What a span gathers while it is open, beyond its ids.
#[derive(Debug, Default)]
pub(crate) struct Parts {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) rare: Rare,
}

thread_local! {
    // Without a destructor: most calls need only this one, and reading it is cheap.
    static CURRENT: Current = const { Current::none() };
    /// The parts of the current span; most spans have none.
    static PARTS: Cell<Option<Box<Parts>>> = const { Cell::new(None) };
    /// Emptied parts, so that spans with attributes need no allocation.
    #[expect(clippy::vec_box, reason = "the boxes go from here to spans and back")]
    static SPARE: RefCell<Vec<Box<Parts>>> = const { RefCell::new(Vec::new()) };
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
            let mut parts = cell.take().unwrap_or_else(spare);
            let changed = change(&mut parts);
            cell.set(Some(parts));
            changed
        })
        .ok()
}

#[expect(clippy::unnecessary_box_returns, reason = "the box is what is spared")]
fn spare() -> Box<Parts> {
    SPARE
        .try_with(|spare| spare.borrow_mut().pop())
        .ok()
        .flatten()
        .unwrap_or_default()
}

#[inline(never)]
fn recycle(mut parts: Box<Parts>) {
    const KEPT: usize = 16;
    parts.attributes.clear();
    // A thread that is ending needs no spare parts.
    let _ = SPARE.try_with(|spare| {
        let mut spare = spare.borrow_mut();
        if spare.len() < KEPT {
            spare.push(parts);
        }
    });
}

/// A span that has begun: its identity, and its parts while no thread is in it.
#[derive(Debug)]
pub(crate) struct OpenSpan {
    pub(crate) ids: Ids,
    parent: Option<SpanId>,
    pub(crate) parts: Option<Box<Parts>>,
}

/// The span a thread was in before it entered another one.
#[derive(Debug)]
pub(crate) struct Previous {
    ids: Option<Ids>,
    parts: Option<Box<Parts>>,
}

impl OpenSpan {
    /// A child of the current span, or the root of a new trace.
    ///
    /// `None` below a span that is not sampled: the decision is made, and there is nothing to remember.
    #[inline(always)]
    pub(crate) fn child_of_current(scope: Option<&Scope>) -> Option<Self> {
        match current() {
            Some(parent) if !parent.has(REMOTE | TRACE_STATE) => parent
                .is_sampled()
                .then(|| Self::new(parent.trace_id, true, Some(parent))),
            None => Some(Self::root(scope)),
            Some(_) => Some(Self::child_of(current_context().as_ref(), scope)),
        }
    }

    /// The same span as [`OpenSpan::child_of_current`], with what this one has recorded.
    pub(crate) fn below_current(self, scope: Option<&Scope>) -> Option<Self> {
        if self.ids.has(CHOSEN) {
            return Some(self);
        }
        let mut span = Self::child_of_current(scope)?;
        if let Some(mut recorded) = self.parts {
            let parts = span.parts.take();
            recorded.rare.trace_state = parts.and_then(|parts| parts.rare.trace_state);
            span.parts = Some(recorded);
        }
        Some(span)
    }

    /// A child of `parent`, or the root of a new trace.
    #[cold]
    pub(crate) fn child_of(parent: Option<&SpanContext>, scope: Option<&Scope>) -> Self {
        let Some(parent) = parent else {
            return Self::root(scope);
        };
        let sampled = if parent.remote {
            sampler(scope).samples(parent.trace_id, Some(parent.sampled))
        } else {
            parent.sampled
        };
        let mut span = Self::new(parent.trace_id, sampled, Some(Ids::from(parent)));
        if let Some(trace_state) = &parent.trace_state {
            span.ids.flags |= TRACE_STATE;
            span.parts.get_or_insert_with(spare).rare.trace_state = Some(Arc::clone(trace_state));
        }
        span
    }

    /// Where `parent` says, or a root that this sampler decides about in the place of the installed one.
    pub(crate) fn chosen(
        parent: Option<&SpanContext>,
        root: Option<Sampler>,
        scope: Option<&Scope>,
    ) -> Self {
        let mut span = match (parent, root) {
            (None, Some(sampler)) => {
                let trace_id = TraceId::random();
                Self::new(trace_id, sampler.samples(trace_id, None), None)
            }
            _ => Self::child_of(parent, scope),
        };
        span.ids.flags |= CHOSEN;
        span
    }

    #[cold]
    fn root(scope: Option<&Scope>) -> Self {
        let trace_id = TraceId::random();
        Self::new(trace_id, sampler(scope).samples(trace_id, None), None)
    }

    #[inline]
    fn new(trace_id: TraceId, sampled: bool, parent: Option<Ids>) -> Self {
        let remote_parent = parent.is_some_and(|parent| parent.has(REMOTE));
        Self {
            ids: Ids {
                trace_id,
                span_id: SpanId::random(),
                flags: if sampled { SAMPLED } else { 0 }
                    | if remote_parent { PARENT_REMOTE } else { 0 },
            },
            parent: parent.map(|parent| parent.span_id),
            parts: None,
        }
    }

    /// Makes this the span that the calling thread is in, until [`OpenSpan::leave`].
    #[inline(always)]
    pub(crate) fn enter(&mut self) -> Previous {
        let mut ids = self.ids;
        if self.parts.is_some() {
            ids.flags |= PARTS_SET;
        }
        Previous::replace(Some(ids), self.parts.take())
    }

    /// Goes back to where the thread was before.
    #[inline(always)]
    pub(crate) fn leave(&mut self, previous: Previous) {
        self.parts = Previous::replace(previous.ids, previous.parts).parts;
    }

    /// The parts, to be changed while no thread is in the span.
    pub(crate) fn parts(&mut self) -> &mut Parts {
        self.parts.get_or_insert_with(spare)
    }

    /// Hands the finished span to the collector. `start` and `end` are readings of the clock.
    #[inline]
    pub(crate) fn finish(
        &mut self,
        mut origin: Origin,
        kind: SpanKind,
        start: u64,
        end: u64,
        scope: Option<&Scope>,
    ) {
        if !self.ids.is_sampled() {
            return;
        }
        let mut parts = self.parts.take();
        let mut rare = parts.as_deref_mut().and_then(Parts::take_rare);
        let mut none = Vec::new();
        let attributes = parts
            .as_deref_mut()
            .map_or(&mut none, |parts| &mut parts.attributes);
        collector::collect(attributes, scope, |attributes| Record {
            trace_id: self.ids.trace_id,
            span_id: self.ids.span_id,
            parent_span_id: self.parent,
            start,
            end: end.max(start),
            origin: origin.take(),
            kind,
            parent_is_remote: self.ids.has(PARENT_REMOTE),
            attributes,
            rare: rare.take(),
        });
        if let Some(parts) = parts {
            recycle(parts);
        }
    }
}

impl Previous {
    /// Puts the thread into another span, or into none, and returns where it was.
    #[inline(always)]
    fn replace(ids: Option<Ids>, parts: Option<Box<Parts>>) -> Self {
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

fn sampler(scope: Option<&Scope>) -> Sampler {
    scope.map_or_else(Sampler::installed, Scope::sampler)
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
        let mut parts = spare();
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

impl Rare {
    fn is_filled(&self) -> bool {
        self.status != Status::Unset
            || !self.events.is_empty()
            || !self.links.is_empty()
            || self.trace_state.is_some()
            || self.dropped_attributes + self.dropped_events + self.dropped_links > 0
    }
}

impl Parts {
    fn take_rare(&mut self) -> Option<Box<Rare>> {
        self.rare
            .is_filled()
            .then(|| Box::new(std::mem::take(&mut self.rare)))
    }

    /// Marks the span as failed: status, `error.type`, and with a message an `exception` event at `unix_nanos`.
    pub(crate) fn fail(
        &mut self,
        error_type: &'static str,
        message: Option<String>,
        unix_nanos: u64,
    ) {
        use crate::semconv::{ERROR_TYPE, EXCEPTION, EXCEPTION_MESSAGE, EXCEPTION_TYPE};

        self.set_attribute(Attribute::new(ERROR_TYPE, error_type));
        let description = message.clone().unwrap_or_default().into();
        self.set_status(Status::Error { description });
        if let Some(message) = message {
            self.add_event(Event {
                name: EXCEPTION.into(),
                unix_nanos,
                attributes: vec![
                    Attribute::new(EXCEPTION_TYPE, error_type),
                    Attribute::new(EXCEPTION_MESSAGE, message),
                ],
            });
        }
    }

    /// Sets the status; `Ok` is final, and `Unset` changes nothing.
    pub(crate) fn set_status(&mut self, status: Status) {
        if self.rare.status != Status::Ok && status != Status::Unset {
            self.rare.status = status;
        }
    }
}

/// The wall clock of the scope, or of the world.
pub(crate) fn unix_nanos(scope: Option<&Scope>, reading: u64) -> u64 {
    // A scope's clock reads nanoseconds since the Unix epoch.
    scope.map_or_else(|| Anchor::current().unix_nanos(reading), |_| reading)
}
