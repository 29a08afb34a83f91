//! What holds for all exporters: which traces, how much a span holds, and what we say ourselves.

use tachograph::metrics::{ExemplarFilter, FunctionBuckets};
use tachograph::trace::{Sampler, SpanLimits};
use tracing::level_filters::LevelFilter;

use super::env::Env;

/// `OTEL_TRACES_SAMPLER` with its `_ARG`.
pub(crate) fn sampler(env: &Env<'_>) -> Option<Sampler> {
    #[derive(Clone, Copy)]
    enum Kind {
        Fixed(Sampler),
        Ratio,
    }
    const CHOICES: [(&str, (Kind, bool)); 6] = [
        ("always_on", (Kind::Fixed(Sampler::ALWAYS_ON), false)),
        ("always_off", (Kind::Fixed(Sampler::ALWAYS_OFF), false)),
        ("traceidratio", (Kind::Ratio, false)),
        (
            "parentbased_always_on",
            (Kind::Fixed(Sampler::ALWAYS_ON), true),
        ),
        (
            "parentbased_always_off",
            (Kind::Fixed(Sampler::ALWAYS_OFF), true),
        ),
        ("parentbased_traceidratio", (Kind::Ratio, true)),
    ];
    const ARGUMENT: &str = "OTEL_TRACES_SAMPLER_ARG";
    let choice = env.choice("OTEL_TRACES_SAMPLER", &CHOICES);
    if !matches!(choice, Some((Kind::Ratio, _)))
        && let Some(argument) = env.text(ARGUMENT)
    {
        let reason = "write `traceidratio` or `parentbased_traceidratio` into `OTEL_TRACES_SAMPLER`, which alone \
                      take an argument";
        env.ignore(ARGUMENT, &argument, reason);
    }
    let (kind, is_parent_based) = choice?;
    let sampler = match kind {
        Kind::Fixed(sampler) => sampler,
        Kind::Ratio => env
            .parsed(ARGUMENT, |value| {
                let ratio = value
                    .parse()
                    .map_err(|_| "write a number between 0 and 1".to_owned())?;
                Sampler::ratio(ratio).map_err(|error| error.to_string())
            })
            .unwrap_or(Sampler::ALWAYS_ON),
    };
    Some(if is_parent_based {
        sampler.parent_based()
    } else {
        sampler
    })
}

/// The limits of spans.
pub(crate) fn span_limits(env: &Env<'_>) -> SpanLimits {
    let first = |names: [&str; 2]| names.into_iter().find_map(|name| env.number(name));
    let mut limits = SpanLimits::default();
    let set = |limit: &mut u32, value: Option<u32>| *limit = value.unwrap_or(*limit);
    set(
        &mut limits.attributes,
        first([
            "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT",
            "OTEL_ATTRIBUTE_COUNT_LIMIT",
        ]),
    );
    set(
        &mut limits.value_length,
        first([
            "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT",
            "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT",
        ]),
    );
    set(
        &mut limits.events,
        env.number("OTEL_SPAN_EVENT_COUNT_LIMIT"),
    );
    set(&mut limits.links, env.number("OTEL_SPAN_LINK_COUNT_LIMIT"));
    set(
        &mut limits.attributes_per_event,
        env.number("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT"),
    );
    set(
        &mut limits.attributes_per_link,
        env.number("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT"),
    );
    limits
}

/// `OTEL_METRICS_EXEMPLAR_FILTER`.
pub(crate) fn exemplar_filter(env: &Env<'_>) -> Option<ExemplarFilter> {
    const NAME: &str = "OTEL_METRICS_EXEMPLAR_FILTER";
    let choices = [
        ("trace_based", Some(ExemplarFilter::TraceBased)),
        ("always_off", Some(ExemplarFilter::AlwaysOff)),
        ("always_on", None),
    ];
    let choice = env.choice(NAME, &choices)?;
    if choice.is_none() {
        let reason = "exemplars lead to traces, so calls without a sampled span leave none; \
                      write `trace_based` or `always_off`";
        env.ignore(NAME, "always_on", reason);
    }
    choice
}

/// `OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION`, which is for the durations of functions: histograms have
/// the buckets that code gives them.
pub(crate) fn function_buckets(env: &Env<'_>) -> Option<FunctionBuckets> {
    let choices = [
        ("explicit_bucket_histogram", FunctionBuckets::Explicit),
        (
            "base2_exponential_bucket_histogram",
            FunctionBuckets::Exponential,
        ),
    ];
    env.choice(
        "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
        &choices,
    )
}

/// `OTEL_PROPAGATORS`, of which there are none yet: says so to those who name some.
pub(crate) fn propagators(env: &Env<'_>) {
    const NAME: &str = "OTEL_PROPAGATORS";
    let named = env.list(NAME).unwrap_or_default();
    let named: Vec<_> = named.into_iter().filter(|name| name != "none").collect();
    if !named.is_empty() {
        let reason = "headers of requests are not read and written yet; give spans of other processes as \
                      `#[traced(parent = ..)]` or to `with_parent(..)`, and write `none`";
        env.ignore(NAME, &named.join(","), reason);
    }
}

/// `OTEL_LOG_LEVEL`: how grave our own messages must be to become events.
pub(crate) fn log_level(env: &Env<'_>) -> LevelFilter {
    let choices = [
        ("none", LevelFilter::OFF),
        ("error", LevelFilter::ERROR),
        ("warn", LevelFilter::WARN),
        ("info", LevelFilter::INFO),
        ("debug", LevelFilter::DEBUG),
    ];
    let level = env.choice("OTEL_LOG_LEVEL", &choices);
    level.unwrap_or(LevelFilter::INFO)
}

#[cfg(test)]
mod tests {
    use super::super::env::tests::with_env;
    use super::*;

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
        let warning = "OTEL_TRACES_SAMPLER_ARG=`1.5` is ignored: a sampling ratio lies between 0 and 1, but this one is 1.5";
        check("traceidratio", "1.5", Some(Sampler::ALWAYS_ON), &[warning]);
        let warning = "OTEL_TRACES_SAMPLER_ARG=`10%` is ignored: write a number between 0 and 1";
        check("traceidratio", "10%", Some(Sampler::ALWAYS_ON), &[warning]);
        let warning = "OTEL_TRACES_SAMPLER=`jaeger_remote` is ignored: write one of `always_on`, `always_off`, \
                       `traceidratio`, `parentbased_always_on`, `parentbased_always_off`, `parentbased_traceidratio`";
        check("jaeger_remote", "", None, &[warning]);
        let warning = "OTEL_TRACES_SAMPLER_ARG=`0.1` is ignored: write `traceidratio` or `parentbased_traceidratio` \
                       into `OTEL_TRACES_SAMPLER`, which alone take an argument";
        check("", "0.1", None, &[warning]);
        check("always_on", "0.1", Some(Sampler::ALWAYS_ON), &[warning]);
    }

    #[test]
    fn limits_of_spans_fall_back_to_those_of_all_signals() {
        let variables = [
            ("OTEL_ATTRIBUTE_COUNT_LIMIT", "10"),
            ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "11"),
            ("OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "12"),
            ("OTEL_SPAN_EVENT_COUNT_LIMIT", "13"),
            ("OTEL_SPAN_LINK_COUNT_LIMIT", "14"),
            ("OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "15"),
            ("OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "many"),
        ];
        let (limits, ignored) = with_env(&variables, span_limits);
        let figures = [
            limits.attributes,
            limits.value_length,
            limits.events,
            limits.links,
            limits.attributes_per_event,
            limits.attributes_per_link,
        ];
        assert_eq!(figures, [11, 12, 13, 14, 15, 128]);
        assert_eq!(ignored.len(), 1);
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
        let warning = "OTEL_METRICS_EXEMPLAR_FILTER=`always_on` is ignored: exemplars lead to traces, so calls without \
                       a sampled span leave none; write `trace_based` or `always_off`";
        check("always_on", None, &[warning]);
        let warning = "OTEL_METRICS_EXEMPLAR_FILTER=`with_sampled_trace` is ignored: \
                       write one of `trace_based`, `always_off`, `always_on`";
        check("with_sampled_trace", None, &[warning]);
    }

    #[test]
    fn buckets_of_functions() {
        let chosen = |value| {
            let name = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";
            with_env(&[(name, value)], function_buckets)
        };
        assert_eq!(chosen(""), (None, Vec::new()));
        let (explicit, told) = chosen("explicit_bucket_histogram");
        assert_eq!(
            (explicit, told),
            (Some(FunctionBuckets::Explicit), Vec::new())
        );
        let (exponential, told) = chosen("base2_exponential_bucket_histogram");
        assert_eq!(
            (exponential, told),
            (Some(FunctionBuckets::Exponential), Vec::new())
        );
        let (none, told) = chosen("summary");
        assert_eq!((none, told.len()), (None, 1));
    }

    #[test]
    fn propagators_are_told_of() {
        let told = |value| with_env(&[("OTEL_PROPAGATORS", value)], propagators).1;
        assert_eq!([told(""), told("none")], [[""; 0]; 2]);
        let [warning] = &told("tracecontext,baggage")[..] else {
            panic!("one warning");
        };
        let begin = "OTEL_PROPAGATORS=`tracecontext,baggage` is ignored: ";
        assert!(
            warning.starts_with(begin) && warning.ends_with("write `none`"),
            "{warning}"
        );
    }

    #[test]
    fn log_levels() {
        let level = |value| with_env(&[("OTEL_LOG_LEVEL", value)], log_level);
        assert_eq!(level(""), (LevelFilter::INFO, vec![]));
        assert_eq!(level("none"), (LevelFilter::OFF, vec![]));
        assert_eq!(level("ERROR"), (LevelFilter::ERROR, vec![]));
        let (default, warnings) = level("loud");
        assert_eq!(default, LevelFilter::INFO);
        assert_eq!(
            warnings,
            [
                "OTEL_LOG_LEVEL=`loud` is ignored: write one of `none`, `error`, `warn`, `info`, `debug`"
            ]
        );
    }
}
