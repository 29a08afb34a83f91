//! What generated code says of a call: where its span begins, its labels and fields, and fields of its result.

use std::borrow::Borrow;

use super::full::Full;
use super::told::told;
use super::{Call, State};
use crate::lost;
use crate::metrics::{Combination, LabelValue, SeriesIndex, Side};
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
    pub(super) call: &'a mut Call,
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
        if let Some(call) = self.call.full()
            && call.span.is_some()
        {
            let mut opening = Opening::default();
            told(call.site, call.scope.as_deref(), || choose(&mut opening));
            let parent = opening.parent.context();
            let scope = call.scope.as_deref();
            call.span = Some(OpenSpan::chosen(parent.as_ref(), opening.sampler, scope));
        }
    }

    /// Whether labels are wanted.
    #[inline]
    #[must_use]
    pub fn is_metered(&self) -> bool {
        match &self.call.state {
            State::Lean(_) => true,
            State::Full(full) => full.metered,
            State::Idle | State::Silent(_) => false,
        }
    }

    /// Whether fields are wanted.
    #[inline]
    #[must_use]
    pub fn is_recording(&self) -> bool {
        matches!(&self.call.state, State::Full(full) if full.is_recording())
    }

    /// Chooses the series of these labels, in the order of the site's label names.
    #[inline]
    pub fn labels<const N: usize>(&mut self, labels: &[LabelValue<'_>; N]) {
        let known = Combination::of(labels).is_some_and(|it| self.choose(it));
        if !known {
            // A copy, so that the labels themselves need no place in memory where they are known.
            let labels = *labels;
            self.choose_new(&labels);
        }
    }

    /// Chooses the series of a combination that a call had before. Whether it was found.
    #[inline(never)]
    fn choose(&mut self, combination: Combination) -> bool {
        match &mut self.call.state {
            State::Lean(lean) => {
                let known = lean.site.cells.known(combination);
                known.map(|(_, series)| lean.series = series).is_some()
            }
            State::Full(full) if full.scope.is_none() => {
                let known = full.site.cells.known(combination);
                known.map(|(index, _)| full.series = index).is_some()
            }
            _ => false,
        }
    }

    /// The same of any labels.
    #[inline(never)]
    fn choose_new(&mut self, labels: &[LabelValue<'_>]) {
        match &mut self.call.state {
            State::Lean(lean) => {
                let cells = &lean.site.cells;
                lean.series = cells.series(cells.starting(labels));
                if lost::is_unsettled() {
                    lost::settle(lean.site, None);
                }
            }
            State::Full(full) => {
                let keyed = full.keyed_cells();
                let cells = keyed.as_deref().unwrap_or(&full.site.cells);
                full.series = cells.starting(labels);
                if lost::is_unsettled() {
                    lost::settle(full.site, full.scope.as_deref());
                }
            }
            State::Idle | State::Silent(_) => {}
        }
    }

    /// Counts the call in the overflow series.
    #[cold]
    pub(super) fn overflow(&mut self) {
        match &mut self.call.state {
            State::Lean(lean) => lean.series = lean.site.cells.series(SeriesIndex::OVERFLOW),
            State::Full(full) => full.series = SeriesIndex::OVERFLOW,
            State::Idle | State::Silent(_) => {}
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
        let span = self.call.full().and_then(|call| call.span.as_mut());
        let parts = span.and_then(|span| span.parts.as_mut());
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
        let call = self.call.full()?;
        let span = call.span.as_mut()?;
        if span.parts.is_none() {
            span.begin_parts(call.site.field_keys());
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
