//! Finished requests, as encoders make them.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::HeaderMap;
use tokio::time::Instant;

/// What an encoder made of a batch or a snapshot.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Encoded {
    /// The requests, in the order in which they are to be sent.
    pub payloads: Vec<Payload>,
    /// Items that no request can carry, because one alone is too large for the backend.
    pub too_large: u64,
}

/// One request: its body, and what the pipeline must know of it. An attempt that is repeated sends the same bytes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Payload {
    /// The number by which an encoder hears of it again.
    pub id: PayloadId,
    /// When its data was collected: what is too old is not sent any more.
    pub(crate) made: Instant,
    /// How many spans or data points it carries.
    pub items: u64,
    /// What is sent.
    pub body: Bytes,
    /// What this request alone says, besides the headers that the exporter sends with each.
    pub headers: HeaderMap,
}

/// The number of a payload, which no other in this process has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PayloadId(u64);

/// Bounds on what an encoder makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// No body is larger than this, before compression.
    pub max_request_bytes: usize,
}

impl Payload {
    /// A payload of so many items.
    #[must_use]
    pub fn new(body: impl Into<Bytes>, items: u64) -> Self {
        Self {
            id: PayloadId::next(),
            made: Instant::now(),
            items,
            body: body.into(),
            headers: HeaderMap::new(),
        }
    }

    /// A part of this one, with so many of its items. It is known by the same number.
    #[must_use]
    pub fn part(&self, body: impl Into<Bytes>, items: u64) -> Self {
        Self {
            items,
            body: body.into(),
            ..self.clone()
        }
    }
}

impl PayloadId {
    fn next() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

impl From<Payload> for Encoded {
    /// All of it in one request.
    fn from(payload: Payload) -> Self {
        Self {
            payloads: vec![payload],
            too_large: 0,
        }
    }
}

impl Default for Limits {
    /// 20 MiB, which is what the OpenTelemetry Collector takes over HTTP.
    fn default() -> Self {
        Self {
            max_request_bytes: 20 << 20,
        }
    }
}
