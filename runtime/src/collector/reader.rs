//! The reading side: all chunks, and how far each has been read.

use std::sync::{Arc, MutexGuard, PoisonError};

use super::chunk::{Chunk, Owner, Published};
use super::waiting::Waiting;
use crate::packed::{Batch, WORD, record_len};

/// All chunks that hold something or will.
pub(super) struct Reader {
    chunks: Vec<Reading>,
    /// The chain that was read last.
    last_chain: u64,
}

/// A chunk as far as it has been read.
pub(super) struct Reading {
    chunk: Arc<Chunk>,
    pub(super) owner: Owner,
    pub(super) published: Published,
    /// How many words have been read.
    pub(super) read: usize,
}

/// What is to be taken from one chunk.
struct Part {
    chunk: usize,
    words: std::ops::Range<usize>,
}

impl Waiting {
    /// Takes at most `max` records. `settle` sees the words of each.
    pub(super) fn drain(&self, max: usize, mut settle: impl FnMut(&mut [[u8; WORD]])) -> Batch {
        let mut reader = self.lock_reader();
        self.arm();
        let (parts, records) = reader.choose(max);
        let words = parts.iter().map(|part| part.words.len()).sum::<usize>();
        let mut copied = Vec::with_capacity(words);
        for Part { chunk, words } in parts {
            let reading = &mut reader.chunks[chunk];
            reading.read = words.end;
            copied.extend(reading.chunk.read(words));
        }
        self.taken(records, words);
        reader.release(self);
        drop(reader);
        each_record(&mut copied, &mut settle);
        Batch::new(copied.into_flattened(), records)
    }

    /// The reader, who knows what has been published by now.
    pub(super) fn lock_reader(&self) -> MutexGuard<'_, Reader> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.next_turn();
        reader.look(self, before);
        reader
    }
}

impl Reader {
    pub(super) const fn new() -> Self {
        Self {
            chunks: Vec::new(),
            last_chain: 0,
        }
    }

    /// The chunks in which something waits.
    pub(super) fn waiting(&self) -> impl Iterator<Item = &Reading> {
        self.chunks.iter().filter(|reading| reading.is_waiting())
    }

    #[cfg(all(test, not(loom)))]
    pub(super) fn chunk_count(&self) -> usize {
        self.chunks.len()
    }

    /// Finds out what has been published in the chunks that were begun before this turn.
    ///
    /// What is begun meanwhile is left for the next look: the chunk before it may have been looked at while it was not
    /// full yet, and its thread's records would not come in their order.
    pub(super) fn look(&mut self, waiting: &Waiting, before: u64) {
        waiting.for_each_opened(|chunk| {
            self.chunks.push(Reading {
                chunk,
                owner: Owner::default(),
                published: Published::default(),
                read: 0,
            });
        });
        for reading in &mut self.chunks {
            reading.published = reading.chunk.published();
            if reading.is_waiting() {
                reading.owner = reading.chunk.owner();
                if reading.owner.turn >= before {
                    reading.published = Published::default();
                }
            }
        }
    }

    /// What to take next: at most `max` records, and how many they are.
    ///
    /// Each chain is the first in its turn, so that no thread's records wait for ever behind those of a busier one. The
    /// chunks of a chain come in their order.
    fn choose(&mut self, max: usize) -> (Vec<Part>, usize) {
        let mut order: Vec<usize> = (0..self.chunks.len())
            .filter(|at| self.chunks[*at].is_waiting())
            .collect();
        let after = self.last_chain + 1;
        order.sort_unstable_by_key(|at| {
            let Owner { chain, turn } = self.chunks[*at].owner;
            (chain.wrapping_sub(after), turn)
        });
        if let Some(first) = order.first() {
            self.last_chain = self.chunks[*first].owner.chain;
        }
        let (mut parts, mut records) = (Vec::new(), 0);
        for at in order {
            if records == max {
                break;
            }
            let reading = &self.chunks[at];
            let (start, mut end) = (reading.read, reading.read);
            while end < reading.published.len && records < max {
                end = reading.chunk.end_of_record(end);
                records += 1;
            }
            parts.push(Part {
                chunk: at,
                words: start..end,
            });
        }
        (parts, records)
    }

    /// Gives chunks back that are closed and have been read.
    fn release(&mut self, waiting: &Waiting) {
        self.chunks.retain_mut(|reading| {
            let Published { len, is_closed } = reading.published;
            if !is_closed || reading.read < len {
                return true;
            }
            waiting.taken(0, reading.chunk.capacity() - len);
            reading.owner = Owner::default();
            reading.published = Published::default();
            reading.read = 0;
            reading.chunk.reset();
            waiting.take_back(&reading.chunk)
        });
    }
}

impl Reading {
    fn is_waiting(&self) -> bool {
        self.read < self.published.len
    }
}

fn each_record(mut words: &mut [[u8; WORD]], settle: &mut impl FnMut(&mut [[u8; WORD]])) {
    while let Some(first) = words.first() {
        let len = record_len(u64::from_le_bytes(*first));
        let Some(record) = words.split_off_mut(..len) else {
            return;
        };
        settle(record);
    }
}
