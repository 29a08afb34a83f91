//! What a backend is to the pipeline: a pure encoder and a thin transport.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::payload::{Encoded, Limits, Payload};
use super::verdict::Verdict;

/// Where one signal goes: `D` is a `SpanBatch` or a `Snapshot`.
pub(crate) struct Sink<D> {
    /// The exporter as self-metrics and errors name it: `otlp_http`, `otlp_grpc`, `jaeger_http`, `jaeger_udp`.
    pub(crate) name: Arc<str>,
    pub(crate) encoder: Box<dyn Encoder<D>>,
    pub(crate) transport: Box<dyn Transport>,
    pub(crate) delivery: Delivery,
}

/// How payloads of one sink are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// Bounds all attempts to send one request; 10 seconds by default.
    pub(crate) timeout: Duration,
    pub(crate) limits: Limits,
}

/// Turns data into finished requests, without any I/O.
pub(crate) trait Encoder<D>: Send {
    /// The requests, none larger than the limits allow, in the order in which they are to be sent.
    fn encode(&mut self, data: &D, limits: Limits) -> Encoded;
}

/// Sends one request and says what became of it. No retries, no timeout: the pipeline has both.
pub(crate) trait Transport: Send + Sync {
    fn send<'a>(&'a self, payload: &'a Payload) -> Sending<'a>;
}

/// An attempt to send.
pub(crate) type Sending<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

impl Delivery {
    /// The defaults, with this much time for all attempts to send one request.
    pub(crate) fn within(timeout: Duration) -> Self {
        Self {
            timeout,
            limits: Limits::default(),
        }
    }

    /// No request is larger than this, before compression.
    pub(crate) fn max_request_bytes(mut self, bytes: usize) -> Self {
        self.limits.max_request_bytes = bytes;
        self
    }
}
