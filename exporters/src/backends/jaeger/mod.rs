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
pub(crate) mod config;
mod parts;
mod span;
mod wire;

#[cfg(test)]
mod tests;

use std::time::Duration;

use ::http::HeaderMap;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use tachograph::Resource;
use tachograph::trace::SpanBatch;

use self::batch::{BatchEncoder, Form};
use crate::error::BuildError;
use crate::pipeline::sink::{Delivery, Sink};
use crate::transport::connect::Patience;
use crate::transport::endpoint::Endpoint;
use crate::transport::headers::header_map;
use crate::transport::http::{self, HttpTransport};
use crate::transport::judge;
use crate::transport::tls::TlsFiles;
use crate::transport::udp::UdpTransport;

/// A collector that takes batches over HTTP.
pub(crate) struct HttpConfig {
    /// The full URL: `http://localhost:14268/api/traces`.
    pub(crate) endpoint: Endpoint,
    /// [`basic_auth`], if anything.
    pub(crate) headers: HeaderMap,
    /// Bounds all attempts to send one batch.
    pub(crate) timeout: Duration,
}

/// An agent, or a collector that plays one, that takes batches over UDP.
#[derive(Debug)]
pub(crate) struct UdpConfig {
    /// The builder's method or the variable that names the host.
    pub(crate) option: &'static str,
    /// A name or an address.
    pub(crate) host: String,
    /// Where the compact protocol is spoken, usually 6831.
    pub(crate) port: u16,
    /// Bounds all attempts to send one batch.
    pub(crate) timeout: Duration,
}

/// Posts batches to a collector; over `https://` to one with a certificate of a public authority.
///
/// # Errors
///
/// Those of [`TlsFiles::http1`].
pub(crate) fn http(config: HttpConfig, resource: &Resource) -> Result<Sink<SpanBatch>, BuildError> {
    let transport = HttpTransport::new(
        http::HttpConfig {
            endpoint: config.endpoint,
            headers: config.headers,
            content_type: "application/vnd.apache.thrift.binary",
            gzip: false,
            connector: TlsFiles::default().http1(Patience::with(config.timeout))?,
        },
        judge::by_status,
    );
    Ok(Sink {
        name: "jaeger_http".into(),
        encoder: Box::new(BatchEncoder::new(Form::Http, resource)),
        transport: Box::new(transport),
        delivery: Delivery::within(config.timeout).max_request_bytes(Form::Http.max_bytes()),
    })
}

/// Sends batches to an agent, each small enough for one datagram.
///
/// # Errors
///
/// [`BuildError::InvalidEndpoint`].
pub(crate) fn udp(config: UdpConfig, resource: &Resource) -> Result<Sink<SpanBatch>, BuildError> {
    Ok(Sink {
        name: "jaeger_udp".into(),
        encoder: Box::new(BatchEncoder::new(Form::Udp, resource)),
        transport: Box::new(UdpTransport::new(config.option, config.host, config.port)?),
        delivery: Delivery::within(config.timeout).max_request_bytes(Form::Udp.max_bytes()),
    })
}

/// The header of <https://www.rfc-editor.org/rfc/rfc7617>; `option` names the user.
///
/// # Errors
///
/// [`BuildError::InvalidConfig`] for a user that it cannot carry.
pub(crate) fn basic_auth(
    option: &str,
    user: &str,
    password: &str,
) -> Result<HeaderMap, BuildError> {
    if user.contains(':') {
        return Err(BuildError::InvalidConfig {
            option: option.to_owned(),
            value: user.to_owned(),
            reason: "basic authentication knows no user with a colon; write another one".to_owned(),
        });
    }
    let credentials = BASE64_STANDARD.encode(format!("{user}:{password}"));
    let header = ("authorization".to_owned(), format!("Basic {credentials}"));
    header_map(option, [&header])
}
