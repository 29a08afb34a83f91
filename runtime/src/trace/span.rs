//! Spans by hand, for what attributes on functions cannot express.

use std::borrow::Cow;
use std::error::Error;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Wakeup, Poll};

use pin_project_lite::pin_project;

use super::{
    Event, Link, OpenSpan, Origin, SpanContext, SpanKind, Status, current_context, unix_nanos,
    with_parts,
};
use crate::clock;
use crate::listen::{self, SPANS};
use crate::scope::{self, Scope};
use crate::value::{Attribute, Key, Value};

/// A span that code starts and ends itself.
///
/// It ends when [`Span::end`] is called or it is dropped. Without installed telemetry every method does nothing.
///
/// ```
/// use tachograph::trace::{Span, SpanKind};
///
/// let mut span = Span::builder("load").with_kind(SpanKind::Client).start();
/// span.set_attribute("rows", 3);
/// let sum = span.in_scope(|| {
///     // Spans that begin here are its children.
///     1 + 2
/// });
/// span.end();
/// # assert_eq!(sum, 3);
/// ```
#[derive(Debug)]
#[must_use = "a span ends when it is dropped"]
pub struct Span {
    live: Option<Box<Live>>,
}

#[derive(Debug)]
struct Live {
    name: Cow<'static, str>,
    kind: SpanKind,
    start: u64,
    open: OpenSpan,
    scope: Option<Arc<Scope>>,
}

/// What a new span begins with; from [`Span::builder`].
#[derive(Debug)]
#[must_use = "call `start`"]
pub struct SpanBuilder {
    name: Cow<'static, str>,
    kind: SpanKind,
    parent: Parent,
    attributes: Vec<Attribute>,
    links: Vec<Link>,
}

#[derive(Debug)]
enum Parent {
    Current,
    Root,
    Context(SpanContext),
}

impl SpanBuilder {
    /// Says which role the span plays; [`SpanKind::Internal`] otherwise.
    pub fn with_kind(self, kind: SpanKind) -> Self {
        Self { kind, ..self }
    }

    /// Makes it a child of this span in the place of the current one.
    pub fn with_parent(self, parent: SpanContext) -> Self {
        Self {
            parent: Parent::Context(parent),
            ..self
        }
    }

    /// Makes it the root of a new trace, whatever is current.
    pub fn as_root(self) -> Self {
        Self {
            parent: Parent::Root,
            ..self
        }
    }

    /// Sets an attribute.
    pub fn with_attribute(mut self, key: impl Into<Key>, value: impl Into<Value>) -> Self {
        self.attributes.push(Attribute::new(key, value));
        self
    }

    /// Refers to another span that this one has to do with.
    pub fn with_link(
        mut self,
        context: SpanContext,
        attributes: impl Into<Vec<Attribute>>,
    ) -> Self {
        let attributes = attributes.into();
        self.links.push(Link {
            context,
            attributes,
        });
        self
    }

    /// Starts the span. The thread is not in it before [`Span::in_scope`].
    pub fn start(self) -> Span {
        let scope = scope::current();
        if scope.is_none() && listen::listening() & SPANS == 0 {
            return Span { live: None };
        }
        let parent = match self.parent {
            Parent::Current => current_context(),
            Parent::Root => None,
            Parent::Context(parent) => Some(parent),
        };
        let mut open = OpenSpan::child_of(parent.as_ref(), scope.as_deref());
        if open.ids.is_sampled() {
            for attribute in self.attributes {
                open.parts().set_attribute(attribute);
            }
            for link in self.links {
                open.parts().add_link(link);
            }
        }
        Span {
            live: Some(Box::new(Live {
                name: self.name,
                kind: self.kind,
                start: now(scope.as_deref()),
                open,
                scope,
            })),
        }
    }
}

impl Span {
    /// Starts a child of the current span, or a new trace.
    pub fn start(name: impl Into<Cow<'static, str>>) -> Self {
        Self::builder(name).start()
    }

    /// Prepares a span.
    pub fn builder(name: impl Into<Cow<'static, str>>) -> SpanBuilder {
        SpanBuilder {
            name: name.into(),
            kind: SpanKind::Internal,
            parent: Parent::Current,
            attributes: Vec::new(),
            links: Vec::new(),
        }
    }

    /// The span that the calling thread is in, be it of an annotated function or started by hand.
    #[must_use]
    pub fn current() -> CurrentSpan {
        CurrentSpan {
            not_send: PhantomData,
        }
    }

    /// Its identity, to make children of it anywhere; `None` when nobody listens.
    #[must_use]
    pub fn context(&self) -> Option<SpanContext> {
        let ids = self.live.as_ref()?.open.ids;
        let trace_state = self.live.as_ref()?.open.parts.as_ref();
        Some(SpanContext {
            trace_id: ids.trace_id,
            span_id: ids.span_id,
            sampled: ids.is_sampled(),
            remote: false,
            trace_state: trace_state.and_then(|parts| parts.rare.trace_state.clone()),
        })
    }

    /// Whether what is set will be exported. Ask before computing something costly.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.live
            .as_ref()
            .is_some_and(|live| live.open.ids.is_sampled())
    }

    /// Sets an attribute; the last value of a key wins.
    pub fn set_attribute(&mut self, key: impl Into<Key>, value: impl Into<Value>) {
        self.change(|live| live.open.parts().set_attribute(Attribute::new(key, value)));
    }

    /// Notes that something happened now.
    pub fn add_event(&mut self, name: impl Into<Key>, attributes: impl Into<Vec<Attribute>>) {
        self.change(|live| {
            let event = event(name, attributes, live.scope.as_deref());
            live.open.parts().add_event(event);
        });
    }

    /// Marks the span as failed with this error: status, `error.type` and an `exception` event with its message.
    pub fn record_error<E: Error + ?Sized>(&mut self, error: &E) {
        self.change(|live| {
            let scope = live.scope.as_deref();
            let unix_nanos = unix_nanos(scope, now(scope));
            live.open.parts().fail(
                std::any::type_name::<E>(),
                Some(error.to_string()),
                unix_nanos,
            );
        });
    }

    /// Sets the status. [`Status::Ok`] is final.
    pub fn set_status(&mut self, status: Status) {
        self.change(|live| live.open.parts().set_status(status));
    }

    /// Runs `body` in this span, and goes back to the present one, even if `body` panics.
    pub fn in_scope<T>(&mut self, body: impl FnOnce() -> T) -> T {
        struct Entered<'a> {
            live: &'a mut Live,
            previous: Option<super::Previous>,
        }

        impl Drop for Entered<'_> {
            fn drop(&mut self) {
                if let Some(previous) = self.previous.take() {
                    self.live.open.leave(previous);
                }
            }
        }

        let Some(live) = &mut self.live else {
            return body();
        };
        let previous = Some(live.open.enter());
        let _entered = Entered { live, previous };
        body()
    }

    /// A future that runs `future` in this span and ends the span with it.
    pub fn in_future<F: Future>(self, future: F) -> InSpan<F> {
        InSpan { future, span: self }
    }

    /// Ends the span now.
    pub fn end(self) {
        drop(self);
    }

    fn change(&mut self, change: impl FnOnce(&mut Live)) {
        if let Some(live) = &mut self.live
            && live.open.ids.is_sampled()
        {
            change(live);
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if let Some(mut live) = self.live.take() {
            let end = now(live.scope.as_deref());
            let origin = Origin::Manual(live.name);
            live.open
                .finish(origin, live.kind, live.start, end, live.scope.as_deref());
        }
    }
}

/// The span that the calling thread is in; every method does nothing when there is none.
///
/// ```
/// use tachograph::trace::Span;
///
/// Span::current().set_attribute("cache.hit", true);
/// ```
#[derive(Clone, Copy, Debug)]
pub struct CurrentSpan {
    // Another thread is in another span.
    not_send: PhantomData<*const ()>,
}

impl CurrentSpan {
    /// Its identity; `None` when the thread is in no span.
    #[must_use]
    pub fn context(self) -> Option<SpanContext> {
        let _ = self.not_send;
        current_context()
    }

    /// Whether what is set here will be exported. Ask before computing something costly.
    #[must_use]
    pub fn is_recording(self) -> bool {
        with_parts(|_| ()).is_some()
    }

    /// Sets an attribute; the last value of a key wins.
    pub fn set_attribute(self, key: impl Into<Key>, value: impl Into<Value>) {
        with_parts(|parts| parts.set_attribute(Attribute::new(key, value)));
    }

    /// Notes that something happened now.
    pub fn add_event(self, name: impl Into<Key>, attributes: impl Into<Vec<Attribute>>) {
        with_parts(|parts| parts.add_event(event(name, attributes, scope::current().as_deref())));
    }

    /// Refers to another span that this one has to do with.
    pub fn add_link(self, context: SpanContext, attributes: impl Into<Vec<Attribute>>) {
        let attributes = attributes.into();
        with_parts(|parts| {
            parts.add_link(Link {
                context,
                attributes,
            });
        });
    }

    /// Marks the span as failed with this error: status, `error.type` and an `exception` event with its message.
    pub fn record_error<E: Error + ?Sized>(self, error: &E) {
        with_parts(|parts| {
            let scope = scope::current();
            let unix_nanos = unix_nanos(scope.as_deref(), now(scope.as_deref()));
            parts.fail(
                std::any::type_name::<E>(),
                Some(error.to_string()),
                unix_nanos,
            );
        });
    }

    /// Sets the status. [`Status::Ok`] is final.
    pub fn set_status(self, status: Status) {
        with_parts(|parts| parts.set_status(status));
    }
}

pin_project! {
    /// A future in a span of its own; see [`Span::in_future`].
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct InSpan<F> {
        #[pin]
        future: F,
        span: Span,
    }
}

impl<F: Future> Future for InSpan<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Wakeup<'_>) -> Poll<F::Output> {
        let this = self.project();
        let polled = this.span.in_scope(|| this.future.poll(cx));
        if polled.is_ready() {
            // Ended with the future, even if the future is kept.
            drop(std::mem::replace(this.span, Span { live: None }));
        }
        polled
    }
}

fn event(
    name: impl Into<Key>,
    attributes: impl Into<Vec<Attribute>>,
    scope: Option<&Scope>,
) -> Event {
    Event {
        name: name.into(),
        unix_nanos: unix_nanos(scope, now(scope)),
        attributes: attributes.into(),
    }
}

/// A reading of the clock that spans are timed with.
fn now(scope: Option<&Scope>) -> u64 {
    scope.map_or_else(clock::now, |scope| scope.clock.unix_nanos())
}
