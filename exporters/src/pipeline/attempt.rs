//! One attempt to send, within the time that is left for attempts.

use tokio::time::{Instant, timeout};

use super::parcel::Parcel;
use super::row::Stage;
use super::sink::Transport;
use super::verdict::Verdict;
use crate::report::visible;

/// The last stage: it gives the payload to the transport, and counts the time that this takes.
pub(super) struct Attempt {
    transport: Box<dyn Transport>,
}

impl Attempt {
    pub(super) fn new(transport: Box<dyn Transport>) -> Self {
        Self { transport }
    }
}

impl Stage for Attempt {
    async fn carry(&self, parcel: &mut Parcel) -> Verdict {
        let begin = Instant::now();
        let sent = timeout(parcel.time_left(), self.transport.send(&parcel.payload)).await;
        parcel.spend(begin.elapsed());
        let mut verdict = match sent {
            // Whatever a backend says may be read on a terminal.
            Ok(verdict) => verdict.reworded(|words| visible(&words)),
            Err(_) => Verdict::later(format!("no answer within {:?}", parcel.time_for_attempts())),
        };
        if !matches!(verdict, Verdict::Taken(_)) {
            parcel.tally().failed();
        }
        if let Verdict::Later { rest, .. } = &mut verdict
            && let Some(rest) = rest.take()
        {
            parcel.go_on_with(rest);
        }
        verdict
    }
}
