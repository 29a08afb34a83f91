//! What waits for one exporter, within a bound.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tachograph::metrics::Snapshot;
use tachograph::trace::SpanBatch;
use tokio::sync::{Notify, watch};

use super::tally::Tally;
use crate::signal::Signal;

/// Data on its way to exporters.
pub(crate) trait Load: Send + Sync + 'static {
    const SIGNAL: Signal;
    /// Whether the newest says all that earlier ones said, so that one is enough to wait.
    const SUPERSEDES: bool;

    /// How many spans or data points it is.
    fn items(&self) -> u64;
}

impl Load for SpanBatch {
    const SIGNAL: Signal = Signal::Traces;
    const SUPERSEDES: bool = false;

    fn items(&self) -> u64 {
        self.len() as u64
    }
}

impl Load for Snapshot {
    const SIGNAL: Signal = Signal::Metrics;
    // Values are cumulative.
    const SUPERSEDES: bool = true;

    fn items(&self) -> u64 {
        self.point_count() as u64
    }
}

/// The queue of one exporter; several hold the same batches. One task takes what many put in.
pub(crate) struct Queue<D> {
    waiting: Mutex<Waiting<D>>,
    max_items: u64,
    arrived: Notify,
    /// The number of the last one that was dealt with.
    settled: watch::Sender<u64>,
    /// Told whenever there is more room.
    room: Arc<Notify>,
    tally: Arc<Tally>,
}

struct Waiting<D> {
    queue: VecDeque<(u64, Arc<D>)>,
    items: u64,
    /// The number of the last one that was put in.
    last: u64,
}

impl<D: Load> Queue<D> {
    pub(crate) fn new(max_items: u64, room: Arc<Notify>, tally: Arc<Tally>) -> Self {
        Self {
            waiting: Mutex::new(Waiting {
                queue: VecDeque::new(),
                items: 0,
                last: 0,
            }),
            max_items,
            arrived: Notify::new(),
            settled: watch::Sender::new(0),
            room,
            tally,
        }
    }

    /// Puts one in, unless the queue is full: then says so.
    pub(crate) fn push(&self, data: &Arc<D>) -> bool {
        let mut waiting = self.waiting();
        if D::SUPERSEDES {
            waiting.queue.clear();
            self.tally.superseded(waiting.items);
            waiting.items = 0;
        } else if waiting.items + data.items() > self.max_items {
            return false;
        }
        waiting.items += data.items();
        self.tally.queued(data.items());
        waiting.last += 1;
        let number = waiting.last;
        waiting.queue.push_back((number, Arc::clone(data)));
        self.arrived.notify_one();
        true
    }

    /// Waits for the next one. Its number goes to [`Queue::settle`] later.
    pub(crate) async fn next(&self) -> (u64, Arc<D>) {
        loop {
            if let Some(next) = self.pop() {
                return next;
            }
            self.arrived.notified().await;
        }
    }

    /// Takes the next one, if there is one.
    pub(crate) fn pop(&self) -> Option<(u64, Arc<D>)> {
        let mut waiting = self.waiting();
        let (number, data) = waiting.queue.pop_front()?;
        waiting.items -= data.items();
        self.tally.unqueued(data.items());
        self.room.notify_waiters();
        Some((number, data))
    }

    /// Says that this one and all before it were sent or given up.
    pub(crate) fn settle(&self, number: u64) {
        self.settled.send_replace(number);
    }

    /// Waits until all that had been put in when this was called is settled.
    pub(crate) fn settled(&self) -> impl Future<Output = ()> + use<D> {
        let last = self.waiting().last;
        let mut settled = self.settled.subscribe();
        async move {
            // Fails only without a sender, which the queue is.
            let _ = settled.wait_for(|settled| *settled >= last).await;
        }
    }

    /// Whether so many items fit in.
    pub(crate) fn has_room(&self, items: u64) -> bool {
        self.waiting().items + items <= self.max_items
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting<D>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
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
