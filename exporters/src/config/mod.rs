//! What is exported where: code names it, the environment fills in.

use tachograph::metrics::ExemplarFilter;
use tachograph::trace::{Sampler, SpanLimits};
use tachograph::{Attribute, Resource};

use crate::error::BuildError;
use crate::pipeline::schedule::Schedule;
#[cfg(feature = "otlp")]
use crate::signal::Signal;

pub(crate) mod env;
mod general;
#[cfg(feature = "jaeger")]
pub(crate) mod jaeger;
#[cfg(feature = "otlp")]
pub(crate) mod otlp;
mod resource;
mod schedule;
mod selection;
mod server;

use env::Env;
pub(crate) use general::log_level;
pub(crate) use schedule::ScheduleCode;
use selection::Exporter;
pub(crate) use server::{ServerAddress, ServerCode};

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
    pub(crate) schedule: ScheduleCode,
    #[cfg(feature = "otlp")]
    pub(crate) otlp: otlp::OtlpCode,
    #[cfg(feature = "jaeger")]
    pub(crate) jaeger: jaeger::JaegerCode,
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
    pub(crate) targets: Targets,
}

/// The backends that data is sent to.
#[derive(Default)]
pub(crate) struct Targets {
    #[cfg(feature = "otlp")]
    pub(crate) otlp_traces: Option<crate::otlp::Config>,
    #[cfg(feature = "otlp")]
    pub(crate) otlp_metrics: Option<crate::otlp::Config>,
    #[cfg(feature = "jaeger")]
    pub(crate) jaeger: Vec<jaeger::Target>,
}

impl Config {
    /// What code and environment say together; `None` when the environment switches telemetry off.
    ///
    /// # Errors
    ///
    /// [`BuildError`] for what cannot be and must not be ignored.
    pub(crate) fn resolve(code: &Code, env: &Env<'_>) -> Result<Option<Self>, BuildError> {
        if env.flag("OTEL_SDK_DISABLED") == Some(true) {
            return Ok(None);
        }
        general::propagators(env);
        let selected = selection::select(code, env);
        let is_selected = |exporter| selected.contains(&exporter);
        Ok(Some(Self {
            resource: resource::resource(code, env),
            sampler: code
                .sampler
                .or_else(|| general::sampler(env))
                .unwrap_or_default(),
            span_limits: code
                .span_limits
                .unwrap_or_else(|| general::span_limits(env)),
            exemplar_filter: code
                .exemplar_filter
                .or_else(|| general::exemplar_filter(env))
                .unwrap_or_default(),
            schedule: schedule::schedule(&code.schedule, env)?,
            server: server::address(code, env, is_selected(Exporter::Prometheus)),
            targets: Targets {
                #[cfg(feature = "otlp")]
                otlp_traces: otlp::target(
                    &code.otlp,
                    env,
                    Signal::Traces,
                    is_selected(Exporter::OtlpTraces),
                )?,
                #[cfg(feature = "otlp")]
                otlp_metrics: otlp::target(
                    &code.otlp,
                    env,
                    Signal::Metrics,
                    is_selected(Exporter::OtlpMetrics),
                )?,
                #[cfg(feature = "jaeger")]
                jaeger: jaeger::targets(&code.jaeger, env, is_selected(Exporter::Jaeger))?,
            },
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
