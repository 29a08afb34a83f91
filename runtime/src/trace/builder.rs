//! What a span that code starts begins with.

use std::borrow::Cow;

use super::current;
use super::{Link, OpenSpan, ParentChoice, Span, SpanContext, SpanKind};
use crate::inside;
use crate::listen::{self, SPANS};
use crate::scope;
use crate::value::{Attribute, Key, Value};

/// What a new span begins with; from [`Span::builder`].
#[derive(Debug)]
#[must_use = "call `start`"]
pub struct SpanBuilder {
    name: Cow<'static, str>,
    kind: SpanKind,
    parent: ParentChoice,
    attributes: Vec<Attribute>,
    links: Vec<Link>,
}

impl SpanBuilder {
    pub(super) fn new(name: Cow<'static, str>) -> Self {
        Self {
            name,
            kind: SpanKind::Internal,
            parent: ParentChoice::Current,
            attributes: Vec::new(),
            links: Vec::new(),
        }
    }

    /// Says which role the span plays; [`SpanKind::Internal`] otherwise.
    pub fn with_kind(self, kind: SpanKind) -> Self {
        Self { kind, ..self }
    }

    /// Makes it a child of this span in the place of the current one.
    pub fn with_parent(self, parent: SpanContext) -> Self {
        Self {
            parent: ParentChoice::Span(parent),
            ..self
        }
    }

    /// Makes it the root of a new trace, whatever is current.
    pub fn as_root(self) -> Self {
        Self {
            parent: ParentChoice::Root,
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
        if (scope.is_none() && listen::listening() & SPANS == 0) || inside::is_inside() {
            return Span::none();
        }
        let (parent, extras) = (self.parent.context(), current::current_extras());
        let mut open = OpenSpan::child_of(parent.as_ref(), extras, scope.as_deref());
        // Code has it in its hands, and may ask for its context.
        open.ids.name();
        if open.ids.is_recording() {
            for attribute in self.attributes {
                open.parts().set_attribute(attribute);
            }
            for link in self.links {
                open.parts().add_link(&link);
            }
        }
        Span::started(self.name, self.kind, open, scope)
    }
}
