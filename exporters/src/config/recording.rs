//! What is recorded: which traces, which exemplars, and whether the `metrics` facade counts.

use tachograph::metrics::ExemplarFilter;
use tachograph::trace::Sampler;

use super::env::Env;
use super::kind::{self, Kind};
use super::setting::Setting;

const SAMPLER: Setting<(SamplerKind, bool)> = Setting {
    code: ".sampler(..)",
    variables: &["OTEL_TRACES_SAMPLER"],
    key: "tracer_provider.sampler",
    kind: Kind::choice(&[
        ("always_on", (SamplerKind::Fixed(Sampler::ALWAYS_ON), false)),
        (
            "always_off",
            (SamplerKind::Fixed(Sampler::ALWAYS_OFF), false),
        ),
        ("traceidratio", (SamplerKind::Ratio, false)),
        (
            "parentbased_always_on",
            (SamplerKind::Fixed(Sampler::ALWAYS_ON), true),
        ),
        (
            "parentbased_always_off",
            (SamplerKind::Fixed(Sampler::ALWAYS_OFF), true),
        ),
        ("parentbased_traceidratio", (SamplerKind::Ratio, true)),
    ]),
    default: "parentbased_always_on",
    is_secret: false,
    sentence: "Which traces are recorded.",
};

const SAMPLER_RATIO: Setting<f64> = Setting {
    code: ".sampler(..)",
    variables: &["OTEL_TRACES_SAMPLER_ARG"],
    key: "tracer_provider.sampler.*.ratio",
    kind: kind::RATIO,
    default: "1",
    is_secret: false,
    sentence: "The share of traces that `traceidratio` and `parentbased_traceidratio` record.",
};

const EXEMPLAR_FILTER: Setting<Option<ExemplarFilter>> = Setting {
    code: ".exemplar_filter(..)",
    variables: &["OTEL_METRICS_EXEMPLAR_FILTER"],
    key: "meter_provider.exemplar_filter",
    kind: Kind::choice(&[
        ("trace_based", Some(ExemplarFilter::TraceBased)),
        ("always_off", Some(ExemplarFilter::AlwaysOff)),
        ("always_on", None),
    ]),
    default: "trace_based",
    is_secret: false,
    sentence: "Whether calls leave exemplars; `always_on` is told of and ignored, because ours lead to traces.",
};

pub(super) const METRICS_FACADE: Setting<bool> = Setting {
    code: ".metrics_facade(..)",
    variables: &[],
    key: "metrics_facade",
    kind: kind::FLAG,
    default: "true",
    is_secret: false,
    sentence: "Whether what any crate records through the `metrics` facade is exported too.",
};

#[cfg(test)]
pub(super) const SETTINGS: [&dyn super::page::Declared; 4] =
    [&SAMPLER, &SAMPLER_RATIO, &EXEMPLAR_FILTER, &METRICS_FACADE];

#[derive(Clone, Copy)]
enum SamplerKind {
    Fixed(Sampler),
    Ratio,
}

/// What the environment says of sampling.
pub(crate) fn sampler(env: &Env<'_>) -> Option<Sampler> {
    let chosen = SAMPLER.in_env(env).map(|said| said.value);
    if !matches!(chosen, Some((SamplerKind::Ratio, _)))
        && let Some(name) = SAMPLER_RATIO.variables.iter().find(|name| env.is_set(name))
    {
        let reason = "only `traceidratio` and `parentbased_traceidratio` in `OTEL_TRACES_SAMPLER` take an argument";
        env.without_effect(name, reason);
    }
    let (kind, is_parent_based) = chosen?;
    let sampler = match kind {
        SamplerKind::Fixed(sampler) => sampler,
        SamplerKind::Ratio => {
            let ratio = SAMPLER_RATIO.resolve_in_env(env);
            Sampler::ratio(ratio).expect("the ratio has been checked")
        }
    };
    Some(if is_parent_based {
        sampler.parent_based()
    } else {
        sampler
    })
}

/// What the environment says of exemplars.
pub(crate) fn exemplar_filter(env: &Env<'_>) -> Option<ExemplarFilter> {
    let said = EXEMPLAR_FILTER.in_env(env)?;
    if said.value.is_none() {
        let reason = "exemplars lead to traces, so calls without a sampled span leave none; \
                      write `trace_based` or `always_off`";
        env.ignore(said.place.option(), reason);
    }
    said.value
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::env::tests::with_env;

    #[test]
    fn samplers() {
        #[track_caller]
        fn check(kind: &str, argument: &str, expected: Option<Sampler>, warnings: &[&str]) {
            let variables = [
                ("OTEL_TRACES_SAMPLER", kind),
                ("OTEL_TRACES_SAMPLER_ARG", argument),
            ];
            let (sampler, ignored) = with_env(&variables, sampler);
            assert_eq!(sampler, expected, "{kind} {argument}");
            assert_eq!(ignored, warnings);
        }
        let tenth = Sampler::ratio(0.1).unwrap();
        check("", "", None, &[]);
        check("always_on", "", Some(Sampler::ALWAYS_ON), &[]);
        check(
            "parentbased_always_off",
            "",
            Some(Sampler::ALWAYS_OFF.parent_based()),
            &[],
        );
        check("traceidratio", "0.1", Some(tenth), &[]);
        check(
            "ParentBased_TraceIdRatio",
            "0.1",
            Some(tenth.parent_based()),
            &[],
        );
        check("traceidratio", "", Some(Sampler::ALWAYS_ON), &[]);
        let warning =
            "OTEL_TRACES_SAMPLER_ARG is ignored: a ratio lies between 0 and 1, but this one is 1.5";
        check("traceidratio", "1.5", Some(Sampler::ALWAYS_ON), &[warning]);
        let warning = "OTEL_TRACES_SAMPLER_ARG is ignored: write a number between 0 and 1";
        check("traceidratio", "10%", Some(Sampler::ALWAYS_ON), &[warning]);
        let warning = "OTEL_TRACES_SAMPLER is ignored: write one of `always_on`, `always_off`, \
                       `traceidratio`, `parentbased_always_on`, `parentbased_always_off`, `parentbased_traceidratio`";
        check("jaeger_remote", "", None, &[warning]);
        let warning = "OTEL_TRACES_SAMPLER_ARG is without effect: only `traceidratio` and `parentbased_traceidratio` \
                       in `OTEL_TRACES_SAMPLER` take an argument";
        check("", "0.1", None, &[warning]);
        check("always_on", "0.1", Some(Sampler::ALWAYS_ON), &[warning]);
    }

    #[test]
    fn exemplar_filters() {
        #[track_caller]
        fn check(value: &str, expected: Option<ExemplarFilter>, warnings: &[&str]) {
            let variables = [("OTEL_METRICS_EXEMPLAR_FILTER", value)];
            let (filter, ignored) = with_env(&variables, exemplar_filter);
            assert_eq!(filter, expected);
            assert_eq!(ignored, warnings);
        }
        check("", None, &[]);
        check("trace_based", Some(ExemplarFilter::TraceBased), &[]);
        check("Always_Off", Some(ExemplarFilter::AlwaysOff), &[]);
        let warning = "OTEL_METRICS_EXEMPLAR_FILTER is ignored: exemplars lead to traces, so calls without \
                       a sampled span leave none; write `trace_based` or `always_off`";
        check("always_on", None, &[warning]);
        let warning = "OTEL_METRICS_EXEMPLAR_FILTER is ignored: \
                       write one of `trace_based`, `always_off`, `always_on`";
        check("with_sampled_trace", None, &[warning]);
    }
}
