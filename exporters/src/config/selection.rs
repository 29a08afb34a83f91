//! Which exporters the environment asks for, besides those that code names.

use super::Code;
use super::env::Env;

/// The exporters that the environment asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Selected {
    pub(crate) otlp_traces: bool,
    pub(crate) otlp_metrics: bool,
    pub(crate) jaeger: bool,
    pub(crate) prometheus: bool,
}

const TRACES: &str = "OTEL_TRACES_EXPORTER";
const METRICS: &str = "OTEL_METRICS_EXPORTER";

/// The lists in `OTEL_TRACES_EXPORTER` and `OTEL_METRICS_EXPORTER`; without a list, the exporters with an endpoint
/// variable, or those of the specification.
pub(crate) fn select(code: &Code, env: &Env<'_>) -> Selected {
    let is_any_set = |names: &[&str]| names.iter().any(|name| env.is_set(name));
    let by_default = |names: &[&str]| code.like_specification || is_any_set(names);
    let mut selected = Selected::default();
    match env.list(TRACES) {
        Some(names) => {
            for name in names {
                match name.as_str() {
                    "otlp" => {
                        selected.otlp_traces = has(env, TRACES, &name, cfg!(feature = "otlp"))
                    }
                    "jaeger" => selected.jaeger = has(env, TRACES, &name, cfg!(feature = "jaeger")),
                    "none" => {}
                    _ => unknown(env, TRACES, &name, "`otlp`, `jaeger`, `none`"),
                }
            }
        }
        None => {
            selected.otlp_traces = by_default(&[
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            ]);
            selected.jaeger = is_any_set(&[
                "OTEL_EXPORTER_JAEGER_ENDPOINT",
                "OTEL_EXPORTER_JAEGER_AGENT_HOST",
            ]);
        }
    }
    match env.list(METRICS) {
        Some(names) => {
            for name in names {
                match name.as_str() {
                    "otlp" => {
                        selected.otlp_metrics = has(env, METRICS, &name, cfg!(feature = "otlp"))
                    }
                    "prometheus" => {
                        selected.prometheus =
                            has(env, METRICS, &name, cfg!(feature = "prometheus"));
                    }
                    "none" => {}
                    _ => unknown(env, METRICS, &name, "`otlp`, `prometheus`, `none`"),
                }
            }
        }
        None => {
            selected.otlp_metrics = by_default(&[
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT",
            ]);
        }
    }
    selected
}

/// Whether an exporter is compiled in; if not, says which feature is missing.
fn has(env: &Env<'_>, variable: &str, name: &str, is_enabled: bool) -> bool {
    if !is_enabled {
        let reason = format!("enable the feature `{name}` of `tachograph-exporters`");
        env.ignore(variable, name, reason);
    }
    is_enabled
}

fn unknown(env: &Env<'_>, variable: &str, name: &str, known: &str) {
    env.ignore(
        variable,
        name,
        format!("there is no such exporter; write some of {known}"),
    );
}

#[cfg(all(test, feature = "otlp", feature = "jaeger", feature = "prometheus"))]
mod tests {
    use super::super::env::tests::with_env;
    use super::*;

    /// What is selected, in words: by a builder, and by `from_env`.
    #[track_caller]
    fn check(
        variables: &[(&str, &str)],
        by_builder: &str,
        by_specification: &str,
        warnings: &[&str],
    ) {
        for (like_specification, expected) in [(false, by_builder), (true, by_specification)] {
            let code = Code {
                like_specification,
                ..Code::default()
            };
            let (selected, ignored) = with_env(variables, |env| select(&code, env));
            let words = [
                (selected.otlp_traces, "otlp traces"),
                (selected.otlp_metrics, "otlp metrics"),
                (selected.jaeger, "jaeger"),
                (selected.prometheus, "prometheus"),
            ];
            let words = words.iter().filter(|(is_selected, _)| *is_selected);
            let words = words.map(|(_, word)| *word).collect::<Vec<_>>().join(", ");
            assert_eq!(words, expected, "{variables:?}");
            assert_eq!(ignored, warnings, "{variables:?}");
        }
    }

    #[test]
    fn without_lists_endpoints_name_exporters() {
        check(&[], "", "otlp traces, otlp metrics", &[]);
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        check(
            &[endpoint],
            "otlp traces, otlp metrics",
            "otlp traces, otlp metrics",
            &[],
        );
        let endpoint = (
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "http://collector:4318",
        );
        check(&[endpoint], "otlp traces", "otlp traces, otlp metrics", &[]);
        let host = ("OTEL_EXPORTER_JAEGER_AGENT_HOST", "agent");
        check(&[host], "jaeger", "otlp traces, otlp metrics, jaeger", &[]);
    }

    #[test]
    fn lists_say_it_all() {
        let lists = [(TRACES, "jaeger,OTLP"), (METRICS, "none")];
        check(&lists, "otlp traces, jaeger", "otlp traces, jaeger", &[]);
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        check(
            &[(TRACES, "none"), (METRICS, "prometheus"), endpoint],
            "prometheus",
            "prometheus",
            &[],
        );
        let warning = "OTEL_TRACES_EXPORTER=`console` is ignored: there is no such exporter; \
                       write some of `otlp`, `jaeger`, `none`";
        check(
            &[(TRACES, "console"), (METRICS, "none")],
            "",
            "",
            &[warning],
        );
    }
}
