//! Where finished spans wait for whoever listens; it has no thread of its own.
//!
//! Each thread writes into a ring of its own, which takes no lock. A full ring is parked for the listener, and the
//! thread goes on with one that was parked before and has room, or a new one, up to a bound on all that wait. A thread
//! that ends parks its ring, too, so that however many come and go, they fill few.

mod mark;

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rtrb::{Consumer, Producer, RingBuffer};

use crate::clock::Anchor;
use crate::scope::Scope;
use crate::trace::{Record, SpanBatch};
use crate::value::Attribute;

pub use mark::{Mark, mark};

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
    id: u64,
    spans: Producer<Record>,
    attributes: Producer<Attribute>,
    /// Spans that were written since the last time that a thread told.
    untold: usize,
}

/// Where a thread keeps its ring.
#[derive(Default)]
struct Seat(RefCell<Option<Writer>>);

/// The reading end of a ring.
struct Reader {
    id: u64,
    spans: Consumer<Record>,
    attributes: Consumer<Attribute>,
    /// How many spans were taken from it.
    taken: u64,
    /// The writing end of a ring that has no thread.
    parked: Option<Writer>,
}

/// All rings, whether a thread writes to them or not.
struct Readers {
    rings: Vec<Reader>,
    next_id: u64,
}

type Waker = Arc<dyn Fn() + Send + Sync>;

thread_local! {
    static SEAT: Seat = const { Seat(RefCell::new(None)) };
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
    let (mut spare, mut waiting) = (0, 0);
    // Each ring is the first in its turn, so that no thread's spans wait for ever behind those of a busier one.
    if !readers.rings.is_empty() {
        readers.rings.rotate_left(1);
    }
    readers.rings.retain_mut(|ring| {
        ring.drain(max, anchor, &mut batch);
        let left = ring.spans.slots();
        waiting += left;
        let is_spare = left == 0 && ring.parked.is_some();
        spare += usize::from(is_spare);
        !is_spare || spare <= SPARE_RINGS
    });
    // Set, not subtracted: threads also tell of spans that were taken before, and that must not add up.
    WAITING.store(waiting, Ordering::Relaxed);
    drop(readers);
    batch
}

/// About how many spans wait: each thread tells of its own after every 64.
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
///
/// `record` is called once, and told how many attributes there are. It makes the record where it will stay: copying it
/// from place to place would take longer than all else here.
#[inline]
pub(crate) fn collect(
    attributes: &mut Vec<Attribute>,
    scope: Option<&Scope>,
    mut record: impl FnMut(u32) -> Record,
) {
    if let Some(scope) = scope {
        let mut spans = scope.spans.lock().unwrap_or_else(PoisonError::into_inner);
        spans.push(record, attributes);
        return;
    }
    let mut write = |seat: &Seat| {
        let Ok(mut writer) = seat.0.try_borrow_mut() else {
            return false;
        };
        if let Some(ring) = ring_with_room(&mut writer, attributes) {
            ring.write(attributes, &mut record);
        }
        true
    };
    // The thread's own ring is gone when other thread-locals are destroyed: one for this span alone.
    if !SEAT.try_with(&mut write).unwrap_or_default() {
        write(&Seat::default());
    }
}

/// The thread's ring, or another if that is full; none if the span with these attributes is dropped.
#[inline]
fn ring_with_room<'a>(
    writer: &'a mut Option<Writer>,
    attributes: &mut Vec<Attribute>,
) -> Option<&'a mut Writer> {
    let has_room = |ring: &Writer| ring.has_room(attributes.len());
    if writer.as_ref().is_some_and(has_room) {
        return writer.as_mut();
    }
    change_ring(writer, attributes)
}

/// Goes on with another ring; if too many spans are waiting, counts this one as dropped.
#[cold]
fn change_ring<'a>(
    writer: &'a mut Option<Writer>,
    attributes: &mut Vec<Attribute>,
) -> Option<&'a mut Writer> {
    if let Some(full) = writer {
        full.tell();
    }
    if WAITING.load(Ordering::Relaxed) >= MAX_WAITING {
        DROPPED.fetch_add(1, Ordering::Relaxed);
        attributes.clear();
        return None;
    }
    let mut readers = READERS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(full) = writer.take() {
        readers.park(full);
    }
    Some(writer.insert(readers.give(attributes.len())))
}

impl Drop for Seat {
    fn drop(&mut self) {
        if let Some(writer) = self.0.take() {
            let mut readers = READERS.lock().unwrap_or_else(PoisonError::into_inner);
            readers.park(writer);
        }
    }
}

impl Readers {
    fn park(&mut self, writer: Writer) {
        if let Some(ring) = self.rings.iter_mut().find(|ring| ring.id == writer.id) {
            ring.parked = Some(writer);
        }
    }

    /// A ring with room for a span of so many attributes, and for half as many spans as there can be: one that is
    /// nearly full would soon have to be exchanged again.
    fn give(&mut self, attributes: usize) -> Writer {
        let has_room =
            |writer: &mut Writer| writer.spans.slots() >= SPANS / 2 && writer.has_room(attributes);
        let mut rings = self.rings.iter_mut();
        rings
            .find_map(|ring| ring.parked.take_if(has_room))
            .unwrap_or_else(|| self.open(attributes))
    }

    fn open(&mut self, attributes: usize) -> Writer {
        let (spans, spans_out) = RingBuffer::new(SPANS);
        let (attributes, attributes_out) = RingBuffer::new(ATTRIBUTES.max(attributes));
        let id = self.next_id;
        self.next_id += 1;
        self.rings.push(Reader {
            id,
            spans: spans_out,
            attributes: attributes_out,
            taken: 0,
            parked: None,
        });
        Writer {
            id,
            spans,
            attributes,
            untold: 0,
        }
    }
}

impl Writer {
    #[inline]
    fn has_room(&self, attributes: usize) -> bool {
        !self.spans.is_full() && (attributes == 0 || self.attributes.slots() >= attributes)
    }

    /// Writes attributes, before their span: whoever sees the span finds them. How many they were.
    fn write_attributes(&mut self, attributes: &mut Vec<Attribute>) -> u32 {
        let count = u32::try_from(attributes.len()).unwrap_or(u32::MAX);
        for attribute in attributes.drain(..) {
            let _ = self.attributes.push(attribute);
        }
        count
    }

    /// Writes a span that there is room for.
    #[inline]
    fn write(&mut self, attributes: &mut Vec<Attribute>, record: &mut impl FnMut(u32) -> Record) {
        let count = if attributes.is_empty() {
            0
        } else {
            self.write_attributes(attributes)
        };
        let _ = self.spans.push(record(count));
        self.untold += 1;
        if self.untold >= TELL_EVERY {
            self.tell();
        }
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
        let from = batch.spans.len();
        let spans = self.spans.slots().min(max.saturating_sub(from));
        self.taken += spans as u64;
        batch
            .spans
            .extend(self.spans.read_chunk(spans).into_iter().flatten());
        let mut attributes = 0;
        for record in &mut batch.spans[from..] {
            record.start = anchor.unix_nanos(record.start);
            record.end = anchor.unix_nanos(record.end);
            attributes += record.attributes as usize;
        }
        let attributes = self.attributes.read_chunk(attributes).into_iter().flatten();
        batch.attributes.extend(attributes);
    }
}
