//! The variables `OTEL_EXPORTER_OTLP_*` of one signal:
//! <https://opentelemetry.io/docs/specs/otel/protocol/exporter/>.

use std::time::Duration;

use http::HeaderMap;

use super::path;
use crate::backends::otlp::Protocol;
use crate::config::env::Env;
use crate::error::BuildError;
use crate::signal::Signal;
use crate::transport::endpoint::Endpoint;
use crate::transport::headers::header_map;
use crate::transport::tls::File;

/// The variables of one signal, which win over the general ones.
pub(super) struct Variables<'a> {
    pub(super) env: &'a Env<'a>,
    pub(super) signal: Signal,
}

impl Variables<'_> {
    /// What `read` finds in the signal's own variable, else in the general one; and which it was.
    fn named<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<(String, T)> {
        let names = [self.own(name), general(name)];
        names.into_iter().find_map(|name| {
            let value = read(&name)?;
            Some((name, value))
        })
    }

    fn first<T>(&self, name: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
        self.named(name, read).map(|(_, value)| value)
    }

    fn own(&self, name: &str) -> String {
        let signal = self.signal.as_str().to_ascii_uppercase();
        format!("OTEL_EXPORTER_OTLP_{signal}_{name}")
    }

    pub(super) fn protocol(&self) -> Result<Protocol, BuildError> {
        #[cfg(feature = "otlp-grpc")]
        let grpc = Some(Protocol::Grpc);
        #[cfg(not(feature = "otlp-grpc"))]
        let grpc = None;
        let choices = [
            ("http/protobuf", Some(Protocol::HttpProtobuf)),
            ("grpc", grpc),
        ];
        match self.named("PROTOCOL", |name| self.env.choice(name, &choices)) {
            None => Ok(Protocol::HttpProtobuf),
            Some((_, Some(protocol))) => Ok(protocol),
            Some((name, None)) => Err(BuildError::FeatureNotEnabled {
                option: format!("{name}=grpc"),
                feature: "otlp-grpc",
            }),
        }
    }

    /// The signal's own endpoint as it is, else the general one with the signal's path.
    pub(super) fn endpoint(&self, protocol: Protocol) -> Result<Endpoint, BuildError> {
        match protocol {
            #[cfg(feature = "otlp-grpc")]
            Protocol::Grpc => {
                let written = self.named("ENDPOINT", |name| self.env.text(name));
                let default = || (general("ENDPOINT"), "http://localhost:4317".to_owned());
                let (name, written) = written.unwrap_or_else(default);
                Endpoint::origin(&name, &self.with_scheme(written))
            }
            Protocol::HttpProtobuf => {
                let own = self.own("ENDPOINT");
                if let Some(written) = self.env.text(&own) {
                    return Endpoint::parse(&own, &written);
                }
                let name = general("ENDPOINT");
                let written = self.env.text(&name);
                let written = written.as_deref().unwrap_or("http://localhost:4318");
                Endpoint::below(&name, written, path(self.signal))
            }
        }
    }

    /// For gRPC the scheme may be left out; then, and only then, `INSECURE` decides.
    #[cfg(feature = "otlp-grpc")]
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

    pub(super) fn headers(&self) -> Result<HeaderMap, BuildError> {
        match self.named("HEADERS", |name| self.env.pairs(name)) {
            Some((name, headers)) => header_map(&name, &headers),
            None => Ok(HeaderMap::new()),
        }
    }

    pub(super) fn timeout(&self) -> Option<Duration> {
        self.first("TIMEOUT", |name| self.env.timeout(name))
    }

    pub(super) fn gzip(&self) -> Option<bool> {
        let choices = [("gzip", true), ("none", false)];
        self.first("COMPRESSION", |name| self.env.choice(name, &choices))
    }

    /// What only metrics have, where there is no choice yet.
    pub(super) fn metric_preferences(&self) {
        let name = self.own("TEMPORALITY_PREFERENCE");
        if let Some(value) = self.env.text(&name)
            && !value.eq_ignore_ascii_case("cumulative")
        {
            let reason = "all values are counted from the start of the process; write `cumulative`";
            self.env.ignore(&name, &value, reason);
        }
    }

    /// The path in `CERTIFICATE` and the like.
    pub(super) fn file(&self, name: &str) -> Option<File> {
        let (name, path) = self.named(name, |name| self.env.text(name))?;
        Some(File::new(name, path))
    }
}

fn general(name: &str) -> String {
    format!("OTEL_EXPORTER_OTLP_{name}")
}
