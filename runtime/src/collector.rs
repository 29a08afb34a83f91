//! Where finished spans wait for whoever listens; it has no thread of its own.
//!
//! Each thread writes into a ring of its own, which takes no lock. A full ring is parked for the listener, and the
//! thread goes on with an empty one that was parked before, or a new one, up to a bound on all that wait.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rtrb::{Consumer, Producer, RingBuffer};

use crate::clock::Anchor;
use crate::scope::Scope;
use crate::trace::{Record, SpanBatch};
use crate::value::Attribute;

/// Spans in one ring.
const SPANS: usize = 256;
/// Attributes in one ring.
const ATTRIBUTES: usize = 1_024;
/// When so many spans wait, full rings are not replaced and further spans are dropped.
const MAX_WAITING: usize = 65_536;
/// After so many spans a thread tells how many it has written.
const TELL_EVERY: usize = 64;

/// Empty rings beyond this many are given back to the allocator.
const SPARE_RINGS: usize = 16;

/// The writing end of a ring, which one thread has.
struct Writer {
    ends: WritingEnds,
    /// Spans that were written since the last time that the thread told.
    untold: usize,
}

struct WritingEnds {
    id: u64,
    spans: Producer<Record>,
    attributes: Producer<Attribute>,
}

/// The reading end of a ring.
struct Reader {
    id: u64,
    spans: Consumer<Record>,
    attributes: Consumer<Attribute>,
    /// The writing ends of a ring that was full and has no thread.
    parked: Option<WritingEnds>,
}

/// All rings, whether a thread writes to them or not.
struct Readers {
    rings: Vec<Reader>,
    next_id: u64,
}

type Waker = Arc<dyn Fn() + Send + Sync>;

thread_local! {
    static WRITER: RefCell<Option<Writer>> = const { RefCell::new(None) };
}

static READERS: Mutex<Readers> = Mutex::new(Readers {
    rings: Vec::new(),
    next_id: 0,
});
static WAITING: AtomicUsize = AtomicUsize::new(0);
static DROPPED: AtomicU64 = AtomicU64::new(0);
static WAKE_AT: AtomicUsize = AtomicUsize::new(usize::MAX);
static WAKER: RwLock<Option<Waker>> = RwLock::new(None);

/// Calls `waker` from the thread that finishes a span whenever about `spans` or more are waiting.
///
/// The waker must be quick and must not record spans itself. It replaces the earlier one.
pub fn wake_at(spans: usize, waker: impl Fn() + Send + Sync + 'static) {
    *WAKER.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(waker));
    WAKE_AT.store(spans, Ordering::Relaxed);
}

/// Takes at most `max` waiting spans.
#[must_use]
pub fn drain(max: usize) -> SpanBatch {
    let anchor = Anchor::current();
    let mut batch = SpanBatch::default();
    let mut readers = READERS.lock().unwrap_or_else(PoisonError::into_inner);
    let mut spare = 0;
    readers.rings.retain_mut(|ring| {
        // Asked first: nothing comes after the thread is gone.
        let abandoned = ring.spans.is_abandoned();
        ring.drain(max, anchor, &mut batch);
        let empty = ring.spans.is_empty();
        spare += usize::from(empty && ring.parked.is_some());
        !empty || !abandoned && (ring.parked.is_none() || spare <= SPARE_RINGS)
    });
    drop(readers);
    let taken = batch.len();
    let _ = WAITING.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |waiting| {
        Some(waiting.saturating_sub(taken))
    });
    batch
}

/// How many spans wait, short of what threads have not told yet: up to 64 each.
#[must_use]
pub fn waiting() -> usize {
    WAITING.load(Ordering::Relaxed)
}

/// How many spans were dropped because too many were waiting.
#[must_use]
pub fn dropped() -> u64 {
    DROPPED.load(Ordering::Relaxed)
}

/// Takes a finished span and its attributes, which are left empty.
#[inline]
pub(crate) fn collect(record: Record, attributes: &mut Vec<Attribute>, scope: Option<&Scope>) {
    if let Some(scope) = scope {
        let mut spans = scope.spans.lock().unwrap_or_else(PoisonError::into_inner);
        spans.push(record, attributes.drain(..));
        return;
    }
    let mut record = Some(record);
    let _ = WRITER.try_with(|writer| {
        if let Ok(mut writer) = writer.try_borrow_mut()
            && let Some(record) = record.take()
        {
            write(&mut writer, record, attributes);
        }
    });
    // The thread's own ring is gone when other thread-locals are destroyed: a ring for this span alone.
    if let Some(record) = record {
        write(&mut None, record, attributes);
    }
}

#[inline]
fn write(writer: &mut Option<Writer>, record: Record, attributes: &mut Vec<Attribute>) {
    let record = match writer {
        Some(ring) => match ring.write(record, attributes) {
            Ok(()) => return,
            Err(record) => record,
        },
        None => record,
    };
    write_anew(writer, record, attributes);
}

/// Goes on with another ring, unless too many spans are waiting.
#[cold]
fn write_anew(writer: &mut Option<Writer>, record: Record, attributes: &mut Vec<Attribute>) {
    if let Some(full) = writer {
        full.tell();
    }
    if WAITING.load(Ordering::Relaxed) >= MAX_WAITING {
        DROPPED.fetch_add(1, Ordering::Relaxed);
        attributes.clear();
        return;
    }
    let full = writer.take();
    let ends = READERS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .exchange(full, attributes.len());
    let written = writer
        .insert(Writer { ends, untold: 0 })
        .write(record, attributes);
    debug_assert!(written.is_ok(), "an empty ring has room");
}

impl Readers {
    /// Parks a full ring and gives an empty one with room for a span of so many attributes.
    fn exchange(&mut self, full: Option<Writer>, attributes: usize) -> WritingEnds {
        if let Some(Writer { ends, .. }) = full
            && let Some(ring) = self.rings.iter_mut().find(|ring| ring.id == ends.id)
        {
            ring.parked = Some(ends);
        }
        let mut empty = self
            .rings
            .iter_mut()
            .filter(|ring| ring.spans.is_empty() && attributes <= ATTRIBUTES);
        empty
            .find_map(|ring| ring.parked.take())
            .unwrap_or_else(|| self.open(attributes))
    }

    fn open(&mut self, attributes: usize) -> WritingEnds {
        let (spans, spans_out) = RingBuffer::new(SPANS);
        let (attributes, attributes_out) = RingBuffer::new(ATTRIBUTES.max(attributes));
        let id = self.next_id;
        self.next_id += 1;
        self.rings.push(Reader {
            id,
            spans: spans_out,
            attributes: attributes_out,
            parked: None,
        });
        WritingEnds {
            id,
            spans,
            attributes,
        }
    }
}

impl Writer {
    /// Writes the attributes first, so that whoever sees the span finds them.
    #[inline]
    fn write(&mut self, mut record: Record, attributes: &mut Vec<Attribute>) -> Result<(), Record> {
        let ends = &mut self.ends;
        if ends.spans.is_full()
            || !attributes.is_empty() && ends.attributes.slots() < attributes.len()
        {
            return Err(record);
        }
        record.attributes = u32::try_from(attributes.len()).unwrap_or(u32::MAX);
        for attribute in attributes.drain(..) {
            let _ = ends.attributes.push(attribute);
        }
        let _ = ends.spans.push(record);
        self.untold += 1;
        if self.untold >= TELL_EVERY {
            self.tell();
        }
        Ok(())
    }

    #[cold]
    fn tell(&mut self) {
        let waiting = WAITING.fetch_add(self.untold, Ordering::Relaxed) + self.untold;
        self.untold = 0;
        if waiting >= WAKE_AT.load(Ordering::Relaxed) {
            let waker = WAKER.read().unwrap_or_else(PoisonError::into_inner).clone();
            if let Some(waker) = waker {
                waker();
            }
        }
    }
}

impl Reader {
    fn drain(&mut self, max: usize, anchor: Anchor, batch: &mut SpanBatch) {
        while batch.len() < max {
            let Ok(mut record) = self.spans.pop() else {
                return;
            };
            record.start = anchor.unix_nanos(record.start);
            record.end = anchor.unix_nanos(record.end);
            let attributes = (0..record.attributes).map_while(|_| self.attributes.pop().ok());
            batch.push(record, attributes);
        }
    }
}
