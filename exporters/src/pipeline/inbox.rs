//! Batches that wait to be encoded for one exporter, within a bound.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::load::Load;
use super::settlement::Ticket;
use super::tally::Tally;

/// The inbox of one lane; several hold the same batches. One task takes what many put in.
pub(super) struct Inbox<D> {
    waiting: Mutex<Waiting<D>>,
    max: Room,
    arrived: Notify,
    tally: Arc<Tally>,
}

/// How much may wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Room {
    pub(crate) items: u64,
    pub(crate) bytes: usize,
}

struct Waiting<D> {
    letters: VecDeque<Letter<D>>,
    items: u64,
    bytes: usize,
}

/// A batch, and when it came.
pub(super) struct Letter<D> {
    pub(super) data: Arc<D>,
    pub(super) came: Instant,
    pub(super) ticket: Ticket,
}

impl<D: Load> Inbox<D> {
    pub(super) fn new(max: Room, tally: Arc<Tally>) -> Self {
        Self {
            waiting: Mutex::new(Waiting {
                letters: VecDeque::new(),
                items: 0,
                bytes: 0,
            }),
            max,
            arrived: Notify::new(),
            tally,
        }
    }

    /// Puts one in, unless there is no room: then says so.
    pub(super) fn push(&self, data: &Arc<D>, ticket: Ticket) -> bool {
        let (items, bytes) = (data.items(), data.bytes());
        let mut waiting = self.waiting();
        if D::SUPERSEDES {
            waiting.letters.clear();
            self.tally.superseded(waiting.items);
            (waiting.items, waiting.bytes) = (0, 0);
        } else if waiting.items + items > self.max.items || waiting.bytes + bytes > self.max.bytes {
            return false;
        }
        waiting.items += items;
        waiting.bytes += bytes;
        self.tally.queued(items);
        waiting.letters.push_back(Letter {
            data: Arc::clone(data),
            came: Instant::now(),
            ticket,
        });
        self.arrived.notify_one();
        true
    }

    /// Waits for the next one.
    pub(super) async fn next(&self) -> Letter<D> {
        loop {
            if let Some(letter) = self.pop() {
                return letter;
            }
            self.arrived.notified().await;
        }
    }

    /// Takes the next one, if there is one.
    pub(super) fn pop(&self) -> Option<Letter<D>> {
        let mut waiting = self.waiting();
        let letter = waiting.letters.pop_front()?;
        waiting.items -= letter.data.items();
        waiting.bytes -= letter.data.bytes();
        self.tally.unqueued(letter.data.items());
        Some(letter)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting<D>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
