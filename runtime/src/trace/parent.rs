//! Where a span begins, and what may say so: `parent = ..` takes anything that names a span.

use super::{Context, CurrentSpan, Span, SpanContext, current_context};

/// Which span a new one is a child of.
#[derive(Debug, Default)]
pub(crate) enum ParentChoice {
    /// The span that is current then, if there is one.
    #[default]
    Current,
    /// None: a new trace.
    Root,
    Span(SpanContext),
}

impl ParentChoice {
    /// That span, if there is one.
    pub(crate) fn context(self) -> Option<SpanContext> {
        match self {
            Self::Current => current_context(),
            Self::Root => None,
            Self::Span(parent) => Some(parent),
        }
    }
}

/// Names the span that another one is a child of: `#[traced(parent = carrier)]`.
///
/// ```
/// use tachograph::trace::{Parent, SpanContext};
///
/// struct Message {
///     sender: Option<SpanContext>,
/// }
///
/// impl Parent for Message {
///     fn span_context(&self) -> Option<SpanContext> {
///         self.sender.clone()
///     }
/// }
///
/// #[tachograph::traced(parent = message)]
/// fn handle(message: Message) {}
/// # handle(Message { sender: None });
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the parent of a span",
    label = "names no span",
    note = "`parent` takes a `SpanContext`, a `Context`, a `Span`, an `Option` of one, or `none`; \
            implement `tachograph::trace::Parent` for a carrier of your own"
)]
pub trait Parent {
    /// The parent; `None` begins a new trace.
    fn span_context(&self) -> Option<SpanContext>;
}

impl Parent for SpanContext {
    fn span_context(&self) -> Option<SpanContext> {
        Some(self.clone())
    }
}

impl Parent for Context {
    fn span_context(&self) -> Option<SpanContext> {
        self.span().cloned()
    }
}

impl Parent for Span {
    fn span_context(&self) -> Option<SpanContext> {
        self.context()
    }
}

impl Parent for CurrentSpan {
    fn span_context(&self) -> Option<SpanContext> {
        self.context()
    }
}

impl<T: Parent> Parent for Option<T> {
    fn span_context(&self) -> Option<SpanContext> {
        self.as_ref().and_then(Parent::span_context)
    }
}

impl<T: Parent + ?Sized> Parent for &T {
    fn span_context(&self) -> Option<SpanContext> {
        (**self).span_context()
    }
}
