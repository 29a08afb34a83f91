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
pub enum Status {
    /// Nobody judged; what a successful call leaves.
    #[default]
    Unset,
    /// Somebody said that all is well; final.
    Ok,
    /// The work failed.
    Error {
        /// Why, for people; empty when nobody said.
        description: Cow<'static, str>,
    },
}

/// Something that happened at one moment of a span.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Event {
    /// What happened: `exception`, `cache.miss`.
    pub name: Key,
    /// When, in nanoseconds since the Unix epoch.
    pub unix_nanos: u64,
    /// Details.
    pub attributes: Vec<Attribute>,
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

/// A reference to another span that this one has to do with.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Link {
    /// The other span.
    pub context: SpanContext,
    /// Details.
    pub attributes: Vec<Attribute>,
}

/// The library or program whose function a span describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct Scope {
    /// The crate's name.
    pub name: &'static str,
    /// The crate's version; empty when unknown.
    pub version: &'static str,
}
