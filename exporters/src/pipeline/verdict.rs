//! What became of an attempt to send.

#[cfg(feature = "_http")]
use std::fmt::Display;
use std::time::Duration;

use super::payload::Payload;

/// What a backend made of a request. Reasons hold no headers, and no URL with a query or credentials.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Verdict {
    /// The backend has it.
    Taken(Receipt),
    /// The same request may succeed later.
    #[non_exhaustive]
    Later {
        /// What the backend or the system said.
        reason: String,
        /// How long the backend wants to be left alone, if it says so.
        after: Option<Duration>,
        /// What is left to be sent, if the backend has taken some of it.
        rest: Option<Payload>,
    },
    /// The same request would be refused again.
    #[non_exhaustive]
    Refused {
        /// What the backend said.
        reason: String,
    },
    /// The backend takes no request of this size; it may take two halves.
    #[non_exhaustive]
    TooLarge {
        /// What the backend said.
        reason: String,
    },
}

/// The backend took the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Receipt {
    /// Items that the backend refused although it took the request; they are not sent again.
    pub rejected: u64,
    /// The backend's words; empty for none.
    pub message: String,
}

impl Verdict {
    /// The backend has it, and says nothing more.
    #[must_use]
    pub fn taken() -> Self {
        Self::Taken(Receipt::default())
    }

    /// The whole request may be sent again, after a pause of the pipeline's choice.
    pub fn later(reason: impl Into<String>) -> Self {
        Self::Later {
            reason: reason.into(),
            after: None,
            rest: None,
        }
    }

    /// It must not be sent again.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::Refused {
            reason: reason.into(),
        }
    }

    /// It must not be sent again as a whole.
    pub fn too_large(reason: impl Into<String>) -> Self {
        Self::TooLarge {
            reason: reason.into(),
        }
    }

    /// The same verdict, said of `subject`: `http://collector:4318/v1/traces answered 400 Bad Request`.
    #[cfg(feature = "_http")]
    pub(crate) fn said_of(self, subject: &impl Display) -> Self {
        if matches!(self, Self::Taken(_)) {
            return self;
        }
        self.reworded(|reason| format!("{subject} {reason}"))
    }

    /// The same verdict in other words.
    pub(crate) fn reworded(mut self, reword: impl FnOnce(String) -> String) -> Self {
        let (Self::Taken(Receipt { message: words, .. })
        | Self::Later { reason: words, .. }
        | Self::Refused { reason: words }
        | Self::TooLarge { reason: words }) = &mut self;
        *words = reword(std::mem::take(words));
        self
    }
}

/// What is settled of a payload: told to its encoder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The backend has it, or all that it wanted of it.
    Taken,
    /// Some or all of it is lost.
    Lost,
}
