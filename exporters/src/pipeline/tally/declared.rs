//! The metrics of the exporters themselves, each declared once.

use std::marker::PhantomData;

use tachograph::Registry;
use tachograph::metrics::{
    BuildError, Counter, Family, Instrument, InstrumentBuilder, UpDownCounter,
};

/// A metric with `N` labels.
pub(super) struct SelfMetric<I, const N: usize> {
    name: &'static str,
    instrument: PhantomData<fn() -> I>,
    unit: &'static str,
    labels: [&'static str; N],
    /// What it counts, in one sentence.
    sentence: &'static str,
}

pub(super) const EXPORTED: SelfMetric<Counter, 2> = SelfMetric {
    name: "tachograph.exporter.exported",
    instrument: PhantomData,
    unit: "{item}",
    labels: ["exporter", "signal"],
    sentence: "Spans and data points that backends have taken.",
};
pub(super) const FAILED: SelfMetric<Counter, 2> = SelfMetric {
    name: "tachograph.exporter.failed",
    instrument: PhantomData,
    unit: "{request}",
    labels: ["exporter", "signal"],
    sentence: "Requests that backends have refused or not answered.",
};
pub(super) const RETRIED: SelfMetric<Counter, 2> = SelfMetric {
    name: "tachograph.exporter.retried",
    instrument: PhantomData,
    unit: "{request}",
    labels: ["exporter", "signal"],
    sentence: "Requests that were sent again.",
};
pub(super) const DROPPED: SelfMetric<Counter, 3> = SelfMetric {
    name: "tachograph.exporter.dropped",
    instrument: PhantomData,
    unit: "{item}",
    labels: ["exporter", "signal", "cause"],
    sentence: "Spans and data points that were lost.",
};
pub(super) const QUEUE_SIZE: SelfMetric<UpDownCounter, 2> = SelfMetric {
    name: "tachograph.exporter.queue.size",
    instrument: PhantomData,
    unit: "{item}",
    labels: ["exporter", "signal"],
    sentence: "Spans and data points that wait to be sent.",
};
pub(super) const RESTARTED: SelfMetric<Counter, 1> = SelfMetric {
    name: "tachograph.exporter.restarted",
    instrument: PhantomData,
    unit: "{restart}",
    labels: ["task"],
    sentence: "Tasks of the exporters that panicked and began anew.",
};

impl<I: Own, const N: usize> SelfMetric<I, N> {
    /// Makes it in this registry.
    ///
    /// # Errors
    ///
    /// Somebody else's metric has its name.
    pub(super) fn build(&self, registry: &Registry) -> Result<Family<I, N>, BuildError> {
        let builder = I::described(registry, self.name);
        let builder = builder.with_description(self.sentence).with_unit(self.unit);
        builder.with_labels(self.labels).build()
    }
}

/// An instrument that metrics of our own have.
pub(super) trait Own: Instrument {
    /// What a table says of it.
    #[cfg(test)]
    const WORD: &'static str;

    fn described(registry: &Registry, name: &'static str) -> InstrumentBuilder<Self>;
}

impl Own for Counter {
    #[cfg(test)]
    const WORD: &'static str = "counter";

    fn described(registry: &Registry, name: &'static str) -> InstrumentBuilder<Self> {
        registry.counter(name)
    }
}

impl Own for UpDownCounter {
    #[cfg(test)]
    const WORD: &'static str = "up-down counter";

    fn described(registry: &Registry, name: &'static str) -> InstrumentBuilder<Self> {
        registry.up_down_counter(name)
    }
}

/// Rows of the table in `docs/configuration.md`: ours, then those of the registry.
#[cfg(test)]
pub(crate) fn rows() -> Vec<String> {
    let mut rows = vec![
        EXPORTED.row(),
        FAILED.row(),
        RETRIED.row(),
        DROPPED.row(),
        QUEUE_SIZE.row(),
        RESTARTED.row(),
    ];
    let registry = tachograph::OWN_COUNTERS.iter();
    rows.extend(registry.map(|(name, unit, labels, description)| {
        row(name, Counter::WORD, unit, labels, description)
    }));
    rows
}

#[cfg(test)]
impl<I: Own, const N: usize> SelfMetric<I, N> {
    fn row(&self) -> String {
        row(self.name, I::WORD, self.unit, &self.labels, self.sentence)
    }
}

#[cfg(test)]
fn row(name: &str, instrument: &str, unit: &str, labels: &[&str], sentence: &str) -> String {
    let labels = labels.iter().map(|label| format!("`{label}`"));
    let labels = labels.collect::<Vec<_>>().join(", ");
    format!("| `{name}` | {instrument} | `{unit}` | {labels} | {sentence} |\n")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tachograph::metrics::Metric;
    use tracing::level_filters::LevelFilter;

    use super::super::SelfMetrics;
    use super::*;
    use crate::report::Reporter;
    use crate::signal::Signal;

    #[test]
    fn whatever_is_made_has_a_row() {
        let registry = Registry::new();
        let reporter = Arc::new(Reporter::new(None, LevelFilter::OFF));
        let made = SelfMetrics::new(&registry, reporter).expect("the names are free");
        made.tally(&"otlp_http".into(), Signal::Traces);
        made.restarted("spans");
        let snapshot = registry.snapshot();
        let names = snapshot.metrics().map(Metric::name);
        let names = names.filter(|name| name.starts_with("tachograph.exporter."));
        let names = names.collect::<Vec<_>>();
        assert_eq!(names.len(), 6, "{names:?}");
        for name in names {
            let begin = format!("| `{name}` |");
            assert!(rows().iter().any(|row| row.starts_with(&begin)), "{name}");
        }
    }
}
