//! What became of the data that exporters were given, as metrics of their own.

pub(crate) mod declared;
mod in_hand;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tachograph::Registry;
use tachograph::metrics::{BuildError, Counter, Family, UpDownCounter};

use crate::dropped::{Cause, Loss};
use crate::error::ExportError;
use crate::report::Reporter;
use crate::signal::Signal;

pub(crate) use in_hand::InHand;

/// The metrics `tachograph.exporter.*`.
pub(crate) struct SelfMetrics {
    exported: Family<Counter, 2>,
    failed: Family<Counter, 2>,
    retried: Family<Counter, 2>,
    dropped: Family<Counter, 3>,
    queue_size: Family<UpDownCounter, 2>,
    restarted: Family<Counter, 1>,
    tallies: Mutex<Vec<Arc<Tally>>>,
    reporter: Arc<Reporter>,
}

/// The figures of one exporter and signal. Lanes of one name have them in common, as they have their metrics.
pub(crate) struct Tally {
    /// Items that came, less those that others took the place of: in the end each of them is exported or dropped.
    given: AtomicU64,
    exported: Counter,
    /// What that counter said when telemetry was installed.
    exported_before: u64,
    failed: Counter,
    retried: Counter,
    queue_size: UpDownCounter,
    drops: Drops,
}

/// What one exporter dropped of one signal.
pub(crate) struct Drops {
    exporter: Arc<str>,
    signal: Signal,
    /// With what the counter said when telemetry was installed.
    by_cause: Vec<(Cause, Counter, u64)>,
    reporter: Arc<Reporter>,
}

impl SelfMetrics {
    /// Makes the metrics in this registry.
    ///
    /// # Errors
    ///
    /// Somebody else's metric has the name of one of them.
    pub(crate) fn new(registry: &Registry, reporter: Arc<Reporter>) -> Result<Self, BuildError> {
        Ok(Self {
            exported: declared::EXPORTED.build(registry)?,
            failed: declared::FAILED.build(registry)?,
            retried: declared::RETRIED.build(registry)?,
            dropped: declared::DROPPED.build(registry)?,
            queue_size: declared::QUEUE_SIZE.build(registry)?,
            restarted: declared::RESTARTED.build(registry)?,
            tallies: Mutex::default(),
            reporter,
        })
    }

    /// The figures of this exporter and signal, all of them there from the start.
    pub(crate) fn tally(&self, exporter: &Arc<str>, signal: Signal) -> Arc<Tally> {
        let mut tallies = self.tallies();
        let is_it =
            |tally: &Tally| (&tally.drops.exporter, tally.drops.signal) == (exporter, signal);
        if let Some(known) = tallies.iter().find(|known| is_it(known)) {
            return Arc::clone(known);
        }
        let labels = [&**exporter, signal.as_str()];
        let taken = self.exported.get(labels);
        let tally = Arc::new(Tally {
            given: AtomicU64::new(0),
            exported_before: taken.value(),
            exported: taken,
            failed: self.failed.get(labels),
            retried: self.retried.get(labels),
            queue_size: self.queue_size.get(labels),
            drops: self.drops(Arc::clone(exporter), signal, &Cause::ALL),
        });
        tallies.push(Arc::clone(&tally));
        tally
    }

    /// A task panicked, and begins anew.
    pub(crate) fn restarted(&self, task: &'static str) {
        self.restarted.get([task]).increment();
        self.reporter.report(&ExportError::Restarted { task });
    }

    /// What exporters have lost so far.
    pub(crate) fn losses(&self) -> Vec<Loss> {
        let tallies = self.tallies();
        let losses = tallies.iter().flat_map(|tally| tally.drops.losses());
        losses.collect()
    }

    /// What exporters have lost, if nothing of what they hold is sent any more.
    pub(crate) fn losses_by_now(&self) -> Vec<Loss> {
        let tallies = self.tallies();
        let losses = tallies.iter().flat_map(|tally| tally.losses_by_now());
        losses.collect()
    }

    fn tallies(&self) -> MutexGuard<'_, Vec<Arc<Tally>>> {
        self.tallies.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is dropped for these causes.
    pub(crate) fn drops(&self, exporter: Arc<str>, signal: Signal, causes: &[Cause]) -> Drops {
        let by_cause = causes.iter().map(|cause| {
            let labels = [&*exporter, signal.as_str(), cause.as_str()];
            let counter = self.dropped.get(labels);
            let before = counter.value();
            (*cause, counter, before)
        });
        let by_cause = by_cause.collect();
        Drops {
            exporter,
            signal,
            by_cause,
            reporter: Arc::clone(&self.reporter),
        }
    }
}

impl Tally {
    /// So many items came.
    pub(crate) fn given(&self, items: u64) {
        self.given.fetch_add(items, Ordering::Relaxed);
    }

    /// So many items are not to be sent any more, because what came since says the same and more.
    pub(crate) fn superseded(&self, items: u64) {
        self.given.fetch_sub(items, Ordering::Relaxed);
        self.unqueued(items);
    }

    /// So many items more wait.
    pub(crate) fn queued(&self, items: u64) {
        self.queue_size.add(items.cast_signed());
    }

    /// So many items wait no longer.
    pub(crate) fn unqueued(&self, items: u64) {
        self.queue_size.add(-items.cast_signed());
    }

    /// A request was refused, or not answered.
    pub(crate) fn failed(&self) {
        self.failed.increment();
    }

    /// A request is sent again.
    pub(crate) fn retried(&self) {
        self.retried.increment();
    }

    /// A request will be sent again, unless there is not time enough.
    pub(crate) fn retrying(&self, reason: String) {
        let Drops {
            exporter,
            signal,
            reporter,
            ..
        } = &self.drops;
        reporter.report(&ExportError::Retrying {
            exporter: Arc::clone(exporter),
            signal: *signal,
            reason,
        });
    }

    /// The backend took a request, and had this to say, if anything.
    pub(crate) fn warned(&self, message: String) {
        if message.is_empty() {
            return;
        }
        let Drops {
            exporter,
            signal,
            reporter,
            ..
        } = &self.drops;
        reporter.report(&ExportError::Warned {
            exporter: Arc::clone(exporter),
            signal: *signal,
            message,
        });
    }

    /// What is lost.
    pub(crate) fn drops(&self) -> &Drops {
        &self.drops
    }

    /// What was lost since telemetry was installed, if nothing of what still waits is sent any more.
    ///
    /// Each figure is read once, so that what is dealt with meanwhile is neither missed nor counted twice.
    pub(crate) fn losses_by_now(&self) -> Vec<Loss> {
        let mut losses = self.drops.losses().collect::<Vec<_>>();
        let exported = self.exported.value() - self.exported_before;
        let settled = exported + losses.iter().map(|loss| loss.items).sum::<u64>();
        let waiting = self.given.load(Ordering::Relaxed).saturating_sub(settled);
        if let Some(cut_off) = losses.iter_mut().find(|loss| loss.cause == Cause::Shutdown) {
            cut_off.items += waiting;
        } else if waiting > 0 {
            losses.push(Loss {
                exporter: Arc::clone(&self.drops.exporter),
                signal: self.drops.signal,
                cause: Cause::Shutdown,
                items: waiting,
            });
        }
        losses
    }
}

impl Drops {
    /// So many items are lost.
    pub(crate) fn add(&self, items: u64, cause: Cause, reason: impl Into<String>) {
        if items > 0 {
            self.count(items, cause);
            self.reporter.report(&ExportError::Dropped {
                exporter: Arc::clone(&self.exporter),
                signal: self.signal,
                cause,
                items,
                reason: reason.into(),
            });
        }
    }

    /// The same for a caller who is told in another way.
    pub(crate) fn count(&self, items: u64, cause: Cause) {
        let known = self.by_cause.iter().find(|(known, ..)| *known == cause);
        if let Some((_, counter, _)) = known {
            counter.add(items);
        }
    }

    /// So many items still waited when the time of a shutdown was over.
    pub(crate) fn cut_off(&self, items: u64) {
        let reason = "the shutdown did not leave enough time";
        self.add(items, Cause::Shutdown, reason);
    }

    /// What was lost since telemetry was installed.
    pub(crate) fn losses(&self) -> impl Iterator<Item = Loss> {
        let losses = self.by_cause.iter().map(|(cause, counter, before)| Loss {
            exporter: Arc::clone(&self.exporter),
            signal: self.signal,
            cause: *cause,
            items: counter.value() - before,
        });
        losses.filter(|loss| loss.items > 0)
    }
}
