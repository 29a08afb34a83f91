//! What generated code says of a call: where its span begins, its labels and fields, and fields of its result.

use std::borrow::Borrow;

use super::full::Full;
use crate::lost;
use crate::metrics::{LabelValue, Side};
use crate::packed::ValueRef;
use crate::site::Site;
use crate::trace::{Link, OpenSpan, Parent, ParentChoice, Parts, Sampler, SpanContext};
use crate::value::FieldValue;

/// Where the span of a call begins, as generated code chooses.
#[derive(Debug, Default)]
pub struct Opening {
    parent: ParentChoice,
    /// Decides about a new trace.
    sampler: Option<Sampler>,
}

/// What generated code may set before a call starts.
#[derive(Debug)]
pub struct Setup<'a> {
    pub(super) call: &'a mut Full,
}

/// What generated code may record when a call has returned, while the thread is still in its span.
#[derive(Debug)]
pub struct Closing<'a> {
    pub(super) site: &'static Site,
    pub(super) call: Option<&'a mut Full>,
}

/// What `links = ..` is made of.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the context of a span",
    label = "names no span",
    note = "`links` takes an iterator of `SpanContext`s, or of references to them"
)]
pub trait Linked: Borrow<SpanContext> {}

#[diagnostic::do_not_recommend]
impl<C: Borrow<SpanContext>> Linked for C {}

impl Opening {
    /// Below this span, or as a new trace where it names none.
    pub fn parent<P: Parent + ?Sized>(&mut self, parent: &P) {
        let parent = parent.span_context();
        self.parent = parent.map_or(ParentChoice::Root, ParentChoice::Span);
    }

    /// As a new trace.
    pub fn root(&mut self) {
        self.parent = ParentChoice::Root;
    }

    /// A new trace is recorded with this probability.
    pub fn sample(&mut self, ratio: f64) {
        self.sampler = Sampler::ratio(ratio).ok();
    }
}

impl Setup<'_> {
    /// Chooses where the span begins, if the call has one. Before anything else is told, because it is another span.
    pub fn open(&mut self, choose: impl FnOnce(&mut Opening)) {
        if self.call.span.is_some() {
            let mut opening = Opening::default();
            self.call.told(|_| choose(&mut opening));
            let parent = opening.parent.context();
            let scope = self.call.scope.as_deref();
            self.call.span = Some(OpenSpan::chosen(parent.as_ref(), opening.sampler, scope));
        }
    }

    /// Whether labels are wanted.
    #[inline]
    #[must_use]
    pub fn is_metered(&self) -> bool {
        self.call.metered
    }

    /// Whether fields are wanted.
    #[inline]
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.call.is_recording()
    }

    /// Chooses the series of these labels, in the order of the site's label names.
    pub fn labels(&mut self, labels: &[LabelValue<'_>]) {
        let keyed = self.call.keyed_cells();
        let cells = keyed.as_deref().unwrap_or(&self.call.site.cells);
        self.call.series = cells.starting(labels);
        if lost::is_unsettled() {
            lost::settle(self.call.site, self.call.scope.as_deref());
        }
    }

    /// Refers to other spans.
    pub fn links<C: Linked>(&mut self, contexts: impl IntoIterator<Item = C>) {
        if let Some(parts) = self.parts() {
            for context in contexts {
                parts.add_link(&Link {
                    context: context.borrow().clone(),
                    attributes: Vec::new(),
                });
            }
        }
    }

    /// Records a field, by its index in the site's list.
    #[inline]
    pub fn field(&mut self, index: usize, value: FieldValue<'_>) {
        match value {
            // So common that it has a function of its own: the number stays in its register.
            FieldValue::Ref(ValueRef::I64(number)) => self.integer(index, number),
            value => self.any(index, value),
        }
    }

    #[inline(never)]
    fn integer(&mut self, index: usize, number: i64) {
        let parts = self.call.span.as_mut().and_then(|span| span.parts.as_mut());
        if !parts.is_some_and(|parts| parts.add_short_field(index, number)) {
            self.any_integer(index, number);
        }
    }

    /// The first one, or one that is not short.
    #[inline(never)]
    fn any_integer(&mut self, index: usize, number: i64) {
        if let Some(parts) = self.parts()
            && !parts.add_short_field(index, number)
        {
            parts.add_field(index, ValueRef::I64(number));
        }
    }

    /// What the span has recorded, made now if there is nothing.
    #[inline(always)]
    fn parts(&mut self) -> Option<&mut Parts> {
        let span = self.call.span.as_mut()?;
        if span.parts.is_none() {
            span.begin_parts(self.call.site.field_keys());
        }
        span.parts.as_deref_mut()
    }

    #[inline(never)]
    fn any(&mut self, index: usize, value: FieldValue<'_>) {
        // No other field has this index, and nothing else is set yet.
        let Some(parts) = self.parts() else {
            return;
        };
        match value {
            FieldValue::Ref(value) => parts.add_field(index, value),
            FieldValue::Owned(value) => parts.add_field(index, value.as_ref()),
        }
    }
}

impl Closing<'_> {
    /// Whether fields are wanted.
    #[inline]
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.is_recording())
    }

    /// Whether labels are wanted.
    #[inline]
    #[must_use]
    pub fn is_metered(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.metered)
    }

    /// Chooses the series of these labels of an `Ok`, in the order of the site's names. Nothing comes after it that may
    /// panic, because a panic has no such labels.
    pub fn ok_labels(&mut self, labels: &[LabelValue<'_>]) {
        self.labels(Side::Ok, labels);
    }

    /// The same for an `Err`.
    pub fn err_labels(&mut self, labels: &[LabelValue<'_>]) {
        self.labels(Side::Err, labels);
    }

    fn labels(&mut self, side: Side, labels: &[LabelValue<'_>]) {
        if let Some(call) = &mut self.call {
            let keyed = call.keyed_cells();
            let cells = keyed.as_deref().unwrap_or(&call.site.cells);
            call.series = cells.ending(call.series, side, labels);
            if lost::is_unsettled() {
                lost::settle(call.site, call.scope.as_deref());
            }
        }
    }

    /// Records a field, by its index in the site's list.
    #[inline(never)]
    pub fn field(&mut self, index: usize, value: FieldValue<'_>) {
        if let Some(parts) = self.call.as_mut().and_then(|call| call.parts()) {
            let parts = parts.with_fields(self.site.field_keys());
            match value {
                FieldValue::Ref(value) => parts.set_field(index, value),
                FieldValue::Owned(value) => parts.set_field(index, value.as_ref()),
            }
        }
    }
}
