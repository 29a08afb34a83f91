//! What became of an attempt to send.

use std::fmt::Display;
use std::time::Duration;

use super::payload::Payload;

/// What a backend made of a request. Reasons hold no headers, and no URL with a query or credentials.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    /// The backend has it.
    Taken(Receipt),
    /// The same request may succeed later.
    Later {
        reason: String,
        /// How long the backend wants to be left alone, if it says so.
        after: Option<Duration>,
        /// What is left to be sent, if the backend has taken some of it.
        rest: Option<Payload>,
    },
    /// The same request would be refused again.
    Refused { reason: String },
    /// The backend takes no request of this size; it may take two halves.
    TooLarge { reason: String },
}

/// The backend took the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// Items that the backend refused although it took the request; they are not sent again.
    pub(crate) rejected: u64,
    /// The backend's words; empty for none.
    pub(crate) message: String,
}

impl Verdict {
    /// The whole request may be sent again, after a pause of the pipeline's choice.
    pub(crate) fn later(reason: impl Into<String>) -> Self {
        Self::Later {
            reason: reason.into(),
            after: None,
            rest: None,
        }
    }

    /// It must not be sent again.
    pub(crate) fn refused(reason: impl Into<String>) -> Self {
        Self::Refused {
            reason: reason.into(),
        }
    }

    /// The same verdict, said of `subject`: `http://collector:4318/v1/traces answered 400 Bad Request`.
    pub(crate) fn said_of(mut self, subject: &impl Display) -> Self {
        if let Some(reason) = self.reason_mut() {
            *reason = format!("{subject} {reason}");
        }
        self
    }

    fn reason_mut(&mut self) -> Option<&mut String> {
        match self {
            Self::Taken(_) => None,
            Self::Later { reason, .. } | Self::Refused { reason } | Self::TooLarge { reason } => {
                Some(reason)
            }
        }
    }
}

/// What is settled of a payload: told to its encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The backend has it, or all that it wanted of it.
    Taken,
    /// Some or all of it is lost.
    Lost,
}
