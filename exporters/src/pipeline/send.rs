//! One request until the backend has it: attempts, pauses between them, and the time for all.
//!
//! A circuit breaker and a disk spool belong here: the one decides whether an attempt is made at all, the other takes
//! what is given up for want of time.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::payload::Payload;
use super::sink::Transport;
use super::tally::Tally;
use super::verdict::{Receipt, Verdict};
use crate::dropped::Cause;

/// Each pause is about twice as long as the one before, and up to twice as long again by chance.
const PAUSES: ExponentialBuilder = ExponentialBuilder::new()
    .with_min_delay(Duration::from_millis(250))
    .with_max_delay(Duration::from_secs(5))
    .without_max_times()
    .with_jitter();

/// Why a request was given up.
pub(crate) type GivenUp = (Cause, String);

/// Sends requests, one at a time.
pub(crate) struct Sender {
    transport: Box<dyn Transport>,
    /// Bounds all attempts to send one request.
    timeout: Duration,
    /// The backend wants no request before.
    not_before: Option<Instant>,
}

impl Sender {
    pub(crate) fn new(transport: Box<dyn Transport>, timeout: Duration) -> Self {
        Self {
            transport,
            timeout,
            not_before: None,
        }
    }

    /// Sends one request, again if need be, until it is taken, refused for good, or out of time.
    pub(crate) async fn deliver(
        &mut self,
        payload: &Payload,
        tally: &Tally,
        deadline: Instant,
    ) -> Result<Receipt, GivenUp> {
        if let Some(not_before) = self.not_before {
            sleep_until(not_before.min(deadline)).await;
            if not_before >= deadline {
                let reason = "the backend wanted no requests".to_owned();
                return Err((Cause::TimedOut, reason));
            }
            self.not_before = None;
        }
        let deadline = deadline.min(later(self.timeout));
        let mut pauses = PAUSES.build();
        loop {
            let sent = timeout_at(deadline, self.transport.send(payload)).await;
            let (reason, after) = match sent {
                Ok(Verdict::Taken(receipt)) => return Ok(receipt),
                Ok(Verdict::Refused { reason }) => {
                    tally.failed();
                    return Err((Cause::Rejected, reason));
                }
                Ok(Verdict::TooLarge { reason }) => {
                    tally.failed();
                    return Err((Cause::TooLarge, reason));
                }
                Ok(Verdict::Later { reason, after, .. }) => (reason, after),
                Err(_) => {
                    tally.failed();
                    let reason = format!("no answer within {:?}", self.timeout);
                    return Err((Cause::TimedOut, reason));
                }
            };
            tally.failed();
            self.not_before = after.map(later);
            let next = later(pauses.next().unwrap_or_default())
                .max(self.not_before.unwrap_or(Instant::now()));
            if next >= deadline {
                return Err((Cause::TimedOut, reason));
            }
            tally.retried(reason);
            sleep_until(next).await;
        }
    }
}

/// The moment after so much time; in thirty years if that is beyond the clock.
pub(crate) fn later(time: Duration) -> Instant {
    const LONG: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    let now = Instant::now();
    now.checked_add(time).unwrap_or(now + LONG)
}
