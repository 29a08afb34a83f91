//! What a backend is to the pipeline: a pure encoder and a thin transport.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

/// Where one signal goes: `D` is a `SpanBatch` or a `Snapshot`.
pub(crate) struct Sink<D> {
    /// The exporter as self-metrics and errors name it: `otlp_http`, `otlp_grpc`, `jaeger_http`, `jaeger_udp`.
    pub(crate) name: Arc<str>,
    pub(crate) encoder: Box<dyn Encoder<D>>,
    pub(crate) transport: Box<dyn Transport>,
    /// Bounds all attempts to send one request.
    pub(crate) timeout: Duration,
}

/// Turns data into finished requests, without any I/O.
pub(crate) trait Encoder<D>: Send {
    fn encode(&mut self, data: &D) -> Encoded;
}

/// What an encoder made of a batch.
#[derive(Debug, Default)]
pub(crate) struct Encoded {
    pub(crate) payloads: Vec<Payload>,
    /// Items that no request can carry, because one alone is too large for the backend.
    pub(crate) too_large: u64,
}

/// The body of one request. A retry sends the same bytes.
#[derive(Clone, Debug)]
pub(crate) struct Payload {
    pub(crate) body: Bytes,
    /// How many spans or data points it carries.
    pub(crate) items: u64,
}

/// Sends one request and says what became of it. No retries, no timeout: the pipeline has both.
pub(crate) trait Transport: Send + Sync {
    fn send<'a>(&'a self, payload: &'a Payload) -> Sending<'a>;
}

/// An attempt to send.
pub(crate) type Sending<'a> = Pin<Box<dyn Future<Output = Result<Receipt, SendError>> + Send + 'a>>;

/// The backend took the request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Receipt {
    /// Items that the backend refused although it took the request; they are not sent again.
    pub(crate) rejected: u64,
    /// What the backend had to say; empty for nothing.
    pub(crate) message: String,
}

/// An attempt that failed. Messages hold no headers, and no URL with a query or credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SendError {
    /// The same request may succeed later, at the earliest after the time that the backend named.
    #[error("{reason}")]
    Retryable {
        reason: String,
        after: Option<Duration>,
    },
    /// The same request would fail again.
    #[error("{reason}")]
    Permanent { reason: String },
}
