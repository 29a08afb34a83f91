//! The span that code is in, whoever started it.

use std::any::type_name;
use std::borrow::Cow;
use std::error::Error;
use std::marker::PhantomData;

use super::current;
use super::{Event, Link, SpanContext, Status, current_context, with_parts};
use crate::scope;
use crate::value::{Attribute, Key, Value};

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
    pub(super) fn new() -> Self {
        Self {
            not_send: PhantomData,
        }
    }

    /// Its identity; `None` when the thread is in no span.
    #[must_use]
    pub fn context(self) -> Option<SpanContext> {
        let _ = self.not_send;
        current_context()
    }

    /// Whether what is set here will be exported. Ask before computing something costly.
    #[must_use]
    pub fn is_recording(self) -> bool {
        current::records()
    }

    /// Sets an attribute; the last value of a key wins.
    pub fn set_attribute(self, key: impl Into<Key>, value: impl Into<Value>) {
        if self.is_recording() {
            // First: what makes the value may have something to set, too.
            let attribute = Attribute::new(key, value);
            with_parts(|parts| parts.set_attribute(attribute));
        }
    }

    /// Notes that something happened now.
    pub fn add_event(self, name: impl Into<Key>, attributes: impl Into<Vec<Attribute>>) {
        if self.is_recording() {
            let event = Event::now(name, attributes, scope::current().as_deref());
            with_parts(|parts| parts.add_event(&event));
        }
    }

    /// Refers to another span that this one has to do with.
    pub fn add_link(self, context: SpanContext, attributes: impl Into<Vec<Attribute>>) {
        let attributes = attributes.into();
        with_parts(|parts| {
            parts.add_link(&Link {
                context,
                attributes,
            });
        });
    }

    /// Marks the span as failed with this error: status, `error.type` and an `exception` event with its message.
    pub fn record_error<E: Error + ?Sized>(self, error: &E) {
        if self.is_recording() {
            // First: what writes the message may have something to set, too.
            let message = error.to_string();
            with_parts(|parts| {
                parts.record_error(type_name::<E>(), message, scope::current().as_deref());
            });
        }
    }

    /// Gives the span another name than that of its function, or its earlier one: the route of a request, for example, once
    /// that is known. Few names, with no value of an argument in them, make spans easy to find.
    ///
    /// ```
    /// use tachograph::trace::Span;
    ///
    /// #[tachograph::traced(kind = "server")]
    /// fn handle(route: &'static str) {
    ///     Span::current().update_name(format!("GET {route}"));
    /// }
    /// # handle("/orders/{id}");
    /// ```
    pub fn update_name(self, name: impl Into<Cow<'static, str>>) {
        with_parts(|parts| parts.rare().name = Some(name.into()));
    }

    /// Sets the status. [`Status::Ok`] is final.
    pub fn set_status(self, status: Status<'static>) {
        with_parts(|parts| parts.set_status(status));
    }
}
