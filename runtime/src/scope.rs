//! A scope: registry, spans, log records, clock and sampler of its own, in the place of the global ones, for the calls
//! within it.

use std::cell::RefCell;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock::{self, Anchor};
use crate::listen;
use crate::logs::LogBatch;
use crate::registry::Registry;
use crate::trace::{Sampler, SpanBatch};

/// What a recorder gathers. While one exists, calls everywhere look whether they are within it.
pub(crate) struct Scope {
    pub(crate) registry: Registry,
    pub(crate) clock: ManualClock,
    spans: Mutex<SpanBatch>,
    logs: Mutex<LogBatch>,
    sampler: Mutex<Sampler>,
}

/// A clock that stands still until a test moves it.
///
/// It begins at 2020-01-01 00:00:00 UTC. Clones share the same time.
#[derive(Clone, Debug)]
pub struct ManualClock {
    unix_nanos: Arc<AtomicU64>,
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<Scope>>> = const { RefCell::new(None) };
}

impl Scope {
    pub(crate) fn open() -> Arc<Self> {
        listen::open_scope();
        let clock = ManualClock::new();
        Arc::new(Self {
            registry: Registry::timed_by(clock.clone()),
            clock,
            spans: Mutex::default(),
            logs: Mutex::default(),
            sampler: Mutex::new(Sampler::default()),
        })
    }

    /// The spans that have ended.
    pub(crate) fn lock_spans(&self) -> MutexGuard<'_, SpanBatch> {
        self.spans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The log records that were made.
    pub(crate) fn lock_logs(&self) -> MutexGuard<'_, LogBatch> {
        self.logs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sampler(&self) -> Sampler {
        *self.sampler.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set_sampler(&self, sampler: Sampler) {
        *self.sampler.lock().unwrap_or_else(PoisonError::into_inner) = sampler;
    }
}

/// A context is recorded by `args`, and must not bring all that a test has recorded.
impl fmt::Debug for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}

impl Drop for Scope {
    fn drop(&mut self) {
        listen::close_scope();
    }
}

impl ManualClock {
    pub(crate) fn new() -> Self {
        Self {
            unix_nanos: Arc::new(AtomicU64::new(1_577_836_800_000_000_000)),
        }
    }

    /// Moves the time forward.
    ///
    /// # Panics
    ///
    /// When the time would pass the year 2554, where nanoseconds since the Unix epoch no longer fit 64 bits.
    pub fn advance(&self, by: Duration) {
        let by =
            u64::try_from(by.as_nanos()).expect("durations in tests are shorter than 584 years");
        self.unix_nanos
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |now| {
                now.checked_add(by)
            })
            .expect("the manual clock ends in the year 2554");
    }

    /// The time, in nanoseconds since the Unix epoch.
    #[must_use]
    pub fn unix_nanos(&self) -> u64 {
        self.unix_nanos.load(Ordering::Relaxed)
    }
}

/// The scope that the calling thread is in.
#[cold]
pub(crate) fn current() -> Option<Arc<Scope>> {
    if !listen::has_scopes(listen::listening()) {
        return None;
    }
    CURRENT
        .try_with(|current| current.borrow().clone())
        .ok()
        .flatten()
}

/// Puts the thread back into the scope that it was in when it is dropped.
#[derive(Debug)]
pub(crate) struct Entered {
    previous: Option<Arc<Scope>>,
}

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.set(self.previous.take());
    }
}

/// Puts the thread into a scope, or out of all scopes. Nearly always there is no scope at all, and nothing to do.
pub(crate) fn enter(scope: Option<&Arc<Scope>>) -> Option<Entered> {
    if scope.is_none() && current().is_none() {
        return None;
    }
    let previous = CURRENT.replace(scope.cloned());
    Some(Entered { previous })
}

/// Runs `body` in a scope, or outside of all scopes, and goes back to the present one, even if `body` panics.
pub(crate) fn within<T>(scope: Option<&Arc<Scope>>, body: impl FnOnce() -> T) -> T {
    let _entered = enter(scope);
    body()
}

/// A reading of the clock that times calls and spans: the scope's own, or that of the process.
#[inline]
pub(crate) fn now(scope: Option<&Scope>) -> u64 {
    scope.map_or_else(clock::now, |scope| scope.clock.unix_nanos())
}

/// Nanoseconds from one such reading to a later one; zero if `end` is not later.
#[inline]
pub(crate) fn nanos_between(scope: Option<&Scope>, start: u64, end: u64) -> u64 {
    match scope {
        None => clock::nanos_between(start, end),
        Some(_) => end.saturating_sub(start),
    }
}

/// The wall-clock time of such a reading, in nanoseconds since the Unix epoch.
pub(crate) fn unix_nanos(scope: Option<&Scope>, reading: u64) -> u64 {
    match scope {
        None => Anchor::current().unix_nanos(reading),
        // A scope's clock reads them itself.
        Some(_) => reading,
    }
}

/// The wall-clock time now, in nanoseconds since the Unix epoch.
pub(crate) fn unix_now(scope: Option<&Scope>) -> u64 {
    unix_nanos(scope, now(scope))
}

/// The sampler of the scope, or the one that is installed for the process.
pub(crate) fn sampler(scope: Option<&Scope>) -> Sampler {
    scope.map_or_else(Sampler::installed, Scope::sampler)
}
