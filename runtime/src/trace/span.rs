//! Spans by hand, for what attributes on functions cannot express.

use std::any::type_name;
use std::borrow::Cow;
use std::error::Error;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Wakeup, Poll};

use pin_project_lite::pin_project;

use super::{CurrentSpan, Event, OpenSpan, Origin, SpanBuilder, SpanContext, SpanKind, Status};
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

impl Span {
    /// Starts a child of the current span, or a new trace.
    pub fn start(name: impl Into<Cow<'static, str>>) -> Self {
        Self::builder(name).start()
    }

    /// Prepares a span.
    pub fn builder(name: impl Into<Cow<'static, str>>) -> SpanBuilder {
        SpanBuilder::new(name.into())
    }

    /// The span that the calling thread is in, be it of an annotated function or started by hand.
    #[must_use]
    pub fn current() -> CurrentSpan {
        CurrentSpan::new()
    }

    /// Its identity, to make children of it anywhere; `None` when nobody listens.
    #[must_use]
    pub fn context(&self) -> Option<SpanContext> {
        self.live.as_ref()?.open.context()
    }

    /// Whether what is set will be exported. Ask before computing something costly.
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.live
            .as_ref()
            .is_some_and(|live| live.open.ids.is_recording())
    }

    /// Sets an attribute; the last value of a key wins.
    pub fn set_attribute(&mut self, key: impl Into<Key>, value: impl Into<Value>) {
        self.change(|live| live.open.parts().set_attribute(Attribute::new(key, value)));
    }

    /// Notes that something happened now.
    pub fn add_event(&mut self, name: impl Into<Key>, attributes: impl Into<Vec<Attribute>>) {
        self.change(|live| {
            let event = Event::now(name, attributes, live.scope.as_deref());
            live.open.parts().add_event(&event);
        });
    }

    /// Marks the span as failed with this error: status, `error.type` and an `exception` event with its message.
    pub fn record_error<E: Error + ?Sized>(&mut self, error: &E) {
        self.change(|live| {
            let (error_type, message) = (type_name::<E>(), error.to_string());
            let parts = live.open.parts();
            parts.record_error(error_type, message, live.scope.as_deref());
        });
    }

    /// Gives the span another name: the route of a request, for example, once that is known.
    pub fn update_name(&mut self, name: impl Into<Cow<'static, str>>) {
        self.change(|live| live.open.parts().rare().name = Some(name.into()));
    }

    /// Sets the status. [`Status::Ok`] is final.
    pub fn set_status(&mut self, status: Status<'static>) {
        self.change(|live| live.open.parts().set_status(status));
    }

    /// Runs `body` in this span, and goes back to the present one, even if `body` panics.
    pub fn in_scope<T>(&mut self, body: impl FnOnce() -> T) -> T {
        struct Entered<'a> {
            live: &'a mut Live,
            entry: Option<super::Entry>,
        }

        impl Drop for Entered<'_> {
            fn drop(&mut self) {
                if let Some(entry) = self.entry.take() {
                    self.live.open.leave(entry);
                }
            }
        }

        let Some(live) = &mut self.live else {
            return body();
        };
        let entry = Some(live.open.enter());
        let _entered = Entered { live, entry };
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

    /// The span where nobody listens.
    pub(super) fn none() -> Self {
        Self { live: None }
    }

    /// A span that starts now.
    pub(super) fn started(
        name: Cow<'static, str>,
        kind: SpanKind,
        open: OpenSpan,
        scope: Option<Arc<Scope>>,
    ) -> Self {
        Self {
            live: Some(Box::new(Live {
                name,
                kind,
                start: scope::now(scope.as_deref()),
                open,
                scope,
            })),
        }
    }

    fn change(&mut self, change: impl FnOnce(&mut Live)) {
        if let Some(live) = &mut self.live
            && live.open.ids.is_recording()
        {
            change(live);
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if let Some(mut live) = self.live.take() {
            let end = scope::now(live.scope.as_deref());
            let origin = Origin::Manual(live.name);
            live.open
                .finish(origin, live.kind, live.start, end, live.scope.as_deref());
        }
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
            drop(std::mem::replace(this.span, Span::none()));
        }
        polled
    }
}
