//! What is exported where: code names it, the environment fills in.

pub(crate) mod env;
mod general;
pub(crate) mod kind;
mod limits;
#[cfg(test)]
pub(crate) mod page;
mod recording;
mod resource;
mod schedule;
mod selection;
mod server;
pub(crate) mod setting;

pub(crate) use general::log_level;
pub(crate) use schedule::ScheduleCode;
pub(crate) use selection::Selection;
pub(crate) use server::{SERVE_DOOR, ServerAddress, ServerCode};

use tachograph::metrics::{ExemplarFilter, FunctionBuckets};
use tachograph::trace::{Sampler, SpanLimits};
use tachograph::{Attribute, Resource};

use crate::error::BuildError;
use crate::pipeline::schedule::Schedule;
use crate::pipeline::sink::Delivery;
use crate::server::DoorsCode;
use env::Env;

/// What code says; what it leaves open is empty.
#[derive(Default)]
pub(crate) struct Code {
    pub(crate) service: Option<String>,
    pub(crate) attributes: Vec<Attribute>,
    /// Whether exporters that nobody names are the specification's, and not none.
    pub(crate) like_specification: bool,
    pub(crate) server: ServerCode,
    pub(crate) sampler: Option<Sampler>,
    pub(crate) span_limits: Option<SpanLimits>,
    pub(crate) exemplar_filter: Option<ExemplarFilter>,
    pub(crate) function_buckets: Option<FunctionBuckets>,
    pub(crate) metrics_facade: Option<bool>,
    pub(crate) schedule: ScheduleCode,
    pub(crate) doors: DoorsCode,
    pub(crate) max_traces: Option<usize>,
}

/// What holds.
pub(crate) struct Config {
    pub(crate) resource: Resource,
    pub(crate) sampler: Sampler,
    pub(crate) span_limits: SpanLimits,
    pub(crate) exemplar_filter: ExemplarFilter,
    /// Whether what crates record through the `metrics` facade is exported too.
    pub(crate) metrics_facade: bool,
    pub(crate) schedule: Schedule,
    /// How requests are delivered of which their exporter says nothing else.
    pub(crate) delivery: Delivery,
    /// Where the telemetry server listens, if there is one.
    pub(crate) server: Option<ServerAddress>,
    pub(crate) doors: DoorsCode,
    /// How many traces the telemetry server keeps.
    pub(crate) max_traces: usize,
    /// What the environment exports to.
    pub(crate) selection: Selection,
}

impl Config {
    /// What code and environment say together; `None` when the environment switches telemetry off.
    ///
    /// # Errors
    ///
    /// [`BuildError`] for what cannot be and must not be ignored.
    pub(crate) fn resolve(code: &Code, env: &Env<'_>) -> Result<Option<Self>, BuildError> {
        if general::DISABLED.resolve_in_env(env) {
            return Ok(None);
        }
        general::config_file(code, env)?;
        general::propagators(env);
        let selection = selection::select(code, env);
        let server = server::address(code, env, selection.server);
        if server.is_none() {
            server::tell_unused(code, env);
        }
        Ok(Some(Self {
            resource: resource::resource(code, env),
            sampler: code
                .sampler
                .or_else(|| recording::sampler(env))
                .unwrap_or_default(),
            span_limits: code.span_limits.unwrap_or_else(|| limits::span_limits(env)),
            exemplar_filter: code
                .exemplar_filter
                .or_else(|| recording::exemplar_filter(env))
                .unwrap_or_default(),
            metrics_facade: recording::METRICS_FACADE.resolve(code.metrics_facade, env)?,
            schedule: schedule::schedule(&code.schedule, env)?,
            delivery: schedule::delivery(&code.schedule, env)?,
            server,
            doors: server::doors(code, env)?,
            max_traces: server::max_traces(code, env)?,
            selection,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::env::tests::with_env;
    use super::*;

    #[test]
    fn the_environment_can_switch_all_off() {
        let code = Code::default();
        let is_on = |value| {
            let variables = [("OTEL_SDK_DISABLED", value)];
            let (config, _) = with_env(&variables, |env| Config::resolve(&code, env).unwrap());
            config.is_some()
        };
        assert!(is_on("") && is_on("false") && is_on("1"));
        assert!(!is_on("true") && !is_on("TRUE"));
    }
}
