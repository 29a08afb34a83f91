//! Payloads that wait to be sent, in memory.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::inbox::Room;
use super::parcel::Parcel;
use super::tally::Tally;

/// The outbox of one lane. While it is full nothing is encoded; several tasks take from it.
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
    max: Room,
    arrived: Notify,
    /// Told whenever one is taken.
    taken: Notify,
    tally: Arc<Tally>,
}

#[derive(Default)]
struct Waiting {
    parcels: VecDeque<Parcel>,
    items: u64,
    bytes: usize,
}

impl Outbox {
    pub(super) fn new(max: Room, tally: Arc<Tally>) -> Self {
        Self {
            waiting: Mutex::default(),
            max,
            arrived: Notify::new(),
            taken: Notify::new(),
            tally,
        }
    }

    /// Waits until less is in it than may be.
    pub(super) async fn room(&self) {
        loop {
            let taken = self.taken.notified();
            if self.has_room() {
                return;
            }
            taken.await;
        }
    }

    fn has_room(&self) -> bool {
        let waiting = self.waiting();
        waiting.items < self.max.items && waiting.bytes < self.max.bytes
    }

    pub(super) fn push(&self, parcel: Parcel) {
        let (items, bytes) = size(&parcel);
        let mut waiting = self.waiting();
        waiting.items += items;
        waiting.bytes += bytes;
        self.tally.queued(items);
        waiting.parcels.push_back(parcel);
        self.arrived.notify_one();
    }

    /// Waits for the next one.
    pub(super) async fn next(&self) -> Parcel {
        loop {
            if let Some(parcel) = self.pop() {
                return parcel;
            }
            self.arrived.notified().await;
        }
    }

    /// Takes the next one, if there is one.
    pub(super) fn pop(&self) -> Option<Parcel> {
        let mut waiting = self.waiting();
        let parcel = waiting.parcels.pop_front()?;
        let (items, bytes) = size(&parcel);
        waiting.items -= items;
        waiting.bytes -= bytes;
        self.tally.unqueued(items);
        self.taken.notify_waiters();
        if !waiting.parcels.is_empty() {
            // Several that arrive at once are told of once.
            self.arrived.notify_one();
        }
        Some(parcel)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn size(parcel: &Parcel) -> (u64, usize) {
    (parcel.payload.items, parcel.payload.body.len())
}
