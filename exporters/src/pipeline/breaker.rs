//! Pauses that the backend asks for, or that do it good.

use std::sync::Arc;
use std::time::Duration;

use super::circuit::{Circuit, Closed};
use super::parcel::Parcel;
use super::row::Stage;
use super::verdict::Verdict;

/// Keeps parcels back while the backend wants no requests, or was not to be reached by the stages behind. They wait as
/// long as they are not too old; the time for attempts does not pass meanwhile.
pub(super) struct Breaker<S> {
    circuit: Arc<Circuit>,
    next: S,
}

impl<S> Breaker<S> {
    pub(super) fn new(circuit: Arc<Circuit>, next: S) -> Self {
        Self { circuit, next }
    }
}

impl<S: Stage> Stage for Breaker<S> {
    async fn carry(&self, parcel: &mut Parcel) -> Verdict {
        let mut said = None;
        loop {
            let admission = match self.circuit.admit(parcel.expires()).await {
                Ok(admission) => admission,
                Err(closed) => {
                    parcel.is_cut_off = closed == Closed::ForGood;
                    let nothing = || "the backend wanted no requests".to_owned();
                    return Verdict::later(said.unwrap_or_else(nothing));
                }
            };
            if said.is_some() {
                parcel.tally().retried();
            }
            let verdict = self.next.carry(parcel).await;
            let Verdict::Later { reason, after, .. } = verdict else {
                admission.answered();
                return verdict;
            };
            admission.failed(after);
            if parcel.is_over_after(Duration::ZERO) {
                return Verdict::later(reason);
            }
            parcel.tally().retrying(reason.clone());
            said = Some(reason);
        }
    }
}
