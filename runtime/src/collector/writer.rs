//! The writing side: what each thread keeps to hand its finished records over.

use std::cell::RefCell;
use std::ptr;
use std::sync::Arc;

use super::chunk::Chunk;
use super::waiting::Waiting;
use crate::inside::inside;
use crate::packed::{MAX_RECORD_LEN, WORD};

/// After so many words a thread tells that they wait, and looks whether there is room for more.
const TELL_EVERY: usize = 512;

/// Where a thread keeps the chunk that it writes to.
pub(super) struct Seat {
    waiting: &'static Waiting,
    writer: RefCell<Option<Writer>>,
}

/// A chunk that a thread writes to, and what nobody was told of yet.
pub(super) struct Writer {
    pub(super) chunk: Arc<Chunk>,
    /// The thread's chunks, or those of an earlier one whose last chunk this was, are one chain.
    pub(super) chain: u64,
    /// Words that have been written.
    len: usize,
    /// Where the thread stops to tell, or the chunk's end.
    limit: usize,
    told_words: usize,
    untold_records: usize,
}

impl Seat {
    pub(super) const fn new(waiting: &'static Waiting) -> Self {
        Self {
            waiting,
            writer: RefCell::new(None),
        }
    }

    /// Writes a record, or drops and counts it if too many wait. Nothing comes of it in the midst of another one.
    ///
    /// The record's length is added to the first word of its head.
    #[inline(always)]
    pub(super) fn write<const HEAD: usize>(&self, head: &[u64; HEAD], items: &[u8]) -> bool {
        let Ok(mut writer) = self.writer.try_borrow_mut() else {
            return false;
        };
        let words = HEAD + items.len() / WORD;
        if let Some(writer) = &mut *writer
            && writer.len + words <= writer.limit
        {
            writer.write(head, items);
        } else if self.make_room(&mut writer, words)
            && let Some(writer) = &mut *writer
        {
            writer.write_first(head, items);
        }
        true
    }

    /// Whether there is room for so many words now; if not, the record was counted as dropped.
    #[cold]
    fn make_room(&self, current: &mut Option<Writer>, words: usize) -> bool {
        if let Some(writer) = current {
            writer.tell(self.waiting);
        }
        if self.waiting.is_full() || words > MAX_RECORD_LEN {
            if let Some(writer) = current {
                writer.limit = writer.len;
            }
            self.waiting.drop_one(self.shard());
            return false;
        }
        if let Some(writer) = current
            && writer.len + words <= writer.chunk.capacity()
        {
            writer.go_on(words);
            return true;
        }
        let chain = current.take().map(|full| {
            let chain = full.chain;
            full.close(self.waiting);
            chain
        });
        // It allocates, and an allocator may be an annotated function.
        let writer = current.insert(inside(|| self.waiting.give(chain, words)));
        writer.go_on(words);
        true
    }

    /// One of the counts of dropped records: threads should not meet.
    fn shard(&self) -> usize {
        ptr::from_ref(self).addr() >> 6
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(mut writer) = self.writer.take() {
            writer.tell(self.waiting);
            self.waiting.park(writer);
        }
    }
}

impl Writer {
    pub(super) fn new(chunk: Arc<Chunk>, chain: u64) -> Self {
        Self {
            chunk,
            chain,
            len: 0,
            limit: 0,
            told_words: 0,
            untold_records: 0,
        }
    }

    /// How many words there is room for.
    pub(super) fn room(&self) -> usize {
        self.chunk.capacity() - self.len
    }

    /// Leaves the chunk to the reader.
    pub(super) fn close(mut self, waiting: &Waiting) {
        self.tell(waiting);
        // What is left of it waits, too: nobody can use it.
        waiting.add_words(self.room());
        self.chunk.close(self.len);
    }

    /// Writes a record after room was made for it.
    #[cold]
    fn write_first<const HEAD: usize>(&mut self, head: &[u64; HEAD], items: &[u8]) {
        self.write(head, items);
    }

    #[inline(always)]
    fn write<const HEAD: usize>(&mut self, head: &[u64; HEAD], items: &[u8]) {
        self.chunk.write(self.len, head, items);
        self.len += HEAD + items.len() / WORD;
        self.chunk.publish(self.len);
        self.untold_records += 1;
    }

    /// Writes at least so many words before it tells again.
    fn go_on(&mut self, words: usize) {
        let limit = self.len + words.max(TELL_EVERY);
        self.limit = limit.min(self.chunk.capacity());
    }

    fn tell(&mut self, waiting: &Waiting) {
        let words = self.len - self.told_words;
        let records = std::mem::take(&mut self.untold_records);
        self.told_words = self.len;
        if records > 0 {
            waiting.tell(records, words);
        }
    }
}
