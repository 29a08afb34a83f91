//! Instruments with labels.

use std::fmt;
use std::sync::Arc;

use super::instrument::{Instrument, Kind};
use super::table::Table;

/// An instrument with `N` labels: one series for each combination of their values.
///
/// At most 2,000 combinations have a series of their own, or as many as
/// [`with_series_limit`](super::InstrumentBuilder::with_series_limit) says. All others share one series with the label
/// `otel.metric.overflow=true`, and `tachograph.series.overflowed` counts how often that happened. Even so, take label
/// values from a short list: never a user's id or anything else that a client may choose.
///
/// ```
/// # use tachograph::Registry;
/// # let registry = Registry::new();
/// let placed = registry
///     .counter("orders.placed")
///     .with_labels(["tier", "region"])
///     .build()?;
/// placed.get(["paid", "eu"]).increment();
///
/// let free = placed.get(["free", "eu"]);
/// (0..1_000).for_each(|_| free.increment());
/// assert_eq!(placed.get(["free", "eu"]).value(), 1_000);
/// # Ok::<(), tachograph::metrics::BuildError>(())
/// ```
pub struct Family<I: Kind, const N: usize> {
    table: Arc<Table<I>>,
}

impl<I: Instrument, const N: usize> Family<I, N> {
    pub(crate) fn new(table: Arc<Table<I>>) -> Self {
        Self { table }
    }

    /// The series with these values, in the order of the label names; it begins at 0.
    ///
    /// Looking it up takes a read lock and a hash of the values, and an allocation the first time. On a hot path keep
    /// what this returns.
    #[must_use]
    pub fn get(&self, values: [&str; N]) -> I {
        I::new(self.table.get_or_overflow(values.iter().copied()))
    }

    /// The series that stands for all beyond the limit.
    #[cfg(feature = "metrics")]
    pub(crate) fn overflow(&self) -> I {
        I::new(self.table.overflow())
    }

    /// Forgets a series; whether there was one. What handles of it record from now on is not shown any more, and a
    /// series with these values that is made later begins at 0, with another start.
    ///
    /// ```
    /// # let registry = tachograph::Registry::new();
    /// let open = registry.gauge("peer.latency").with_labels(["peer"]).build()?;
    /// open.get(["10.0.0.7"]).set(0.003);
    /// assert!(open.remove(["10.0.0.7"]));
    /// assert!(!open.remove(["10.0.0.7"]));
    /// # Ok::<(), tachograph::metrics::BuildError>(())
    /// ```
    #[expect(
        clippy::must_use_candidate,
        reason = "mostly it does not matter whether it was there"
    )]
    pub fn remove(&self, values: [&str; N]) -> bool {
        self.table.remove(&values.iter().copied())
    }

    /// Forgets all series but the one for what the limit left out, which makes room for as many new ones.
    pub fn clear(&self) {
        self.table.clear();
    }
}

impl<I: Kind, const N: usize> Clone for Family<I, N> {
    fn clone(&self) -> Self {
        Self {
            table: Arc::clone(&self.table),
        }
    }
}

impl<I: Kind, const N: usize> fmt::Debug for Family<I, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Family")
            .field(&self.table.spec.name)
            .finish()
    }
}
