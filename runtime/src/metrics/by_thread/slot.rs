//! Which slot a thread writes to, in every metric.
//!
//! A thread has a slot to itself and writes to it without read-modify-write instructions. There are four for each
//! processor, 16 at least and 256 at most: more threads than that cannot be busy at once. A thread that ends hands its
//! slot to the next one, so threads that come and go leave nothing behind. Where there are more threads than slots, the
//! rest share a few.

use std::cell::Cell;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::inside::inside;

/// Where a thread writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    /// No other thread has it.
    Exclusive(u8),
    /// Several threads have it.
    Shared(u8),
}

/// So many slots have several writers.
pub(super) const SHARED: u8 = 4;

/// How many slots with one writer there may be.
const MOST: usize = u8::MAX as usize + 1;
const FEWEST: usize = 16;
const PER_PROCESSOR: usize = 4;

thread_local! {
    // Without a destructor, so that reading it is one instruction and works until the thread is gone.
    static SLOT: Cell<Option<Slot>> = const { Cell::new(None) };
    static LEASE: Cell<Option<Lease>> = const { Cell::new(None) };
}

/// The exclusive slots that threads have, a bit for each.
///
/// The lock orders the last write of the thread that returns a slot before the first write of the one that takes it.
static TAKEN: Mutex<[u64; MOST / 64]> = Mutex::new([0; MOST / 64]);

/// Gives the slot back when the thread ends.
struct Lease(u8);

impl Drop for Lease {
    fn drop(&mut self) {
        // Destructors of other thread-locals may still make calls: they share a slot from here on.
        SLOT.set(Some(shared()));
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        taken[usize::from(self.0) / 64] &= !(1 << (self.0 % 64));
    }
}

/// The calling thread's slot.
#[inline]
pub(super) fn current() -> Slot {
    SLOT.get().unwrap_or_else(assign)
}

#[cold]
fn assign() -> Slot {
    // What is asked for here may allocate, and an allocator may be an annotated function.
    SLOT.set(Some(shared()));
    let slot = inside(|| lease(slots())).unwrap_or_else(shared);
    SLOT.set(Some(slot));
    slot
}

/// How many slots with one writer there are.
fn slots() -> usize {
    static SLOTS: AtomicUsize = AtomicUsize::new(0);
    match SLOTS.load(Ordering::Relaxed) {
        0 => {
            let processors = thread::available_parallelism().map_or(1, usize::from);
            let slots = (PER_PROCESSOR * processors).clamp(FEWEST, MOST);
            SLOTS.store(slots, Ordering::Relaxed);
            slots
        }
        slots => slots,
    }
}

/// The lowest slot of so many that no thread has.
fn lease(slots: usize) -> Option<Slot> {
    // A thread whose thread-locals are being destroyed can keep no lease.
    LEASE
        .try_with(|lease| {
            let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
            let (word, bits) = (0..)
                .zip(&mut *taken)
                .find(|(_, bits)| **bits != u64::MAX)?;
            let bit = bits.trailing_ones();
            let number = 64 * word + bit;
            if number as usize >= slots {
                return None;
            }
            *bits |= 1 << bit;
            let number = u8::try_from(number).ok()?;
            lease.set(Some(Lease(number)));
            Some(Slot::Exclusive(number))
        })
        .ok()?
}

fn shared() -> Slot {
    static NEXT: AtomicU8 = AtomicU8::new(0);
    Slot::Shared(NEXT.fetch_add(1, Ordering::Relaxed) % SHARED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::thread;

    #[test]
    fn an_exclusive_slot_has_one_thread_at_a_time() {
        // More than there are slots on any machine, so that some share.
        const THREADS: usize = MOST + 8;
        let all_run = Barrier::new(THREADS);
        let slots: Vec<Slot> = thread::scope(|scope| {
            let take = || {
                let slot = current();
                all_run.wait();
                assert_eq!(current(), slot);
                slot
            };
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(take)).collect();
            let slots = threads.into_iter().map(|thread| thread.join().unwrap());
            slots.collect()
        });
        let mut own = slots.clone();
        own.retain(|slot| matches!(slot, Slot::Exclusive(_)));
        let count = own.len();
        own.sort_unstable();
        own.dedup();
        assert_eq!(own.len(), count);
        assert!(count < THREADS);
    }

    #[test]
    fn sixteen_threads_have_slots_on_any_machine() {
        assert!((FEWEST..=MOST).contains(&slots()));
    }

    #[test]
    fn a_thread_has_a_slot_while_it_is_torn_down() {
        struct Late;

        impl Drop for Late {
            fn drop(&mut self) {
                current();
            }
        }

        thread_local!(static LATE: Late = const { Late });

        for _ in 0..32 {
            let thread = thread::spawn(|| {
                LATE.with(|_| current());
            });
            thread.join().unwrap();
        }
    }
}
