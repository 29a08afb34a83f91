//! Which batches have been dealt with.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

/// The batches of one lane that are under way. They begin in order, and are settled in any.
pub(super) struct Settlement {
    open: Mutex<Open>,
    /// All with lower numbers are settled.
    first_open: watch::Sender<u64>,
}

#[derive(Default)]
struct Open {
    numbers: BTreeSet<u64>,
    next: u64,
}

/// A batch that is under way until its last payload has dropped its share of this.
pub(super) struct Ticket {
    number: u64,
    settlement: Arc<Settlement>,
    time_for_attempts: Duration,
    time_left: Mutex<Duration>,
}

impl Settlement {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            open: Mutex::default(),
            first_open: watch::Sender::new(0),
        })
    }

    /// A batch whose payloads may take so long together to be sent, all attempts counted.
    pub(super) fn begin(self: &Arc<Self>, time_for_attempts: Duration) -> Ticket {
        let mut open = self.open();
        let number = open.next;
        open.next += 1;
        open.numbers.insert(number);
        Ticket {
            number,
            settlement: Arc::clone(self),
            time_for_attempts,
            time_left: Mutex::new(time_for_attempts),
        }
    }

    /// Waits until all that had begun when this was called is settled.
    pub(super) fn settled(&self) -> impl Future<Output = ()> + use<> {
        let next = self.open().next;
        self.settled_before(next)
    }

    /// Waits until all with lower numbers are settled.
    pub(super) fn settled_before(&self, number: u64) -> impl Future<Output = ()> + use<> {
        let mut first_open = self.first_open.subscribe();
        async move {
            // Fails only without a sender, which the settlement is.
            let _ = first_open.wait_for(|first| *first >= number).await;
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ticket {
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    pub(super) fn time_for_attempts(&self) -> Duration {
        self.time_for_attempts
    }

    pub(super) fn time_left(&self) -> Duration {
        *self.left()
    }

    /// An attempt took so long.
    pub(super) fn spend(&self, time: Duration) {
        let mut left = self.left();
        *left = left.saturating_sub(time);
    }

    fn left(&self) -> MutexGuard<'_, Duration> {
        self.time_left
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut open = self.settlement.open();
        open.numbers.remove(&self.number);
        let first_open = open.numbers.first().copied().unwrap_or(open.next);
        self.settlement.first_open.send_replace(first_open);
    }
}
