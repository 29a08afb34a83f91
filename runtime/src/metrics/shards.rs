//! Counters that many threads write without getting in each other's way.

use super::slot::{self, EXCLUSIVE, SLOTS};
use crate::sync::{AtomicU64, Ordering};
use std::sync::OnceLock;

/// A row of counters for each shard, allocated when a thread first writes to it.
#[derive(Debug)]
pub(crate) struct Shards {
    blocks: [OnceLock<Block>; SLOTS],
}

impl Shards {
    pub(crate) const fn new() -> Self {
        Self {
            blocks: [const { OnceLock::new() }; SLOTS],
        }
    }

    /// The calling thread's counters, `width` of them.
    #[inline]
    pub(crate) fn local(&self, width: usize) -> Writer<'_> {
        let slot = slot::current();
        let block = self.blocks[usize::from(slot)].get_or_init(|| Block::new(width));
        Writer {
            block,
            exclusive: slot < EXCLUSIVE,
        }
    }

    /// The sum of one counter over all shards.
    ///
    /// Whoever sees a counted end also sees the start that was counted before it, on whichever thread: ends are
    /// written with [`Writer::add_release`] and read here before the starts are.
    pub(crate) fn sum(&self, index: usize) -> u64 {
        self.blocks
            .iter()
            .filter_map(OnceLock::get)
            .map(|block| block.get(index))
            .fold(0, u64::wrapping_add)
    }

    /// The sums of the first counters over all shards.
    pub(crate) fn sums<const N: usize>(&self) -> [u64; N] {
        let mut sums = [0_u64; N];
        for block in self.blocks.iter().filter_map(OnceLock::get) {
            for (index, sum) in sums.iter_mut().enumerate() {
                *sum = sum.wrapping_add(block.get(index));
            }
        }
        sums
    }

    /// The sum of one cell over all shards, which holds a floating-point number.
    pub(crate) fn sum_f64(&self, index: usize) -> f64 {
        self.blocks
            .iter()
            .filter_map(OnceLock::get)
            .map(|block| f64::from_bits(block.get(index)))
            .sum()
    }
}

/// One shard's counters, on cache lines of their own.
#[derive(Debug)]
pub(crate) struct Block {
    lines: Box<[Line]>,
}

#[derive(Debug)]
#[repr(align(64))]
struct Line([AtomicU64; 8]);

impl Block {
    #[cold]
    pub(crate) fn new(width: usize) -> Self {
        let line = || Line(std::array::from_fn(|_| AtomicU64::new(0)));
        Self {
            lines: std::iter::repeat_with(line)
                .take(width.div_ceil(8))
                .collect(),
        }
    }

    #[inline]
    fn cell(&self, index: usize) -> &AtomicU64 {
        &self.lines[index / 8].0[index % 8]
    }

    pub(crate) fn get(&self, index: usize) -> u64 {
        self.cell(index).load(Ordering::Acquire)
    }
}

/// The counters that the calling thread writes to.
#[derive(Clone, Copy)]
pub(crate) struct Writer<'a> {
    block: &'a Block,
    exclusive: bool,
}

impl<'a> Writer<'a> {
    /// Writes to a block that other threads write to as well.
    #[inline]
    pub(crate) fn shared(block: &'a Block) -> Self {
        Self {
            block,
            exclusive: false,
        }
    }

    /// Adds to a counter.
    #[inline]
    pub(crate) fn add(self, index: usize, n: u64) {
        self.add_with(index, n, Ordering::Relaxed);
    }

    /// Adds one to a counter, and returns what this shard had counted before.
    #[inline]
    pub(crate) fn count(self, index: usize) -> u64 {
        self.add_with(index, 1, Ordering::Relaxed)
    }

    /// Adds to a counter; whoever reads the new value sees all that this thread wrote before.
    #[inline]
    pub(crate) fn add_release(self, index: usize, n: u64) {
        self.add_with(index, n, Ordering::Release);
    }

    #[inline]
    fn add_with(self, index: usize, n: u64, order: Ordering) -> u64 {
        let cell = self.block.cell(index);
        if self.exclusive {
            // The only writer: nothing can come between the load and the store.
            let before = cell.load(Ordering::Relaxed);
            cell.store(before.wrapping_add(n), order);
            before
        } else {
            cell.fetch_add(n, order)
        }
    }

    /// Adds to a cell that holds a floating-point number.
    #[inline]
    pub(crate) fn add_f64(self, index: usize, n: f64) {
        if self.exclusive {
            let cell = self.block.cell(index);
            let sum = f64::from_bits(cell.load(Ordering::Relaxed)) + n;
            cell.store(sum.to_bits(), Ordering::Relaxed);
        } else {
            while !self.try_add_f64(index, n) {}
        }
    }

    /// Adds to a cell that holds a floating-point number, unless another thread writes to it at this moment.
    #[inline]
    pub(crate) fn try_add_f64(self, index: usize, n: f64) -> bool {
        let cell = self.block.cell(index);
        let seen = cell.load(Ordering::Relaxed);
        let sum = (f64::from_bits(seen) + n).to_bits();
        cell.compare_exchange(seen, sum, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    }
}

/// All interleavings that the memory model allows, of two writers and a reader:
/// `RUSTFLAGS="--cfg loom" cargo test -p tachograph --lib loom`.
#[cfg(all(test, loom))]
mod loom_models {
    use super::*;
    use loom::sync::{Arc, Mutex};
    use loom::thread;

    const STARTED: usize = 0;
    const ENDED: usize = 1;

    fn exclusive(block: &Block) -> Writer<'_> {
        Writer {
            block,
            exclusive: true,
        }
    }

    /// Reads as a snapshot does: the ends first.
    ///
    /// Spawn it last, so that it comes last in loom's first execution: loom 0.7 forgets that the reader loaded a cell
    /// when the writer loads it too, before it stores.
    fn reader<const N: usize>(blocks: [&Arc<Block>; N]) -> thread::JoinHandle<()> {
        let blocks = blocks.map(Arc::clone);
        thread::spawn(move || {
            let sum = |index| blocks.iter().map(|block| block.get(index)).sum::<u64>();
            let (ended, started) = (sum(ENDED), sum(STARTED));
            assert!(ended <= started, "{ended} of {started}");
        })
    }

    #[test]
    fn an_end_is_not_seen_before_its_start() {
        loom::model(|| {
            let block = Arc::new(Block::new(2));
            let reader = reader([&block]);
            for _ in 0..2 {
                exclusive(&block).add(STARTED, 1);
                exclusive(&block).add_release(ENDED, 1);
            }
            reader.join().unwrap();
        });
    }

    #[test]
    fn an_end_in_another_row_is_not_seen_before_its_start() {
        loom::model(|| {
            // As in `FunctionCells`: all calls start in one row, and the labels of their results choose where they end.
            let (row, end) = (Arc::new(Block::new(2)), Arc::new(Block::new(2)));
            let reader = reader([&row, &end]);
            for ends_in in [&end, &row] {
                exclusive(&row).add(STARTED, 1);
                exclusive(ends_in).add_release(ENDED, 1);
            }
            reader.join().unwrap();
        });
    }

    #[test]
    fn a_call_that_ends_on_another_thread_is_not_seen_before_its_start() {
        loom::model(|| {
            let (here, there) = (Arc::new(Block::new(2)), Arc::new(Block::new(2)));
            let written = Arc::clone(&there);
            // A future moves to another thread through some lock or channel of its executor.
            let moving = Arc::new(Mutex::new(false));
            let moved = Arc::clone(&moving);
            let ends = thread::spawn(move || {
                if *moved.lock().unwrap() {
                    exclusive(&written).add_release(ENDED, 1);
                }
            });
            let reader = reader([&here, &there]);
            exclusive(&here).add(STARTED, 1);
            *moving.lock().unwrap() = true;
            ends.join().unwrap();
            reader.join().unwrap();
        });
    }

    #[test]
    fn a_reader_sees_an_exclusive_counter_only_grow() {
        loom::model(|| {
            let block = Arc::new(Block::new(1));
            let read = Arc::clone(&block);
            let reader = thread::spawn(move || {
                let (first, second) = (read.get(0), read.get(0));
                assert!(first <= second && second <= 3, "{first} then {second}");
            });
            (0..3).for_each(|_| exclusive(&block).add(0, 1));
            reader.join().unwrap();
            assert_eq!(block.get(0), 3);
        });
    }

    #[test]
    fn a_shard_that_is_handed_over_loses_nothing() {
        loom::model(|| {
            // As in `slot`: a thread takes a shard from the free ones or shares another, and gives back what it took.
            let (owned, shared) = (Arc::new(Block::new(1)), Arc::new(Block::new(1)));
            let is_free = Arc::new(Mutex::new(true));
            let threads = [(); 2].map(|()| {
                let (owned, shared) = (Arc::clone(&owned), Arc::clone(&shared));
                let is_free = Arc::clone(&is_free);
                thread::spawn(move || {
                    if std::mem::take(&mut *is_free.lock().unwrap()) {
                        exclusive(&owned).add(0, 1);
                        exclusive(&owned).add(0, 1);
                        *is_free.lock().unwrap() = true;
                    } else {
                        Writer::shared(&shared).add(0, 2);
                    }
                })
            });
            for thread in threads {
                thread.join().unwrap();
            }
            assert_eq!(owned.get(0) + shared.get(0), 4);
        });
    }

    #[test]
    fn a_counted_value_is_in_the_sum() {
        loom::model(|| {
            let block = Arc::new(Block::new(2));
            let threads = [1.5, 2.0].map(|value| {
                let block = Arc::clone(&block);
                thread::spawn(move || {
                    Writer::shared(&block).add_f64(0, value);
                    Writer::shared(&block).add_release(1, 1);
                })
            });
            let count = block.get(1);
            let sum = f64::from_bits(block.get(0));
            assert!(
                sum >= [0.0, 1.5, 3.5][usize::try_from(count).unwrap()],
                "{count}: {sum}"
            );
            for thread in threads {
                thread.join().unwrap();
            }
            assert_eq!((block.get(1), f64::from_bits(block.get(0))), (2, 3.5));
        });
    }
}
