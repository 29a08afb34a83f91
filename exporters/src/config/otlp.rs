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
    let (protocol, endpoint) = if let Some((protocol, base)) = &code.endpoint {
        (*protocol, full(*protocol, base, signal))
    } else {
        let protocol = env.protocol();
        (protocol, env.endpoint(protocol))
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
        Protocol::HttpProtobuf => {
            let (path, query) = base.split_at(base.find('?').unwrap_or(base.len()));
            format!("{}/v1/{signal}{query}", path.trim_end_matches('/'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::env::tests::with_env;
    use super::*;

    /// Where traces go, how, with which headers, for how long.
    fn words(target: &Target) -> String {
        let Config {
            endpoint,
            headers,
            timeout,
            gzip,
        } = &target.config;
        let protocol = target.protocol;
        let gzip = if *gzip { " gzip" } else { "" };
        let headers = headers
            .iter()
            .map(|(name, value)| format!(" {name}={value}"));
        let headers = headers.collect::<String>();
        format!("{protocol:?} {endpoint} {timeout:?}{gzip}{headers}")
    }

    #[track_caller]
    fn check(code: &OtlpCode, variables: &[(&str, &str)], expected: &str, warnings: &[&str]) {
        let variables = variables
            .iter()
            .map(|(name, value)| (format!("OTEL_EXPORTER_OTLP_{name}"), *value))
            .collect::<Vec<_>>();
        let variables = variables
            .iter()
            .map(|(name, value)| (name.as_str(), *value))
            .collect::<Vec<_>>();
        let (target, ignored) = with_env(&variables, |env| target(code, env, Signal::Traces, true));
        assert_eq!(words(&target.unwrap()), expected);
        assert_eq!(ignored, warnings);
    }

    fn code(protocol: Protocol, endpoint: &str) -> OtlpCode {
        OtlpCode {
            endpoint: Some((protocol, endpoint.to_owned())),
            ..OtlpCode::default()
        }
    }

    #[test]
    fn by_default_http_to_localhost() {
        let http = "HttpProtobuf http://localhost:4318/v1/traces 10s";
        check(&OtlpCode::default(), &[], http, &[]);
        let grpc = "Grpc http://localhost:4317 10s";
        check(&OtlpCode::default(), &[("PROTOCOL", "grpc")], grpc, &[]);
    }

    #[test]
    fn the_general_endpoint_is_a_base_and_the_own_one_is_whole() {
        let check = |variables: &[(&str, &str)], endpoint: &str| {
            check(
                &OtlpCode::default(),
                variables,
                &format!("HttpProtobuf {endpoint} 10s"),
                &[],
            );
        };
        check(&[("ENDPOINT", "http://a:1")], "http://a:1/v1/traces");
        check(&[("ENDPOINT", "http://a:1/")], "http://a:1/v1/traces");
        check(
            &[("ENDPOINT", "http://a:1/base/")],
            "http://a:1/base/v1/traces",
        );
        check(
            &[("ENDPOINT", "http://a:1/?key=k")],
            "http://a:1/v1/traces?key=k",
        );
        check(&[("TRACES_ENDPOINT", "http://b:2/in")], "http://b:2/in");
        check(&[("TRACES_ENDPOINT", "http://b:2")], "http://b:2");
        let both = [
            ("ENDPOINT", "http://a:1"),
            ("TRACES_ENDPOINT", "http://b:2/in"),
        ];
        check(&both, "http://b:2/in");
        check(
            &[("METRICS_ENDPOINT", "http://c:3")],
            "http://localhost:4318/v1/traces",
        );
    }

    #[test]
    fn grpc_without_a_scheme_is_secure_unless_told() {
        let check = |variables: &[(&str, &str)], endpoint: &str| {
            let variables = [&[("PROTOCOL", "grpc")], variables].concat();
            check(
                &OtlpCode::default(),
                &variables,
                &format!("Grpc {endpoint} 10s"),
                &[],
            );
        };
        check(&[("ENDPOINT", "http://a:1")], "http://a:1");
        check(&[("ENDPOINT", "a:1")], "https://a:1");
        check(&[("ENDPOINT", "a:1"), ("INSECURE", "true")], "http://a:1");
        check(
            &[("ENDPOINT", "https://a:1"), ("INSECURE", "true")],
            "https://a:1",
        );
    }

    #[test]
    fn the_own_variables_win() {
        let variables = [
            ("HEADERS", "x=general"),
            ("TRACES_HEADERS", "x=own,y=a%20b"),
            ("TIMEOUT", "500"),
            ("TRACES_TIMEOUT", "0"),
            ("COMPRESSION", "gzip"),
            ("TRACES_COMPRESSION", "none"),
            ("PROTOCOL", "grpc"),
            ("TRACES_PROTOCOL", "http/protobuf"),
        ];
        let forever = Duration::MAX;
        let expected =
            format!("HttpProtobuf http://localhost:4318/v1/traces {forever:?} x=own y=a b");
        check(&OtlpCode::default(), &variables, &expected, &[]);
    }

    #[test]
    fn code_wins_and_the_environment_fills_in() {
        let variables = [
            ("ENDPOINT", "http://a:1"),
            ("TRACES_ENDPOINT", "http://b:2"),
            ("PROTOCOL", "grpc"),
            ("HEADERS", "Api-Key=env,x=env"),
            ("COMPRESSION", "gzip"),
            ("TIMEOUT", "soon"),
        ];
        let mut in_code = code(Protocol::HttpProtobuf, "http://code:4318/");
        in_code.headers = vec![("api-key".to_owned(), "code".to_owned())];
        in_code.timeout = Some(Duration::from_secs(3));
        let expected = "HttpProtobuf http://code:4318/v1/traces 3s gzip x=env api-key=code";
        check(&in_code, &variables, expected, &[]);
        let in_code = code(Protocol::Grpc, "http://code:4317");
        check(&in_code, &[], "Grpc http://code:4317 10s", &[]);
    }

    #[test]
    fn what_makes_no_sense_is_ignored() {
        let http = "HttpProtobuf http://localhost:4318/v1/traces 10s";
        let variables = [
            ("PROTOCOL", "http/json"),
            ("TIMEOUT", "10s"),
            ("HEADERS", "secret"),
            ("COMPRESSION", "zstd"),
            ("CERTIFICATE", "ca.pem"),
        ];
        let warnings = [
            "OTEL_EXPORTER_OTLP_CERTIFICATE=`ca.pem` is ignored: certificates of one's own are not supported; \
             the public ones are trusted",
            "OTEL_EXPORTER_OTLP_PROTOCOL=`http/json` is ignored: write one of `http/protobuf`, `grpc`",
            "OTEL_EXPORTER_OTLP_HEADERS=`***` is ignored: write `key=value` pairs with commas between them",
            "OTEL_EXPORTER_OTLP_TIMEOUT=`10s` is ignored: write a whole number, neither negative nor too large",
            "OTEL_EXPORTER_OTLP_COMPRESSION=`zstd` is ignored: write one of `gzip`, `none`",
        ];
        check(&OtlpCode::default(), &variables, http, &warnings);
    }
}
