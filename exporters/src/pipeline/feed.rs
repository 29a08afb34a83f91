//! Where the lanes get their data: spans from the collector, metrics from the registry.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tachograph::Registry;
use tachograph::collector::{Collector, CollectorTaken, Mark, Spans};
use tachograph::metrics::{FunctionBuckets, Snapshot};
use tachograph::trace::{SpanBatch, SpanData};
use tokio::sync::Notify;
use tokio::time::{sleep, timeout};

use super::lane::Lane;
use super::queue::Load;
use super::tally::{Drops, SelfMetrics, Tally};
use crate::dropped::{Cause, Loss};
use crate::signal::Signal;
use crate::store::TraceStore;

/// What a lane that is full may take to have room again.
const PATIENCE: Duration = Duration::from_millis(100);
/// While more spans wait in the collector nobody is waited for; it has room for four times as many. When so many wait
/// they are passed on before their time.
const MANY_WAITING: usize = 16_384;
/// While one batch follows the other, threads that record wake nobody: it is looked after them so often.
const TICK: Duration = Duration::from_millis(10);

/// Brings finished spans to the trace store and to all lanes.
pub(crate) struct SpanFeed {
    lanes: Vec<Arc<Lane<SpanBatch>>>,
    store: Option<Arc<TraceStore>>,
    batch_size: usize,
    /// Told when a batch is waiting.
    wake: Arc<Notify>,
    /// Told when a lane has more room.
    room: Arc<Notify>,
    /// Nobody's after the shutdown.
    collector: Mutex<Option<Collector<Spans>>>,
    /// Spans that did not come as far as here.
    drops: Drops,
    /// How many of those have been counted.
    seen_dropped: AtomicU64,
}

impl SpanFeed {
    /// A feed that the collector wakes from now on.
    ///
    /// Spans that ended after an earlier shutdown are dropped: nothing says that they belong to this telemetry.
    ///
    /// # Errors
    ///
    /// Somebody else in this program collects spans.
    pub(crate) fn new(
        lanes: Vec<Arc<Lane<SpanBatch>>>,
        batch_size: usize,
        room: Arc<Notify>,
        store: Option<Arc<TraceStore>>,
        self_metrics: &SelfMetrics,
    ) -> Result<Arc<Self>, CollectorTaken> {
        let collector = Collector::<Spans>::install()?;
        let causes = [Cause::QueueFull, Cause::Shutdown];
        let drops = self_metrics.drops("collector".into(), Signal::Traces, &causes);
        let late = collector.drain(usize::MAX).len() as u64;
        let reason = "they ended after the last shutdown";
        drops.add(late, Cause::Shutdown, reason);
        let feed = Arc::new(Self {
            lanes,
            store,
            batch_size,
            wake: Arc::new(Notify::new()),
            room,
            drops,
            seen_dropped: AtomicU64::new(collector.dropped()),
            collector: Mutex::new(Some(collector)),
        });
        feed.wake_at(batch_size);
        Ok(feed)
    }

    /// Passes spans on whenever a batch is there, and after each delay what there is. Never ends.
    pub(crate) async fn run(self: Arc<Self>, delay: Duration) {
        loop {
            if timeout(delay, self.wake.notified()).await.is_ok() {
                self.keep_up().await;
            } else {
                self.drain().await;
            }
        }
    }

    /// Passes on whole batches for as long as they come quickly.
    async fn keep_up(&self) {
        let is_enough = || self.waiting() < self.batch_size;
        self.wake_at(MANY_WAITING.max(self.batch_size));
        loop {
            self.drain_until(is_enough).await;
            let _ = timeout(TICK, self.wake.notified()).await;
            if is_enough() {
                self.wake_at(self.batch_size);
                // Once more: a batch that came in between has woken nobody.
                if is_enough() {
                    return;
                }
                self.wake_at(MANY_WAITING.max(self.batch_size));
            }
        }
    }

    /// Passes on all that waits, until nothing does.
    pub(crate) async fn drain(&self) {
        self.drain_until(|| false).await;
    }

    /// Passes on what waited at the mark, and what comes before it is through.
    pub(crate) async fn drain_to(&self, mut mark: Mark) {
        self.drain_until(|| mark.is_taken()).await;
    }

    /// While every lane is full, the collector keeps the rest. A lane that is full while others are not is given a
    /// moment once; if it does not use it, it loses what it has no room for, so that it delays no other.
    async fn drain_until(&self, mut is_enough: impl FnMut() -> bool) {
        while !is_enough() {
            let room = self.room.notified();
            if !self.has_room() {
                room.await;
                continue;
            }
            if self.may_wait() && timeout(PATIENCE, room).await.is_ok() {
                continue;
            }
            if !self.pass_batch() {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Passes on what waits and has room, at once.
    pub(crate) fn drain_now(&self) {
        while self.has_room() && !self.may_wait() && self.pass_batch() {}
    }

    /// Waits until all that the lanes had been given when this was called is sent or given up.
    pub(crate) fn settled(&self) -> impl Future<Output = ()> + use<> {
        settled(&self.lanes)
    }

    /// What was lost so far.
    pub(crate) fn losses(&self) -> Vec<Loss> {
        self.losses_with(|tally| tally.drops().losses().collect())
    }

    /// What is lost if nothing is sent any more: what waits for the lanes and in them included.
    pub(crate) fn losses_by_now(&self) -> Vec<Loss> {
        // Whatever is taken here the exporters' thread does not find any more.
        let rest = sampled(Arc::new(self.take(usize::MAX))).len() as u64;
        for lane in &self.lanes {
            lane.miss(rest);
        }
        self.losses_with(Tally::losses_by_now)
    }

    fn losses_with(&self, of_lane: impl Fn(&Tally) -> Vec<Loss>) -> Vec<Loss> {
        self.drops.count(self.newly_dropped(), Cause::QueueFull);
        let lanes = self.lanes.iter().flat_map(|lane| of_lane(lane.tally()));
        self.drops.losses().chain(lanes).collect()
    }

    /// Drops all that waits for the lanes or in them, and leaves the collector to others.
    pub(crate) fn abandon(&self) {
        let rest = Arc::new(self.take(usize::MAX));
        self.count_dropped();
        drop(self.with_collector(Option::take));
        self.keep(&rest);
        let rest = sampled(rest).len() as u64;
        for lane in &self.lanes {
            lane.abandon(rest);
        }
    }

    fn has_room(&self) -> bool {
        let has_room = |lane: &Arc<Lane<_>>| lane.has_room(self.batch_size as u64);
        self.lanes.is_empty() || self.lanes.iter().any(has_room)
    }

    /// Whether a lane that was quick enough so far is full, and the collector has plenty of room meanwhile.
    fn may_wait(&self) -> bool {
        let is_full = |lane: &Arc<Lane<_>>| !lane.has_room(self.batch_size as u64);
        let mut lanes = self.lanes.iter();
        lanes.any(|lane| is_full(lane) && !lane.is_behind()) && self.waiting() < MANY_WAITING
    }

    /// Passes on one batch; says whether it was a full one, so that there may be more.
    fn pass_batch(&self) -> bool {
        self.count_dropped();
        let batch = self.take(self.batch_size);
        let is_full = batch.len() == self.batch_size;
        if !batch.is_empty() {
            let batch = Arc::new(batch);
            self.keep(&batch);
            let batch = sampled(batch);
            if !batch.is_empty() {
                for lane in &self.lanes {
                    lane.offer(&batch);
                }
            }
        }
        is_full
    }

    /// What waits now, to be passed on; nothing after the shutdown.
    pub(crate) fn mark(&self) -> Option<Mark> {
        self.with_collector(|own| own.as_ref().map(Collector::mark))
    }

    fn take(&self, max: usize) -> SpanBatch {
        self.with_collector(|own| {
            own.as_ref()
                .map_or_else(SpanBatch::default, |own| own.drain(max))
        })
    }

    fn waiting(&self) -> usize {
        self.with_collector(|own| own.as_ref().map_or(0, Collector::waiting))
    }

    /// Has the collector wake this when so many spans wait.
    fn wake_at(&self, spans: usize) {
        let wake = Arc::clone(&self.wake);
        self.with_collector(|own| {
            if let Some(own) = own {
                own.wake_at(spans, move || wake.notify_one());
            }
        });
    }

    fn with_collector<T>(&self, ask: impl FnOnce(&mut Option<Collector<Spans>>) -> T) -> T {
        ask(&mut self
            .collector
            .lock()
            .unwrap_or_else(PoisonError::into_inner))
    }

    fn keep(&self, batch: &Arc<SpanBatch>) {
        if let Some(store) = &self.store {
            store.add(batch);
        }
    }

    fn count_dropped(&self) {
        let reason = "too many spans were waiting to be collected";
        let dropped = self.newly_dropped();
        self.drops.add(dropped, Cause::QueueFull, reason);
    }

    /// What the collector dropped since this was asked before.
    fn newly_dropped(&self) -> u64 {
        let dropped = self.with_collector(|own| own.as_ref().map_or(0, Collector::dropped));
        let seen = self.seen_dropped.fetch_max(dropped, Ordering::Relaxed);
        dropped.saturating_sub(seen)
    }
}

/// The spans that are for exporters. Others are recorded only for whoever decides at the end of a trace.
fn sampled(batch: Arc<SpanBatch>) -> Arc<SpanBatch> {
    let is_sampled = |span: SpanData<'_>| span.flags().is_sampled();
    if batch.iter().all(is_sampled) {
        return batch;
    }
    let mut batch = Arc::unwrap_or_clone(batch);
    batch.retain(is_sampled);
    Arc::new(batch)
}

/// Brings snapshots of the registry to all lanes.
pub(crate) struct MetricFeed {
    lanes: Vec<Arc<Lane<Snapshot>>>,
    registry: Registry,
    buckets: FunctionBuckets,
}

impl MetricFeed {
    pub(crate) fn new(
        lanes: Vec<Arc<Lane<Snapshot>>>,
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
        if self.lanes.is_empty() {
            return;
        }
        let snapshot = Arc::new(self.registry.snapshot_with(self.buckets));
        for lane in &self.lanes {
            lane.offer(&snapshot);
        }
    }

    /// Waits until the snapshot that was the last when this was called is sent or given up.
    pub(crate) fn settled(&self) -> impl Future<Output = ()> + use<> {
        settled(&self.lanes)
    }

    /// What was lost so far.
    pub(crate) fn losses(&self) -> Vec<Loss> {
        let lanes = self.lanes.iter();
        lanes
            .flat_map(|lane| lane.tally().drops().losses())
            .collect()
    }

    /// What is lost if nothing is sent any more.
    pub(crate) fn losses_by_now(&self) -> Vec<Loss> {
        let lanes = self.lanes.iter();
        lanes
            .flat_map(|lane| lane.tally().losses_by_now())
            .collect()
    }

    /// Drops a snapshot that waits.
    pub(crate) fn abandon(&self) {
        for lane in &self.lanes {
            lane.abandon(0);
        }
    }
}

fn settled<D: Load>(lanes: &[Arc<Lane<D>>]) -> impl Future<Output = ()> + use<D> {
    let settled = lanes.iter().map(|lane| lane.settled()).collect::<Vec<_>>();
    async move {
        for lane in settled {
            lane.await;
        }
    }
}
