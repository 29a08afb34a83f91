//! What travels with a request: the span that new ones become children of.

use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use pin_project_lite::pin_project;

use super::{SpanId, TraceId, current_context, in_context};
use crate::scope::{self, Scope};

/// The identity of a span, enough to make children of it anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpanContext {
    /// The trace.
    pub trace_id: TraceId,
    /// The span within it.
    pub span_id: SpanId,
    /// Whether the trace is recorded.
    pub sampled: bool,
    /// Whether the span lives in another process.
    pub remote: bool,
    /// The W3C `tracestate`, carried on unchanged.
    pub trace_state: Option<Arc<str>>,
}

impl SpanContext {
    /// A span of another process, as read from the headers of a request.
    #[must_use]
    pub fn remote(trace_id: TraceId, span_id: SpanId, sampled: bool) -> Self {
        Self {
            trace_id,
            span_id,
            sampled,
            remote: true,
            trace_state: None,
        }
    }

    /// The same with a W3C `tracestate`.
    #[must_use]
    pub fn with_trace_state(self, trace_state: impl Into<Arc<str>>) -> Self {
        Self {
            trace_state: Some(trace_state.into()),
            ..self
        }
    }
}

/// The current span, and in tests the current recorder, as a value that can be carried to other threads and tasks.
///
/// Context follows calls and `.await` by itself. A new thread or task begins without one, unless it is given:
///
/// ```
/// use tachograph::trace::Context;
///
/// let context = Context::current();
/// std::thread::spawn(move || {
///     context.in_scope(|| {
///         // Spans that begin here are children of the span that was current outside.
///     });
/// });
/// ```
#[derive(Clone, Debug, Default)]
pub struct Context {
    span: Option<SpanContext>,
    scope: Option<Arc<Scope>>,
}

impl Context {
    /// The context of the calling thread.
    #[must_use]
    pub fn current() -> Self {
        Self {
            span: current_context(),
            scope: scope::current(),
        }
    }

    /// The current context with another span: what comes in with a request, for example.
    #[must_use]
    pub fn with_span(span: SpanContext) -> Self {
        Self {
            span: Some(span),
            scope: scope::current(),
        }
    }

    /// The context at the beginning of a recorder's work: its scope, and no span.
    #[cfg(feature = "testing")]
    pub(crate) fn of_scope(scope: Arc<Scope>) -> Self {
        Self {
            span: None,
            scope: Some(scope),
        }
    }

    /// The span that new spans become children of.
    #[must_use]
    pub fn span(&self) -> Option<&SpanContext> {
        self.span.as_ref()
    }

    /// Runs `body` with this context, and goes back to the present one, even if `body` panics.
    pub fn in_scope<T>(&self, body: impl FnOnce() -> T) -> T {
        scope::within(self.scope.as_ref(), || in_context(self.span.as_ref(), body))
    }
}

pin_project! {
    /// A future that is polled with a context of its own; see [`FutureExt::with_context`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct WithContext<F> {
        #[pin]
        future: F,
        context: Context,
    }
}

impl<F> WithContext<F> {
    pub(crate) fn new(future: F, context: Context) -> Self {
        Self { future, context }
    }
}

impl<F: Future> Future for WithContext<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        this.context.in_scope(|| this.future.poll(cx))
    }
}

/// Gives futures a context.
pub trait FutureExt: Future + Sized {
    /// Polls this future with `context`, wherever it is spawned.
    ///
    /// ```
    /// use tachograph::trace::{Context, FutureExt};
    ///
    /// # async fn handle() {}
    /// # fn spawn(_: impl Future) {}
    /// spawn(handle().with_context(Context::current()));
    /// ```
    fn with_context(self, context: Context) -> WithContext<Self> {
        WithContext::new(self, context)
    }
}

impl<F: Future> FutureExt for F {}
