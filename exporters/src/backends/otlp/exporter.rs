//! OTLP as code says it.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::{Protocol, options};
use crate::error::BuildError;
use crate::exporter::{Exporter, Lanes};
use crate::signal::Signal;
use crate::transport::tls::{File, Trusted};

/// Exporter of spans and metrics as OTLP, to a collector or to a backend that speaks it.
///
/// What code leaves open comes from `OTEL_EXPORTER_OTLP_*` variables, then from defaults. Credentials are the exception:
/// headers and client keys of the environment go only where the environment says, and never to an endpoint in code.
///
/// ```no_run
/// use tachograph_exporters::{Otlp, Telemetry};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let telemetry = Telemetry::builder("checkout")
///     .export(Otlp::http("http://collector:4318").header("api-key", "k").gzip())
///     .export(Otlp::http("http://localhost:4318").named("local"))
///     .install()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is exported before it is given to `TelemetryBuilder::export`"]
pub struct Otlp {
    pub(super) target: Target,
    pub(super) protocol: Protocol,
    pub(super) signals: Vec<Signal>,
    pub(super) name: Option<Cow<'static, str>>,
    pub(super) headers: Vec<(String, String)>,
    pub(super) timeout: Option<Duration>,
    pub(super) max_request_bytes: Option<usize>,
    pub(super) max_age: Option<Duration>,
    pub(super) max_in_flight: Option<usize>,
    pub(super) gzip: Option<bool>,
    pub(super) trusted: Option<Trusted>,
    pub(super) identity: Option<(PathBuf, PathBuf)>,
}

/// Where data goes.
pub(super) enum Target {
    /// To this URL, which code names.
    Code(String),
    /// Where the environment says.
    Environment,
}

impl Otlp {
    /// OTLP over HTTP to this base, such as `http://collector:4318`; `https://` needs the feature `tls`.
    pub fn http(base: impl Into<String>) -> Self {
        Self::new(Protocol::HttpProtobuf, Target::Code(base.into()))
    }

    /// OTLP over gRPC to this origin, such as `http://collector:4317`; `https://` needs the feature `tls`. It has no path:
    /// gRPC has its own.
    #[cfg(feature = "otlp-grpc")]
    pub fn grpc(origin: impl Into<String>) -> Self {
        Self::new(Protocol::Grpc, Target::Code(origin.into()))
    }

    /// As the environment says, for these signals.
    pub(super) fn in_env(protocol: Protocol, signals: Vec<Signal>) -> Self {
        Self {
            signals,
            ..Self::new(protocol, Target::Environment)
        }
    }

    fn new(protocol: Protocol, target: Target) -> Self {
        Self {
            target,
            protocol,
            signals: vec![Signal::Traces, Signal::Metrics],
            name: None,
            headers: Vec::new(),
            timeout: None,
            max_request_bytes: None,
            max_age: None,
            max_in_flight: None,
            gzip: None,
            trusted: None,
            identity: None,
        }
    }

    /// The name in figures and messages; `otlp_http` or `otlp_grpc` by default.
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Sends this signal alone, and not both.
    pub fn only(mut self, signal: Signal) -> Self {
        self.signals = vec![signal];
        self
    }

    /// Adds a header to each request: a credential, say. Its value is never shown.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Bounds all attempts to send one request; 10 seconds by default. Pauses between attempts do not count.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// How large a request may be, before compression; 20 MiB by default, over gRPC 4 MiB. What the backend finds too
    /// large all the same is halved and sent again.
    pub fn max_request_bytes(mut self, bytes: usize) -> Self {
        self.max_request_bytes = Some(bytes);
        self
    }

    /// How long what the backend does not take is kept for it; by default what
    /// [`TelemetryBuilder::max_age`](crate::TelemetryBuilder::max_age) says.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// How many requests of spans are under way at a time; by default what
    /// [`TelemetryBuilder::max_in_flight`](crate::TelemetryBuilder::max_in_flight) says. Those of metrics go one by one.
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.max_in_flight = Some(requests);
        self
    }

    /// Compresses requests, which is not done by default.
    pub fn gzip(mut self) -> Self {
        self.gzip = Some(true);
        self
    }

    /// Whom to trust at an `https://` endpoint: the certificates in this PEM file, and no others.
    ///
    /// By default `OTEL_EXPORTER_OTLP_CERTIFICATE` and its `_TRACES_` and `_METRICS_` siblings name the file, else the
    /// public certificate authorities are trusted. It is read once, by `install()`. Needs the feature `tls`.
    pub fn ca(mut self, path: impl Into<PathBuf>) -> Self {
        self.trusted = Some(Trusted::File(File::new(options::CERTIFICATE.code, path)));
        self
    }

    /// Whom to trust at an `https://` endpoint: whom the operating system trusts, in the place of the public certificate
    /// authorities that are compiled in. What its owner adds counts, and what they remove does not. The last of this and
    /// [`Otlp::ca`] holds. Needs the feature `tls`.
    ///
    /// On Linux and the like the system's certificates are read once, by `install()`, from where OpenSSL has them or from
    /// where `SSL_CERT_FILE` and `SSL_CERT_DIR` say.
    pub fn system_roots(mut self) -> Self {
        self.trusted = Some(Trusted::System(options::SYSTEM_ROOTS.code));
        self
    }

    /// Who this process says it is at an `https://` endpoint that asks: its certificate (with those between it and the
    /// root, if any) and the key of it, in PEM files. They are read by `install()`, and again for each connection: what
    /// takes their place is used from then on, and what cannot be used is told of. Needs the feature `tls`.
    pub fn identity(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.identity = Some((certificate.into(), key.into()));
        self
    }
}

impl Exporter for Otlp {
    fn name(&self) -> Cow<'static, str> {
        let default = || Cow::Borrowed(self.protocol.name());
        self.name.clone().unwrap_or_else(default)
    }

    fn open(self: Box<Self>, lanes: &mut Lanes<'_>) -> Result<(), BuildError> {
        for signal in &self.signals {
            options::config(&self, lanes.env(), *signal)?.open(*signal, lanes)?;
        }
        if let Some(buckets) = options::function_buckets(lanes.env()) {
            lanes.prefer_function_buckets(buckets);
        }
        Ok(())
    }
}

impl fmt::Debug for Otlp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the URL and the headers, which may hold secrets.
        f.debug_struct("Otlp")
            .field("name", &self.name())
            .field("signals", &self.signals)
            .finish_non_exhaustive()
    }
}
