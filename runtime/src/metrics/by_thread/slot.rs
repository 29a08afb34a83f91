//! Which slot a thread writes to, in every metric.
//!
//! A thread has a slot to itself and writes to it without read-modify-write instructions. There are four for each
//! processor, 16 at least and 256 at most: more threads than that cannot be busy at once. A thread that ends hands its
//! slot to the next one, so threads that come and go leave nothing behind. Where there are more threads than slots, the
//! rest share a few.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::inside::inside;

/// Where a thread writes: exclusive slots from 0 on, then those that several threads have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Slot(u16);

/// So many slots have several writers.
pub(super) const SHARED: usize = 4;

/// How many slots with one writer there may be.
pub(super) const EXCLUSIVE: usize = 256;
const FEWEST: usize = 16;
const PER_PROCESSOR: usize = 4;

thread_local! {
    // Without a destructor, so that reading it is one instruction and works until the thread is gone.
    static SLOT: Cell<Slot> = const { Cell::new(Slot::UNKNOWN) };
    static LEASE: Cell<Option<Lease>> = const { Cell::new(None) };
}

/// The exclusive slots that threads have, a bit for each.
///
/// The lock orders the last write of the thread that returns a slot before the first write of the one that takes it.
static TAKEN: Mutex<[u64; EXCLUSIVE / 64]> = Mutex::new([0; EXCLUSIVE / 64]);

/// Gives the slot back when the thread ends.
struct Lease(Slot);

impl Drop for Lease {
    fn drop(&mut self) {
        // Destructors of other thread-locals may still make calls: they share a slot from here on.
        SLOT.set(Slot::shared());
        let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
        taken[self.0.number() / 64] &= !(1 << (self.0.number() % 64));
    }
}

impl Slot {
    /// The thread has not asked for one yet.
    const UNKNOWN: Self = Self(u16::MAX);

    /// The calling thread's slot, if it has asked for one before: a number beyond all of them otherwise.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "one load")]
    pub(super) fn known() -> Self {
        SLOT.get()
    }

    /// The calling thread's slot.
    pub(super) fn current() -> Self {
        match SLOT.get() {
            Self::UNKNOWN => Self::assign(),
            slot => slot,
        }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "no instruction")]
    pub(super) fn number(self) -> usize {
        usize::from(self.0)
    }

    pub(super) fn is_exclusive(self) -> bool {
        self.number() < EXCLUSIVE
    }

    #[cold]
    fn assign() -> Self {
        // What is asked for here may allocate, and an allocator may be an annotated function.
        SLOT.set(Self::shared());
        let slot = inside(|| Self::lease(slots())).unwrap_or_else(Self::shared);
        SLOT.set(slot);
        slot
    }

    /// The lowest slot of so many that no thread has.
    fn lease(slots: usize) -> Option<Self> {
        // A thread whose thread-locals are being destroyed can keep no lease.
        LEASE
            .try_with(|lease| {
                let mut taken = TAKEN.lock().unwrap_or_else(PoisonError::into_inner);
                let (word, bits) = (0..)
                    .zip(&mut *taken)
                    .find(|(_, bits)| **bits != u64::MAX)?;
                let bit = bits.trailing_ones();
                let number = u16::try_from(64 * word + bit).ok()?;
                if usize::from(number) >= slots {
                    return None;
                }
                *bits |= 1 << bit;
                lease.set(Some(Lease(Self(number))));
                Some(Self(number))
            })
            .ok()?
    }

    fn shared() -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let shared = EXCLUSIVE + NEXT.fetch_add(1, Ordering::Relaxed) % SHARED;
        Self(u16::try_from(shared).unwrap_or_default())
    }

    #[cfg(all(test, not(loom)))]
    pub(super) fn all() -> impl Iterator<Item = Self> {
        (0..).map(Self).take(EXCLUSIVE + SHARED)
    }
}

/// How many slots with one writer there are.
fn slots() -> usize {
    static SLOTS: AtomicUsize = AtomicUsize::new(0);
    match SLOTS.load(Ordering::Relaxed) {
        0 => {
            let processors = thread::available_parallelism().map_or(1, usize::from);
            let slots = (PER_PROCESSOR * processors).clamp(FEWEST, EXCLUSIVE);
            SLOTS.store(slots, Ordering::Relaxed);
            slots
        }
        slots => slots,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::thread;

    #[test]
    fn an_exclusive_slot_has_one_thread_at_a_time() {
        // More than there are slots on any machine, so that some share.
        const THREADS: usize = EXCLUSIVE + 8;
        let all_run = Barrier::new(THREADS);
        let slots: Vec<Slot> = thread::scope(|scope| {
            let take = || {
                let slot = Slot::current();
                all_run.wait();
                assert_eq!(Slot::current(), slot);
                slot
            };
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(take)).collect();
            let slots = threads.into_iter().map(|thread| thread.join().unwrap());
            slots.collect()
        });
        let mut own = slots.clone();
        own.retain(|slot| slot.is_exclusive());
        let count = own.len();
        own.sort_unstable();
        own.dedup();
        assert_eq!(own.len(), count);
        assert!(count < THREADS);
    }

    #[test]
    fn sixteen_threads_have_slots_on_any_machine() {
        assert!((FEWEST..=EXCLUSIVE).contains(&slots()));
    }

    #[test]
    fn a_thread_has_a_slot_while_it_is_torn_down() {
        struct Late;

        impl Drop for Late {
            fn drop(&mut self) {
                Slot::current();
            }
        }

        thread_local!(static LATE: Late = const { Late });

        for _ in 0..32 {
            let thread = thread::spawn(|| {
                LATE.with(|_| Slot::current());
            });
            thread.join().unwrap();
        }
    }
}
