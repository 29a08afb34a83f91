//! From what was said to what runs: first everything that can fail, then the start.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tachograph::metrics::Snapshot;
use tachograph::trace::SpanBatch;
use tachograph::{Registry, Resource, listener};

use super::{Installed, Telemetry, TelemetryBuilder};
use crate::config::env::Env;
#[cfg(feature = "jaeger")]
use crate::config::jaeger;
use crate::config::{Config, Targets};
use crate::error::BuildError;
use crate::pipeline::sink::Sink;
use crate::pipeline::worker::{self, Parts, Worker};
use crate::report::Reporter;

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

    let runtime = worker::runtime()?;
    let (span_sinks, metric_sinks) = {
        let _entered = runtime.enter();
        sinks(config.targets, &config.resource)?
    };
    let parts = Parts {
        schedule: config.schedule,
        span_sinks,
        metric_sinks,
        registry: Registry::global().clone(),
        witness: Box::new(|_| {}),
        reporter,
    };
    let worker = Worker::start(runtime, parts)?;

    config.sampler.install();
    config.span_limits.install();
    listener::start();
    Ok(Telemetry {
        installed: Some(Installed {
            worker,
            _slot: slot,
        }),
        server_address: None,
    })
}

type Sinks = (Vec<Sink<SpanBatch>>, Vec<Sink<Snapshot>>);

/// A sink for each exporter and signal.
fn sinks(targets: Targets, resource: &Resource) -> Result<Sinks, BuildError> {
    let (mut spans, mut metrics) = Sinks::default();
    #[cfg(feature = "jaeger")]
    for target in targets.jaeger {
        spans.push(match target {
            jaeger::Target::Collector(config) => crate::jaeger::http(config, resource)?,
            jaeger::Target::Agent(config) => crate::jaeger::udp(config, resource)?,
        });
    }
    Ok((spans, metrics))
}
