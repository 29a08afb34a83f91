//! Spans for Jaeger, in its own Thrift: over HTTP to a collector, or over UDP to an agent.
//!
//! The format is Jaeger's [`jaeger.thrift`] and [`agent.thrift`], written in Thrift's [binary] and [compact] protocols;
//! what becomes of what is OpenTelemetry's [mapping]. Jaeger 1.35 and later take OTLP as well, which says more: scopes,
//! attributes of links, lists. This exporter is for what is older or speaks nothing else.
//!
//! | OpenTelemetry | Jaeger |
//! |---|---|
//! | `service.name` of the resource | the name of the process |
//! | other attributes of the resource | tags of the process |
//! | attributes, `code.*` among them | tags; lists are JSON text |
//! | start and end | both cut to microseconds, and never the same |
//! | kind, unless internal | the tag `span.kind` |
//! | status, if set | the tags `otel.status_code` and `otel.status_description`, and `error` with `true` |
//! | scope | the tags `otel.scope.name` and `otel.scope.version` |
//! | `tracestate` | the tag `w3c.tracestate` |
//! | what was dropped, if anything | the tags `otel.dropped_attributes_count` and the like |
//! | events | logs with the name as `event` |
//! | links | `FOLLOWS_FROM` references, and logs for those with attributes |
//!
//! [`jaeger.thrift`]: https://github.com/jaegertracing/jaeger-idl/blob/main/thrift/jaeger.thrift
//! [`agent.thrift`]: https://github.com/jaegertracing/jaeger-idl/blob/main/thrift/agent.thrift
//! [binary]: https://github.com/apache/thrift/blob/master/doc/specs/thrift-binary-protocol.md
//! [compact]: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
//! [mapping]: https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/jaeger/

mod batch;
mod exporter;
mod options;
mod parts;
mod span;
mod wire;

#[cfg(test)]
mod tests;

pub use exporter::Jaeger;

use std::any::TypeId;
use std::sync::Arc;
use std::time::Duration;

use ::http::HeaderMap;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use self::batch::{BatchEncoder, Form};
use super::Backend;
use crate::error::BuildError;
use crate::exporter::{Exporter, Lanes};
use crate::report::Reporter;
use crate::signal::Signal;
use crate::transport::connect::Patience;
use crate::transport::endpoint::Endpoint;
use crate::transport::headers::header_map;
use crate::transport::http::{self, HttpTransport};
use crate::transport::status;
use crate::transport::tls::Tls;
use crate::transport::udp::UdpTransport;

pub(super) const BACKEND: Backend = Backend {
    name: "jaeger",
    signals: &[Signal::Traces],
    is_default: false,
    endpoints: &[
        "OTEL_EXPORTER_JAEGER_ENDPOINT",
        "OTEL_EXPORTER_JAEGER_AGENT_HOST",
    ],
    exporter: TypeId::of::<Jaeger>,
    in_env: |_, env| Ok(vec![Box::new(options::in_env(env)) as Box<dyn Exporter>]),
    #[cfg(test)]
    settings: options::SETTINGS,
};

/// A collector that takes batches over HTTP.
struct HttpConfig {
    /// The full URL: `http://localhost:14268/api/traces`.
    endpoint: Endpoint,
    /// [`basic_auth`], if anything.
    headers: HeaderMap,
    /// Bounds all attempts to send one batch.
    timeout: Duration,
    /// For an `https://` endpoint.
    tls: Tls,
}

/// An agent, or a collector that plays one, that takes batches over UDP.
#[derive(Debug)]
struct UdpConfig {
    /// The builder's method or the variable that names the host.
    option: &'static str,
    /// A name or an address.
    host: String,
    /// Where the compact protocol is spoken, usually 6831.
    port: u16,
    /// Bounds all attempts to send one batch.
    timeout: Duration,
}

/// Where spans go, and how.
enum Config {
    Collector(Box<HttpConfig>),
    Agent(UdpConfig),
}

impl Config {
    /// Opens the lane.
    ///
    /// # Errors
    ///
    /// Those of [`collector`] and [`agent`].
    fn open(self, lanes: &mut Lanes<'_>) -> Result<(), BuildError> {
        let encoder = |form| BatchEncoder::new(form, lanes.resource());
        match self {
            Self::Collector(config) => {
                let (encoder, timeout) = (encoder(Form::Http), config.timeout);
                let transport = collector(*config, lanes.reporter())?;
                let lane = lanes.spans(encoder, transport).timeout(timeout);
                lane.max_request_bytes(Form::Http.max_bytes());
            }
            Self::Agent(config) => {
                let (encoder, timeout) = (encoder(Form::Udp), config.timeout);
                let lane = lanes.spans(encoder, agent(config)?).timeout(timeout);
                lane.max_request_bytes(Form::Udp.max_bytes());
            }
        }
        Ok(())
    }
}

/// Posts batches to a collector.
///
/// # Errors
///
/// Those of [`Tls::http1`].
fn collector(config: HttpConfig, reporter: &Arc<Reporter>) -> Result<HttpTransport, BuildError> {
    let config = http::HttpConfig {
        endpoint: config.endpoint,
        headers: config.headers,
        content_type: "application/vnd.apache.thrift.binary",
        gzip: false,
        connector: config.tls.http1(Patience::with(config.timeout), reporter)?,
    };
    Ok(HttpTransport::new(config, status::by_status))
}

/// Sends batches to an agent, each small enough for one datagram.
///
/// # Errors
///
/// [`BuildError::InvalidEndpoint`].
fn agent(config: UdpConfig) -> Result<UdpTransport, BuildError> {
    UdpTransport::new(config.option, config.host, config.port)
}

/// The header of <https://www.rfc-editor.org/rfc/rfc7617>; `option` names the user.
///
/// # Errors
///
/// [`BuildError::InvalidConfig`] for a user that it cannot carry.
fn basic_auth(option: &str, user: &str, password: &str) -> Result<HeaderMap, BuildError> {
    if user.contains(':') {
        return Err(BuildError::InvalidConfig {
            option: option.to_owned(),
            value: "***".to_owned(),
            reason: "basic authentication knows no user with a colon; write another one".to_owned(),
        });
    }
    let credentials = BASE64_STANDARD.encode(format!("{user}:{password}"));
    let header = ("authorization".to_owned(), format!("Basic {credentials}"));
    header_map(option, [&header])
}
