//! Spans that have begun and not ended.

#![expect(clippy::inline_always, reason = "ids stay in registers")]

use std::borrow::Cow;
use std::sync::Arc;

use super::current::{self, CHOSEN, Entry, FORCED, Ids, PARENT_REMOTE, RECORDING, REMOTE, SAMPLED};
use super::extras::Extras;
use super::head::{self, SpanHead};
use super::parts::{self, Parts};
use super::{Sampler, SpanContext, SpanId, SpanKind};
use crate::packed::FieldList;
use crate::scope::{self, Scope};
use crate::site::Site;

/// Where a span got its name.
#[derive(Debug)]
pub(crate) enum Origin {
    Site(&'static Site),
    Manual(Cow<'static, str>),
}

/// A span that has begun: its identity, and what lies beside that while no thread is in it.
#[derive(Debug)]
pub(crate) struct OpenSpan {
    pub(crate) ids: Ids,
    parent: Option<SpanId>,
    pub(crate) parts: Option<Box<Parts>>,
    extras: Option<Arc<Extras>>,
}

impl OpenSpan {
    /// The span of a call: a child of the current one, or the root of a new trace.
    ///
    /// `None` below a span that is not recorded, unless spans of this function are forced.
    #[inline(always)]
    pub(crate) fn begin(site: &'static Site, scope: Option<&Scope>) -> Option<Self> {
        if site.switches.forces_spans() {
            return Some(Self::forced(scope));
        }
        Self::child_of_current(scope)
    }

    /// A child of a recorded span of this thread that has no extras.
    #[inline(always)]
    pub(crate) fn below(parent: Ids) -> Self {
        Self::child(parent, parent.decision(), None)
    }

    /// A root with these ids, outside of scopes.
    #[inline(always)]
    pub(crate) fn with_ids(ids: Ids) -> Self {
        Self {
            ids,
            parent: None,
            parts: None,
            extras: None,
        }
    }

    /// Drops what the span owns.
    #[inline(always)]
    pub(crate) fn release(&mut self) {
        (self.parts, self.extras) = (None, None);
    }

    /// A child of the current span, or the root of a new trace.
    ///
    /// `None` below a span that is not recorded: the decision is made, and there is nothing to remember.
    #[inline(always)]
    fn child_of_current(scope: Option<&Scope>) -> Option<Self> {
        let parent = current::current();
        if parent.is_special() {
            return Self::child_of_special(parent, scope);
        }
        if !parent.is_present() {
            return Some(Self::root(scope::sampler(scope), None));
        }
        parent
            .is_recording()
            .then(|| Self::child(parent, parent.decision(), None))
    }

    /// The same below a span that has extras, or no ids, or lives in another process.
    #[cold]
    fn child_of_special(parent: Ids, scope: Option<&Scope>) -> Option<Self> {
        if parent.is_present() && !parent.has(REMOTE | RECORDING) {
            return None;
        }
        let extras = current::current_extras();
        let context = parent.context(extras.as_deref());
        Some(Self::child_of(context.as_ref(), extras, scope))
    }

    /// A child of the current span that is recorded whatever was decided before.
    #[cold]
    fn forced(scope: Option<&Scope>) -> Self {
        let (parent, extras) = (current::named(), current::current_extras());
        let mut span = if parent.is_present() {
            Self::child(parent, SAMPLED | RECORDING | parent.decision(), extras)
        } else {
            Self::root(scope::sampler(scope).forced(), extras)
        };
        span.ids.set(FORCED);
        span
    }

    /// The same span as it would begin now, with what this one has recorded.
    pub(crate) fn below_current(mut self, scope: Option<&Scope>) -> Option<Self> {
        if self.ids.has(CHOSEN) {
            return Some(self);
        }
        let mut span = if self.ids.has(FORCED) {
            Self::forced(scope)
        } else {
            Self::child_of_current(scope)?
        };
        span.parts = self.parts.take();
        Some(span)
    }

    /// A child of `parent`, or the root of a new trace, with these extras.
    #[cold]
    pub(crate) fn child_of(
        parent: Option<&SpanContext>,
        extras: Option<Arc<Extras>>,
        scope: Option<&Scope>,
    ) -> Self {
        let Some(parent) = parent else {
            return Self::root(scope::sampler(scope), extras);
        };
        let extras = Extras::with_trace_state(extras.as_ref(), parent.trace_state.as_ref());
        let ids = Ids::carried(Some(parent));
        let decision = if parent.remote {
            let kept = ids.decision() & !(SAMPLED | RECORDING);
            kept | scope::sampler(scope).decide(parent.trace_id, Some(parent.is_sampled()))
        } else {
            ids.decision()
        };
        Self::child(ids, decision, extras)
    }

    /// Where `parent` says, or a root that this sampler decides about in the place of the installed one.
    pub(crate) fn chosen(
        parent: Option<&SpanContext>,
        root: Option<Sampler>,
        scope: Option<&Scope>,
    ) -> Self {
        let extras = current::current_extras();
        let mut span = match (parent, root) {
            (None, Some(sampler)) => {
                Self::root(sampler, Extras::with_trace_state(extras.as_ref(), None))
            }
            _ => Self::child_of(parent, extras, scope),
        };
        span.ids.set(CHOSEN);
        span
    }

    /// The root of a new trace.
    #[inline]
    fn root(sampler: Sampler, extras: Option<Arc<Extras>>) -> Self {
        Self {
            extras,
            ..Self::with_ids(Ids::root(sampler))
        }
    }

    #[inline]
    fn child(parent: Ids, decision: u64, extras: Option<Arc<Extras>>) -> Self {
        let remote = if parent.has(REMOTE) { PARENT_REMOTE } else { 0 };
        Self {
            ids: Ids::new(parent.trace_id(), SpanId::random(), decision | remote),
            parent: parent.span_id(),
            parts: None,
            extras,
        }
    }

    /// Makes this the span that the calling thread is in, until [`OpenSpan::leave`].
    #[inline(always)]
    pub(crate) fn enter(&mut self) -> Entry {
        Entry::begin(self.ids, &mut self.extras)
    }

    /// Goes back to where the thread was before.
    #[inline(always)]
    pub(crate) fn leave(&mut self, entry: Entry) {
        let mut later = None;
        let ids = entry.end(&mut later, &mut self.extras);
        self.gather(later);
        if !self.ids.is_recording()
            && let Some(ids) = ids
        {
            // Somebody may have asked for ids that were not there.
            self.ids.take_names(ids);
        }
    }

    /// Adds what was set on the span since it was entered, which others have laid beside its ids.
    #[inline(always)]
    fn gather(&mut self, later: Option<Box<Parts>>) {
        if let Some(later) = later {
            self.gather_later(later);
        }
    }

    #[inline(never)]
    fn gather_later(&mut self, mut later: Box<Parts>) {
        match &mut self.parts {
            Some(parts) => {
                parts.absorb(&mut later);
                parts::recycle(later);
            }
            none => *none = Some(later),
        }
    }

    /// Makes room for what a function records, which has these fields.
    #[inline(never)]
    pub(crate) fn begin_parts(&mut self, fields: FieldList) {
        self.parts().with_fields(fields);
    }

    /// The parts with all that was set until now, to be changed while the thread is in the span.
    pub(crate) fn parts_within(&mut self, entry: Entry) -> &mut Parts {
        self.gather(entry.take_parts());
        self.parts()
    }

    /// The span's identity, for others; it has one from here on.
    pub(crate) fn context(&self) -> Option<SpanContext> {
        self.ids.context(self.extras.as_deref())
    }

    /// The parts, to be changed while no thread is in the span.
    #[inline]
    pub(crate) fn parts(&mut self) -> &mut Parts {
        self.parts.get_or_insert_with(parts::spare)
    }

    /// Hands the finished span of a call to the collector, or to the scope that it began in.
    #[inline(always)]
    pub(crate) fn finish_call(
        &mut self,
        site: &'static Site,
        start: u64,
        end: u64,
        scope: Option<&Scope>,
    ) {
        let attributes = match &self.parts {
            None => &[][..],
            Some(parts) if parts.is_plain() => parts.attributes(),
            Some(_) => return self.finish(Origin::Site(site), site.span_kind(), start, end, scope),
        };
        if self.extras.is_some() || scope.is_some() {
            return self.finish(Origin::Site(site), site.span_kind(), start, end, scope);
        }
        if let Some(span_id) = self.ids.span_id() {
            let head = self.head(span_id, Some(site), site.span_kind(), start, end);
            head::collect_plain(&head, attributes);
        }
        if let Some(parts) = self.parts.take() {
            parts::recycle(parts);
        }
    }

    #[inline(always)]
    fn head(
        &self,
        span_id: SpanId,
        site: Option<&'static Site>,
        kind: SpanKind,
        start: u64,
        end: u64,
    ) -> SpanHead {
        SpanHead {
            trace_id: self.ids.trace_id(),
            span_id,
            parent_span_id: self.parent,
            parent_is_remote: self.ids.has(PARENT_REMOTE),
            flags: self.ids.trace_flags(),
            kind,
            start,
            end,
            site,
        }
    }

    /// Hands the finished span to the collector. `start` and `end` are readings of the clock.
    pub(crate) fn finish(
        &mut self,
        origin: Origin,
        kind: SpanKind,
        start: u64,
        end: u64,
        scope: Option<&Scope>,
    ) {
        let Some(span_id) = self.ids.span_id().filter(|_| self.ids.is_recording()) else {
            return;
        };
        if let Some(extras) = self.extras.take() {
            self.parts()
                .rare()
                .trace_state
                .clone_from(&extras.trace_state);
        }
        let site = match origin {
            Origin::Site(site) => Some(site),
            Origin::Manual(name) => {
                // It may have been given another one meanwhile.
                self.parts().rare().name.get_or_insert(name);
                None
            }
        };
        let span = self.head(span_id, site, kind, start, end);
        let mut parts = self.parts.take();
        head::collect(&span, parts.as_deref_mut(), scope);
        if let Some(parts) = parts {
            parts::recycle(parts);
        }
    }
}
