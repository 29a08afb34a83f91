//! What a registry does for instruments: it describes, finds, lists and forgets them.

use std::borrow::Cow;

use super::Registry;
use crate::metrics::{
    Counter, Gauge, Histogram, InstrumentBuilder, InstrumentInfo, Kind, Observable, Registered,
    Spec, UpDownCounter,
};

impl Registry {
    /// Describes a [`Counter`] to be built.
    #[track_caller]
    pub fn counter(&self, name: impl Into<Cow<'static, str>>) -> InstrumentBuilder<Counter> {
        self.instrument(name)
    }

    /// Describes a [`Counter`] of what has fractions to be built: seconds of work, money.
    #[track_caller]
    pub fn counter_f64(
        &self,
        name: impl Into<Cow<'static, str>>,
    ) -> InstrumentBuilder<Counter<f64>> {
        self.instrument(name)
    }

    /// Describes a counter whose total a callback tells when metrics are collected: bytes that a device has sent.
    ///
    /// ```
    /// # use tachograph::Registry;
    /// # fn bytes_sent() -> u64 { 7 }
    /// let sent = Registry::global()
    ///     .observable_counter("device.sent")
    ///     .with_unit("By")
    ///     .with_labels(["device"])
    ///     .build(|observer| observer.observe(bytes_sent(), ["eth0"]))?;
    /// // The callback is registered until `sent` is dropped.
    /// sent.detach();
    /// # Ok::<(), tachograph::metrics::BuildError>(())
    /// ```
    #[track_caller]
    pub fn observable_counter(
        &self,
        name: impl Into<Cow<'static, str>>,
    ) -> InstrumentBuilder<Observable<Counter>> {
        self.instrument(name)
    }

    /// Describes a counter whose total has fractions, and a callback tells it when metrics are collected: seconds of
    /// processor time.
    #[track_caller]
    pub fn observable_counter_f64(
        &self,
        name: impl Into<Cow<'static, str>>,
    ) -> InstrumentBuilder<Observable<Counter<f64>>> {
        self.instrument(name)
    }

    /// Describes an up-down counter whose value a callback tells when metrics are collected: items in a queue that
    /// counts them itself.
    #[track_caller]
    pub fn observable_up_down_counter(
        &self,
        name: impl Into<Cow<'static, str>>,
    ) -> InstrumentBuilder<Observable<UpDownCounter>> {
        self.instrument(name)
    }

    /// Describes a gauge that a callback reads when metrics are collected: a temperature.
    #[track_caller]
    pub fn observable_gauge(
        &self,
        name: impl Into<Cow<'static, str>>,
    ) -> InstrumentBuilder<Observable<Gauge>> {
        self.instrument(name)
    }

    /// Describes an [`UpDownCounter`] to be built.
    #[track_caller]
    pub fn up_down_counter(
        &self,
        name: impl Into<Cow<'static, str>>,
    ) -> InstrumentBuilder<UpDownCounter> {
        self.instrument(name)
    }

    /// Describes a [`Gauge`] to be built.
    #[track_caller]
    pub fn gauge(&self, name: impl Into<Cow<'static, str>>) -> InstrumentBuilder<Gauge> {
        self.instrument(name)
    }

    /// Describes a [`Histogram`] to be built.
    #[track_caller]
    pub fn histogram(&self, name: impl Into<Cow<'static, str>>) -> InstrumentBuilder<Histogram> {
        self.instrument(name)
    }

    #[track_caller]
    fn instrument<I: Kind>(&self, name: impl Into<Cow<'static, str>>) -> InstrumentBuilder<I> {
        InstrumentBuilder::new(self.clone(), Spec::here(name))
    }

    /// The instrument with this name, in upper or lower case, that a builder built before; `None` if there is none, or
    /// one of another kind or with another number of labels.
    ///
    /// ```
    /// use tachograph::Registry;
    /// use tachograph::metrics::{Counter, Family, Gauge};
    ///
    /// let registry = Registry::new();
    /// registry.counter("orders.placed").with_labels(["tier"]).build()?;
    /// let placed = registry.get::<Family<Counter, 1>>("orders.placed").expect("it was built");
    /// placed.get(["paid"]).increment();
    /// assert!(registry.get::<Gauge>("orders.placed").is_none());
    /// # Ok::<(), tachograph::metrics::BuildError>(())
    /// ```
    #[must_use]
    pub fn get<T: Registered>(&self, name: &str) -> Option<T> {
        T::find(self, name)
    }

    /// All instruments that were built, through the `metrics` facade too, by name.
    ///
    /// [`sites`](crate::sites) lists annotated functions, which have metrics of their own.
    ///
    /// ```
    /// let registry = tachograph::Registry::new();
    /// registry.gauge("oven.temperature").with_unit("Cel").build()?;
    /// for instrument in registry.list() {
    ///     println!("{} ({}, {})", instrument.name(), instrument.kind(), instrument.declaration());
    /// }
    /// # assert!(registry.list().iter().any(|it| it.name() == "oven.temperature" && it.unit() == "Cel"));
    /// # Ok::<(), tachograph::metrics::BuildError>(())
    /// ```
    #[must_use]
    pub fn list(&self) -> Vec<InstrumentInfo> {
        let tables = self.inner.tables.all();
        tables.iter().map(|table| table.info()).collect()
    }

    /// Forgets an instrument with all its series; whether there was one. What its handles record from now on is not
    /// shown any more, and the name is free.
    ///
    /// The registry's own counters, whose names begin with `tachograph.`, stay.
    ///
    /// ```
    /// let registry = tachograph::Registry::new();
    /// registry.counter("uploads").build()?;
    /// assert!(registry.remove("uploads"));
    /// registry.gauge("uploads").build()?;
    /// # Ok::<(), tachograph::metrics::BuildError>(())
    /// ```
    #[expect(
        clippy::must_use_candidate,
        reason = "mostly it does not matter whether it was there"
    )]
    pub fn remove(&self, name: &str) -> bool {
        if name.to_ascii_lowercase().starts_with("tachograph.") {
            return false;
        }
        let removed = self.inner.tables.remove(name);
        #[cfg(feature = "metrics")]
        if let Some(removed) = &removed {
            self.inner.facade.forget(name, &**removed);
        }
        removed.is_some()
    }
}
