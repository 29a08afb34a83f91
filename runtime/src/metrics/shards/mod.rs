//! Counters that many threads write without getting in each other's way.

#[cfg(all(test, loom))]
mod loom_models;

use super::by_thread::{ByThread, Local, add};
use crate::sync::{AtomicU64, Ordering};

/// A row of counters for each thread, allocated when it first writes to it.
#[derive(Debug)]
pub(crate) struct Shards {
    blocks: ByThread<Block>,
}

impl Shards {
    pub(crate) const fn new() -> Self {
        Self {
            blocks: ByThread::new(),
        }
    }

    /// The calling thread's counters, `width` of them.
    #[inline]
    pub(crate) fn local(&self, width: usize) -> Writer<'_> {
        let Local {
            value: block,
            is_exclusive,
        } = self.blocks.local(|_| Block::new(width));
        Writer {
            block,
            is_exclusive,
        }
    }

    /// The sum of one counter over all threads.
    ///
    /// Whoever sees a counted value also sees what its thread wrote before, if that was counted with
    /// [`Writer::add_release`].
    pub(crate) fn sum(&self, index: usize) -> u64 {
        let counts = self.blocks.iter().map(|block| block.get(index));
        counts.fold(0, u64::wrapping_add)
    }

    /// The sums of the first counters over all threads.
    pub(crate) fn sums<const N: usize>(&self) -> [u64; N] {
        let mut sums = [0_u64; N];
        for block in self.blocks.iter() {
            for (index, sum) in sums.iter_mut().enumerate() {
                *sum = sum.wrapping_add(block.get(index));
            }
        }
        sums
    }

    /// The sum of one cell over all threads, which holds a floating-point number.
    pub(crate) fn sum_f64(&self, index: usize) -> f64 {
        let numbers = self
            .blocks
            .iter()
            .map(|block| f64::from_bits(block.get(index)));
        numbers.sum()
    }
}

/// One thread's counters, on cache lines of their own.
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writer<'a> {
    block: &'a Block,
    is_exclusive: bool,
}

impl Writer<'_> {
    /// Adds to a counter.
    #[inline]
    pub(crate) fn add(self, index: usize, n: u64) {
        self.add_with(index, n, Ordering::Relaxed);
    }

    /// Adds to a counter; whoever reads the new value sees all that this thread wrote before.
    #[inline]
    pub(crate) fn add_release(self, index: usize, n: u64) {
        self.add_with(index, n, Ordering::Release);
    }

    #[inline]
    fn add_with(self, index: usize, n: u64, order: Ordering) {
        add(self.block.cell(index), n, self.is_exclusive, order);
    }

    /// Adds to a cell that holds a floating-point number.
    #[inline]
    pub(crate) fn add_f64(self, index: usize, n: f64) {
        if self.is_exclusive {
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
