//! Something for each thread that writes, so that no two get in each other's way.

mod slot;

use std::sync::OnceLock;

use crate::inside::inside;
use crate::sync::{AtomicU64, Ordering};
use slot::{EXCLUSIVE, SHARED, Slot};

/// A `T` for each slot, made when a thread in that slot first asks for it.
///
/// The slots of the first threads are kept here, a few bytes each; room for further ones is made as they come, twice
/// as much each time. Threads beyond the last slot of their own meet in a few that they share.
#[derive(Debug)]
pub(crate) struct ByThread<T, const FIRST: usize = 2> {
    first: [OnceLock<T>; FIRST],
    more: OnceLock<Box<More<T>>>,
}

/// What the calling thread writes to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Local<'a, T> {
    pub(crate) value: &'a T,
    /// Whether no other thread writes to it.
    pub(crate) is_exclusive: bool,
}

/// Where two slots are kept in place, segment 0 has the slots 2 and 3, segment 1 those from 4 to 7, and so on up to 255.
const SEGMENTS: usize = 7;

#[derive(Debug)]
struct More<T> {
    segments: [OnceLock<Box<[OnceLock<T>]>>; SEGMENTS],
    shared: OnceLock<Box<[OnceLock<T>; SHARED]>>,
}

impl<T, const FIRST: usize> ByThread<T, FIRST> {
    pub(crate) const fn new() -> Self {
        Self {
            first: [const { OnceLock::new() }; FIRST],
            more: OnceLock::new(),
        }
    }

    /// The calling thread's own, or one that it shares; `new` makes it, and is told whether it is the thread's own.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "four instructions find what counts a call"
    )]
    pub(crate) fn local(&self, new: impl FnOnce(bool) -> T) -> Local<'_, T> {
        match self.first.get(Slot::known().number()).map(OnceLock::get) {
            Some(Some(value)) => Local {
                value,
                is_exclusive: true,
            },
            _ => self.local_further(new),
        }
    }

    #[inline(never)]
    fn local_further(&self, new: impl FnOnce(bool) -> T) -> Local<'_, T> {
        let slot = Slot::current();
        let is_exclusive = slot.is_exclusive();
        Local {
            // It allocates, and an allocator may be an annotated function.
            value: inside(|| self.place(slot).get_or_init(|| new(is_exclusive))),
            is_exclusive,
        }
    }

    fn place(&self, slot: Slot) -> &OnceLock<T> {
        let number = slot.number();
        if let Some(first) = self.first.get(number) {
            return first;
        }
        let more = self.more.get_or_init(|| {
            Box::new(More {
                segments: [const { OnceLock::new() }; SEGMENTS],
                shared: OnceLock::new(),
            })
        });
        if !slot.is_exclusive() {
            let shared = more
                .shared
                .get_or_init(|| Box::new([const { OnceLock::new() }; SHARED]));
            return &shared[number - EXCLUSIVE];
        }
        let segment = (number / FIRST).ilog2() as usize;
        let slots = FIRST << segment;
        let new = || std::iter::repeat_with(OnceLock::new).take(slots).collect();
        &more.segments[segment].get_or_init(new)[number - slots]
    }

    /// All that were made so far.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        let more = self.more.get().into_iter().flat_map(|more| {
            let segments = more.segments.iter().filter_map(OnceLock::get);
            let shared = more
                .shared
                .get()
                .into_iter()
                .flat_map(|shared| shared.iter());
            segments.flatten().chain(shared)
        });
        self.first.iter().chain(more).filter_map(OnceLock::get)
    }
}

/// Adds to a cell, and returns what was there before.
#[inline(always)]
#[expect(clippy::inline_always, reason = "what counts a call")]
pub(crate) fn add(cell: &AtomicU64, n: u64, is_exclusive: bool, order: Ordering) -> u64 {
    if is_exclusive {
        // The only writer: nothing can come between the load and the store.
        let before = cell.load(Ordering::Relaxed);
        cell.store(before.wrapping_add(n), order);
        before
    } else {
        cell.fetch_add(n, order)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn every_slot_has_a_place_of_its_own() {
        check_slots::<2>();
        check_slots::<3>();
    }

    fn check_slots<const FIRST: usize>() {
        let all = ByThread::<u64, FIRST>::new();
        for (number, slot) in (0..).zip(Slot::all()) {
            assert_eq!(*all.place(slot).get_or_init(|| number), number);
        }
        assert!(all.iter().copied().eq(0..260));
    }

    #[test]
    fn further_threads_cost_a_thread_nothing() {
        assert!(size_of::<ByThread<Box<u8>>>() <= 48);
    }

    #[test]
    fn threads_that_come_and_go_lose_nothing() {
        const THREADS: u64 = 256;
        const CALLS: u64 = 1_000;
        let all = ByThread::<AtomicU64>::new();
        let count = || {
            for _ in 0..CALLS {
                let local = all.local(|_| AtomicU64::new(0));
                add(local.value, 1, local.is_exclusive, Ordering::Relaxed);
            }
        };
        // Threads start while others end and hand their slots on.
        std::thread::scope(|scope| (0..THREADS).for_each(|_| _ = scope.spawn(count)));
        let sum: u64 = all.iter().map(|it| it.load(Ordering::Relaxed)).sum();
        assert_eq!(sum, THREADS * CALLS);
    }
}
