//! What waits at one moment, told apart from what comes later.

use std::fmt;

use super::waiting::Waiting;

/// The records that waited when [`Collector::mark`](super::Collector::mark) was called.
#[must_use]
pub struct Mark {
    waiting: &'static Waiting,
    /// How far each chunk had been written, by its turn.
    written: Vec<(u64, usize)>,
}

impl Mark {
    pub(super) fn new(waiting: &'static Waiting) -> Self {
        let reader = waiting.lock_reader();
        let written = reader.waiting();
        let written = written.map(|reading| (reading.owner.turn, reading.published.len));
        Self {
            waiting,
            written: written.collect(),
        }
    }

    /// Whether all of it has been taken.
    pub fn is_taken(&mut self) -> bool {
        let reader = self.waiting.lock_reader();
        self.written.retain(|(turn, written)| {
            let mut waiting = reader.waiting();
            // A chunk that is not there, or has another turn, was read to its end.
            waiting.any(|reading| reading.owner.turn == *turn && reading.read < *written)
        });
        self.written.is_empty()
    }
}

impl fmt::Debug for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mark")
            .field("chunks", &self.written.len())
            .finish_non_exhaustive()
    }
}
