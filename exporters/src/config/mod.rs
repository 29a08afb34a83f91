//! What is exported where: code names it, the environment fills in.

pub(crate) mod env;
mod general;
pub(crate) mod kind;
mod limits;
#[cfg(test)]
pub(crate) mod page;
mod resource;
mod schedule;
mod selection;
mod server;
pub(crate) mod setting;

pub(crate) use general::log_level;
pub(crate) use schedule::ScheduleCode;
pub(crate) use selection::Selection;
pub(crate) use server::{ServerAddress, ServerCode};

use tachograph::metrics::{ExemplarFilter, FunctionBuckets};
use tachograph::trace::{Sampler, SpanLimits};
use tachograph::{Attribute, Resource};

use crate::error::BuildError;
use crate::pipeline::schedule::Schedule;
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
    pub(crate) schedule: ScheduleCode,
}

/// What holds.
pub(crate) struct Config {
    pub(crate) resource: Resource,
    pub(crate) sampler: Sampler,
    pub(crate) span_limits: SpanLimits,
    pub(crate) exemplar_filter: ExemplarFilter,
    pub(crate) schedule: Schedule,
    /// Where the telemetry server listens, if there is one.
    pub(crate) server: Option<ServerAddress>,
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
        Ok(Some(Self {
            resource: resource::resource(code, env),
            sampler: code
                .sampler
                .or_else(|| general::sampler(env))
                .unwrap_or_default(),
            span_limits: code.span_limits.unwrap_or_else(|| limits::span_limits(env)),
            exemplar_filter: code
                .exemplar_filter
                .or_else(|| general::exemplar_filter(env))
                .unwrap_or_default(),
            schedule: schedule::schedule(&code.schedule, env)?,
            server: server::address(code, env, selection.server),
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
