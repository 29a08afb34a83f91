//! Where and how OTLP is sent: code, then the signal's own variables, then the general ones.

use std::time::Duration;

use tachograph::Resource;
use tachograph::metrics::Snapshot;
use tachograph::trace::SpanBatch;

use super::env::Env;
use crate::error::BuildError;
use crate::otlp::{self, Config};
use crate::pipeline::sink::{Signal, Sink};

/// What code says about OTLP.
#[derive(Default)]
pub(crate) struct OtlpCode {
    pub(crate) endpoint: Option<(Protocol, String)>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) gzip: Option<bool>,
}

/// How OTLP travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Grpc,
    HttpProtobuf,
}

/// Where one signal goes, and how.
pub(crate) struct Target {
    pub(crate) protocol: Protocol,
    pub(crate) config: Config,
}

impl Target {
    /// What sends spans there.
    pub(crate) fn traces(self, resource: &Resource) -> Result<Sink<SpanBatch>, BuildError> {
        match self.protocol {
            Protocol::HttpProtobuf => otlp::http_traces(self.config, resource),
            #[cfg(feature = "otlp-grpc")]
            Protocol::Grpc => otlp::grpc_traces(self.config, resource),
            #[cfg(not(feature = "otlp-grpc"))]
            Protocol::Grpc => Err(no_grpc()),
        }
    }

    /// What sends metrics there.
    pub(crate) fn metrics(self, resource: &Resource) -> Result<Sink<Snapshot>, BuildError> {
        match self.protocol {
            Protocol::HttpProtobuf => otlp::http_metrics(self.config, resource),
            #[cfg(feature = "otlp-grpc")]
            Protocol::Grpc => otlp::grpc_metrics(self.config, resource),
            #[cfg(not(feature = "otlp-grpc"))]
            Protocol::Grpc => Err(no_grpc()),
        }
    }
}

/// Only the environment can ask for what is not compiled in.
#[cfg(not(feature = "otlp-grpc"))]
fn no_grpc() -> BuildError {
    BuildError::FeatureNotEnabled {
        option: "OTEL_EXPORTER_OTLP_PROTOCOL=grpc".to_owned(),
        feature: "otlp-grpc",
    }
}

/// Where this signal goes, if code names an endpoint or the environment selects OTLP for it.
pub(crate) fn target(
    code: &OtlpCode,
    env: &Env<'_>,
    signal: Signal,
    is_selected: bool,
) -> Option<Target> {
    if code.endpoint.is_none() && !is_selected {
        return None;
    }
    let env = Variables { env, signal };
    for name in ["CERTIFICATE", "CLIENT_KEY", "CLIENT_CERTIFICATE"] {
        env.warn_unsupported(name);
    }
    let (protocol, endpoint) = match &code.endpoint {
        Some((protocol, base)) => (*protocol, full(*protocol, base, signal)),
        None => {
            let protocol = env.protocol();
            (protocol, env.endpoint(protocol))
        }
    };
    let mut headers = env.headers();
    headers.retain(|(name, _)| {
        let is_same = |(known, _): &(String, _)| known.eq_ignore_ascii_case(name);
        !code.headers.iter().any(is_same)
    });
    headers.extend(code.headers.iter().cloned());
    let timeout = code.timeout.or_else(|| env.timeout());
    Some(Target {
        protocol,
        config: Config {
            endpoint,
            headers,
            timeout: timeout.unwrap_or(Duration::from_secs(10)),
            gzip: code.gzip.or_else(|| env.gzip()).unwrap_or(false),
        },
    })
}

/// The variables of one signal, which win over the general ones.
struct Variables<'a> {
    env: &'a Env<'a>,
    signal: Signal,
}

impl Variables<'_> {
    /// What `read` finds in the signal's own variable, else in the general one.
    fn first<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        read(&self.own(name)).or_else(|| read(&general(name)))
    }

    fn own(&self, name: &str) -> String {
        let signal = self.signal.as_str().to_ascii_uppercase();
        format!("OTEL_EXPORTER_OTLP_{signal}_{name}")
    }

    fn protocol(&self) -> Protocol {
        let choices = [
            ("http/protobuf", Protocol::HttpProtobuf),
            ("grpc", Protocol::Grpc),
        ];
        let protocol = self.first("PROTOCOL", |name| self.env.choice(name, &choices));
        protocol.unwrap_or(Protocol::HttpProtobuf)
    }

    /// The signal's own endpoint as it is, else the general one with the signal's path.
    fn endpoint(&self, protocol: Protocol) -> String {
        let own = self.env.text(&self.own("ENDPOINT"));
        let general = || self.env.text(&general("ENDPOINT"));
        match protocol {
            Protocol::Grpc => own.or_else(general).map_or_else(
                || "http://localhost:4317".to_owned(),
                |endpoint| self.with_scheme(endpoint),
            ),
            Protocol::HttpProtobuf => own.unwrap_or_else(|| {
                let base = general().unwrap_or_else(|| "http://localhost:4318".to_owned());
                full(protocol, &base, self.signal)
            }),
        }
    }

    /// For gRPC the scheme may be left out; then `INSECURE` decides.
    fn with_scheme(&self, endpoint: String) -> String {
        if endpoint.contains("://") {
            return endpoint;
        }
        let insecure = self.first("INSECURE", |name| self.env.flag(name));
        let scheme = if insecure == Some(true) {
            "http"
        } else {
            "https"
        };
        format!("{scheme}://{endpoint}")
    }

    fn headers(&self) -> Vec<(String, String)> {
        self.first("HEADERS", |name| self.env.pairs(name))
            .unwrap_or_default()
    }

    fn timeout(&self) -> Option<Duration> {
        self.first("TIMEOUT", |name| self.env.timeout(name))
    }

    fn gzip(&self) -> Option<bool> {
        let choices = [("gzip", true), ("none", false)];
        self.first("COMPRESSION", |name| self.env.choice(name, &choices))
    }

    fn warn_unsupported(&self, name: &str) {
        for name in [self.own(name), general(name)] {
            if let Some(value) = self.env.text(&name) {
                self.env.ignore(
                    &name,
                    &value,
                    "certificates of one's own are not supported; the public ones are trusted",
                );
            }
        }
    }
}

fn general(name: &str) -> String {
    format!("OTEL_EXPORTER_OTLP_{name}")
}

/// The URL that requests of this signal go to.
fn full(protocol: Protocol, base: &str, signal: Signal) -> String {
    match protocol {
        Protocol::Grpc => base.to_owned(),
        Protocol::HttpProtobuf => format!("{}/v1/{signal}", base.trim_end_matches('/')),
    }
}
