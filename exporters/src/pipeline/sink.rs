//! What a backend is to the pipeline: a pure encoder and a thin transport.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use super::payload::{Encoded, Limits, Payload, PayloadId};
use super::verdict::{Outcome, Verdict};

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
    /// Bounds all attempts to send one request; 10 seconds by default. Pauses between them do not count.
    pub(crate) timeout: Duration,
    pub(crate) limits: Limits,
    /// What could not be sent for so long is dropped; 5 minutes by default.
    pub(crate) max_age: Duration,
    /// How many requests are under way at a time; 4 by default. Snapshots of metrics go one by one.
    pub(crate) max_in_flight: usize,
}

impl Delivery {
    /// The method of a lane that was given zero, with which nothing would ever be sent.
    pub(crate) fn zero(&self) -> Option<&'static str> {
        let methods = [
            ("Lane::timeout(..)", self.timeout.is_zero()),
            (
                "Lane::max_request_bytes(..)",
                self.limits.max_request_bytes == 0,
            ),
            ("Lane::max_age(..)", self.max_age.is_zero()),
            ("Lane::max_in_flight(..)", self.max_in_flight == 0),
        ];
        let zero = methods.into_iter().find(|(_, is_zero)| *is_zero)?;
        Some(zero.0)
    }
}

/// Encoder of data of one signal: `D` is a [`SpanBatch`](tachograph::trace::SpanBatch) or a
/// [`Snapshot`](tachograph::metrics::Snapshot). It does no I/O. A function or a closure will do.
pub trait Encoder<D>: Send {
    /// The requests, none larger than the limits allow, in the order in which they are to be sent.
    fn encode(&mut self, data: &D, limits: Limits) -> Encoded;

    /// A payload that the backend finds too large, in two halves; `None` if it cannot be halved.
    fn halves(&self, payload: &Payload) -> Option<[Payload; 2]> {
        let _ = payload;
        None
    }

    /// Hears what became of a payload, once for each.
    fn settled(&mut self, id: PayloadId, outcome: Outcome) {
        let _ = (id, outcome);
    }
}

impl<D, F: FnMut(&D, Limits) -> Encoded + Send> Encoder<D> for F {
    fn encode(&mut self, data: &D, limits: Limits) -> Encoded {
        self(data, limits)
    }
}

/// Way of a request to its backend, without retries and timeouts, which the pipeline has.
pub trait Transport: Send + Sync {
    /// Makes one attempt to send a request, and tells what became of it. An attempt that takes too long is dropped.
    ///
    /// All exporters share one thread, so the future must not block it: what can only block belongs to a thread of its
    /// own, as with `tokio::task::spawn_blocking`.
    fn send<'a>(&'a self, payload: &'a Payload) -> Sending<'a>;

    /// The server behind it, such as `http://collector:4318`. When it wants to be left alone, all lanes of one exporter
    /// to it wait.
    fn server(&self) -> Option<String> {
        None
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn send<'a>(&'a self, payload: &'a Payload) -> Sending<'a> {
        (**self).send(payload)
    }

    fn server(&self) -> Option<String> {
        (**self).server()
    }
}

/// An attempt to send.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Verdict> + Send + 'a>>;

impl Default for Delivery {
    fn default() -> Self {
        Self {
            timeout: Duration::from_secs(10),
            limits: Limits::default(),
            max_age: Duration::from_secs(5 * 60),
            max_in_flight: 4,
        }
    }
}
