//! Where lanes get the metrics: snapshots of the registry.

use std::sync::Arc;
use std::time::Duration;

use tachograph::Registry;
use tachograph::metrics::{FunctionBuckets, Snapshot};
use tokio::time::sleep;

use super::lanes::Lanes;

/// Brings snapshots of the registry to all lanes.
pub(crate) struct MetricFeed {
    lanes: Lanes<Snapshot>,
    registry: Registry,
    buckets: FunctionBuckets,
}

impl MetricFeed {
    pub(crate) fn new(
        lanes: Lanes<Snapshot>,
        registry: Registry,
        buckets: FunctionBuckets,
    ) -> Arc<Self> {
        Arc::new(Self {
            lanes,
            registry,
            buckets,
        })
    }

    /// Passes on a snapshot after each interval. Never ends.
    pub(crate) async fn run(self: Arc<Self>, interval: Duration) {
        loop {
            sleep(interval).await;
            self.pass_snapshot();
        }
    }

    /// Passes on what the registry holds now.
    pub(crate) fn pass_snapshot(&self) {
        if !self.lanes.is_empty() {
            let snapshot = self.registry.snapshot_with(self.buckets);
            self.lanes.offer(&Arc::new(snapshot));
        }
    }

    /// Waits until the snapshot that was the last when this was called is sent or given up.
    pub(crate) fn settled(&self) -> impl Future<Output = ()> + use<> {
        self.lanes.settled()
    }

    /// Drops a snapshot that waits.
    pub(crate) async fn end(&self) {
        self.lanes.close(|_| true, 0).await;
    }
}
