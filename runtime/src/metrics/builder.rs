//! How instruments are described.

use std::borrow::Cow;
use std::iter;
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

use super::error::BuildError;
use super::exponential::ExponentialHistogram;
use super::family::Family;
use super::histogram::Histogram;
use super::instrument::{Instrument, Kind};
use super::spec::{LabelNames, Spec};
use super::table::Table;
use crate::registry::Registry;

/// Describes an instrument before it is built; from [`Registry::counter`] and its siblings.
///
/// Nothing but the name must be said. Building the same instrument again gives another handle to the same series.
#[derive(Clone, Debug)]
#[must_use = "call `build`"]
pub struct InstrumentBuilder<I, L = ()> {
    registry: Registry,
    spec: Spec,
    labels: L,
    instrument: PhantomData<fn() -> I>,
}

impl<I: Kind> InstrumentBuilder<I> {
    pub(crate) fn new(registry: Registry, spec: Spec) -> Self {
        Self {
            registry,
            spec,
            labels: (),
            instrument: PhantomData,
        }
    }

    pub(super) fn into_table(self) -> Result<Arc<Table<I>>, BuildError> {
        self.spec.check()?;
        self.registry.table(self.spec)
    }

    /// Gives the instrument labels, so that it becomes a [`Family`] of series.
    ///
    /// Names that Prometheus reserves (`le`, `quantile`, `__*`) are refused by `build`.
    pub fn with_labels<const N: usize>(
        self,
        names: [impl Into<Cow<'static, str>>; N],
    ) -> InstrumentBuilder<I, [Cow<'static, str>; N]> {
        InstrumentBuilder {
            registry: self.registry,
            spec: self.spec,
            labels: names.map(Into::into),
            instrument: PhantomData,
        }
    }
}

impl<I: Instrument> InstrumentBuilder<I> {
    /// Builds the instrument, which is shown at 0 at once.
    ///
    /// # Errors
    ///
    /// - [`BuildError::InvalidName`], [`InvalidUnit`](BuildError::InvalidUnit),
    ///   [`InvalidLabel`](BuildError::InvalidLabel), [`InvalidBounds`](BuildError::InvalidBounds): what is not allowed.
    /// - [`BuildError::Conflict`]: the name stands for another kind of instrument, or for one with another unit, other
    ///   labels or other bounds.
    pub fn build(self) -> Result<I, BuildError> {
        let table = self.into_table()?;
        Ok(I::new(table.get_or_overflow(iter::empty())))
    }
}

impl<I: Kind, const N: usize> InstrumentBuilder<I, [Cow<'static, str>; N]> {
    pub(super) fn into_table(mut self) -> Result<Arc<Table<I>>, BuildError> {
        self.spec.labels = LabelNames::Named(self.labels.into());
        self.spec.check()?;
        self.registry.table(self.spec)
    }

    /// How many combinations of label values have a series of their own; 2,000 by default.
    pub fn with_series_limit(mut self, series: usize) -> Self {
        self.spec.series_limit = series;
        self
    }
}

impl<I: Instrument, const N: usize> InstrumentBuilder<I, [Cow<'static, str>; N]> {
    /// Forgets a series that nobody used for this long; by default they live as long as the program.
    ///
    /// A series is in use as long as somebody has a handle of it, and is looked up when somebody asks for it. Whoever
    /// collects metrics sees to it: what was written to a series is in one collection more at least. One that comes
    /// back begins at 0, with another start.
    ///
    /// What the first `build` of an instrument says counts. Recording costs nothing more.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # let registry = tachograph::Registry::new();
    /// let sent = registry.counter("peer.sent").with_labels(["peer"]);
    /// let sent = sent.with_series_ttl(Duration::from_secs(600)).build()?;
    /// sent.get(["10.0.0.7"]).increment();
    /// # Ok::<(), tachograph::metrics::BuildError>(())
    /// ```
    pub fn with_series_ttl(mut self, ttl: Duration) -> Self {
        self.spec.series_ttl = Some(ttl);
        self
    }

    /// Builds the family. A series is shown once [`Family::get`] has been asked for it.
    ///
    /// # Errors
    ///
    /// As without labels.
    pub fn build(self) -> Result<Family<I, N>, BuildError> {
        self.into_table().map(Family::new)
    }
}

impl<I: Kind, L> InstrumentBuilder<I, L> {
    /// Says what is measured, in a sentence.
    pub fn with_description(mut self, description: impl Into<Cow<'static, str>>) -> Self {
        self.spec.description = description.into();
        self
    }

    /// Says in which unit, in UCUM's notation (`s`, `By`) or, for a count of things, in braces (`{order}`); at most 63
    /// ASCII characters.
    pub fn with_unit(mut self, unit: impl Into<Cow<'static, str>>) -> Self {
        self.spec.unit = unit.into();
        self
    }
}

impl<L> InstrumentBuilder<Histogram, L> {
    /// Sets the upper bounds of the buckets, in the histogram's unit: finite numbers that increase. A last bucket up
    /// to infinity is always added.
    pub fn with_bounds(mut self, bounds: impl Into<Vec<f64>>) -> Self {
        self.spec.bounds = Some(bounds.into().into());
        self
    }

    /// Has buckets that grow with the values, wherever they are, instead of bounds.
    pub fn with_exponential_buckets(mut self) -> InstrumentBuilder<ExponentialHistogram, L> {
        self.spec.bounds = None;
        InstrumentBuilder {
            registry: self.registry,
            spec: self.spec,
            labels: self.labels,
            instrument: PhantomData,
        }
    }
}
