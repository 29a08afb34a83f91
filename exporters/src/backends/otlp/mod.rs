//! OTLP, OpenTelemetry's own protocol: <https://opentelemetry.io/docs/specs/otlp/>.
//!
//! Requests are encoded once, and travel as protobuf over HTTP or gRPC.

mod attributes;
#[cfg(feature = "_bench")]
mod bench;
pub(crate) mod config;
mod metrics;
mod parts;
mod request;
mod response;
mod spans;
mod wire;

#[cfg(feature = "_bench")]
pub use bench::EncodedSpans;

use std::time::Duration;

use http::header::{self, HeaderMap, HeaderValue};
use tachograph::Resource;
use tachograph::metrics::Snapshot;
use tachograph::semconv::SCHEMA_URL;
use tachograph::trace::{InstrumentationScope, SpanBatch};

use crate::error::BuildError;
use crate::pipeline::sink::{Delivery, Encoder, Sink, Transport};
use crate::transport::connect::Patience;
use crate::transport::endpoint::Endpoint;
#[cfg(feature = "otlp-grpc")]
use crate::transport::grpc::{GrpcConfig, GrpcTransport};
use crate::transport::http::{HttpConfig, HttpTransport};
use crate::transport::tls::TlsFiles;

const USER_AGENT: &str = concat!("OTel-OTLP-Exporter-Rust/", env!("CARGO_PKG_VERSION"));

/// The scope of what no annotated function recorded.
fn own_scope() -> InstrumentationScope<'static> {
    InstrumentationScope::new("tachograph")
        .with_version(env!("CARGO_PKG_VERSION"))
        .with_schema_url(SCHEMA_URL)
}

/// How OTLP travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    #[cfg(feature = "otlp-grpc")]
    Grpc,
    HttpProtobuf,
}

/// Where one signal goes, and how.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) protocol: Protocol,
    /// The full URL over HTTP (`http://localhost:4318/v1/traces`), the origin over gRPC (`http://localhost:4317`).
    pub(crate) endpoint: Endpoint,
    /// Sent with every request; they may hold credentials.
    pub(crate) headers: HeaderMap,
    /// Bounds all attempts to send one request.
    pub(crate) timeout: Duration,
    /// Whether requests are compressed.
    pub(crate) gzip: bool,
    /// For `https://` endpoints.
    pub(crate) tls: TlsFiles,
}

/// Sends spans.
///
/// # Errors
///
/// [`BuildError`] for files about TLS that cannot be used.
pub(crate) fn traces(config: Config, resource: &Resource) -> Result<Sink<SpanBatch>, BuildError> {
    let encoder = spans::SpanEncoder::new(resource);
    let method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    sink(config, encoder, method)
}

/// Sends metrics.
///
/// # Errors
///
/// [`BuildError`] for files about TLS that cannot be used.
pub(crate) fn metrics(config: Config, resource: &Resource) -> Result<Sink<Snapshot>, BuildError> {
    let encoder = metrics::MetricEncoder::new(resource);
    let method = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    sink(config, encoder, method)
}

/// `method` is what requests over gRPC call; over HTTP the URL says it all.
#[cfg_attr(
    not(feature = "otlp-grpc"),
    expect(unused_variables, reason = "there is no gRPC")
)]
fn sink<D>(
    config: Config,
    encoder: impl Encoder<D> + 'static,
    method: &'static str,
) -> Result<Sink<D>, BuildError> {
    let max_request_bytes = match config.protocol {
        Protocol::HttpProtobuf => 20 << 20,
        // What servers of gRPC take unless they are told otherwise.
        #[cfg(feature = "otlp-grpc")]
        Protocol::Grpc => 4 << 20,
    };
    let delivery = Delivery::within(config.timeout).max_request_bytes(max_request_bytes);
    let (name, transport) = match config.protocol {
        Protocol::HttpProtobuf => ("otlp_http", http(config)?),
        #[cfg(feature = "otlp-grpc")]
        Protocol::Grpc => ("otlp_grpc", grpc(config, method)?),
    };
    Ok(Sink {
        name: name.into(),
        encoder: Box::new(encoder),
        transport,
        delivery,
    })
}

fn http(config: Config) -> Result<Box<dyn Transport>, BuildError> {
    let connector = config.tls.http1(Patience::with(config.timeout))?;
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
    Ok(Box::new(HttpTransport::new(config, response::judge)))
}

#[cfg(feature = "otlp-grpc")]
fn grpc(config: Config, method: &'static str) -> Result<Box<dyn Transport>, BuildError> {
    let patience = Patience::with(config.timeout);
    let config = GrpcConfig {
        connector: config.tls.http2(patience)?,
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
