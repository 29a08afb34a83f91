//! All that waits of one signal: how much, where, and who is woken.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, RwLock, TryLockError};

use super::Limits;
use super::chunk::{Chunk, Owner};
use super::reader::Reader;
use super::right::Right;
use super::writer::Writer;
use crate::packed::WORD;

/// Words of a thread's first chunk: 4 KiB. Many threads never need more.
const FIRST_CHUNK: usize = 512;
/// Words of its further chunks: 32 KiB.
const CHUNK: usize = 4_096;
/// Empty chunks of each size beyond this many are given back to the allocator.
const SPARE: usize = 32;
/// Chunks of threads that ended, to which others may go on to write, are at most so many.
const PARKED: usize = 16;
/// Counts of what was dropped, so that threads do not meet.
const SHARDS: usize = 16;

type Waker = Arc<dyn Fn() + Send + Sync>;

/// What waits of one signal.
///
/// Threads take no lock here that somebody else may hold for long: the reader has one of its own, and they only try the
/// one around spare chunks.
pub struct Waiting {
    // Below zero for a moment where something was taken before its thread told of it.
    records: AtomicI64,
    words: AtomicI64,
    max_records: AtomicI64,
    max_words: AtomicI64,
    dropped: [Shard; SHARDS],
    wake_at: AtomicI64,
    /// Nobody was woken since the last time that something was taken.
    is_armed: AtomicBool,
    waker: RwLock<Option<Waker>>,
    next_chain: AtomicU64,
    next_turn: AtomicU64,
    spare: Mutex<Spare>,
    opened: LazyLock<Opened>,
    pub(super) reader: Mutex<Reader>,
    pub(super) right: Right,
}

/// New chunks on their way to the reader.
struct Opened {
    sender: Sender<Arc<Chunk>>,
    receiver: Mutex<Receiver<Arc<Chunk>>>,
}

#[repr(align(128))]
struct Shard(AtomicU64);

/// Chunks that nobody writes to.
struct Spare {
    first: Vec<Arc<Chunk>>,
    further: Vec<Arc<Chunk>>,
    /// Of threads that ended; they may hold something.
    parked: Vec<Writer>,
}

impl Waiting {
    pub(super) const fn new() -> Self {
        Self {
            records: AtomicI64::new(0),
            words: AtomicI64::new(0),
            max_records: AtomicI64::new(Limits::DEFAULT.max_records()),
            max_words: AtomicI64::new(Limits::DEFAULT.max_words()),
            dropped: [const { Shard(AtomicU64::new(0)) }; SHARDS],
            wake_at: AtomicI64::new(i64::MAX),
            is_armed: AtomicBool::new(true),
            waker: RwLock::new(None),
            next_chain: AtomicU64::new(1),
            next_turn: AtomicU64::new(1),
            spare: Mutex::new(Spare {
                first: Vec::new(),
                further: Vec::new(),
                parked: Vec::new(),
            }),
            opened: LazyLock::new(|| {
                let (sender, receiver) = channel();
                let receiver = Mutex::new(receiver);
                Opened { sender, receiver }
            }),
            reader: Mutex::new(Reader::new()),
            right: Right::of_nobody(),
        }
    }

    /// Whether no more may wait.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.records.load(Ordering::Relaxed) >= self.max_records.load(Ordering::Relaxed)
            || self.words.load(Ordering::Relaxed) >= self.max_words.load(Ordering::Relaxed)
    }

    pub(super) fn set_limits(&self, limits: Limits) {
        self.max_records
            .store(limits.max_records(), Ordering::Relaxed);
        self.max_words.store(limits.max_words(), Ordering::Relaxed);
    }

    /// Counts a record that is not kept.
    #[inline]
    pub(super) fn drop_one(&self, shard: usize) {
        let count = &self.dropped[shard % SHARDS].0;
        count.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn dropped(&self) -> u64 {
        let counts = self.dropped.iter();
        counts.map(|count| count.0.load(Ordering::Relaxed)).sum()
    }

    /// About how many records wait.
    pub(super) fn records(&self) -> usize {
        usize::try_from(self.records.load(Ordering::Relaxed)).unwrap_or(0)
    }

    /// How many words wait, as far as threads have told.
    #[cfg(all(test, not(loom)))]
    pub(super) fn words(&self) -> i64 {
        self.words.load(Ordering::Relaxed)
    }

    /// More waits, and whoever is to be woken is woken once until something is taken.
    pub(super) fn tell(&self, records: usize, words: usize) {
        self.add_words(words);
        let records = records.cast_signed();
        let waiting = self.records.fetch_add(records as i64, Ordering::Relaxed) + records as i64;
        if waiting >= self.wake_at.load(Ordering::Relaxed)
            && self.is_armed.load(Ordering::Relaxed)
            && self.is_armed.swap(false, Ordering::Relaxed)
        {
            let waker = {
                let waker = self.waker.read();
                waker.unwrap_or_else(PoisonError::into_inner).clone()
            };
            if let Some(waker) = waker {
                waker();
            }
        }
    }

    pub(super) fn add_words(&self, words: usize) {
        let words = words.cast_signed() as i64;
        self.words.fetch_add(words, Ordering::Relaxed);
    }

    /// Less waits.
    pub(super) fn taken(&self, records: usize, words: usize) {
        let (records, words) = (records.cast_signed() as i64, words.cast_signed() as i64);
        self.records.fetch_sub(records, Ordering::Relaxed);
        self.words.fetch_sub(words, Ordering::Relaxed);
    }

    /// From here on somebody is woken again.
    pub(super) fn arm(&self) {
        self.is_armed.store(true, Ordering::Relaxed);
    }

    pub(super) fn set_waker(&self, wake_at: usize, waker: Option<Waker>) {
        *self.waker.write().unwrap_or_else(PoisonError::into_inner) = waker;
        let wake_at = i64::try_from(wake_at).unwrap_or(i64::MAX);
        self.wake_at.store(wake_at, Ordering::Relaxed);
        self.arm();
    }

    /// A chunk for so many words at least, for the thread that has written this chain, or that begins one.
    pub(super) fn give(&self, chain: Option<u64>, words: usize) -> Writer {
        let (chain, size) = if let Some(chain) = chain {
            // What a thread wrote before must be read before what it writes to an older chunk, so it takes an empty one.
            (chain, CHUNK)
        } else if let Some(parked) = self.try_spare(|spare| spare.take_parked(words)) {
            return parked;
        } else {
            (self.next_chain.fetch_add(1, Ordering::Relaxed), FIRST_CHUNK)
        };
        let size = if words <= size {
            size
        } else {
            CHUNK.max(words)
        };
        let chunk = match self.try_spare(|spare| spare.of(size)?.pop()) {
            Some(chunk) => chunk,
            None => self.open(size),
        };
        // The chunk before it is closed: whoever knows of this turn finds it so.
        let turn = self.next_turn.fetch_add(1, Ordering::Release);
        chunk.begin(Owner { chain, turn });
        Writer::new(chunk, chain)
    }

    /// The turn that no chunk has yet. All before are such that their chunks, and those before these in their chains, can
    /// be found.
    pub(super) fn next_turn(&self) -> u64 {
        self.next_turn.load(Ordering::Acquire)
    }

    /// A new chunk, which the reader is told of.
    fn open(&self, words: usize) -> Arc<Chunk> {
        let chunk = Arc::new(Chunk::new(words));
        // The receiver is never gone.
        let _ = self.opened.sender.send(Arc::clone(&chunk));
        chunk
    }

    /// The chunk of a thread that ended goes to another one, or to the reader.
    pub(super) fn park(&self, writer: Writer) {
        let mut writer = Some(writer);
        self.try_spare(|spare| {
            if spare.parked.len() < PARKED {
                spare.parked.extend(writer.take());
            }
            Some(())
        });
        if let Some(writer) = writer {
            writer.close(self);
        }
    }

    /// Takes an empty chunk back, and says whether it will be used again.
    pub(super) fn take_back(&self, chunk: &Arc<Chunk>) -> bool {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        match spare.of(chunk.capacity()) {
            Some(chunks) if chunks.len() < SPARE => {
                chunks.push(Arc::clone(chunk));
                true
            }
            _ => false,
        }
    }

    /// Chunks that were opened since this was called before.
    pub(super) fn for_each_opened(&self, each: impl FnMut(Arc<Chunk>)) {
        let opened = self.opened.receiver.lock();
        let opened = opened.unwrap_or_else(PoisonError::into_inner);
        opened.try_iter().for_each(each);
    }

    fn try_spare<T>(&self, take: impl FnOnce(&mut Spare) -> Option<T>) -> Option<T> {
        match self.spare.try_lock() {
            Ok(mut spare) => take(&mut spare),
            Err(TryLockError::Poisoned(spare)) => take(&mut spare.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }
}

impl Spare {
    /// Chunks of this size, if such are kept.
    fn of(&mut self, size: usize) -> Option<&mut Vec<Arc<Chunk>>> {
        match size {
            FIRST_CHUNK => Some(&mut self.first),
            CHUNK => Some(&mut self.further),
            _ => None,
        }
    }

    fn take_parked(&mut self, words: usize) -> Option<Writer> {
        let at = self
            .parked
            .iter()
            .position(|writer| writer.room() >= words)?;
        Some(self.parked.swap_remove(at))
    }
}

impl Limits {
    const fn max_records(self) -> i64 {
        saturated(self.records)
    }

    const fn max_words(self) -> i64 {
        saturated(self.bytes / WORD)
    }
}

#[expect(clippy::cast_possible_wrap, reason = "compared first")]
const fn saturated(number: usize) -> i64 {
    if number as u128 > i64::MAX as u128 {
        i64::MAX
    } else {
        number as i64
    }
}
