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

use std::fmt;
use std::time::Duration;

use tachograph::Resource;
use tachograph::metrics::Snapshot;
use tachograph::trace::SpanBatch;

use crate::error::BuildError;
use crate::pipeline::sink::{Sink, Transport};
#[cfg(feature = "otlp-grpc")]
use crate::transport::grpc::{GrpcConfig, GrpcTransport};
use crate::transport::http::{HttpConfig, HttpTransport};

/// The scope of what no annotated function recorded.
const SCOPE_NAME: &str = "tachograph";
const SCOPE_VERSION: &str = env!("CARGO_PKG_VERSION");
const USER_AGENT: &str = concat!("OTel-OTLP-Exporter-Rust/", env!("CARGO_PKG_VERSION"));

/// Where one signal goes.
#[derive(Clone)]
pub(crate) struct Config {
    /// The full URL over HTTP (`http://localhost:4318/v1/traces`), the origin over gRPC (`http://localhost:4317`).
    pub(crate) endpoint: String,
    /// Sent with every request; they may hold credentials.
    pub(crate) headers: Vec<(String, String)>,
    /// Bounds all attempts to send one request.
    pub(crate) timeout: Duration,
    /// Whether requests are compressed.
    pub(crate) gzip: bool,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.headers.iter().map(|(name, _)| name);
        // The endpoint may hold credentials, too.
        f.debug_struct("Config")
            .field("headers", &names.collect::<Vec<_>>())
            .field("timeout", &self.timeout)
            .field("gzip", &self.gzip)
            .finish_non_exhaustive()
    }
}

/// Sends spans over HTTP.
///
/// # Errors
///
/// [`BuildError`] for an endpoint or a header that cannot be used.
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
/// [`BuildError`] for an endpoint or a header that cannot be used.
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
/// [`BuildError`] for an endpoint or a header that cannot be used.
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
/// [`BuildError`] for an endpoint or a header that cannot be used.
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
    let mut headers = config.headers;
    if !headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("user-agent"))
    {
        headers.push(("user-agent".to_owned(), USER_AGENT.to_owned()));
    }
    let config = HttpConfig {
        exporter: HTTP,
        endpoint: &config.endpoint,
        headers,
        content_type: "application/x-protobuf",
        gzip: config.gzip,
    };
    Ok(Box::new(HttpTransport::new(config, response::judge)?))
}

#[cfg(feature = "otlp-grpc")]
fn grpc(config: Config, method: &'static str) -> Result<Box<dyn Transport>, BuildError> {
    let config = GrpcConfig {
        exporter: GRPC,
        endpoint: &config.endpoint,
        method,
        user_agent: USER_AGENT,
        headers: config.headers,
        gzip: config.gzip,
    };
    Ok(Box::new(GrpcTransport::new(config, response::receipt)?))
}

#[cfg(test)]
mod tests;
