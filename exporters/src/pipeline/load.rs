//! Data on its way to exporters.

use std::sync::Arc;

use tachograph::metrics::Snapshot;
use tachograph::trace::{SpanBatch, SpanData};

use crate::signal::Signal;

/// A batch of spans, or a snapshot of metrics.
pub(crate) trait Load: Send + Sync + 'static {
    const SIGNAL: Signal;
    /// Whether the newest says all that earlier ones said, so that one is enough to wait, and whether backends must get
    /// them one after the other.
    const SUPERSEDES: bool;

    /// How many spans or data points it is.
    fn items(&self) -> u64;

    /// About how many bytes of memory it takes.
    fn bytes(&self) -> usize;

    /// What of it is for exporters, and not for this process alone.
    fn exported(self: Arc<Self>) -> Arc<Self> {
        self
    }
}

impl Load for SpanBatch {
    const SIGNAL: Signal = Signal::Traces;
    const SUPERSEDES: bool = false;

    fn items(&self) -> u64 {
        self.len() as u64
    }

    fn bytes(&self) -> usize {
        self.byte_len()
    }

    /// The sampled spans. Others are recorded only for whoever decides at the end of a trace.
    fn exported(self: Arc<Self>) -> Arc<Self> {
        let is_sampled = |span: SpanData<'_>| span.flags().is_sampled();
        if self.iter().all(is_sampled) {
            return self;
        }
        let mut batch = Arc::unwrap_or_clone(self);
        batch.retain(is_sampled);
        Arc::new(batch)
    }
}

impl Load for Snapshot {
    const SIGNAL: Signal = Signal::Metrics;
    // Values are cumulative.
    const SUPERSEDES: bool = true;

    fn items(&self) -> u64 {
        self.point_count() as u64
    }

    /// There is one at a time, and it shares its series with the registry.
    fn bytes(&self) -> usize {
        0
    }
}

#[cfg(test)]
mod tests {
    use tachograph::Registry;

    use super::*;

    #[test]
    fn every_point_of_a_snapshot_is_an_item() {
        let registry = Registry::new();
        registry.counter("a").build().unwrap().increment();
        let one = registry.snapshot().items();
        registry.up_down_counter("b").build().unwrap().add(1);
        registry.gauge("c").build().unwrap().set(1.0);
        let histogram = |name: &'static str| registry.histogram(name);
        histogram("d").build().unwrap().record(1.0);
        let exponential = histogram("e").with_exponential_buckets();
        exponential.build().unwrap().record(1.0);
        assert_eq!(registry.snapshot().items() - one, 4);
    }
}
