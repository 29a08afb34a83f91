//! What is exported where: code names it, the environment fills in.

use tachograph::trace::{Sampler, SpanLimits};
use tachograph::{Attribute, Resource};

use crate::error::BuildError;
use crate::pipeline::schedule::Schedule;
#[cfg(feature = "otlp")]
use crate::pipeline::sink::Signal;

pub(crate) mod env;
mod general;
#[cfg(feature = "jaeger")]
pub(crate) mod jaeger;
#[cfg(feature = "otlp")]
pub(crate) mod otlp;
mod selection;

use env::Env;
pub(crate) use general::ScheduleCode;
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
    pub(crate) schedule: ScheduleCode,
    #[cfg(feature = "otlp")]
    pub(crate) otlp: otlp::OtlpCode,
    #[cfg(feature = "jaeger")]
    pub(crate) jaeger: jaeger::JaegerCode,
}

/// What code says about the telemetry server.
#[derive(Default)]
pub(crate) enum ServerCode {
    #[default]
    Unsaid,
    At(String),
    Off,
}

/// What holds.
pub(crate) struct Config {
    pub(crate) resource: Resource,
    pub(crate) sampler: Sampler,
    pub(crate) span_limits: SpanLimits,
    pub(crate) schedule: Schedule,
    /// Where the telemetry server listens, if there is one.
    pub(crate) server: Option<String>,
    pub(crate) targets: Targets,
}

/// The backends that data is sent to.
#[derive(Default)]
pub(crate) struct Targets {
    #[cfg(feature = "otlp")]
    pub(crate) otlp_traces: Option<otlp::Target>,
    #[cfg(feature = "otlp")]
    pub(crate) otlp_metrics: Option<otlp::Target>,
    #[cfg(feature = "jaeger")]
    pub(crate) jaeger: Vec<jaeger::Target>,
}

impl Config {
    /// What code and environment say together; `None` when the environment switches telemetry off.
    ///
    /// # Errors
    ///
    /// [`BuildError::InvalidConfig`] for what code says and cannot be.
    pub(crate) fn resolve(code: &Code, env: &Env<'_>) -> Result<Option<Self>, BuildError> {
        if env.flag("OTEL_SDK_DISABLED") == Some(true) {
            return Ok(None);
        }
        let selected = selection::select(code, env);
        let is_selected = |exporter| selected.contains(&exporter);
        Ok(Some(Self {
            resource: general::resource(code, env),
            sampler: code
                .sampler
                .or_else(|| general::sampler(env))
                .unwrap_or_default(),
            span_limits: code
                .span_limits
                .unwrap_or_else(|| general::span_limits(env)),
            schedule: general::schedule(&code.schedule, env)?,
            server: server_address(code, env, is_selected(Exporter::Prometheus)),
            targets: Targets {
                #[cfg(feature = "otlp")]
                otlp_traces: otlp::target(
                    &code.otlp,
                    env,
                    Signal::Traces,
                    is_selected(Exporter::OtlpTraces),
                ),
                #[cfg(feature = "otlp")]
                otlp_metrics: otlp::target(
                    &code.otlp,
                    env,
                    Signal::Metrics,
                    is_selected(Exporter::OtlpMetrics),
                ),
                #[cfg(feature = "jaeger")]
                jaeger: jaeger::targets(&code.jaeger, env, is_selected(Exporter::Jaeger)),
            },
        }))
    }
}

/// Code, then the environment, then 127.0.0.1:9090.
fn server_address(code: &Code, env: &Env<'_>, is_selected: bool) -> Option<String> {
    let host = || env.text("OTEL_EXPORTER_PROMETHEUS_HOST");
    let port = || env.number::<u16>("OTEL_EXPORTER_PROMETHEUS_PORT");
    match &code.server {
        ServerCode::At(address) => Some(address.clone()),
        ServerCode::Off => None,
        ServerCode::Unsaid => {
            let (host, port) = (host(), port());
            let is_named = is_selected || host.is_some() || port.is_some();
            (is_named || !code.like_specification).then(|| {
                let host = host.unwrap_or_else(|| "127.0.0.1".to_owned());
                let port = port.unwrap_or(9_090);
                // An IPv6 address needs brackets before its port.
                if host.contains(':') && !host.starts_with('[') {
                    format!("[{host}]:{port}")
                } else {
                    format!("{host}:{port}")
                }
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::env::tests::with_env;
    use super::*;

    #[test]
    fn the_address_of_the_server() {
        #[track_caller]
        fn check(server: ServerCode, host: &str, port: &str, expected: Option<&str>) {
            let code = Code {
                server,
                ..Code::default()
            };
            let variables = [
                ("OTEL_EXPORTER_PROMETHEUS_HOST", host),
                ("OTEL_EXPORTER_PROMETHEUS_PORT", port),
            ];
            let (address, ignored) = with_env(&variables, |env| server_address(&code, env, false));
            assert_eq!(address.as_deref(), expected);
            assert_eq!(ignored.len(), usize::from(port == "70000"));
        }
        check(ServerCode::Unsaid, "", "", Some("127.0.0.1:9090"));
        check(ServerCode::Unsaid, "0.0.0.0", "", Some("0.0.0.0:9090"));
        check(ServerCode::Unsaid, "", "0", Some("127.0.0.1:0"));
        check(ServerCode::Unsaid, "::1", "9464", Some("[::1]:9464"));
        check(ServerCode::Unsaid, "", "70000", Some("127.0.0.1:9090"));
        let code = || ServerCode::At("127.0.0.1:1".to_owned());
        check(code(), "0.0.0.0", "2", Some("127.0.0.1:1"));
        check(ServerCode::Off, "0.0.0.0", "2", None);
    }

    #[test]
    fn by_the_specification_there_is_a_server_only_if_asked_for() {
        let code = Code {
            like_specification: true,
            ..Code::default()
        };
        let address = |variables: &[(&str, &str)], is_selected| {
            with_env(variables, |env| server_address(&code, env, is_selected)).0
        };
        assert_eq!(address(&[], false), None);
        assert_eq!(address(&[], true).as_deref(), Some("127.0.0.1:9090"));
        let port = ("OTEL_EXPORTER_PROMETHEUS_PORT", "9464");
        assert_eq!(address(&[port], false).as_deref(), Some("127.0.0.1:9464"));
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
