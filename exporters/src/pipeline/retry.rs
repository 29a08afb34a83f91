//! Further attempts, while it is likely that the backend is back in a moment.

use std::sync::Arc;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::time::sleep;

use super::circuit::Circuit;
use super::parcel::Parcel;
use super::row::Stage;
use super::verdict::Verdict;

/// Each pause is about twice as long as the one before, and up to twice as long again by chance. When they are used up
/// the backend is left alone for longer, by the breaker.
const PAUSES: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(250))
    .with_max_times(5)
    .with_jitter();

/// Tries again what may succeed later, unless the backend wants to be left alone.
pub(super) struct Retry<S> {
    circuit: Arc<Circuit>,
    next: S,
}

impl<S> Retry<S> {
    pub(super) fn new(circuit: Arc<Circuit>, next: S) -> Self {
        Self { circuit, next }
    }
}

impl<S: Stage> Stage for Retry<S> {
    async fn carry(&self, parcel: &mut Parcel) -> Verdict {
        let mut pauses = PAUSES.build();
        loop {
            let verdict = self.next.carry(parcel).await;
            let Verdict::Later {
                reason,
                after: None,
                ..
            } = verdict
            else {
                return verdict;
            };
            match pauses.next() {
                Some(pause) if !parcel.is_over_after(pause) => {
                    parcel.tally().retrying(reason.clone());
                    sleep(pause).await;
                    // Another request may have been told so meanwhile.
                    if self.circuit.is_open() {
                        return Verdict::later(reason);
                    }
                    parcel.tally().retried();
                }
                _ => return Verdict::later(reason),
            }
        }
    }
}
