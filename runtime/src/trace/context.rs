//! What travels with a request: the span that new ones become children of.

use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use pin_project_lite::pin_project;

use super::baggage::Baggage;
use super::current::{self, Entered};
use super::extras::Extras;
use super::{SpanId, TraceFlags, TraceId, current_context};
use crate::scope::{self, Scope};
use crate::value::{Attribute, Key, Value};

/// The identity of a span, enough to make children of it anywhere.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SpanContext {
    /// The trace.
    pub trace_id: TraceId,
    /// The span within it.
    pub span_id: SpanId,
    /// What was decided about the trace, and what travels on with it.
    pub flags: TraceFlags,
    /// Whether the span lives in another process.
    pub remote: bool,
    /// The W3C `tracestate`, carried on unchanged.
    pub trace_state: Option<Arc<str>>,
}

impl SpanContext {
    /// A span of another process, as read from the headers of a request.
    #[must_use]
    pub fn remote(trace_id: TraceId, span_id: SpanId, flags: TraceFlags) -> Self {
        Self {
            trace_id,
            span_id,
            flags,
            remote: true,
            trace_state: None,
        }
    }

    /// Whether the trace is recorded.
    #[must_use]
    pub fn is_sampled(&self) -> bool {
        self.flags.is_sampled()
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

/// The current span, the baggage and fields of its request, and in tests the current recorder, as a value that can be
/// carried to other threads and tasks.
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
    /// Its `tracestate` is that of the span.
    extras: Option<Arc<Extras>>,
    scope: Option<Arc<Scope>>,
}

impl Context {
    /// The context of the calling thread.
    #[must_use]
    pub fn current() -> Self {
        Self {
            span: current_context(),
            extras: current::current_extras(),
            scope: scope::current(),
        }
    }

    /// The current context with another span: what comes in with a request, for example.
    #[must_use]
    pub fn with_span(span: SpanContext) -> Self {
        let extras = current::current_extras();
        Self {
            extras: Extras::with_trace_state(extras.as_ref(), span.trace_state.as_ref()),
            span: Some(span),
            scope: scope::current(),
        }
    }

    /// The context at the beginning of a recorder's work: its scope, and no span.
    #[cfg(feature = "testing")]
    pub(crate) fn of_scope(scope: Arc<Scope>) -> Self {
        Self {
            span: None,
            extras: None,
            scope: Some(scope),
        }
    }

    /// The span that new spans become children of.
    #[must_use]
    pub fn span(&self) -> Option<&SpanContext> {
        self.span.as_ref()
    }

    /// The same with this baggage in the place of its own.
    #[must_use]
    pub fn with_baggage(mut self, baggage: Baggage) -> Self {
        self.change_extras(|extras| extras.baggage = baggage);
        self
    }

    /// The pairs that travel with the request; those of the calling thread are `Context::current().baggage()`.
    #[must_use]
    pub fn baggage(&self) -> &Baggage {
        const NONE: &Baggage = &Baggage::new();
        self.extras.as_ref().map_or(NONE, |extras| &extras.baggage)
    }

    /// The same with a field that says something of the request, for the log records below: a correlation id, a tenant. It
    /// stays in this process. The last value of a key wins.
    ///
    /// ```
    /// use tachograph::trace::Context;
    ///
    /// let context = Context::current().with_field("request.id", "7f3a");
    /// assert_eq!(context.fields()[0].to_string(), "request.id=7f3a");
    /// ```
    #[must_use]
    pub fn with_field(mut self, key: impl Into<Key>, value: impl Into<Value>) -> Self {
        self.change_extras(|extras| extras.set_field(Attribute::new(key, value)));
        self
    }

    /// What is known of the request, in the order in which it was first set.
    #[must_use]
    pub fn fields(&self) -> &[Attribute] {
        self.extras.as_ref().map_or(&[], |extras| &extras.fields)
    }

    fn change_extras(&mut self, change: impl FnOnce(&mut Extras)) {
        let mut extras = self.extras.take().map(Arc::unwrap_or_clone);
        change(extras.get_or_insert_default());
        self.extras = extras.and_then(Extras::shared);
    }

    /// Runs `body` with this context, and goes back to the present one, even if `body` panics.
    pub fn in_scope<T>(&self, body: impl FnOnce() -> T) -> T {
        scope::within(self.scope.as_ref(), || {
            let _entered = self.enter();
            body()
        })
    }

    /// Makes this the context of the calling thread until the guard is dropped, for code whose two ends are not in one
    /// function. Guards may be dropped in any order; the thread is always in the last one that is left.
    ///
    /// ```
    /// use tachograph::trace::{Context, Span, SpanContext, SpanId, TraceFlags, TraceId};
    ///
    /// let trace_id = TraceId::from_u128(7).unwrap();
    /// let id = |id| SpanId::from_u64(id).unwrap();
    /// let context = |span| Context::with_span(SpanContext::remote(trace_id, id(span), TraceFlags::SAMPLED));
    ///
    /// let first = context(1).attach();
    /// let second = context(2).attach();
    /// drop(first);
    /// assert_eq!(Span::current().context().unwrap().span_id, id(2));
    /// drop(second);
    /// assert_eq!(Span::current().context(), None);
    /// ```
    pub fn attach(&self) -> ContextGuard {
        ContextGuard {
            _scope: scope::enter(self.scope.as_ref()),
            _entered: self.enter(),
            not_send: PhantomData,
        }
    }

    fn enter(&self) -> Entered {
        current::enter_context(self.span.as_ref(), self.extras.clone())
    }
}

/// A context that the thread is in until this is dropped; from [`Context::attach`].
#[derive(Debug)]
#[must_use = "the thread leaves the context when this is dropped"]
pub struct ContextGuard {
    _entered: Entered,
    _scope: Option<scope::Entered>,
    // Another thread is in another context.
    not_send: PhantomData<*const ()>,
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
