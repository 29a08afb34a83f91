//! OTLP, OpenTelemetry's own protocol: <https://opentelemetry.io/docs/specs/otlp/>.
//!
//! Requests are encoded once, and travel as protobuf over HTTP or gRPC.

mod attributes;
#[cfg(feature = "_bench")]
mod bench;
mod exporter;
mod metrics;
mod options;
mod parts;
mod request;
mod response;
mod spans;
mod wire;

#[cfg(feature = "_bench")]
pub use bench::EncodedSpans;
pub use exporter::Otlp;

use std::any::TypeId;
use std::sync::Arc;
use std::time::Duration;

use http::header::{self, HeaderMap, HeaderValue};
use tachograph::semconv::SCHEMA_URL;
use tachograph::trace::InstrumentationScope;

use super::Backend;
use crate::error::BuildError;
use crate::exporter::Lanes;
use crate::pipeline::sink::Transport;
use crate::report::Reporter;
use crate::signal::Signal;
use crate::transport::connect::Patience;
use crate::transport::endpoint::Endpoint;
#[cfg(feature = "otlp-grpc")]
use crate::transport::grpc::{GrpcConfig, GrpcTransport};
use crate::transport::http::{HttpConfig, HttpTransport};
use crate::transport::tls::Tls;

const USER_AGENT: &str = concat!("OTel-OTLP-Exporter-Rust/", env!("CARGO_PKG_VERSION"));

pub(super) const BACKEND: Backend = Backend {
    name: "otlp",
    signals: &[Signal::Traces, Signal::Metrics],
    is_default: true,
    endpoints: &[
        "OTEL_EXPORTER_OTLP_{SIGNAL}_ENDPOINT",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ],
    exporter: TypeId::of::<Otlp>,
    in_env: options::exporters_in_env,
    #[cfg(test)]
    settings: options::SETTINGS,
};

/// The scope of what no annotated function recorded.
fn own_scope() -> InstrumentationScope<'static> {
    InstrumentationScope::new("tachograph")
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url(SCHEMA_URL)
}

/// How OTLP travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    #[cfg(feature = "otlp-grpc")]
    Grpc,
    HttpProtobuf,
}

/// Where one signal goes, and how.
#[derive(Clone, Debug)]
struct Config {
    protocol: Protocol,
    /// The full URL over HTTP (`http://localhost:4318/v1/traces`), the origin over gRPC (`http://localhost:4317`).
    endpoint: Endpoint,
    /// Sent with every request; they may hold credentials.
    headers: HeaderMap,
    /// Bounds all attempts to send one request.
    timeout: Duration,
    max_request_bytes: usize,
    /// What the builder says, unless this exporter has its own.
    max_age: Option<Duration>,
    max_in_flight: Option<usize>,
    /// Whether requests are compressed.
    gzip: bool,
    /// For `https://` endpoints.
    tls: Tls,
}

impl Protocol {
    /// The name of exporters that nobody gives another one.
    fn name(self) -> &'static str {
        match self {
            #[cfg(feature = "otlp-grpc")]
            Self::Grpc => "otlp_grpc",
            Self::HttpProtobuf => "otlp_http",
        }
    }

    /// What collectors take of a request unless they are told otherwise.
    fn max_request_bytes(self) -> usize {
        match self {
            #[cfg(feature = "otlp-grpc")]
            Self::Grpc => 4 << 20,
            Self::HttpProtobuf => 20 << 20,
        }
    }
}

impl Config {
    /// Opens the lane of this signal.
    ///
    /// # Errors
    ///
    /// [`BuildError`] for files about TLS that cannot be used.
    fn open(self, signal: Signal, lanes: &mut Lanes<'_>) -> Result<(), BuildError> {
        let (timeout, max_request_bytes) = (self.timeout, self.max_request_bytes);
        let (max_age, max_in_flight) = (self.max_age, self.max_in_flight);
        let transport = self.transport(signal, lanes.reporter())?;
        let resource = lanes.resource();
        let lane = match signal {
            Signal::Traces => lanes.spans(spans::SpanEncoder::new(resource), transport),
            Signal::Metrics => lanes.metrics(metrics::MetricEncoder::new(resource), transport),
        };
        let mut lane = lane.timeout(timeout).max_request_bytes(max_request_bytes);
        if let Some(age) = max_age {
            lane = lane.max_age(age);
        }
        if let Some(requests) = max_in_flight {
            lane.max_in_flight(requests);
        }
        Ok(())
    }

    #[cfg_attr(
        not(feature = "otlp-grpc"),
        expect(unused_variables, reason = "over HTTP the URL says it")
    )]
    fn transport(
        self,
        signal: Signal,
        reporter: &Arc<Reporter>,
    ) -> Result<Box<dyn Transport>, BuildError> {
        match self.protocol {
            Protocol::HttpProtobuf => http(self, reporter),
            #[cfg(feature = "otlp-grpc")]
            Protocol::Grpc => grpc(self, method(signal), reporter),
        }
    }
}

/// What requests over gRPC call.
#[cfg(feature = "otlp-grpc")]
fn method(signal: Signal) -> &'static str {
    match signal {
        Signal::Traces => "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
        Signal::Metrics => "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export",
    }
}

fn http(config: Config, reporter: &Arc<Reporter>) -> Result<Box<dyn Transport>, BuildError> {
    let connector = config.tls.http1(Patience::with(config.timeout), reporter)?;
    let mut headers = config.headers;
    headers
        .entry(header::USER_AGENT)
        .or_insert(HeaderValue::from_static(USER_AGENT));
    let config = HttpConfig {
        endpoint: config.endpoint,
        headers,
        content_type: "application/x-protobuf",
        gzip: config.gzip,
        connector,
    };
    Ok(Box::new(HttpTransport::new(config, response::verdict)))
}

#[cfg(feature = "otlp-grpc")]
fn grpc(
    config: Config,
    method: &'static str,
    reporter: &Arc<Reporter>,
) -> Result<Box<dyn Transport>, BuildError> {
    let patience = Patience::with(config.timeout);
    let config = GrpcConfig {
        connector: config.tls.http2(patience, reporter)?,
        patience,
        endpoint: config.endpoint,
        method,
        user_agent: USER_AGENT,
        headers: config.headers,
        gzip: config.gzip,
    };
    Ok(Box::new(GrpcTransport::new(config, response::receipt)))
}

#[cfg(test)]
mod tests;
