//! Where and how OTLP is sent: code, then the signal's own variables, then the general ones.

use std::time::Duration;

use super::env::Env;
use crate::error::BuildError;
use crate::pipeline::sink::Signal;

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
    /// The full URL for HTTP, the origin for gRPC.
    pub(crate) endpoint: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) timeout: Duration,
    pub(crate) gzip: bool,
}

/// Where this signal goes, if code names an endpoint or the environment selects OTLP for it.
pub(crate) fn target(
    code: &OtlpCode,
    env: &Env<'_>,
    signal: Signal,
    is_selected: bool,
) -> Result<Option<Target>, BuildError> {
    if code.endpoint.is_none() && !is_selected {
        return Ok(None);
    }
    let env = Variables { env, signal };
    let protocol = match &code.endpoint {
        Some((protocol, _)) => *protocol,
        None => env.protocol(),
    };
    if protocol == Protocol::Grpc && !cfg!(feature = "otlp-grpc") {
        return Err(BuildError::FeatureNotEnabled {
            option: "OTEL_EXPORTER_OTLP_PROTOCOL=grpc".to_owned(),
            feature: "otlp-grpc",
        });
    }
    let endpoint = match &code.endpoint {
        Some((protocol, base)) => full(*protocol, base, signal),
        None => env.endpoint(protocol),
    };
    for name in ["CERTIFICATE", "CLIENT_KEY", "CLIENT_CERTIFICATE"] {
        env.warn_unsupported(name);
    }
    let mut headers = env.headers();
    headers.retain(|(name, _)| {
        !code
            .headers
            .iter()
            .any(|(known, _)| known.eq_ignore_ascii_case(name))
    });
    headers.extend(code.headers.iter().cloned());
    Ok(Some(Target {
        protocol,
        endpoint,
        headers,
        timeout: code
            .timeout
            .or_else(|| env.timeout())
            .unwrap_or(Duration::from_secs(10)),
        gzip: code.gzip.or_else(|| env.gzip()).unwrap_or(false),
    }))
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
