//! What an application says before it installs telemetry.

use std::any::TypeId;
use std::fmt;
use std::time::Duration;

use tachograph::Attribute;
use tachograph::metrics::{ExemplarFilter, FunctionBuckets};
use tachograph::trace::{Sampler, SpanLimits};

use super::Telemetry;
use super::opening::Exported;
use crate::config::{Code, ServerCode};
use crate::error::{BuildError, ExportError};
use crate::exporter::Exporter;
use crate::report::OnError;

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
///     .serve("0.0.0.0:9090")
///     .on_error(|error| eprintln!("telemetry: {error}"))
///     .install()?;
/// // ..
/// println!("{}", telemetry.shutdown(Duration::from_secs(5))?);
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is exported before `install()`"]
pub struct TelemetryBuilder {
    pub(crate) code: Code,
    pub(super) exported: Vec<Exported>,
    pub(super) on_error: Option<OnError>,
}

impl TelemetryBuilder {
    pub(super) fn new(code: Code) -> Self {
        Self {
            code,
            exported: Vec::new(),
            on_error: None,
        }
    }

    /// Adds an attribute that describes this process to all backends; a known key gets the new value.
    pub fn resource(mut self, attribute: Attribute) -> Self {
        self.code.attributes.push(attribute);
        self
    }

    /// Adds an exporter. There may be several, also of one kind: each has lanes, figures and a name of its own.
    pub fn export<E: Exporter>(mut self, exporter: E) -> Self {
        self.exported.push(Exported {
            kind: TypeId::of::<E>(),
            exporter: Box::new(exporter),
        });
        self
    }

    /// Where the telemetry server listens, with `/metrics` and the rest: `127.0.0.1:9090`, or port 0 for any free one.
    ///
    /// By default `OTEL_EXPORTER_PROMETHEUS_HOST` and `_PORT` say it, else it is `127.0.0.1:9090`, and if that is taken
    /// there is no server. An address that is given must be free.
    pub fn serve(mut self, address: impl Into<String>) -> Self {
        self.code.server = ServerCode::At(address.into());
        self
    }

    /// Starts no telemetry server.
    pub fn without_server(mut self) -> Self {
        self.code.server = ServerCode::Off;
        self
    }

    /// How many traces the telemetry server keeps for `/debug/traces`; 200 by default.
    pub fn max_traces(mut self, traces: usize) -> Self {
        self.code.max_traces = Some(traces);
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

    /// How long what a backend does not take is kept for it; 5 minutes by default. Exporters may say otherwise.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.code.schedule.max_age = Some(age);
        self
    }

    /// How many requests of spans each exporter has under way at a time; 4 by default, 256 at most. Exporters may say otherwise.
    /// Requests of metrics go one by one.
    pub fn max_in_flight(mut self, requests: usize) -> Self {
        self.code.schedule.max_in_flight = Some(requests);
        self
    }

    /// Whether what any crate records through the `metrics` facade is exported too; yes by default.
    pub fn metrics_facade(mut self, export: bool) -> Self {
        self.code.metrics_facade = Some(export);
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
