//! The way to one exporter: its inbox and outbox, and the tasks that empty them. Lanes know nothing of each other.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::task::JoinSet;

use super::circuit::Circuits;
use super::inbox::{Inbox, Letter, Room};
use super::load::Load;
use super::outbox::Outbox;
use super::parcel::Parcel;
use super::payload::Encoded;
use super::row::{Row, row};
use super::settlement::Settlement;
use super::sink::{Delivery, Encoder, Sink};
use super::tally::{InHand, Tally};
use super::tasks::caught;
use crate::dropped::Cause;

/// One exporter of one signal.
pub(crate) struct Lane<D> {
    inbox: Inbox<D>,
    outbox: Outbox,
    encoder: Arc<Mutex<Box<dyn Encoder<D>>>>,
    settlement: Arc<Settlement>,
    delivery: Delivery,
    bounds: Bounds,
    tally: Arc<Tally>,
}

/// Each sender is a task, so whoever asks for all that can be under way has this many.
const MAX_SENDERS: usize = 256;

/// Bounds that all lanes of one signal share.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    pub(crate) inbox: Room,
    pub(crate) outbox: Room,
    /// Bounds all attempts to send the payloads of one batch.
    pub(crate) export_timeout: Duration,
}

impl<D: Load> Lane<D> {
    /// A lane to this sink, with tasks that serve it and never end.
    pub(super) fn open(
        sink: Sink<D>,
        bounds: Bounds,
        circuits: &Circuits,
        tally: Arc<Tally>,
        tasks: &mut JoinSet<()>,
    ) -> Arc<Self> {
        let circuit = circuits.to(&sink.name, sink.transport.server());
        let encoder = Arc::new(Mutex::new(sink.encoder));
        let row = Arc::new(row(Arc::clone(&encoder), sink.transport, circuit));
        let lane = Arc::new(Self {
            inbox: Inbox::new(bounds.inbox, Arc::clone(&tally)),
            outbox: Outbox::new(bounds.outbox, Arc::clone(&tally)),
            encoder,
            settlement: Settlement::new(),
            delivery: sink.delivery,
            bounds,
            tally,
        });
        tasks.spawn(Arc::clone(&lane).encode_all());
        let senders = if D::SUPERSEDES {
            1
        } else {
            sink.delivery.max_in_flight.clamp(1, MAX_SENDERS)
        };
        for _ in 0..senders {
            tasks.spawn(Arc::clone(&lane).send_all(Arc::clone(&row)));
        }
        lane
    }

    /// Takes a batch, or drops it when too much waits already.
    pub(super) fn offer(&self, data: &Arc<D>) {
        self.tally.given(data.items());
        let ticket = self.settlement.begin(self.bounds.export_timeout);
        if !self.inbox.push(data, ticket) {
            let reason = "its queue is full";
            let drops = self.tally.drops();
            drops.add(data.items(), Cause::QueueFull, reason);
        }
    }

    /// Drops all that waits, and so many items that were to come, after the tasks have been stopped.
    pub(super) fn abandon(&self, to_come: u64) {
        self.tally.given(to_come);
        self.tally.drops().cut_off(to_come);
        // Parcels count what is in them.
        while self.outbox.pop().is_some() {}
        while let Some(letter) = self.inbox.pop() {
            self.tally.drops().cut_off(letter.data.items());
        }
    }

    /// Waits until all that was offered when this was called is sent or given up.
    pub(super) fn settled(&self) -> impl Future<Output = ()> + use<D> {
        self.settlement.settled()
    }

    /// So many items were to come, and nobody brings them any more: for a caller who is told so.
    pub(super) fn miss(&self, items: u64) {
        self.tally.given(items);
        self.tally.drops().count(items, Cause::Shutdown);
    }

    /// Makes payloads of batches, in order, as long as there is room for them.
    async fn encode_all(self: Arc<Self>) {
        loop {
            self.outbox.room().await;
            let letter = self.inbox.next().await;
            let number = letter.ticket.number();
            self.encode(letter);
            if D::SUPERSEDES {
                // The next one may be superseded meanwhile.
                self.settlement.settled_before(number + 1).await;
            }
        }
    }

    fn encode(&self, letter: Letter<D>) {
        let Letter { data, came, ticket } = letter;
        let mut in_hand = InHand::new(Arc::clone(&self.tally), data.items());
        let encode = || self.encoder().encode(&data, self.delivery.limits);
        let Ok(encoded) = catch_unwind(AssertUnwindSafe(encode)) else {
            in_hand.all_lost(Cause::Panicked, "it panicked");
            return;
        };
        let Encoded {
            payloads,
            too_large,
        } = encoded;
        let items = payloads.iter().map(|payload| payload.items);
        in_hand.recount(items.sum::<u64>() + too_large);
        let reason = "larger than a request may be";
        in_hand.lost(too_large, Cause::TooLarge, reason);
        let ticket = Arc::new(ticket);
        for mut payload in payloads {
            payload.made = came;
            let in_hand = in_hand.split(payload.items);
            let ticket = Arc::clone(&ticket);
            let parcel = Parcel::new(payload, in_hand, ticket, self.delivery);
            self.outbox.push(parcel);
        }
    }

    /// Sends payloads, one after the other.
    async fn send_all(self: Arc<Self>, row: Arc<Row<D>>) {
        loop {
            let mut parcel = self.outbox.next().await;
            let id = parcel.id();
            if caught(row.settle(&mut parcel)).await.is_err() {
                parcel.lose_to_panic();
            }
            let hear = || self.encoder().settled(id, parcel.outcome());
            let _ = catch_unwind(AssertUnwindSafe(hear));
        }
    }

    fn encoder(&self) -> MutexGuard<'_, Box<dyn Encoder<D>>> {
        self.encoder.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
