//! Spans that have begun and not ended.

#![expect(clippy::inline_always, reason = "ids stay in registers")]

use std::sync::Arc;

use super::current::{
    self, CHOSEN, Ids, PARENT_REMOTE, PARTS_SET, Previous, REMOTE, SAMPLED, TRACE_STATE,
};
use super::parts::{self, Parts};
use super::record::{Origin, Record};
use super::{Sampler, SpanContext, SpanId, SpanKind, TraceId};
use crate::collector;
use crate::scope::{self, Scope};

/// A span that has begun: its identity, and its parts while no thread is in it.
#[derive(Debug)]
pub(crate) struct OpenSpan {
    pub(crate) ids: Ids,
    parent: Option<SpanId>,
    pub(crate) parts: Option<Box<Parts>>,
}

impl OpenSpan {
    /// A child of the current span, or the root of a new trace.
    ///
    /// `None` below a span that is not sampled: the decision is made, and there is nothing to remember.
    #[inline(always)]
    pub(crate) fn child_of_current(scope: Option<&Scope>) -> Option<Self> {
        match current::current() {
            Some(parent) if !parent.has(REMOTE | TRACE_STATE) => parent
                .is_sampled()
                .then(|| Self::new(parent.trace_id, true, Some(parent))),
            None => Some(Self::root(scope)),
            Some(_) => Some(Self::child_of(current::current_context().as_ref(), scope)),
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
            scope::sampler(scope).samples(parent.trace_id, Some(parent.sampled))
        } else {
            parent.sampled
        };
        let mut span = Self::new(parent.trace_id, sampled, Some(Ids::from(parent)));
        if let Some(trace_state) = &parent.trace_state {
            span.ids.flags |= TRACE_STATE;
            span.parts.get_or_insert_with(parts::spare).rare.trace_state =
                Some(Arc::clone(trace_state));
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
        Self::new(
            trace_id,
            scope::sampler(scope).samples(trace_id, None),
            None,
        )
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
        self.parts.get_or_insert_with(parts::spare)
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
            parts::recycle(parts);
        }
    }
}
