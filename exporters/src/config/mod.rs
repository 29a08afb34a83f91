//! What is exported where: code names it, the environment fills in.

pub(crate) mod env;
mod general;
mod resource;
pub(crate) mod schedule;
mod selection;
mod server;

pub(crate) use general::log_level;
pub(crate) use schedule::ScheduleCode;
pub(crate) use server::{ServerAddress, ServerCode};

use tachograph::metrics::{ExemplarFilter, FunctionBuckets};
use tachograph::trace::{Sampler, SpanLimits};
use tachograph::{Attribute, Resource};

#[cfg(feature = "jaeger")]
use crate::backends::jaeger::config as jaeger;
#[cfg(feature = "otlp")]
use crate::backends::otlp::config as otlp;
use crate::error::BuildError;
use crate::pipeline::schedule::Schedule;
#[cfg(feature = "otlp")]
use crate::signal::Signal;
use env::Env;
use selection::Exporter;

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
    pub(crate) function_buckets: FunctionBuckets,
    pub(crate) schedule: Schedule,
    /// Where the telemetry server listens, if there is one.
    pub(crate) server: Option<ServerAddress>,
    pub(crate) targets: Targets,
}

/// The backends that data is sent to.
#[derive(Default)]
pub(crate) struct Targets {
    #[cfg(feature = "otlp")]
    pub(crate) otlp_traces: Option<crate::backends::otlp::Config>,
    #[cfg(feature = "otlp")]
    pub(crate) otlp_metrics: Option<crate::backends::otlp::Config>,
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
            function_buckets: code
                .function_buckets
                .or_else(|| general::function_buckets(env))
                .unwrap_or_default(),
            schedule: schedule::schedule(&code.schedule, env)?,
            server: server::address(code, env, selected.contains(&Exporter::Prometheus)),
            targets: Targets::resolve(code, env, &selected)?,
        }))
    }
}

#[cfg_attr(
    not(feature = "_http"),
    allow(unused, clippy::unnecessary_wraps, reason = "no exporter sends")
)]
impl Targets {
    fn resolve(code: &Code, env: &Env<'_>, selected: &[Exporter]) -> Result<Self, BuildError> {
        let is_selected = |exporter| selected.contains(&exporter);
        let mut targets = Self::default();
        #[cfg(feature = "otlp")]
        {
            let target =
                |signal, exporter| otlp::target(&code.otlp, env, signal, is_selected(exporter));
            targets.otlp_traces = target(Signal::Traces, Exporter::OtlpTraces)?;
            targets.otlp_metrics = target(Signal::Metrics, Exporter::OtlpMetrics)?;
            if targets.otlp_traces.is_none() && targets.otlp_metrics.is_none() {
                otlp::tell_unused(&code.otlp, env);
            }
        }
        #[cfg(feature = "jaeger")]
        {
            targets.jaeger = jaeger::targets(&code.jaeger, env, is_selected(Exporter::Jaeger))?;
            jaeger::tell_unused(&code.jaeger, &targets.jaeger, env);
        }
        Ok(targets)
    }
}

#[cfg(test)]
mod tests {
    use super::env::tests::with_env;
    use super::*;

    #[cfg(all(feature = "otlp", feature = "jaeger"))]
    #[test]
    fn what_code_says_of_requests_that_nobody_sends_is_told() {
        use std::time::Duration;

        let mut code = Code::default();
        code.otlp
            .headers
            .push(("key".to_owned(), "secret".to_owned()));
        code.otlp.gzip = Some(true);
        code.jaeger.auth = Some(("user".to_owned(), "secret".to_owned()));
        code.jaeger.timeout = Some(Duration::from_secs(1));
        let told = |code: &Code, variables: &[(&str, &str)]| {
            let (config, told) = with_env(variables, |env| Config::resolve(code, env));
            assert!(config.unwrap().is_some());
            told
        };
        let otlp = "nothing is sent as OTLP; name an endpoint with `.otlp(..)` or `OTEL_EXPORTER_OTLP_ENDPOINT`";
        let auth = ".jaeger_auth(..) is without effect: only collectors ask who somebody is, and nothing is sent to \
                    one; name its endpoint with `.jaeger(..)` or `OTEL_EXPORTER_JAEGER_ENDPOINT`";
        let expected = [
            &format!(".otlp_headers(..) is without effect: {otlp}"),
            &format!(".otlp_gzip(..) is without effect: {otlp}"),
            ".jaeger_timeout(..) is without effect: nothing is sent to Jaeger; name an endpoint with `.jaeger(..)` \
             or `.jaeger_agent(..)`",
            auth,
        ];
        assert_eq!(told(&code, &[]), expected);
        let endpoint = (
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "http://collector:4318",
        );
        assert_eq!(told(&code, &[endpoint]), expected[2..]);
        code.jaeger.agents.push(("agent".to_owned(), 6831));
        assert_eq!(told(&code, &[endpoint]), [auth]);
        code.jaeger
            .endpoints
            .push("http://jaeger:14268/api/traces".to_owned());
        assert_eq!(told(&code, &[endpoint]), [""; 0]);
    }

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
