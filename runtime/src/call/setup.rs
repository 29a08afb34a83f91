//! What generated code says of a call: where its span begins, its labels and fields, and fields of its result.

use std::borrow::Borrow;

use super::live::Live;
use crate::lost;
use crate::metrics::{LabelValue, Side};
use crate::packed::KeyForm;
use crate::site::Site;
use crate::trace::{self, Link, OpenSpan, Parent, ParentChoice, Sampler, SpanContext};
use crate::value::{Attribute, Value};

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
    pub(super) live: &'a mut Live,
}

/// What generated code may record when a call has returned, while the thread is still in its span.
#[derive(Debug)]
pub struct Closing<'a> {
    pub(super) site: &'static Site,
    pub(super) live: Option<&'a mut Live>,
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
        if self.live.span.is_some() {
            let mut opening = Opening::default();
            self.live.told(|_| choose(&mut opening));
            let parent = opening.parent.context();
            let scope = self.live.scope.as_deref();
            self.live.span = Some(OpenSpan::chosen(parent.as_ref(), opening.sampler, scope));
        }
    }

    /// Whether labels are wanted.
    #[inline]
    #[must_use]
    pub fn is_metered(&self) -> bool {
        self.live.metered
    }

    /// Whether fields are wanted.
    #[inline]
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.live.is_recording()
    }

    /// Chooses the series of these labels, in the order of the site's label names.
    pub fn labels(&mut self, labels: &[LabelValue<'_>]) {
        let keyed = self.live.keyed_cells();
        let cells = keyed.as_deref().unwrap_or(&self.live.site.cells);
        self.live.series = cells.starting(labels);
        if lost::is_unsettled() {
            lost::settle(self.live.site, self.live.scope.as_deref());
        }
    }

    /// Refers to other spans.
    pub fn links<C: Linked>(&mut self, contexts: impl IntoIterator<Item = C>) {
        if let Some(span) = &mut self.live.span {
            for context in contexts {
                span.parts().add_link(&Link {
                    context: context.borrow().clone(),
                    attributes: Vec::new(),
                });
            }
        }
    }

    /// Records a field.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "generated code has no other use for the value"
    )]
    pub fn field(&mut self, key: &'static str, value: Value) {
        if let Some(span) = &mut self.live.span {
            // No other field of the function has this name, and nothing else is set yet.
            span.parts().add(KeyForm::Text(key), value.as_ref());
        }
    }
}

impl Closing<'_> {
    /// Whether fields are wanted.
    #[inline]
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.is_recording())
    }

    /// Whether labels are wanted.
    #[inline]
    #[must_use]
    pub fn is_metered(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.metered)
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
        if let Some(live) = &mut self.live {
            let keyed = live.keyed_cells();
            let cells = keyed.as_deref().unwrap_or(&live.site.cells);
            live.series = cells.ending(live.series, side, labels);
            if lost::is_unsettled() {
                lost::settle(live.site, live.scope.as_deref());
            }
        }
    }

    /// Records a field.
    pub fn field(&mut self, key: &'static str, value: Value) {
        if self.is_recording() {
            trace::with_parts(|parts| parts.set_attribute(Attribute::new(key, value)));
        }
    }
}
