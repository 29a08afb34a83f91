//! From what was said to what runs: first everything that can fail, then the start.

use std::process;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tachograph::{Registry, listener};

use super::opening::open;
use super::{Installed, Telemetry, TelemetryBuilder};
use crate::config::env::Env;
use crate::config::{self, Config};
use crate::error::{BuildError, ExportError};
use crate::facade;
use crate::logs;
use crate::pipeline::work::Parts;
use crate::pipeline::worker::{OwnRuntime, Worker};
use crate::report::Reporter;
use crate::server::{Addresses, Server};

/// The process, and who is its one telemetry.
static HOLDER: Mutex<(u32, Holder)> = Mutex::new((0, Holder::Nobody));
static HOLDER_CHANGED: Condvar = Condvar::new();

/// How long an installation waits for the end of an earlier telemetry that is shutting down.
const ENDING: Duration = Duration::from_secs(5);

#[derive(Debug, PartialEq, Eq)]
enum Holder {
    Nobody,
    Somebody,
    /// Shutting down, though its callers may not wait any more: it still takes spans from the collector.
    Ending,
}

/// The right to be the program's one telemetry.
#[derive(Debug)]
pub(super) struct Slot(());

impl Slot {
    fn take() -> Result<Self, BuildError> {
        let holder = holder();
        let is_ending = |(_, holder): &mut (u32, Holder)| *holder == Holder::Ending;
        let (mut holder, _) = HOLDER_CHANGED
            .wait_timeout_while(holder, ENDING, is_ending)
            .unwrap_or_else(PoisonError::into_inner);
        if holder.1 != Holder::Nobody {
            return Err(BuildError::AlreadyInstalled);
        }
        holder.1 = Holder::Somebody;
        Ok(Self(()))
    }

    /// It will be given back soon, by nobody's doing.
    pub(super) fn ending(self) -> Self {
        holder().1 = Holder::Ending;
        self
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        holder().1 = Holder::Nobody;
        HOLDER_CHANGED.notify_all();
    }
}

/// In a process that was forked off it is nobody: the telemetry has stayed behind.
fn holder() -> MutexGuard<'static, (u32, Holder)> {
    let mut holder = HOLDER.lock().unwrap_or_else(PoisonError::into_inner);
    if holder.0 != process::id() {
        *holder = (process::id(), Holder::Nobody);
    }
    holder
}

pub(super) fn install(builder: TelemetryBuilder) -> Result<Telemetry, BuildError> {
    let slot = Slot::take()?;
    #[expect(clippy::disallowed_methods, reason = "all options are read through it")]
    let lookup = |name: &str| std::env::var_os(name);
    let env = Env::new(&lookup);
    let config = Config::resolve(&builder.code, &env)?;
    let reporter = Arc::new(Reporter::new(builder.on_error, config::log_level(&env)));
    let tell_ignored = || {
        for ignored in env.take_ignored() {
            reporter.report(&ignored);
        }
    };
    tell_ignored();
    let Some(config) = config else {
        return Ok(Telemetry {
            installed: None,
            addresses: Addresses::default(),
        });
    };

    Registry::check_functions()?;
    let tell = |reason| reporter.report(&ExportError::Server { reason });
    let (server, addresses) = Server::bind(config.server, &config.doors, tell)?;
    if let Some(server) = &server {
        reporter.inform(server);
    }
    let runtime = OwnRuntime::new()?;
    let opened = {
        let _entered = runtime.enter();
        open(
            builder.exported,
            &config.selection,
            &config.resource,
            &env,
            &reporter,
            config.delivery,
        )?
    };
    tell_ignored();
    let function_buckets = builder.code.function_buckets.or(opened.function_buckets);
    let parts = Parts {
        schedule: config.schedule,
        sinks: opened.sinks,
        registry: Registry::global().clone(),
        function_buckets: function_buckets.unwrap_or_default(),
        resource: config.resource,
        server,
        max_traces: config.max_traces,
        reporter: Arc::clone(&reporter),
    };
    if config.metrics_facade {
        facade::install()?;
    }
    let worker = Worker::start(runtime, parts)?;

    config.sampler.install();
    config.span_limits.install();
    config.exemplar_filter.install();
    listener::start();
    listener::start_logs(logs::tell);
    worker.ready();
    Ok(Telemetry {
        installed: Some(Installed {
            worker,
            slot,
            reporter,
            process: process::id(),
        }),
        addresses,
    })
}
