//! What an application says before it installs telemetry.

use std::fmt;
#[cfg(feature = "otlp")]
use std::path::PathBuf;
use std::time::Duration;

use tachograph::Attribute;
use tachograph::metrics::{ExemplarFilter, FunctionBuckets};
use tachograph::trace::{Sampler, SpanLimits};

use super::Telemetry;
use crate::config::{Code, ServerAddress, ServerCode};
use crate::error::{BuildError, ExportError};
use crate::report::OnError;
use crate::server::DoorsCode;

/// Says what is exported where. What is not said here comes from `OTEL_*` variables, then from defaults.
///
/// ```no_run
/// use std::time::Duration;
/// use tachograph::Attribute;
/// use tachograph_exporters::Telemetry;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let telemetry = Telemetry::builder("checkout")
///     .resource(Attribute::new("deployment.environment.name", "staging"))
///     .server("0.0.0.0:9090")
///     .on_error(|error| eprintln!("telemetry: {error}"))
///     .install()?;
/// // ..
/// println!("{}", telemetry.shutdown(Duration::from_secs(5))?);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is exported before `install()`"]
pub struct TelemetryBuilder {
    pub(super) code: Code,
    pub(super) metrics_facade: bool,
    pub(super) max_traces: usize,
    pub(super) on_error: Option<OnError>,
    pub(crate) doors: DoorsCode,
}

impl TelemetryBuilder {
    pub(super) fn new(code: Code) -> Self {
        Self {
            code,
            metrics_facade: true,
            max_traces: 200,
            on_error: None,
            doors: DoorsCode::default(),
        }
    }

    /// Adds an attribute that describes this process to all backends; a known key gets the new value.
    pub fn resource(mut self, attribute: Attribute) -> Self {
        self.code.attributes.push(attribute);
        self
    }

    /// Serves `/metrics` for Prometheus, with the rest of the telemetry server, at this address.
    ///
    /// The same as [`TelemetryBuilder::server`].
    #[cfg(feature = "prometheus")]
    pub fn prometheus(self, address: impl Into<String>) -> Self {
        self.server_at(".prometheus(..)", address.into())
    }

    /// Where the telemetry server listens: `127.0.0.1:9090`, or port 0 for any free one.
    ///
    /// By default `OTEL_EXPORTER_PROMETHEUS_HOST` and `_PORT` say it, else it is `127.0.0.1:9090`.
    pub fn server(self, address: impl Into<String>) -> Self {
        self.server_at(".server(..)", address.into())
    }

    fn server_at(mut self, option: &'static str, address: String) -> Self {
        self.code.server = ServerCode::At(ServerAddress {
            option,
            address,
            is_default: false,
        });
        self
    }

    /// Starts no telemetry server.
    pub fn without_server(mut self) -> Self {
        self.code.server = ServerCode::Off;
        self
    }

    /// How many traces the telemetry server keeps for `/debug/traces`; 200 by default.
    pub fn max_traces(mut self, traces: usize) -> Self {
        self.max_traces = traces;
        self
    }

    /// Sends spans and metrics as OTLP over HTTP to this base, such as `http://collector:4318`; `https://` needs the
    /// feature `tls`.
    #[cfg(feature = "otlp")]
    pub fn otlp(self, base: impl Into<String>) -> Self {
        self.otlp_to(crate::backends::otlp::Protocol::HttpProtobuf, base.into())
    }

    /// Sends spans and metrics as OTLP over gRPC to this origin, such as `http://collector:4317`; `https://` needs the
    /// feature `tls`. It has no path: gRPC has its own.
    #[cfg(feature = "otlp-grpc")]
    pub fn otlp_grpc(self, origin: impl Into<String>) -> Self {
        self.otlp_to(crate::backends::otlp::Protocol::Grpc, origin.into())
    }

    #[cfg(feature = "otlp")]
    fn otlp_to(mut self, protocol: crate::backends::otlp::Protocol, endpoint: String) -> Self {
        self.code.otlp.endpoint = Some((protocol, endpoint));
        self
    }

    /// Adds headers to all OTLP requests, besides those of `OTEL_EXPORTER_OTLP_HEADERS`. Their values are never shown.
    #[cfg(feature = "otlp")]
    pub fn otlp_headers<N: Into<String>, V: Into<String>>(
        mut self,
        headers: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let headers = headers.into_iter();
        let headers = headers.map(|(name, value)| (name.into(), value.into()));
        self.code.otlp.headers.extend(headers);
        self
    }

    /// Bounds all attempts to send one OTLP request; 10 seconds by default.
    #[cfg(feature = "otlp")]
    pub fn otlp_timeout(mut self, timeout: Duration) -> Self {
        self.code.otlp.timeout = Some(timeout);
        self
    }

    /// Whether OTLP requests are compressed; not by default.
    #[cfg(feature = "otlp")]
    pub fn otlp_gzip(mut self, gzip: bool) -> Self {
        self.code.otlp.gzip = Some(gzip);
        self
    }

    /// Whom to trust when OTLP goes to `https://`: the certificates in this PEM file, and no others.
    ///
    /// By default `OTEL_EXPORTER_OTLP_CERTIFICATE` and its `_TRACES_` and `_METRICS_` siblings name the file, else the
    /// public certificate authorities are trusted. It is read once, by `install()`. Needs the feature `tls`.
    #[cfg(feature = "otlp")]
    pub fn otlp_certificate(mut self, path: impl Into<PathBuf>) -> Self {
        self.code.otlp.certificate = Some(path.into());
        self
    }

    /// Who this process says it is when OTLP goes to an `https://` server that asks: its certificate (with those
    /// between it and the root, if any) and the key of it, in PEM files.
    ///
    /// By default `OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE` and `_CLIENT_KEY`, with their `_TRACES_` and `_METRICS_`
    /// siblings, name the files. They are read once, by `install()`. Needs the feature `tls`.
    #[cfg(feature = "otlp")]
    pub fn otlp_client_identity(
        mut self,
        certificate: impl Into<PathBuf>,
        key: impl Into<PathBuf>,
    ) -> Self {
        self.code.otlp.client_identity = Some((certificate.into(), key.into()));
        self
    }

    /// Sends spans to a Jaeger collector, such as `http://localhost:14268/api/traces`.
    #[cfg(feature = "jaeger")]
    pub fn jaeger(mut self, endpoint: impl Into<String>) -> Self {
        self.code.jaeger.endpoints.push(endpoint.into());
        self
    }

    /// How this process says to Jaeger collectors who it is.
    #[cfg(feature = "jaeger")]
    pub fn jaeger_auth(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.code.jaeger.auth = Some((user.into(), password.into()));
        self
    }

    /// Sends spans to a Jaeger agent over UDP, usually to port 6831.
    #[cfg(feature = "jaeger")]
    pub fn jaeger_agent(mut self, host: impl Into<String>, port: u16) -> Self {
        self.code.jaeger.agents.push((host.into(), port));
        self
    }

    /// Bounds all attempts to send one batch to Jaeger; 10 seconds by default.
    #[cfg(feature = "jaeger")]
    pub fn jaeger_timeout(mut self, timeout: Duration) -> Self {
        self.code.jaeger.timeout = Some(timeout);
        self
    }

    /// Which traces are recorded; by default all that begin here, and of others those that their caller recorded.
    pub fn sampler(mut self, sampler: Sampler) -> Self {
        self.code.sampler = Some(sampler);
        self
    }

    /// How much one span may hold; 128 attributes, events and links by default.
    pub fn span_limits(mut self, limits: SpanLimits) -> Self {
        self.code.span_limits = Some(limits);
        self
    }

    /// Whether recorded calls leave exemplars, which lead from a histogram's bucket to a trace; by default they do.
    pub fn exemplar_filter(mut self, filter: ExemplarFilter) -> Self {
        self.code.exemplar_filter = Some(filter);
        self
    }

    /// Sends durations of annotated functions over the same bounds that `/metrics` has, for backends that know no
    /// exponential histograms: every second power of two from 0.5 microseconds to 8 seconds, and the function's objective.
    ///
    /// By default `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION` says it, else they are exponential.
    /// Functions with `buckets = ..` of their own have those.
    pub fn explicit_function_buckets(mut self) -> Self {
        self.code.function_buckets = Some(FunctionBuckets::Explicit);
        self
    }

    /// How many spans are sent at once; 512 by default.
    pub fn batch_size(mut self, spans: usize) -> Self {
        self.code.schedule.batch_size = Some(spans);
        self
    }

    /// How many spans may wait for each exporter; 2,048 by default.
    pub fn queue_size(mut self, spans: usize) -> Self {
        self.code.schedule.queue_size = Some(spans);
        self
    }

    /// How long a span waits at most for its batch to fill; 5 seconds by default.
    pub fn batch_delay(mut self, delay: Duration) -> Self {
        self.code.schedule.batch_delay = Some(delay);
        self
    }

    /// Bounds the export of one batch or snapshot, however many requests it takes; 30 seconds by default.
    pub fn export_timeout(mut self, timeout: Duration) -> Self {
        self.code.schedule.export_timeout = Some(timeout);
        self
    }

    /// How often metrics are sent; every 60 seconds by default.
    pub fn metric_interval(mut self, interval: Duration) -> Self {
        self.code.schedule.metric_interval = Some(interval);
        self
    }

    /// Whether what any crate records through the `metrics` facade is exported too; yes by default.
    pub fn metrics_facade(mut self, export: bool) -> Self {
        self.metrics_facade = export;
        self
    }

    /// Hears of every error that no caller gets to see.
    ///
    /// It is called on the exporters' own thread, which sends nothing meanwhile, so it must be quick; and, for
    /// variables that are ignored, by `install()` on the thread that installs. A panic in it is caught, and the
    /// exporters go on. What it records is left out, or each error could make the next.
    ///
    /// The same errors are events of `tracing` with target `tachograph`, of level `ERROR` where data is lost and `WARN`
    /// elsewhere, though not all of them when there are many, and none that is less grave than `OTEL_LOG_LEVEL`. In a
    /// program with neither this nor a subscriber they go to standard error.
    pub fn on_error(mut self, hear: impl Fn(&ExportError) + Send + Sync + 'static) -> Self {
        self.on_error = Some(Box::new(hear));
        self
    }

    /// Starts the exporters and begins to listen. An earlier telemetry that is shutting down is waited for, for up to
    /// 5 seconds.
    ///
    /// # Errors
    ///
    /// A [`BuildError`] that says what to change; nothing is left running then.
    pub fn install(self) -> Result<Telemetry, BuildError> {
        super::install::install(self)
    }
}

impl fmt::Debug for TelemetryBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TelemetryBuilder")
            .field("service", &self.code.service)
            .finish_non_exhaustive()
    }
}
