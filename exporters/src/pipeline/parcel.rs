//! A payload on its way, with all that must be known until it is settled.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::payload::{Payload, PayloadId};
use super::settlement::Ticket;
use super::sink::Delivery;
use super::tally::{InHand, Tally};
use super::tasks::later;
use super::verdict::{Outcome, Verdict};
use crate::dropped::Cause;

/// What the stages of a row carry. Dropped on its way, its items are counted as cut off.
pub(super) struct Parcel {
    pub(super) payload: Payload,
    /// A shutdown is over before the backend wants it.
    pub(super) is_cut_off: bool,
    in_hand: InHand,
    batch: Arc<Ticket>,
    delivery: Delivery,
    /// What attempts have not used of the time for this payload.
    time_left: Duration,
    outcome: Outcome,
}

impl Parcel {
    pub(super) fn new(
        payload: Payload,
        in_hand: InHand,
        batch: Arc<Ticket>,
        delivery: Delivery,
    ) -> Self {
        Self {
            payload,
            is_cut_off: false,
            in_hand,
            batch,
            delivery,
            time_left: delivery.timeout,
            outcome: Outcome::Taken,
        }
    }

    /// The number that its encoder knows it by.
    pub(super) fn id(&self) -> PayloadId {
        self.payload.id
    }

    /// The figures that its items end in.
    pub(super) fn tally(&self) -> &Tally {
        self.in_hand.tally()
    }

    /// How long all attempts may take.
    pub(super) fn time_for_attempts(&self) -> Duration {
        self.delivery.timeout.min(self.batch.time_for_attempts())
    }

    /// How long further attempts may take.
    pub(super) fn time_left(&self) -> Duration {
        self.time_left.min(self.batch.time_left())
    }

    /// An attempt took so long.
    pub(super) fn spend(&mut self, time: Duration) {
        self.time_left = self.time_left.saturating_sub(time);
        self.batch.spend(time);
    }

    /// When it is too old to be sent.
    pub(super) fn expires(&self) -> Instant {
        later(self.payload.made, self.delivery.max_age)
    }

    /// Whether no attempt can be made after this pause.
    pub(super) fn is_over_after(&self, pause: Duration) -> bool {
        self.time_left().is_zero() || later(Instant::now(), pause) >= self.expires()
    }

    /// The backend has taken all but this.
    pub(super) fn go_on_with(&mut self, rest: Payload) {
        let taken = self.payload.items.saturating_sub(rest.items);
        self.in_hand.taken(taken);
        let items = self.payload.items.min(rest.items);
        self.payload = Payload { items, ..rest };
    }

    /// This part of it is the next to be sent, with all the time that a payload has.
    pub(super) fn send_next(&mut self, part: Payload) {
        self.payload = part;
        self.time_left = self.delivery.timeout;
    }

    /// The last word on what is being sent.
    pub(super) fn settle(&mut self, verdict: Verdict) {
        let items = self.payload.items;
        let lost = match verdict {
            Verdict::Taken(receipt) => {
                // Backends may count what nobody sent.
                let rejected = receipt.rejected.min(items);
                self.in_hand.taken(items - rejected);
                if rejected == 0 {
                    self.tally().warned(receipt.message);
                    return;
                }
                let reason = match receipt.message {
                    silence if silence.is_empty() => "the backend does not say why".to_owned(),
                    message => message,
                };
                (rejected, Cause::Rejected, reason)
            }
            Verdict::Refused { reason } => (items, Cause::Rejected, reason),
            Verdict::TooLarge { reason } => (items, Cause::TooLarge, reason),
            Verdict::Later { reason, .. } if self.is_cut_off => (items, Cause::Shutdown, reason),
            Verdict::Later { reason, .. } => (items, Cause::TimedOut, reason),
        };
        self.outcome = Outcome::Lost;
        let (items, cause, reason) = lost;
        self.in_hand.lost(items, cause, reason);
    }

    /// A stage panicked: nobody knows what became of what is left.
    pub(super) fn lose_to_panic(&mut self) {
        self.outcome = Outcome::Lost;
        self.in_hand.all_lost(Cause::Panicked, "it panicked");
    }

    /// What its encoder is told in the end.
    pub(super) fn outcome(&self) -> Outcome {
        self.outcome
    }
}
