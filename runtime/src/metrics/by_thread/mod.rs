//! Something for each thread that writes, so that no two get in each other's way.

mod slot;

use std::sync::OnceLock;

use crate::inside::inside;
use slot::{SHARED, Slot};

/// A `T` for each slot, made when a thread in that slot first asks for it.
///
/// The two slots of the first threads are kept here, a few bytes each; room for further ones is made as they come, twice
/// as much each time. Threads beyond the last slot of their own meet in a few that they share.
#[derive(Debug)]
pub(crate) struct ByThread<T> {
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

const FIRST: usize = 2;
/// Segment 0 has the slots 2 and 3, segment 1 those from 4 to 7, and so on up to 255.
const SEGMENTS: usize = 7;

#[derive(Debug)]
struct More<T> {
    segments: [OnceLock<Box<[OnceLock<T>]>>; SEGMENTS],
    shared: [OnceLock<T>; SHARED as usize],
}

impl<T> ByThread<T> {
    pub(crate) const fn new() -> Self {
        Self {
            first: [const { OnceLock::new() }; FIRST],
            more: OnceLock::new(),
        }
    }

    /// The calling thread's own, or one that it shares; `new` makes it, and is told whether it is the thread's own.
    #[inline]
    pub(crate) fn local(&self, new: impl FnOnce(bool) -> T) -> Local<'_, T> {
        let slot = slot::current();
        if let Slot::Exclusive(number) = slot
            && let Some(first) = self.first.get(usize::from(number))
            && let Some(value) = first.get()
        {
            return Local {
                value,
                is_exclusive: true,
            };
        }
        self.local_further(slot, new)
    }

    #[inline(never)]
    fn local_further(&self, slot: Slot, new: impl FnOnce(bool) -> T) -> Local<'_, T> {
        let is_exclusive = matches!(slot, Slot::Exclusive(_));
        Local {
            // It allocates, and an allocator may be an annotated function.
            value: inside(|| self.place(slot).get_or_init(|| new(is_exclusive))),
            is_exclusive,
        }
    }

    fn place(&self, slot: Slot) -> &OnceLock<T> {
        let more = || {
            self.more.get_or_init(|| {
                Box::new(More {
                    segments: [const { OnceLock::new() }; SEGMENTS],
                    shared: [const { OnceLock::new() }; SHARED as usize],
                })
            })
        };
        match slot {
            Slot::Exclusive(number) if usize::from(number) < FIRST => {
                &self.first[usize::from(number)]
            }
            Slot::Exclusive(number) => {
                let segment = number.ilog2() as usize - 1;
                let slots = 2 << segment;
                let segment = more().segments[segment]
                    .get_or_init(|| std::iter::repeat_with(OnceLock::new).take(slots).collect());
                &segment[usize::from(number) - slots]
            }
            Slot::Shared(number) => &more().shared[usize::from(number)],
        }
    }

    /// All that were made so far.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &T> {
        let more = self.more.get().into_iter().flat_map(|more| {
            let segments = more.segments.iter().filter_map(OnceLock::get);
            segments.flatten().chain(&more.shared)
        });
        self.first.iter().chain(more).filter_map(OnceLock::get)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn every_slot_has_a_place_of_its_own() {
        let all = ByThread::<u64>::new();
        let exclusive = (0..=u8::MAX).map(Slot::Exclusive);
        let shared = (0..SHARED).map(Slot::Shared);
        let slots: Vec<_> = exclusive.chain(shared).collect();
        for (number, slot) in (0..).zip(&slots) {
            assert_eq!(*all.place(*slot).get_or_init(|| number), number);
        }
        assert_eq!(
            all.iter().copied().collect::<Vec<_>>(),
            (0..260).collect::<Vec<_>>()
        );
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
                if local.is_exclusive {
                    let before = local.value.load(Ordering::Relaxed);
                    local.value.store(before + 1, Ordering::Relaxed);
                } else {
                    local.value.fetch_add(1, Ordering::Relaxed);
                }
            }
        };
        // Threads start while others end and hand their slots on.
        std::thread::scope(|scope| (0..THREADS).for_each(|_| _ = scope.spawn(count)));
        let sum: u64 = all.iter().map(|it| it.load(Ordering::Relaxed)).sum();
        assert_eq!(sum, THREADS * CALLS);
    }
}
