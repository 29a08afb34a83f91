//! Where finished spans and log records wait for whoever collects them; it has no thread of its own.
//!
//! Each thread writes its records as words into a chunk of its own, which takes no lock. The collector takes what is in
//! the chunks at any time, those that a thread has only started included, so nothing stays behind on a thread that has
//! nothing more to say. A full chunk is left to the collector, and the thread goes on with an empty one, up to bounds on
//! all that waits. A thread that ends leaves its chunk to the next one, so that however many come and go, they fill few.

#![expect(
    clippy::inline_always,
    reason = "the words of a bare span stay in registers"
)]

mod chunk;
mod mark;
mod reader;
mod right;
mod signal;
mod waiting;
mod writer;

#[cfg(all(test, loom))]
mod loom_models;
#[cfg(all(test, not(loom)))]
mod tests;

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

pub use mark::Mark;
pub use signal::{Logs, Signal, Spans};

use right::Wish;
use writer::Seat;

/// The right to take the records of one signal. There is one in a program: of two who take from each other, both would
/// miss something.
///
/// Dropped, it is given back. What nobody takes waits within the limits. A process that was forked off has neither the right
/// of its parent nor what waited there.
///
/// ```
/// use tachograph::collector::{Collector, Spans};
/// use tachograph::{listener, traced};
///
/// #[traced]
/// fn work() {}
///
/// let collector = Collector::<Spans>::install()?;
/// assert!(Collector::<Spans>::install().is_err());
/// listener::start();
/// work();
/// listener::stop();
/// let spans = collector.drain(512);
/// assert!(spans.iter().next().unwrap().name().ends_with("work"));
/// # Ok::<(), tachograph::collector::CollectorTaken>(())
/// ```
pub struct Collector<S: Signal> {
    signal: PhantomData<fn() -> S>,
}

/// Somebody in this program collects this signal already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("somebody collects these records already")]
#[non_exhaustive]
pub struct CollectorTaken;

/// How much may wait; what comes beyond is dropped and counted.
///
/// A thread looks after about every 4 KiB that it writes, so each may exceed them by so much. Besides, each has a chunk
/// of 32 KiB at most to write to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// So many records; 65,536 by default.
    pub records: usize,
    /// So many bytes; 32 MiB by default.
    pub bytes: usize,
}

impl Limits {
    const DEFAULT: Self = Self {
        records: 65_536,
        bytes: 32 << 20,
    };

    /// At most so many records.
    #[must_use]
    pub fn with_records(self, records: usize) -> Self {
        Self { records, ..self }
    }

    /// At most so many bytes.
    #[must_use]
    pub fn with_bytes(self, bytes: usize) -> Self {
        Self { bytes, ..self }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl<S: Signal> Collector<S> {
    /// Takes the right, with the default limits and nobody to wake.
    ///
    /// # Errors
    ///
    /// [`CollectorTaken`] while somebody else has it.
    pub fn install() -> Result<Self, CollectorTaken> {
        match S::waiting().right.take() {
            Wish::Granted => {}
            Wish::Inherited => drop(S::drain(usize::MAX)),
            Wish::Refused => return Err(CollectorTaken),
        }
        Ok(Self {
            signal: PhantomData,
        })
    }

    /// Takes at most `max` records: those of one thread in their order, and each thread in its turn.
    #[must_use]
    pub fn drain(&self, max: usize) -> S::Batch {
        S::drain(max).into()
    }

    /// Marks what waits now, so that its end can be told however much comes after it.
    pub fn mark(&self) -> Mark {
        Mark::new(S::waiting())
    }

    /// Calls `waker` from the thread that finishes a record when about `records` or more are waiting: once, and then
    /// not before something is taken.
    ///
    /// The waker must be quick and must not record anything itself. It replaces the earlier one.
    pub fn wake_at(&self, records: usize, waker: impl Fn() + Send + Sync + 'static) {
        S::waiting().set_waker(records, Some(Arc::new(waker)));
    }

    /// About how many records wait: each thread tells of its own after about every 4 KiB, and at its end.
    #[must_use]
    pub fn waiting(&self) -> usize {
        S::waiting().records()
    }

    /// How many records were dropped since the start of the process, because too many were waiting.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        S::waiting().dropped()
    }

    /// From now on so much may wait.
    pub fn set_limits(&self, limits: Limits) {
        S::waiting().set_limits(limits);
    }
}

impl<S: Signal> Drop for Collector<S> {
    fn drop(&mut self) {
        let waiting = S::waiting();
        waiting.set_waker(usize::MAX, None);
        waiting.set_limits(Limits::DEFAULT);
        waiting.right.give_back();
    }
}

impl<S: Signal> fmt::Debug for Collector<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").finish_non_exhaustive()
    }
}

thread_local! {
    static SPANS: Seat = const { Seat::new(&signal::SPANS) };
    static LOGS: Seat = const { Seat::new(&signal::LOGS) };
}

/// Hands a finished span over.
#[inline(always)]
pub(crate) fn collect_span<const HEAD: usize>(head: &[u64; HEAD], items: &[u8]) {
    let is_written = SPANS.try_with(|seat| seat.write(head, items));
    if is_written != Ok(true) {
        write_alone(&signal::SPANS, head, items);
    }
}

/// Hands a log record over.
pub(crate) fn collect_log<const HEAD: usize>(head: &[u64; HEAD], items: &[u8]) {
    let is_written = LOGS.try_with(|seat| seat.write(head, items));
    if is_written != Ok(true) {
        write_alone(&signal::LOGS, head, items);
    }
}

/// Hands a record over in a chunk that is for this one alone: the thread's own is in use, or gone because other
/// thread-locals are destroyed.
#[cold]
fn write_alone<const HEAD: usize>(
    waiting: &'static waiting::Waiting,
    head: &[u64; HEAD],
    items: &[u8],
) {
    Seat::new(waiting).write(head, items);
}
