//! Where lanes get the records that threads have finished: spans.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tachograph::collector::{self, Collector, CollectorTaken, Limits, Mark};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::lanes::Lanes;
use super::load::Load;
use super::tally::{Drops, SelfMetrics};
use super::tap::Tap;
use crate::dropped::{COLLECTOR, Cause, Loss};

/// When so many records wait they are passed on before their time.
const MANY_WAITING: usize = 16_384;
/// While one batch follows the other, threads that record wake nobody: it is looked after them so often.
const TICK: Duration = Duration::from_millis(10);

/// Brings the records of one signal from the collector to taps, and then to lanes. It waits for none of them.
pub(crate) struct Feed<S: collector::Signal> {
    pub(super) lanes: Lanes<S::Batch>,
    taps: Vec<Arc<dyn Tap<S::Batch>>>,
    batch_size: usize,
    /// Told when a batch is waiting.
    wake: Arc<Notify>,
    /// Nobody's after the shutdown, and if nobody takes what it has.
    collector: Mutex<Option<Collector<S>>>,
    /// In the second case nothing waits for nobody, as long as this is here.
    unwanted: Mutex<Option<Collector<S>>>,
    /// Records that did not come as far as here.
    drops: Drops,
    /// How many of those have been counted.
    seen_dropped: AtomicU64,
}

impl<S: collector::Signal> Feed<S>
where
    S::Batch: Load + Default,
{
    /// A feed that the collector wakes from now on, unless there is nobody to bring anything to.
    ///
    /// Records that were finished after an earlier shutdown are dropped: nothing says that they belong to this telemetry.
    ///
    /// # Errors
    ///
    /// Somebody else in this program collects this signal.
    pub(crate) fn new(
        lanes: Lanes<S::Batch>,
        taps: Vec<Arc<dyn Tap<S::Batch>>>,
        batch_size: usize,
        self_metrics: &SelfMetrics,
    ) -> Result<Arc<Self>, CollectorTaken> {
        let causes = [Cause::QueueFull, Cause::Shutdown];
        let drops = self_metrics.drops(COLLECTOR.into(), S::Batch::SIGNAL, &causes);
        let is_wanted = !lanes.is_empty() || !taps.is_empty();
        let (collector, unwanted) = if is_wanted {
            (Some(Collector::<S>::install()?), None)
        } else {
            // Somebody else may want them.
            let unwanted = Collector::install().ok();
            if let Some(unwanted) = &unwanted {
                unwanted.set_limits(Limits::default().with_records(0));
            }
            (None, unwanted)
        };
        let mut seen_dropped = 0;
        if let Some(collector) = &collector {
            let late = collector.drain(usize::MAX).items();
            let reason = "they ended after the last shutdown";
            drops.add(late, Cause::Shutdown, reason);
            seen_dropped = collector.dropped();
        }
        let feed = Arc::new(Self {
            lanes,
            taps,
            batch_size,
            wake: Arc::new(Notify::new()),
            drops,
            seen_dropped: AtomicU64::new(seen_dropped),
            collector: Mutex::new(collector),
            unwanted: Mutex::new(unwanted),
        });
        feed.wake_at(batch_size);
        Ok(feed)
    }

    /// Passes records on whenever a batch is there, and after each delay what there is. Never ends.
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

    async fn drain_until(&self, mut is_enough: impl FnMut() -> bool) {
        while !is_enough() && self.pass_batch() {
            // Whoever sends has its turn.
            tokio::task::yield_now().await;
        }
    }

    /// Passes on what waits, at once.
    pub(crate) fn drain_now(&self) {
        while self.pass_batch() {}
    }

    /// Waits until all that the lanes had been given when this was called is sent or given up.
    pub(crate) fn settled(&self) -> impl Future<Output = ()> + use<S> {
        self.lanes.settled()
    }

    /// What was lost on the way to here.
    pub(crate) fn losses(&self) -> impl Iterator<Item = Loss> {
        self.drops.count(self.newly_dropped(), Cause::QueueFull);
        self.drops.losses()
    }

    /// Counts what waits here as lost: for a caller who is told so, because nothing is sent any more.
    pub(crate) fn miss_waiting(&self) {
        // Whatever is taken here the exporters' thread does not find any more.
        let rest = Arc::new(self.take(usize::MAX)).exported().items();
        self.lanes.miss(rest);
    }

    /// Drops all that waits for the lanes or in them, and leaves the collector to others.
    pub(crate) async fn end(&self) {
        let rest = Arc::new(self.take(usize::MAX));
        self.count_dropped();
        drop(self.with_collector(Option::take));
        let unwanted = || self.unwanted.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(unwanted) = unwanted().take() {
            // Each thread keeps a few until it looks at the bounds, and the next telemetry would tell of them as lost.
            drop(unwanted.drain(usize::MAX));
        }
        self.show(&rest);
        self.lanes.close(|_| true, rest.exported().items()).await;
    }

    /// Passes on one batch; says whether it was a full one, so that there may be more.
    fn pass_batch(&self) -> bool {
        self.count_dropped();
        let batch = Arc::new(self.take(self.batch_size));
        let items = batch.items();
        if items > 0 {
            self.show(&batch);
            let batch = batch.exported();
            if batch.items() > 0 {
                self.lanes.offer(&batch);
            }
        }
        items == self.batch_size as u64
    }

    /// What waits now, to be passed on; nothing after the shutdown.
    pub(crate) fn mark(&self) -> Option<Mark> {
        self.with_collector(|own| own.as_ref().map(Collector::mark))
    }

    fn take(&self, max: usize) -> S::Batch {
        self.with_collector(|own| match own {
            Some(own) => own.drain(max),
            None => S::Batch::default(),
        })
    }

    fn waiting(&self) -> usize {
        self.with_collector(|own| own.as_ref().map_or(0, Collector::waiting))
    }

    /// Has the collector wake this when so many records wait.
    fn wake_at(&self, records: usize) {
        let wake = Arc::clone(&self.wake);
        self.with_collector(|own| {
            if let Some(own) = own {
                own.wake_at(records, move || wake.notify_one());
            }
        });
    }

    fn with_collector<T>(&self, ask: impl FnOnce(&mut Option<Collector<S>>) -> T) -> T {
        ask(&mut self
            .collector
            .lock()
            .unwrap_or_else(PoisonError::into_inner))
    }

    /// A view that panics misses a batch, and nobody else does.
    fn show(&self, batch: &Arc<S::Batch>) {
        for tap in &self.taps {
            let _ = catch_unwind(AssertUnwindSafe(|| tap.see(batch)));
        }
    }

    fn count_dropped(&self) {
        let reason = "too many were waiting to be collected";
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
