//! Which shard of every metric a thread writes to.
//!
//! The first [`EXCLUSIVE`] threads have a shard to themselves and write without read-modify-write instructions; a
//! thread that ends hands its shard to the next one, so threads that come and go leave nothing behind. Further threads
//! share the rest.

use std::cell::Cell;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};

/// Shards with one writer.
pub(super) const EXCLUSIVE: u8 = 12;
/// Shards with several writers.
const SHARED: u8 = 4;
/// All shards.
pub(super) const SLOTS: usize = (EXCLUSIVE + SHARED) as usize;

const UNSET: u8 = u8::MAX;

thread_local! {
    // Without a destructor, so that reading it is one instruction and works until the thread is gone.
    static SLOT: Cell<u8> = const { Cell::new(UNSET) };
    static LEASE: Cell<Option<Lease>> = const { Cell::new(None) };
}

/// The exclusive shards that no thread has.
///
/// The lock orders the last write of the thread that returns a shard before the first write of the one that takes it.
static FREE: Mutex<([u8; EXCLUSIVE as usize], usize)> = Mutex::new((
    {
        let mut slots = [0; EXCLUSIVE as usize];
        let mut index = 0;
        while index < EXCLUSIVE {
            slots[index as usize] = EXCLUSIVE - 1 - index;
            index += 1;
        }
        slots
    },
    EXCLUSIVE as usize,
));

/// Gives the shard back when the thread ends.
struct Lease(u8);

impl Drop for Lease {
    fn drop(&mut self) {
        // Destructors of other thread-locals may still make calls: they share a shard from here on.
        SLOT.set(shared());
        let (free, count) = &mut *FREE.lock().unwrap_or_else(PoisonError::into_inner);
        free[*count] = self.0;
        *count += 1;
    }
}

/// The calling thread's shard.
#[inline]
pub(super) fn current() -> u8 {
    match SLOT.get() {
        UNSET => assign(),
        slot => slot,
    }
}

#[cold]
fn assign() -> u8 {
    let slot = lease().unwrap_or_else(shared);
    SLOT.set(slot);
    slot
}

fn lease() -> Option<u8> {
    // A thread whose thread-locals are being destroyed can keep no lease.
    LEASE
        .try_with(|lease| {
            let (free, count) = &mut *FREE.lock().unwrap_or_else(PoisonError::into_inner);
            *count = count.checked_sub(1)?;
            lease.set(Some(Lease(free[*count])));
            Some(free[*count])
        })
        .ok()?
}

fn shared() -> u8 {
    static NEXT: AtomicU8 = AtomicU8::new(0);
    EXCLUSIVE + NEXT.fetch_add(1, Ordering::Relaxed) % SHARED
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::shards::Shards;
    use std::sync::Barrier;
    use std::thread;

    const THREADS: usize = 32;

    #[test]
    fn an_exclusive_shard_has_one_thread_at_a_time() {
        let all_run = Barrier::new(THREADS);
        let mut taken: Vec<u8> = thread::scope(|scope| {
            let take = || {
                let slot = current();
                all_run.wait();
                assert_eq!(current(), slot);
                slot
            };
            let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(take)).collect();
            let taken = threads.into_iter().map(|thread| thread.join().unwrap());
            taken.filter(|slot| *slot < EXCLUSIVE).collect()
        });
        let count = taken.len();
        taken.sort_unstable();
        taken.dedup();
        assert_eq!(taken.len(), count);
    }

    #[test]
    fn threads_that_come_and_go_lose_nothing() {
        const WAVES: usize = 8;
        const CALLS: u64 = 1_000;
        let shards = Shards::new();
        thread::scope(|scope| {
            // The next wave starts while threads of the earlier ones end and hand their shards on.
            for _ in 0..WAVES * THREADS {
                scope.spawn(|| (0..CALLS).for_each(|_| shards.local(1).add(0, 1)));
            }
        });
        assert_eq!(shards.sum(0), (WAVES * THREADS) as u64 * CALLS);
    }

    #[test]
    fn a_thread_can_write_while_it_is_torn_down() {
        static SHARDS: Shards = Shards::new();

        struct Late;

        impl Drop for Late {
            fn drop(&mut self) {
                SHARDS.local(1).add(0, 1);
            }
        }

        thread_local!(static LATE: Late = const { Late });

        for _ in 0..THREADS {
            let thread = thread::spawn(|| {
                LATE.with(|_| SHARDS.local(1).add(0, 1));
            });
            thread.join().unwrap();
        }
        assert_eq!(SHARDS.sum(0), 2 * THREADS as u64);
    }
}
