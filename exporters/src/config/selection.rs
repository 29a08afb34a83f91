//! Which exporters the environment asks for, besides those that code names.

use super::Code;
use super::env::Env;

/// One exporter of one signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exporter {
    OtlpTraces,
    OtlpMetrics,
    Jaeger,
    Prometheus,
}

/// An exporter's name in a list, and whether it is compiled in.
type Known = (&'static str, Exporter, bool);

const TRACES: &str = "OTEL_TRACES_EXPORTER";
const METRICS: &str = "OTEL_METRICS_EXPORTER";

/// The lists in `OTEL_TRACES_EXPORTER` and `OTEL_METRICS_EXPORTER`; without a list, the exporters with an endpoint
/// variable, or those of the specification.
pub(crate) fn select(code: &Code, env: &Env<'_>) -> Vec<Exporter> {
    let otlp_by_default = |otlp: &Known, own_endpoint| {
        is_named(env, otlp, ["OTEL_EXPORTER_OTLP_ENDPOINT", own_endpoint])
            || code.like_specification
    };
    let jaeger_by_default = |jaeger: &Known| {
        let endpoints = [
            "OTEL_EXPORTER_JAEGER_ENDPOINT",
            "OTEL_EXPORTER_JAEGER_AGENT_HOST",
        ];
        is_named(env, jaeger, endpoints)
    };
    let mut selected = Vec::new();

    let otlp = ("otlp", Exporter::OtlpTraces, cfg!(feature = "otlp"));
    let jaeger = ("jaeger", Exporter::Jaeger, cfg!(feature = "jaeger"));
    if let Some(listed) = listed(env, TRACES, &[otlp, jaeger]) {
        selected.extend(listed);
    } else {
        let by_default = otlp_by_default(&otlp, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
        selected.extend(by_default.then_some(Exporter::OtlpTraces));
        selected.extend(jaeger_by_default(&jaeger).then_some(Exporter::Jaeger));
    }

    let otlp = ("otlp", Exporter::OtlpMetrics, cfg!(feature = "otlp"));
    let has_prometheus = cfg!(feature = "prometheus");
    let prometheus = ("prometheus", Exporter::Prometheus, has_prometheus);
    if let Some(listed) = listed(env, METRICS, &[otlp, prometheus]) {
        selected.extend(listed);
    } else {
        let by_default = otlp_by_default(&otlp, "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT");
        selected.extend(by_default.then_some(Exporter::OtlpMetrics));
    }
    selected
}

/// Whether one of these variables names an endpoint of the exporter. If that is not compiled in, says so.
fn is_named(env: &Env<'_>, (name, _, is_there): &Known, endpoints: [&str; 2]) -> bool {
    let Some(named) = endpoints.into_iter().find(|endpoint| env.is_set(endpoint)) else {
        return false;
    };
    if !is_there {
        env.ignore(named, "***", not_compiled_in(name));
    }
    true
}

fn not_compiled_in(name: &str) -> String {
    format!("enable the feature `{name}` of `tachograph-exporters`")
}

/// The exporters that a variable lists, if it is set.
fn listed(env: &Env<'_>, variable: &str, known: &[Known]) -> Option<Vec<Exporter>> {
    let mut listed = Vec::new();
    for name in env.list(variable)? {
        match known.iter().find(|(known, ..)| *known == name) {
            Some((_, exporter, true)) => listed.push(*exporter),
            Some(_) => env.ignore(variable, &name, not_compiled_in(&name)),
            None if name == "none" => {}
            None => {
                let names = known.iter().map(|(name, ..)| format!("`{name}`"));
                let names = names.collect::<Vec<_>>().join(", ");
                let reason = format!("there is no such exporter; write some of {names}, or `none`");
                env.ignore(variable, &name, reason);
            }
        }
    }
    Some(listed)
}

#[cfg(all(test, feature = "otlp", feature = "jaeger", feature = "prometheus"))]
mod tests {
    use super::super::env::tests::with_env;
    use super::*;

    use Exporter::{Jaeger, OtlpMetrics, OtlpTraces, Prometheus};

    /// What is selected by a builder, and by `from_env`.
    #[track_caller]
    fn check(
        variables: &[(&str, &str)],
        by_builder: &[Exporter],
        by_specification: &[Exporter],
        warnings: &[&str],
    ) {
        for (like_specification, expected) in [(false, by_builder), (true, by_specification)] {
            let code = Code {
                like_specification,
                ..Code::default()
            };
            let (selected, ignored) = with_env(variables, |env| select(&code, env));
            assert_eq!(selected, expected, "{variables:?}");
            assert_eq!(ignored, warnings, "{variables:?}");
        }
    }

    #[test]
    fn without_lists_endpoints_name_exporters() {
        let otlp = [OtlpTraces, OtlpMetrics];
        check(&[], &[], &otlp, &[]);
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        check(&[endpoint], &otlp, &otlp, &[]);
        let endpoint = (
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            "http://collector:4318",
        );
        check(&[endpoint], &[OtlpTraces], &otlp, &[]);
        let host = ("OTEL_EXPORTER_JAEGER_AGENT_HOST", "agent");
        check(&[host], &[Jaeger], &[OtlpTraces, Jaeger, OtlpMetrics], &[]);
    }

    #[test]
    fn an_endpoint_of_what_is_not_compiled_in_is_told() {
        let endpoint = ("OTEL_EXPORTER_JAEGER_ENDPOINT", "http://jaeger/?key=secret");
        let named = |is_there| {
            let jaeger = ("jaeger", Jaeger, is_there);
            with_env(&[endpoint], |env| {
                is_named(env, &jaeger, ["NONE", endpoint.0])
            })
        };
        assert_eq!(named(true), (true, Vec::new()));
        let warning = "OTEL_EXPORTER_JAEGER_ENDPOINT=`***` is ignored: \
                       enable the feature `jaeger` of `tachograph-exporters`";
        assert_eq!(named(false), (true, vec![warning.to_owned()]));
    }

    #[test]
    fn lists_say_it_all() {
        let check = |variables: &[(&str, &str)], expected: &[Exporter], warnings: &[&str]| {
            check(variables, expected, expected, warnings);
        };
        let lists = [(TRACES, "jaeger,OTLP"), (METRICS, "none")];
        check(&lists, &[Jaeger, OtlpTraces], &[]);
        let endpoint = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        let lists = [(TRACES, "none"), (METRICS, "prometheus"), endpoint];
        check(&lists, &[Prometheus], &[]);
        let warning = "OTEL_TRACES_EXPORTER=`console` is ignored: there is no such exporter; \
                       write some of `otlp`, `jaeger`, or `none`";
        let lists = [(TRACES, "console"), (METRICS, "none")];
        check(&lists, &[], &[warning]);
    }
}
