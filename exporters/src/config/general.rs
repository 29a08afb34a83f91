//! What holds for all exporters: which traces, which exemplars, and what we say ourselves.

use tachograph::metrics::ExemplarFilter;
use tachograph::trace::Sampler;
use tracing::level_filters::LevelFilter;

use super::Code;
use super::env::Env;
use super::kind::{self, Kind};
use super::setting::Setting;
use crate::error::BuildError;

pub(super) const DISABLED: Setting<bool> = Setting {
    code: "",
    variables: &["OTEL_SDK_DISABLED"],
    key: "disabled",
    kind: kind::FLAG,
    default: "false",
    is_secret: false,
    sentence: "Switches everything off: `install()` succeeds and nothing listens.",
};

pub(super) const CONFIG_FILE: Setting<String> = Setting {
    code: "",
    variables: &["OTEL_CONFIG_FILE"],
    key: "",
    kind: kind::TEXT,
    default: "",
    is_secret: false,
    sentence: "A configuration file, which is not read yet: an error of `Telemetry::from_env()`, elsewhere told of.",
};

pub(super) const LOG_LEVEL: Setting<LevelFilter> = Setting {
    code: "",
    variables: &["OTEL_LOG_LEVEL"],
    key: "log_level",
    kind: Kind::choice(&[
        ("none", LevelFilter::OFF),
        ("error", LevelFilter::ERROR),
        ("warn", LevelFilter::WARN),
        ("info", LevelFilter::INFO),
        ("debug", LevelFilter::DEBUG),
    ]),
    default: "info",
    is_secret: false,
    sentence: "How grave our own messages must be to become `tracing` events (target `tachograph`, else standard \
               error): `error` is a loss, `info` says where the server listens, and we have none at `debug`. `on_error` hears \
               everything.",
};

pub(super) const PROPAGATORS: Setting<Vec<String>> = Setting {
    code: "",
    variables: &["OTEL_PROPAGATORS"],
    key: "propagator.composite",
    kind: kind::WORDS,
    default: "none",
    is_secret: false,
    sentence: "How context travels in headers, which are not read and written yet: anything but `none` is told of.",
};

pub(super) const SAMPLER: Setting<(SamplerKind, bool)> = Setting {
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

pub(super) const SAMPLER_RATIO: Setting<f64> = Setting {
    code: ".sampler(..)",
    variables: &["OTEL_TRACES_SAMPLER_ARG"],
    key: "tracer_provider.sampler.*.ratio",
    kind: kind::RATIO,
    default: "1",
    is_secret: false,
    sentence: "The share of traces that `traceidratio` and `parentbased_traceidratio` record.",
};

pub(super) const EXEMPLAR_FILTER: Setting<Option<ExemplarFilter>> = Setting {
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

#[derive(Clone, Copy)]
pub(super) enum SamplerKind {
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

/// Says of propagators, of which there are none yet, that there are none.
pub(crate) fn propagators(env: &Env<'_>) {
    if let Some(said) = PROPAGATORS.in_env(env)
        && said.value.iter().any(|name| name != "none")
    {
        let reason = "headers of requests are not read and written yet; give spans of other processes as \
                      `#[traced(parent = ..)]` or to `with_parent(..)`, and write `none`";
        env.ignore(said.place.option(), reason);
    }
}

/// Says of a configuration file that it is not read.
///
/// # Errors
///
/// [`BuildError::InvalidConfig`] where the environment is to say everything, which it does not without its file.
pub(crate) fn config_file(code: &Code, env: &Env<'_>) -> Result<(), BuildError> {
    let Some(said) = CONFIG_FILE.in_env(env) else {
        return Ok(());
    };
    let reason =
        "configuration files are not read yet; say it in code or in variables, and unset this one";
    if !code.like_specification {
        env.ignore(said.place.option(), reason);
        return Ok(());
    }
    Err(BuildError::InvalidConfig {
        option: said.place.option().to_owned(),
        value: CONFIG_FILE.show(&said.value),
        reason: reason.to_owned(),
    })
}

/// How grave our own messages must be to become events.
pub(crate) fn log_level(env: &Env<'_>) -> LevelFilter {
    LOG_LEVEL.resolve_in_env(env)
}

#[cfg(test)]
pub(super) const SETTINGS: [&dyn super::page::Declared; 7] = [
    &DISABLED,
    &CONFIG_FILE,
    &LOG_LEVEL,
    &PROPAGATORS,
    &SAMPLER,
    &SAMPLER_RATIO,
    &EXEMPLAR_FILTER,
];

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

    #[test]
    fn a_configuration_file_is_not_left_out_in_silence() {
        let read = |like_specification| {
            let code = Code {
                like_specification,
                ..Code::default()
            };
            let (read, told) = with_env(&[("OTEL_CONFIG_FILE", "otel.yaml")], |env| {
                config_file(&code, env)
            });
            (read.map_err(|error| error.to_string()), told)
        };
        let reason = "configuration files are not read yet; say it in code or in variables, and unset this one";
        let told = vec![format!("OTEL_CONFIG_FILE is ignored: {reason}")];
        assert_eq!(read(false), (Ok(()), told));
        let error = format!("OTEL_CONFIG_FILE cannot be `***`: {reason}");
        assert_eq!(read(true), (Err(error), Vec::new()));
    }

    #[test]
    fn propagators_are_told_of() {
        let told = |value| with_env(&[("OTEL_PROPAGATORS", value)], propagators).1;
        assert_eq!([told(""), told("none")], [[""; 0]; 2]);
        let [warning] = &told("tracecontext,baggage")[..] else {
            panic!("one warning");
        };
        let begin = "OTEL_PROPAGATORS is ignored: ";
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
            ["OTEL_LOG_LEVEL is ignored: write one of `none`, `error`, `warn`, `info`, `debug`"]
        );
    }
}
