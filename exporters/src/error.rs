//! What can go wrong, for each thing that a caller can do.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tracing::Level;

use crate::dropped::Cause;
use crate::signal::Signal;

/// Why telemetry could not be installed. Nothing listens then, and nothing is left running.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// An endpoint that no request can be sent to.
    #[error("{option} is no usable endpoint: {reason}")]
    InvalidEndpoint {
        /// The method or the environment variable.
        option: String,
        /// What is wrong with it, and what to write instead.
        reason: String,
    },
    /// An `https://` endpoint, but no TLS was compiled in.
    #[error(
        "{option} needs TLS: enable the feature `{feature}` of `tachograph-exporters`, or write `http://`"
    )]
    TlsNotEnabled {
        /// The method or the environment variable.
        option: String,
        /// The feature to enable.
        feature: &'static str,
    },
    /// A header that no request can carry.
    #[error("{option} has a header that cannot be sent: {reason}")]
    InvalidHeader {
        /// The method or the environment variable.
        option: String,
        /// What is wrong with it, and what to write instead.
        reason: String,
    },
    /// Another program, or another part of this one, listens where the telemetry server should.
    #[error(
        "{option}: the telemetry server cannot listen on {address}, which is in use{}; choose another port, or 0 for any",
        .holder.as_ref().map_or(String::new(), |holder| format!(" by {holder}"))
    )]
    AddressInUse {
        /// The method or the environment variables.
        option: String,
        /// The address that was asked for.
        address: String,
        /// Who listens there, where the system lets us know.
        holder: Option<String>,
        /// What the system said.
        source: io::Error,
    },
    /// The telemetry server cannot listen where it should, for another reason than a port in use.
    #[error(
        "{option}: the telemetry server cannot listen on `{address}`; write an address of this machine and a port, \
         such as `127.0.0.1:9090`"
    )]
    Listen {
        /// The method or the environment variables.
        option: String,
        /// The address that was asked for.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// A setting in code that makes no sense.
    #[error("{option} cannot be `{value}`: {reason}")]
    InvalidConfig {
        /// The method or the environment variable.
        option: String,
        /// What it was given; `***` for what may be a secret.
        value: String,
        /// What is wrong with it, and what to write instead.
        reason: String,
    },
    /// An exporter that was asked for, but not compiled in.
    #[error("{option} needs the feature `{feature}` of `tachograph-exporters`")]
    FeatureNotEnabled {
        /// What asked for it.
        option: String,
        /// The feature to enable.
        feature: &'static str,
    },
    /// Telemetry is installed already; one program has one.
    #[error(
        "telemetry is installed already: shut it down first, or share the one that `install()` returned"
    )]
    AlreadyInstalled,
    /// Another part of the program collects spans already.
    #[error(
        "another part of this program collects spans already: drop its `Collector<Spans>`, \
         or export what it takes through it alone"
    )]
    CollectorTaken,
    /// Another recorder of the `metrics` facade is global already.
    #[error(
        "another recorder of the `metrics` facade is installed already: install telemetry first, \
         or leave the facade alone with `.metrics_facade(false)`"
    )]
    RecorderTaken,
    /// The metrics of annotated functions, or the exporters' own, cannot be told apart from others.
    #[error(transparent)]
    Metrics(#[from] tachograph::metrics::BuildError),
    /// The exporters' thread or its runtime could not be started.
    #[error("the exporters' thread cannot be started")]
    Thread(#[source] io::Error),
}

/// Why a flush or a shutdown cannot say that everything was delivered or dropped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FlushError {
    /// Some data still waited when the time was over.
    #[error("not everything was sent within {timeout:?}; {dropped}")]
    TimedOut {
        /// The time that was given.
        timeout: Duration,
        /// What was dropped since telemetry was installed; after a shutdown that includes what still waited.
        dropped: crate::Dropped,
    },
    /// The call came from the exporters' own thread (from `on_error`, say), which cannot wait for itself.
    ///
    /// What was asked for happens all the same, later.
    #[error("the exporters' own thread cannot wait for itself; the work goes on in the background")]
    OnExporterThread,
    /// The exporters' thread is gone.
    #[error("the exporters' thread has ended")]
    Stopped,
}

/// What goes wrong while the program runs: told to `on_error` and to `tracing` subscribers, never to callers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// An attempt failed; the same request is sent again.
    #[error("{exporter} cannot send {signal} now and tries again: {reason}")]
    Retrying {
        /// The exporter: `otlp_http`, `jaeger_udp`.
        exporter: Arc<str>,
        /// What it was sending.
        signal: Signal,
        /// What the backend or the system said.
        reason: String,
    },
    /// Data was lost.
    #[error("{exporter} dropped {}: {reason}", signal.counted(*items))]
    Dropped {
        /// The exporter, or `collector` for spans that never came as far as an exporter.
        exporter: Arc<str>,
        /// What it was sending.
        signal: Signal,
        /// Why the data was dropped.
        cause: Cause,
        /// How many spans or data points.
        items: u64,
        /// What the backend or the system said.
        reason: String,
    },
    /// The backend took a request and had something to say.
    #[error("{exporter} hears from the backend of {signal}: {message}")]
    Warned {
        /// The exporter.
        exporter: Arc<str>,
        /// What it was sending.
        signal: Signal,
        /// The backend's words.
        message: String,
    },
    /// Something that goes on as long as telemetry is installed panicked.
    #[error("the exporters' work on {task} panicked, and begins anew")]
    Restarted {
        /// What it works on: `spans`, `metrics`.
        task: &'static str,
    },
    /// A metric of the `metrics` facade is not exported, because another one has its name.
    #[error(transparent)]
    Metric(tachograph::metrics::BuildError),
    /// A bounded label of an annotated function has had more values than it tells apart.
    #[error(
        "the label `{label}` of `{function}` has more values than it tells apart, and shows the others as `_OTHER`: \
         raise its `max`, or label calls by something with fewer values"
    )]
    FullLabel {
        /// The function's path.
        function: &'static str,
        /// The name of the label.
        label: &'static str,
    },
    /// A callback of an observable instrument panicked. It is called again for the next collection.
    #[error(
        "a callback of `{metric}`, built at {declaration}, panicked: what it observes is not up to date"
    )]
    Callback {
        /// The metric.
        metric: String,
        /// Where it was built first.
        declaration: tachograph::metrics::Declaration,
    },
    /// Calls of an annotated function could not record something, because the code that should tell it failed.
    #[error(
        "calls of `{function}` lost values: the code that should tell them {problem}; `tachograph.values.lost` counts them"
    )]
    LostValue {
        /// The function's path.
        function: &'static str,
        /// What that code did.
        problem: &'static str,
    },
    /// The telemetry server has a problem.
    #[error("{reason}")]
    Server {
        /// What the system said.
        reason: String,
    },
    /// The files of a client certificate have become what cannot be used. The one that they held before stays in use.
    #[error("the client certificate stays as it was: {reason}")]
    StaleIdentity {
        /// Which file, what is wrong with it, and what to put there.
        reason: String,
    },
    /// A setting from the environment that is ignored.
    #[error("{option} is ignored: {reason}")]
    Ignored {
        /// The environment variable. Its value is not told, because it may hold a secret.
        option: String,
        /// What is wrong with it, and what to write instead.
        reason: String,
    },
    /// A setting for something that does not happen.
    #[error("{option} is without effect: {reason}")]
    WithoutEffect {
        /// The method or the environment variable.
        option: String,
        /// What does not happen, and what makes it happen.
        reason: String,
    },
}

impl ExportError {
    /// How grave it is: something is lost, or may be soon.
    pub(crate) fn level(&self) -> Level {
        match self {
            Self::Dropped { .. } | Self::Restarted { .. } | Self::Server { .. } => Level::ERROR,
            Self::Retrying { .. }
            | Self::Warned { .. }
            | Self::Metric(_)
            | Self::FullLabel { .. }
            | Self::Callback { .. }
            | Self::LostValue { .. }
            | Self::StaleIdentity { .. }
            | Self::Ignored { .. }
            | Self::WithoutEffect { .. } => Level::WARN,
        }
    }

    /// Errors with the same kind are rate-limited together.
    pub(crate) fn kind(&self) -> (String, &'static str) {
        match self {
            Self::Retrying {
                exporter, signal, ..
            } => (format!("{exporter}/{signal}"), "retrying"),
            Self::Dropped {
                exporter,
                signal,
                cause,
                ..
            } => (format!("{exporter}/{signal}"), cause.as_str()),
            Self::Warned {
                exporter, signal, ..
            } => (format!("{exporter}/{signal}"), "warned"),
            Self::Restarted { task } => ((*task).to_owned(), "restarted"),
            Self::Metric(error) => (error.to_string(), "metric"),
            Self::FullLabel { function, label } => (format!("{function}/{label}"), "full"),
            Self::Callback { metric, .. } => (metric.clone(), "callback"),
            Self::LostValue { function, problem } => (format!("{function}/{problem}"), "lost"),
            Self::Server { reason } => (reason.clone(), "server"),
            Self::StaleIdentity { reason } => (reason.clone(), "identity"),
            Self::Ignored { option, reason } => (format!("{option}: {reason}"), "ignored"),
            Self::WithoutEffect { option, .. } => (option.clone(), "without effect"),
        }
    }
}
