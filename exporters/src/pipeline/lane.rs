//! The way to one exporter: its queue and the task that empties it. Lanes know nothing of each other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use tokio::sync::Notify;

use super::payload::Limits;
use super::queue::{Load, Queue};
use super::send::{Sender, later};
use super::sink::{Encoder, Sink};
use super::tally::{InHand, SelfMetrics, Tally};
use crate::dropped::Cause;

/// One exporter of one signal.
pub(crate) struct Lane<D> {
    queue: Queue<D>,
    tally: Arc<Tally>,
    /// The last batch was dropped.
    is_behind: AtomicBool,
}

/// The task's side of a lane.
struct Export<D> {
    encoder: Box<dyn Encoder<D>>,
    limits: Limits,
    sender: Sender,
    /// Bounds the export of one batch, however many requests it becomes.
    timeout: Duration,
}

/// Bounds that all lanes of one signal share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) max_queue_items: u64,
    pub(crate) export_timeout: Duration,
}

impl<D: Load> Lane<D> {
    /// A lane to this sink, and the task that serves it and never ends.
    pub(crate) fn open(
        sink: Sink<D>,
        bounds: Bounds,
        room: Arc<Notify>,
        self_metrics: &SelfMetrics,
    ) -> (Arc<Self>, impl Future<Output = ()> + use<D>) {
        let tally = self_metrics.tally(&sink.name, D::SIGNAL);
        let lane = Arc::new(Self {
            queue: Queue::new(bounds.max_queue_items, room, Arc::clone(&tally)),
            tally,
            is_behind: AtomicBool::new(false),
        });
        let export = Export {
            encoder: sink.encoder,
            limits: sink.delivery.limits,
            sender: Sender::new(sink.transport, sink.delivery.timeout),
            timeout: bounds.export_timeout,
        };
        (Arc::clone(&lane), lane.serve(export))
    }

    /// Queues a batch, or drops it when too much waits already.
    pub(crate) fn offer(&self, data: &Arc<D>) {
        self.tally.given(data.items());
        let is_dropped = !self.queue.push(data);
        self.is_behind.store(is_dropped, Ordering::Relaxed);
        if is_dropped {
            let reason = "its queue is full";
            let drops = self.tally.drops();
            drops.add(data.items(), Cause::QueueFull, reason);
        }
    }

    /// Drops all that waits, and so many items that were to come, after the task has been stopped.
    pub(crate) fn abandon(&self, to_come: u64) {
        self.tally.given(to_come);
        self.tally.drops().cut_off(to_come);
        while let Some((_, data)) = self.queue.pop() {
            self.tally.drops().cut_off(data.items());
        }
    }

    /// Whether so many items can wait besides those that do.
    pub(crate) fn has_room(&self, items: u64) -> bool {
        self.queue.has_room(items)
    }

    /// Whether the last batch found no room.
    pub(crate) fn is_behind(&self) -> bool {
        self.is_behind.load(Ordering::Relaxed)
    }

    /// Waits until all that was queued when this was called is sent or given up.
    pub(crate) fn settled(&self) -> impl Future<Output = ()> + use<D> {
        self.queue.settled()
    }

    /// So many items were to come, and nobody brings them any more: for a caller who is told so.
    pub(crate) fn miss(&self, items: u64) {
        self.tally.given(items);
        self.tally.drops().count(items, Cause::Shutdown);
    }

    /// What becomes of what it is given.
    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    async fn serve(self: Arc<Self>, mut export: Export<D>) {
        loop {
            let (number, data) = self.queue.next().await;
            let mut in_hand = InHand::new(&self.tally, data.items());
            if caught(export.run(&data, &mut in_hand)).await.is_err() {
                in_hand.all_lost(Cause::Panicked, "it panicked");
            }
            drop(in_hand);
            self.queue.settle(number);
        }
    }
}

impl<D> Export<D> {
    async fn run(&mut self, data: &D, in_hand: &mut InHand<'_>) {
        let deadline = later(self.timeout);
        let encoded = self.encoder.encode(data, self.limits);
        let items = encoded.payloads.iter().map(|payload| payload.items);
        in_hand.recount(items.sum::<u64>() + encoded.too_large);
        let too_large = "larger than a request may be";
        in_hand.lost(encoded.too_large, Cause::TooLarge, too_large);
        for payload in encoded.payloads {
            let sent = self.sender.deliver(&payload, in_hand.tally(), deadline);
            match sent.await {
                Ok(receipt) => in_hand.taken(payload.items, receipt),
                Err((cause, reason)) => in_hand.lost(payload.items, cause, reason),
            }
        }
    }
}

/// Polls a future so that its panics stay here.
async fn caught<T>(future: impl Future<Output = T>) -> std::thread::Result<T> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(panic) => Poll::Ready(Err(panic)),
        }
    })
    .await
}
