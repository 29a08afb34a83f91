//! Jaeger as code says it.

use std::borrow::Cow;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::options;
use crate::error::BuildError;
use crate::exporter::{Exporter, Lanes};
use crate::transport::tls::{File, Trusted};

/// Exporter of spans as Jaeger's Thrift: over HTTP to a collector, or over UDP to an agent.
///
/// What code leaves open comes from `OTEL_EXPORTER_JAEGER_*` variables, then from defaults. User and password of the
/// environment go only where the environment says, and never to an endpoint in code.
///
/// ```no_run
/// use tachograph_exporters::{Jaeger, Telemetry};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let telemetry = Telemetry::builder("checkout")
///     .export(Jaeger::http("http://jaeger:14268/api/traces").auth("user", "password"))
///     .export(Jaeger::agent("localhost", 6831))
///     .install()?;
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is exported before it is given to `TelemetryBuilder::export`"]
pub struct Jaeger {
    pub(super) target: Target,
    pub(super) name: Option<Cow<'static, str>>,
    pub(super) auth: Option<(String, String)>,
    pub(super) timeout: Option<Duration>,
    pub(super) trusted: Option<Trusted>,
    pub(super) identity: Option<(PathBuf, PathBuf)>,
}

/// Where spans go.
pub(super) enum Target {
    /// To the collector with this URL.
    Collector(Place),
    /// To the agent at this host and port.
    Agent(Place, u16),
}

/// A URL or a host, and where it was written.
pub(super) struct Place {
    pub(super) option: &'static str,
    pub(super) written: String,
    /// Whether the environment says it, or nobody.
    pub(super) is_in_env: bool,
}

impl Jaeger {
    /// To a collector, such as `http://localhost:14268/api/traces`; `https://` needs the feature `tls`.
    pub fn http(endpoint: impl Into<String>) -> Self {
        Self::to(Target::Collector(Place {
            option: options::ENDPOINT.code,
            written: endpoint.into(),
            is_in_env: false,
        }))
    }

    /// To an agent over UDP, usually on port 6831.
    pub fn agent(host: impl Into<String>, port: u16) -> Self {
        let place = Place {
            option: options::AGENT_HOST.code,
            written: host.into(),
            is_in_env: false,
        };
        Self::to(Target::Agent(place, port))
    }

    pub(super) fn to(target: Target) -> Self {
        Self {
            target,
            name: None,
            auth: None,
            timeout: None,
            trusted: None,
            identity: None,
        }
    }

    /// The name in figures and messages; `jaeger_http` or `jaeger_udp` by default.
    pub fn named(mut self, name: impl Into<Cow<'static, str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Who this process says it is, to a collector. Neither is ever shown.
    pub fn auth(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.auth = Some((user.into(), password.into()));
        self
    }

    /// Bounds all attempts to send one batch; 10 seconds by default.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Whom to trust at an `https://` endpoint: the certificates in this PEM file, and no others; by default the public
    /// certificate authorities. It is read once, by `install()`. Needs the feature `tls`.
    pub fn ca(mut self, path: impl Into<PathBuf>) -> Self {
        self.trusted = Some(Trusted::File(File::new(options::CA.code, path)));
        self
    }

    /// Whom to trust at an `https://` endpoint: whom the operating system trusts, in the place of the public certificate
    /// authorities that are compiled in. What its owner adds counts, and what they remove does not. The last of this and
    /// [`Jaeger::ca`] holds. Needs the feature `tls`.
    ///
    /// On Linux and the like the system's certificates are read once, by `install()`, from where OpenSSL has them or from
    /// where `SSL_CERT_FILE` and `SSL_CERT_DIR` say.
    pub fn system_roots(mut self) -> Self {
        self.trusted = Some(Trusted::System(options::SYSTEM_ROOTS.code));
        self
    }

    /// Who this process says it is at an `https://` endpoint that asks: its certificate and the key of it, in PEM files.
    /// They are read by `install()`, and again for each connection: what takes their place is used from then on, and what
    /// cannot be used is told of. Needs the feature `tls`.
    pub fn identity(mut self, certificate: impl Into<PathBuf>, key: impl Into<PathBuf>) -> Self {
        self.identity = Some((certificate.into(), key.into()));
        self
    }
}

impl Exporter for Jaeger {
    fn name(&self) -> Cow<'static, str> {
        let default = match self.target {
            Target::Collector(..) => "jaeger_http",
            Target::Agent(..) => "jaeger_udp",
        };
        self.name.clone().unwrap_or(Cow::Borrowed(default))
    }

    fn open(self: Box<Self>, lanes: &mut Lanes<'_>) -> Result<(), BuildError> {
        options::config(&self, lanes.env())?.open(lanes)
    }
}

impl fmt::Debug for Jaeger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the URL and the user, which may hold secrets.
        f.debug_struct("Jaeger")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}
