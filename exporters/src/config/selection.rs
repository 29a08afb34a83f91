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
    let otlp_by_default = |own_endpoint| {
        code.like_specification
            || env.is_set("OTEL_EXPORTER_OTLP_ENDPOINT")
            || env.is_set(own_endpoint)
    };
    let jaeger_by_default = || {
        env.is_set("OTEL_EXPORTER_JAEGER_ENDPOINT") || env.is_set("OTEL_EXPORTER_JAEGER_AGENT_HOST")
    };
    let mut selected = Vec::new();

    let known = [
        ("otlp", Exporter::OtlpTraces, cfg!(feature = "otlp")),
        ("jaeger", Exporter::Jaeger, cfg!(feature = "jaeger")),
    ];
    if let Some(listed) = listed(env, TRACES, &known) {
        selected.extend(listed);
    } else {
        let by_default = otlp_by_default("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT");
        selected.extend(by_default.then_some(Exporter::OtlpTraces));
        selected.extend(jaeger_by_default().then_some(Exporter::Jaeger));
    }

    let known = [
        ("otlp", Exporter::OtlpMetrics, cfg!(feature = "otlp")),
        (
            "prometheus",
            Exporter::Prometheus,
            cfg!(feature = "prometheus"),
        ),
    ];
    if let Some(listed) = listed(env, METRICS, &known) {
        selected.extend(listed);
    } else {
        let by_default = otlp_by_default("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT");
        selected.extend(by_default.then_some(Exporter::OtlpMetrics));
    }
    selected
}

/// The exporters that a variable lists, if it is set.
fn listed(env: &Env<'_>, variable: &str, known: &[Known]) -> Option<Vec<Exporter>> {
    let mut listed = Vec::new();
    for name in env.list(variable)? {
        match known.iter().find(|(known, ..)| *known == name) {
            Some((_, exporter, true)) => listed.push(*exporter),
            Some(_) => {
                let reason = format!("enable the feature `{name}` of `tachograph-exporters`");
                env.ignore(variable, &name, reason);
            }
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
