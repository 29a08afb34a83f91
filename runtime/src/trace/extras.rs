//! What travels with a context beside the ids of its span, in one allocation that all spans below share.

use std::sync::Arc;

use super::baggage::Baggage;
use crate::value::{self, Attribute};

/// What few contexts have. A context that has none of it carries no `Extras` at all.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Extras {
    /// The W3C `tracestate`.
    pub(crate) trace_state: Option<Arc<str>>,
    pub(crate) baggage: Baggage,
    /// What log records below say of the request: a correlation id, a user, a tenant.
    pub(crate) fields: Vec<Attribute>,
}

impl Extras {
    /// To be kept, unless there is nothing in it.
    pub(crate) fn shared(self) -> Option<Arc<Self>> {
        let is_empty =
            self.trace_state.is_none() && self.baggage.is_empty() && self.fields.is_empty();
        (!is_empty).then(|| Arc::new(self))
    }

    /// The same with this `tracestate` in the place of its own.
    pub(crate) fn with_trace_state(
        extras: Option<&Arc<Self>>,
        trace_state: Option<&Arc<str>>,
    ) -> Option<Arc<Self>> {
        let own = extras.and_then(|extras| extras.trace_state.as_ref());
        if own == trace_state {
            return extras.cloned();
        }
        let mut changed = extras.map(|extras| Self::clone(extras)).unwrap_or_default();
        changed.trace_state = trace_state.cloned();
        changed.shared()
    }

    /// Sets one of the fields.
    pub(crate) fn set_field(&mut self, field: Attribute) {
        value::set(&mut self.fields, field);
    }
}
