//! Finished requests, as encoders make them.

use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http::HeaderMap;
use tokio::time::Instant;

/// What an encoder made of a batch or a snapshot.
#[derive(Debug, Default)]
pub(crate) struct Encoded {
    pub(crate) payloads: Vec<Payload>,
    /// Items that no request can carry, because one alone is too large for the backend.
    pub(crate) too_large: u64,
}

/// One request: its body, and what the pipeline must know of it. An attempt that is repeated sends the same bytes.
#[derive(Clone, Debug)]
pub(crate) struct Payload {
    pub(crate) id: PayloadId,
    /// When its data was collected: what is too old is not sent any more.
    pub(crate) made: Instant,
    /// How many spans or data points it carries.
    pub(crate) items: u64,
    pub(crate) body: Bytes,
    /// What this request alone says, besides the headers that the exporter sends with each.
    pub(crate) headers: HeaderMap,
}

/// The number of a payload, which no other in this process has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PayloadId(u64);

/// Bounds on what an encoder makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// No body is larger than this, before compression.
    pub(crate) max_request_bytes: usize,
}

impl Payload {
    /// A payload of so many items.
    pub(crate) fn new(body: impl Into<Bytes>, items: u64) -> Self {
        Self {
            id: PayloadId::next(),
            made: Instant::now(),
            items,
            body: body.into(),
            headers: HeaderMap::new(),
        }
    }

    /// A part of this one, with so many of its items. It is known by the same number.
    pub(crate) fn part(&self, body: impl Into<Bytes>, items: u64) -> Self {
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

impl Default for Limits {
    /// 20 MiB, which is what the OpenTelemetry Collector takes over HTTP.
    fn default() -> Self {
        Self {
            max_request_bytes: 20 << 20,
        }
    }
}
