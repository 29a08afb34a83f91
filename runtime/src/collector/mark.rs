//! What waits at one moment, told apart from what comes later.

use std::sync::PoisonError;

use super::READERS;

/// The spans that waited when [`mark`] was called.
#[derive(Debug)]
pub struct Mark {
    /// How many spans had been written to each ring, by its id.
    written: Vec<(u64, u64)>,
}

/// Marks what waits now, so that its end can be told however much comes after it.
#[must_use]
pub fn mark() -> Mark {
    let readers = READERS.lock().unwrap_or_else(PoisonError::into_inner);
    let rings = readers.rings.iter();
    let written = rings.map(|ring| (ring.id, ring.taken + ring.spans.slots() as u64));
    Mark {
        written: written.collect(),
    }
}

impl Mark {
    /// Whether all of it has been taken.
    pub fn is_taken(&mut self) -> bool {
        let readers = READERS.lock().unwrap_or_else(PoisonError::into_inner);
        self.written.retain(|(id, written)| {
            // A ring that is gone was empty.
            let ring = readers.rings.iter().find(|ring| ring.id == *id);
            ring.is_some_and(|ring| ring.taken < *written)
        });
        self.written.is_empty()
    }
}
