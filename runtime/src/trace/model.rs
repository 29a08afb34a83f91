//! What spans say, in OpenTelemetry's words.

use std::borrow::Cow;

use super::SpanContext;
use crate::scope;
use crate::value::{Attribute, Key};

/// Which role the span plays towards other processes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SpanKind {
    /// Work inside this process; the default.
    #[default]
    Internal,
    /// Answers a request from a remote caller.
    Server,
    /// Calls a remote service and waits for the answer.
    Client,
    /// Sends a message to be handled later.
    Producer,
    /// Handles a message that was sent earlier.
    Consumer,
}

impl SpanKind {
    /// As it is written: `internal`, `server`, `client`, `producer` or `consumer`.
    ///
    /// ```
    /// use tachograph::trace::SpanKind;
    ///
    /// assert_eq!(SpanKind::Server.as_str(), "server");
    /// ```
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Server => "server",
            Self::Client => "client",
            Self::Producer => "producer",
            Self::Consumer => "consumer",
        }
    }
}

/// How much a span or a log record matters, for filters. The least important comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Every step.
    Trace,
    /// What helps to find a fault.
    Debug,
    /// What a running program does; the default.
    #[default]
    Info,
    /// What should not happen often.
    Warn,
    /// What should not happen.
    Error,
}

/// How the work of a span ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status<'a> {
    /// Nobody judged; what a successful call leaves.
    #[default]
    Unset,
    /// Somebody said that all is well; final.
    Ok,
    /// The work failed.
    Error {
        /// Why, for people; empty when nobody said.
        description: Cow<'a, str>,
    },
}

/// An event, as it is recorded.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(super) name: Key,
    pub(super) unix_nanos: u64,
    pub(super) attributes: Vec<Attribute>,
}

impl Event {
    /// Something that happens now.
    pub(super) fn now(
        name: impl Into<Key>,
        attributes: impl Into<Vec<Attribute>>,
        scope: Option<&scope::Scope>,
    ) -> Self {
        Self {
            name: name.into(),
            unix_nanos: scope::unix_now(scope),
            attributes: attributes.into(),
        }
    }
}

/// A link, as it is recorded.
#[derive(Clone, Debug)]
pub(crate) struct Link {
    pub(crate) context: SpanContext,
    pub(crate) attributes: Vec<Attribute>,
}
