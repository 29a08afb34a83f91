//! From what was said to what runs: first everything that can fail, then the start.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tachograph::{Registry, Resource, listener};

use super::{Installed, Telemetry, TelemetryBuilder};
use crate::config::env::Env;
use crate::config::{Config, Targets};
use crate::error::BuildError;
use crate::facade;
use crate::pipeline::work::{Parts, Sinks};
use crate::pipeline::worker::{self, Worker};
use crate::report::Reporter;
use crate::server::Server;

/// Whether some telemetry is installed.
static INSTALLED: AtomicBool = AtomicBool::new(false);

/// The right to be the program's one telemetry.
#[derive(Debug)]
pub(super) struct Slot(());

impl Slot {
    fn take() -> Result<Self, BuildError> {
        if INSTALLED.swap(true, Ordering::AcqRel) {
            return Err(BuildError::AlreadyInstalled);
        }
        Ok(Self(()))
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        INSTALLED.store(false, Ordering::Release);
    }
}

pub(super) fn install(builder: TelemetryBuilder) -> Result<Telemetry, BuildError> {
    let slot = Slot::take()?;
    let lookup = |name: &str| std::env::var_os(name);
    let env = Env::new(&lookup);
    let config = Config::resolve(&builder.code, &env)?;
    let reporter = Arc::new(Reporter::new(builder.on_error));
    for ignored in env.into_ignored() {
        reporter.report(&ignored);
    }
    let Some(config) = config else {
        return Ok(Telemetry {
            installed: None,
            server_address: None,
        });
    };

    Registry::check_functions()?;
    let server = config.server.as_deref().map(Server::bind).transpose()?;
    let server_address = server.as_ref().map(Server::local_addr);
    let runtime = worker::runtime()?;
    let sinks = {
        let _entered = runtime.enter();
        sinks(config.targets, &config.resource)?
    };
    let parts = Parts {
        schedule: config.schedule,
        sinks,
        registry: Registry::global().clone(),
        resource: config.resource,
        server,
        max_traces: builder.max_traces,
        reporter,
    };
    if builder.metrics_facade {
        facade::install()?;
    }
    let worker = Worker::start(runtime, parts)?;

    config.sampler.install();
    config.span_limits.install();
    listener::start();
    worker.ready();
    Ok(Telemetry {
        installed: Some(Installed {
            worker,
            _slot: slot,
        }),
        server_address,
    })
}

/// A sink for each exporter and signal.
#[cfg_attr(
    not(feature = "_http"),
    allow(
        unused,
        clippy::unnecessary_wraps,
        clippy::needless_pass_by_value,
        reason = "no exporter sends"
    )
)]
fn sinks(targets: Targets, resource: &Resource) -> Result<Sinks, BuildError> {
    let mut sinks = Sinks::default();
    #[cfg(feature = "otlp")]
    {
        if let Some(target) = targets.otlp_traces {
            sinks.spans.push(target.traces(resource)?);
        }
        if let Some(target) = targets.otlp_metrics {
            sinks.metrics.push(target.metrics(resource)?);
        }
    }
    #[cfg(feature = "jaeger")]
    for target in targets.jaeger {
        sinks.spans.push(target.traces(resource)?);
    }
    Ok(sinks)
}
