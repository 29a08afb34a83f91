//! Spans that are over when we hear of them.

use std::borrow::Cow;

use super::head::{SpanHead, collect_settled};
use super::parts::Parts;
use super::{
    Event, InstrumentationScope, Link, SpanBatch, SpanContext, SpanId, SpanKind, Status,
    TraceFlags, TraceId,
};
use crate::listen::{self, SPANS};
use crate::scope;
use crate::value::{Attribute, Key, Value};

/// A span that is over, told by somebody else: a bridge from another framework, a queue that knows when a message came,
/// a test of an exporter.
///
/// It has ids and times of its own, and nothing is read from the calling thread. The limits for attributes, events and
/// links hold for it, too; the sampler is not asked.
///
/// ```
/// use tachograph::trace::{FinishedSpan, InstrumentationScope, SpanBatch, SpanKind};
///
/// let span = FinishedSpan::new("SELECT orders", 1_700_000_000_000_000_000, 1_700_000_000_002_000_000)
///     .with_kind(SpanKind::Client)
///     .with_attribute("db.system.name", "postgresql")
///     .with_instrumentation_scope(InstrumentationScope::new("sqlx"));
///
/// let batch = SpanBatch::from_iter([span]);
/// let span = batch.iter().next().unwrap();
/// assert_eq!(span.name(), "SELECT orders");
/// assert_eq!(span.end_unix_nanos() - span.start_unix_nanos(), 2_000_000);
/// ```
#[derive(Debug)]
#[must_use = "submit it, or collect it into a `SpanBatch`"]
pub struct FinishedSpan {
    head: SpanHead,
    parts: Parts,
}

impl FinishedSpan {
    /// The root of a new trace with these times, in nanoseconds since the Unix epoch. An end before the start becomes
    /// the start.
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        start_unix_nanos: u64,
        end_unix_nanos: u64,
    ) -> Self {
        let mut parts = Parts::default();
        parts.rare().name = Some(name.into());
        Self {
            head: SpanHead {
                trace_id: TraceId::random(),
                span_id: SpanId::random(),
                parent_span_id: None,
                parent_is_remote: false,
                flags: TraceFlags::SAMPLED.with(TraceFlags::RANDOM),
                kind: SpanKind::Internal,
                start: start_unix_nanos,
                end: end_unix_nanos,
                site: None,
            },
            parts,
        }
    }

    /// Gives it ids that are known already; new ones otherwise.
    pub fn with_ids(mut self, trace_id: TraceId, span_id: SpanId) -> Self {
        (self.head.trace_id, self.head.span_id) = (trace_id, span_id);
        self
    }

    /// Makes it a child of this span, in its trace.
    pub fn with_parent(mut self, parent: &SpanContext) -> Self {
        self.head.trace_id = parent.trace_id;
        self.head.parent_span_id = Some(parent.span_id);
        self.head.parent_is_remote = parent.remote;
        let rare = self.parts.rare();
        rare.trace_state.clone_from(&parent.trace_state);
        self
    }

    /// Says which role it played; [`SpanKind::Internal`] otherwise.
    pub fn with_kind(mut self, kind: SpanKind) -> Self {
        self.head.kind = kind;
        self
    }

    /// Says what was decided about its trace; otherwise it is sampled, and the trace id is random.
    pub fn with_flags(mut self, flags: TraceFlags) -> Self {
        self.head.flags = flags;
        self
    }

    /// Sets the W3C `tracestate` that it carries on.
    pub fn with_trace_state(mut self, trace_state: impl AsRef<str>) -> Self {
        self.parts.rare().trace_state = Some(trace_state.as_ref().into());
        self
    }

    /// Says how it ended. [`Status::Ok`] is final.
    pub fn with_status(mut self, status: Status<'static>) -> Self {
        self.parts.set_status(status);
        self
    }

    /// Sets an attribute; the last value of a key wins.
    pub fn with_attribute(mut self, key: impl Into<Key>, value: impl Into<Value>) -> Self {
        self.parts.set_attribute(Attribute::new(key, value));
        self
    }

    /// Notes that something happened at this time, in nanoseconds since the Unix epoch.
    pub fn with_event(
        mut self,
        name: impl Into<Key>,
        unix_nanos: u64,
        attributes: impl Into<Vec<Attribute>>,
    ) -> Self {
        self.parts.add_event(&Event {
            name: name.into(),
            unix_nanos,
            attributes: attributes.into(),
        });
        self
    }

    /// Refers to another span that it has to do with.
    pub fn with_link(
        mut self,
        context: SpanContext,
        attributes: impl Into<Vec<Attribute>>,
    ) -> Self {
        self.parts.add_link(&Link {
            context,
            attributes: attributes.into(),
        });
        self
    }

    /// Says which library made it.
    pub fn with_instrumentation_scope(mut self, scope: InstrumentationScope<'static>) -> Self {
        self.parts.rare().instrumentation_scope = Some(Box::new(scope));
        self
    }

    #[cfg(all(test, not(loom)))]
    pub(super) fn head_words(&self) -> [u64; super::head::HEAD] {
        self.head.words()
    }

    /// Its identity, for children and links.
    #[must_use]
    pub fn context(&self) -> SpanContext {
        SpanContext {
            trace_id: self.head.trace_id,
            span_id: self.head.span_id,
            flags: self.head.flags,
            remote: false,
            trace_state: self.parts.trace_state(),
        }
    }

    /// Hands it over to be exported: to the recorder whose scope the thread is in, or to the collector. Without a
    /// listener it does nothing.
    pub fn submit(mut self) {
        if let Some(scope) = scope::current() {
            let head = self.head.words();
            scope.lock_spans().push(head, Some(&mut self.parts));
        } else if listen::listening() & SPANS != 0 {
            collect_settled(&self.head, &mut self.parts);
        }
    }
}

impl FromIterator<FinishedSpan> for SpanBatch {
    fn from_iter<I: IntoIterator<Item = FinishedSpan>>(spans: I) -> Self {
        let mut batch = Self::default();
        batch.extend(spans);
        batch
    }
}

impl Extend<FinishedSpan> for SpanBatch {
    fn extend<I: IntoIterator<Item = FinishedSpan>>(&mut self, spans: I) {
        for mut span in spans {
            self.push(span.head.words(), Some(&mut span.parts));
        }
    }
}
