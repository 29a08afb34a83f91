//! Room for finished records that one thread writes and the collector reads, at the same time if need be.

use std::ops::Range;

use crate::packed::{WORD, record_len};
use crate::sync::{AtomicU64, Ordering};

/// The bit beside a chunk's length which says that no more will be written to it.
const CLOSED: u64 = 1 << 63;

/// Words that are written once, from the first to the last, until everything in them has been read.
///
/// Its owner, one thread at a time, stores the words of a record and then publishes how many words there are. The reader
/// loads that number first, so it finds all words before it. When the chunk is closed and read it can begin anew.
#[derive(Debug)]
pub(super) struct Chunk {
    words: Box<[AtomicU64]>,
    /// How many words there are, and whether there will be more.
    published: AtomicU64,
    /// Which chunks are read one after the other, because one thread wrote them: a number for each thread at work.
    chain: AtomicU64,
    /// The place among the chunks of a chain. No two uses of a chunk have the same.
    turn: AtomicU64,
}

/// What a chunk holds at a moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Published {
    pub(super) len: usize,
    pub(super) is_closed: bool,
}

/// Whose chunk it is, and since when.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) chain: u64,
    pub(super) turn: u64,
}

impl Chunk {
    pub(super) fn new(words: usize) -> Self {
        Self {
            words: (0..words).map(|_| AtomicU64::new(0)).collect(),
            published: AtomicU64::new(0),
            chain: AtomicU64::new(0),
            turn: AtomicU64::new(0),
        }
    }

    /// How many words it has room for.
    #[inline]
    pub(super) fn capacity(&self) -> usize {
        self.words.len()
    }

    /// Says whose it is from now on, before anything is written.
    pub(super) fn begin(&self, owner: Owner) {
        self.chain.store(owner.chain, Ordering::Relaxed);
        self.turn.store(owner.turn, Ordering::Relaxed);
    }

    /// Whose it is. Only right after something that was published since it was begun.
    pub(super) fn owner(&self) -> Owner {
        Owner {
            chain: self.chain.load(Ordering::Relaxed),
            turn: self.turn.load(Ordering::Relaxed),
        }
    }

    /// Writes a record into words that nobody reads yet: its head and items, which are padded to words. The record's length
    /// is added to the first of them.
    #[inline(always)]
    pub(super) fn write<const HEAD: usize>(&self, at: usize, head: &[u64; HEAD], items: &[u8]) {
        let len = HEAD + items.len() / WORD;
        let Some((first, rest)) = self.words[at..at + len].split_first_chunk::<HEAD>() else {
            return;
        };
        first[0].store(head[0] | len as u64, Ordering::Relaxed);
        for (word, value) in first.iter().zip(head).skip(1) {
            word.store(*value, Ordering::Relaxed);
        }
        for (word, value) in rest.iter().zip(items.as_chunks().0) {
            word.store(u64::from_le_bytes(*value), Ordering::Relaxed);
        }
    }

    /// Shows the reader the words before `len`.
    #[inline]
    pub(super) fn publish(&self, len: usize) {
        self.published.store(len as u64, Ordering::Release);
    }

    /// Leaves it to the reader, who finds the words before `len` in it.
    pub(super) fn close(&self, len: usize) {
        self.published.store(len as u64 | CLOSED, Ordering::Release);
    }

    /// What is in it now.
    #[inline]
    pub(super) fn published(&self) -> Published {
        let published = self.published.load(Ordering::Acquire);
        Published {
            len: usize::try_from(published & !CLOSED).unwrap_or_default(),
            is_closed: published & CLOSED != 0,
        }
    }

    /// Makes it empty, for the next thread that is given it.
    pub(super) fn reset(&self) {
        self.published.store(0, Ordering::Release);
    }

    /// Where the record ends that begins at `at`.
    #[inline]
    pub(super) fn end_of_record(&self, at: usize) -> usize {
        at + record_len(self.words[at].load(Ordering::Relaxed))
    }

    /// Words that have been published.
    pub(super) fn read(&self, range: Range<usize>) -> impl Iterator<Item = [u8; WORD]> {
        let words = self.words[range].iter();
        words.map(|word| word.load(Ordering::Relaxed).to_le_bytes())
    }
}
