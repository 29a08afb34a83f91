//! Instruments with labels.

use std::borrow::Cow;
use std::sync::Arc;

use super::function::SeriesLabel;
use super::instrument::Instrument;
use super::spec::LabelNames;
use super::table::{Labels, Table};

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
#[derive(Debug)]
pub struct Family<I, const N: usize> {
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
        let labels = self.labels(&values);
        let owned = || labels.to_owned();
        let own = self.table.get(&labels, owned);
        own.unwrap_or_else(|| self.table.overflow())
    }

    /// Forgets a series, if there is one. What handles of it record from now on is not shown any more.
    pub fn remove(&self, values: [&str; N]) {
        self.table.remove(&self.labels(&values));
    }

    /// Forgets all series but the one for what the limit left out, which makes room for as many new ones.
    pub fn clear(&self) {
        self.table.clear();
    }

    fn labels<'a>(&'a self, values: &'a [&'a str]) -> Pairs<'a> {
        let names = match &self.table.spec.labels {
            LabelNames::Named(names) => &**names,
            LabelNames::Any => &[],
        };
        Pairs { names, values }
    }
}

impl<I, const N: usize> Clone for Family<I, N> {
    fn clone(&self) -> Self {
        Self {
            table: Arc::clone(&self.table),
        }
    }
}

/// The names of a family with the values of one lookup.
struct Pairs<'a> {
    names: &'a [Cow<'static, str>],
    values: &'a [&'a str],
}

impl Labels for Pairs<'_> {
    fn label(&self, index: usize) -> Option<(&str, &str)> {
        Some((self.names.get(index)?, self.values.get(index)?))
    }
}

impl Pairs<'_> {
    fn to_owned(&self) -> Vec<SeriesLabel> {
        let values = self
            .values
            .iter()
            .map(|value| Cow::Owned((*value).to_owned()));
        self.names.iter().cloned().zip(values).collect()
    }
}
