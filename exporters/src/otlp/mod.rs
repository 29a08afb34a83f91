//! OTLP, OpenTelemetry's own protocol: <https://opentelemetry.io/docs/specs/otlp/>.
//!
//! Requests are encoded once, and travel as protobuf over HTTP or gRPC.

mod attributes;
#[cfg(feature = "_bench")]
mod bench;
mod metrics;
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
use tachograph::trace::SpanBatch;

use crate::error::BuildError;
use crate::pipeline::sink::{Sink, Transport};
use crate::transport::endpoint::Endpoint;
#[cfg(feature = "otlp-grpc")]
use crate::transport::grpc::{GrpcConfig, GrpcTransport};
use crate::transport::http::{HttpConfig, HttpTransport};
use crate::transport::tls::TlsFiles;

/// The scope of what no annotated function recorded.
const SCOPE_NAME: &str = "tachograph";
const SCOPE_VERSION: &str = env!("CARGO_PKG_VERSION");
const USER_AGENT: &str = concat!("OTel-OTLP-Exporter-Rust/", env!("CARGO_PKG_VERSION"));

/// Where one signal goes.
#[derive(Clone, Debug)]
pub(crate) struct Config {
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

/// Sends spans over HTTP.
///
/// # Errors
///
/// [`BuildError`] for files about TLS that cannot be used.
pub(crate) fn http_traces(
    config: Config,
    resource: &Resource,
) -> Result<Sink<SpanBatch>, BuildError> {
    Ok(Sink {
        name: HTTP,
        timeout: config.timeout,
        encoder: Box::new(spans::SpanEncoder::new(resource)),
        transport: http(config)?,
    })
}

/// Sends metrics over HTTP.
///
/// # Errors
///
/// [`BuildError`] for files about TLS that cannot be used.
pub(crate) fn http_metrics(
    config: Config,
    resource: &Resource,
) -> Result<Sink<Snapshot>, BuildError> {
    Ok(Sink {
        name: HTTP,
        timeout: config.timeout,
        encoder: Box::new(metrics::MetricEncoder::new(resource)),
        transport: http(config)?,
    })
}

/// Sends spans over gRPC.
///
/// # Errors
///
/// [`BuildError`] for files about TLS that cannot be used.
#[cfg(feature = "otlp-grpc")]
pub(crate) fn grpc_traces(
    config: Config,
    resource: &Resource,
) -> Result<Sink<SpanBatch>, BuildError> {
    let method = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";
    Ok(Sink {
        name: GRPC,
        timeout: config.timeout,
        encoder: Box::new(spans::SpanEncoder::new(resource)),
        transport: grpc(config, method)?,
    })
}

/// Sends metrics over gRPC.
///
/// # Errors
///
/// [`BuildError`] for files about TLS that cannot be used.
#[cfg(feature = "otlp-grpc")]
pub(crate) fn grpc_metrics(
    config: Config,
    resource: &Resource,
) -> Result<Sink<Snapshot>, BuildError> {
    let method = "/opentelemetry.proto.collector.metrics.v1.MetricsService/Export";
    Ok(Sink {
        name: GRPC,
        timeout: config.timeout,
        encoder: Box::new(metrics::MetricEncoder::new(resource)),
        transport: grpc(config, method)?,
    })
}

const HTTP: &str = "otlp_http";
#[cfg(feature = "otlp-grpc")]
const GRPC: &str = "otlp_grpc";

fn http(config: Config) -> Result<Box<dyn Transport>, BuildError> {
    let connector = config.tls.http1()?;
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
    let config = GrpcConfig {
        connector: config.tls.http2()?,
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
