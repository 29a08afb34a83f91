//! What holds for all exporters: who sends, which traces, how much a span holds, and how much is sent when.

use std::fmt;
use std::time::Duration;

use tachograph::trace::{Sampler, SpanLimits};
use tachograph::{Attribute, Resource, semconv};

use super::Code;
use super::env::Env;
use crate::error::BuildError;
use crate::pipeline::schedule::Schedule;

/// What code says about batches.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ScheduleCode {
    pub(crate) batch_size: Option<usize>,
    pub(crate) queue_size: Option<usize>,
    pub(crate) batch_delay: Option<Duration>,
    pub(crate) export_timeout: Option<Duration>,
    pub(crate) metric_interval: Option<Duration>,
}

/// The service's name and attributes: code, then `OTEL_SERVICE_NAME`, then `OTEL_RESOURCE_ATTRIBUTES`.
pub(crate) fn resource(code: &Code, env: &Env<'_>) -> Resource {
    let attributes = env.pairs("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default();
    let attributes = attributes.into_iter();
    let mut resource = Resource::new(unknown_service())
        .merge(attributes.map(|(key, value)| Attribute::new(key, value)));
    let name = code.service.clone();
    if let Some(name) = name.or_else(|| env.text("OTEL_SERVICE_NAME")) {
        resource.set(semconv::SERVICE_NAME, name);
    }
    resource.merge(code.attributes.iter().cloned())
}

/// The name that the specification has for services without one.
fn unknown_service() -> String {
    let program = std::env::current_exe().ok();
    let name = program.as_deref().and_then(|path| path.file_stem());
    match name {
        Some(name) => format!("unknown_service:{}", name.to_string_lossy()),
        None => "unknown_service".to_owned(),
    }
}

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
    let (kind, is_parent_based) = env.choice("OTEL_TRACES_SAMPLER", &CHOICES)?;
    let sampler = match kind {
        Kind::Fixed(sampler) => sampler,
        Kind::Ratio => env
            .parsed("OTEL_TRACES_SAMPLER_ARG", |value| {
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

/// Batches, queues and intervals: code, then `OTEL_BSP_*` and `OTEL_METRIC_EXPORT_*`, then the defaults.
pub(crate) fn schedule(code: &ScheduleCode, env: &Env<'_>) -> Result<Schedule, BuildError> {
    check_positive(".batch_size(..)", code.batch_size)?;
    check_positive(".queue_size(..)", code.queue_size)?;
    check_positive(".batch_delay(..)", code.batch_delay)?;
    check_positive(".export_timeout(..)", code.export_timeout)?;
    check_positive(".metric_interval(..)", code.metric_interval)?;

    let default = Schedule::default();
    let max_queue_size = code
        .queue_size
        .or_else(|| env.positive("OTEL_BSP_MAX_QUEUE_SIZE"))
        .unwrap_or(default.max_queue_size);
    if let Some(batch_size) = code.batch_size.filter(|size| *size > max_queue_size) {
        return Err(BuildError::InvalidConfig {
            option: ".batch_size(..)".to_owned(),
            value: batch_size.to_string(),
            reason: format!("a batch must fit into the queue of {max_queue_size} spans"),
        });
    }
    let in_env = || {
        env.parsed("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", |value| {
            match value.parse() {
                Ok(size) if (1..=max_queue_size).contains(&size) => Ok(size),
                _ => Err(format!(
                    "write a whole number from 1 to the queue's size of {max_queue_size}"
                )),
            }
        })
    };
    let batch_size = code.batch_size.or_else(in_env);
    Ok(Schedule {
        batch_size: batch_size.unwrap_or(default.batch_size.min(max_queue_size)),
        max_queue_size,
        batch_delay: code
            .batch_delay
            .or_else(|| env.interval("OTEL_BSP_SCHEDULE_DELAY"))
            .unwrap_or(default.batch_delay),
        span_export_timeout: code
            .export_timeout
            .or_else(|| env.timeout("OTEL_BSP_EXPORT_TIMEOUT"))
            .unwrap_or(default.span_export_timeout),
        metric_interval: code
            .metric_interval
            .or_else(|| env.interval("OTEL_METRIC_EXPORT_INTERVAL"))
            .unwrap_or(default.metric_interval),
        metric_export_timeout: code
            .export_timeout
            .or_else(|| env.timeout("OTEL_METRIC_EXPORT_TIMEOUT"))
            .unwrap_or(default.metric_export_timeout),
    })
}

/// A setting that zero makes useless.
fn check_positive<T: PartialEq + Default + fmt::Debug>(
    option: &str,
    value: Option<T>,
) -> Result<(), BuildError> {
    match value {
        Some(value) if value == T::default() => Err(BuildError::InvalidConfig {
            option: option.to_owned(),
            value: format!("{value:?}"),
            reason: "it must be above zero".to_owned(),
        }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::env::tests::with_env;
    use super::*;

    #[test]
    fn the_resource() {
        let check = |code: &Code, variables: &[(&str, &str)], expected: &str, warnings: &[&str]| {
            let (resource, ignored) = with_env(variables, |env| resource(code, env));
            let attributes = resource.attributes().iter();
            let attributes =
                attributes.filter(|attribute| !attribute.key.starts_with("telemetry."));
            let words = attributes.map(ToString::to_string).collect::<Vec<_>>();
            assert_eq!(words.join(" "), expected);
            assert_eq!(ignored, warnings);
        };
        let (name, attributes) = ("OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES");
        let nobody = Code::default();
        check(&nobody, &[(name, "a")], "service.name=a", &[]);
        check(
            &nobody,
            &[(attributes, "service.name=b,zone=x%20y")],
            "service.name=b zone=x y",
            &[],
        );
        check(
            &nobody,
            &[(attributes, "service.name=b"), (name, "a")],
            "service.name=a",
            &[],
        );
        let warning = "OTEL_RESOURCE_ATTRIBUTES=`***` is ignored: write `key=value` pairs with commas between them";
        check(
            &nobody,
            &[(attributes, "zone=x,y"), (name, "a")],
            "service.name=a",
            &[warning],
        );
        let code = Code {
            service: Some("code".to_owned()),
            attributes: vec![Attribute::new("zone", "c")],
            ..Code::default()
        };
        check(
            &code,
            &[(attributes, "zone=x,b=1"), (name, "a")],
            "service.name=code zone=c b=1",
            &[],
        );

        let (resource, _) = with_env(&[], |env| resource(&nobody, env));
        let name = resource.get(semconv::SERVICE_NAME).unwrap().to_string();
        assert!(
            name.starts_with("unknown_service:tachograph_exporters"),
            "{name}"
        );
    }

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
    fn schedules() {
        let none = ScheduleCode::default();
        let (schedule, _) = with_env(&[], |env| super::schedule(&none, env).unwrap());
        assert_eq!(schedule, Schedule::default());

        let variables = [
            ("OTEL_BSP_SCHEDULE_DELAY", "1"),
            ("OTEL_BSP_EXPORT_TIMEOUT", "0"),
            ("OTEL_BSP_MAX_QUEUE_SIZE", "100"),
            ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "101"),
            ("OTEL_METRIC_EXPORT_INTERVAL", "2"),
            ("OTEL_METRIC_EXPORT_TIMEOUT", "3"),
        ];
        let (schedule, ignored) = with_env(&variables, |env| super::schedule(&none, env).unwrap());
        let expected = Schedule {
            batch_size: 100,
            max_queue_size: 100,
            batch_delay: Duration::from_millis(1),
            span_export_timeout: Duration::MAX,
            metric_interval: Duration::from_millis(2),
            metric_export_timeout: Duration::from_millis(3),
        };
        assert_eq!(schedule, expected);
        let warning = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE=`101` is ignored: \
                       write a whole number from 1 to the queue's size of 100";
        assert_eq!(ignored, [warning]);

        let code = ScheduleCode {
            batch_size: Some(5),
            queue_size: Some(50),
            ..none
        };
        let (schedule, ignored) = with_env(&variables, |env| super::schedule(&code, env).unwrap());
        assert_eq!((schedule.batch_size, schedule.max_queue_size), (5, 50));
        assert_eq!(ignored, [""; 0]);
    }

    #[test]
    fn code_that_makes_no_sense_is_an_error() {
        #[track_caller]
        fn check(code: ScheduleCode, message: &str) {
            let (schedule, _) = with_env(&[], |env| schedule(&code, env));
            assert_eq!(schedule.unwrap_err().to_string(), message);
        }
        let none = ScheduleCode::default();
        let code = ScheduleCode {
            batch_size: Some(0),
            ..none
        };
        check(code, ".batch_size(..) cannot be `0`: it must be above zero");
        let code = ScheduleCode {
            batch_size: Some(4_096),
            ..none
        };
        check(
            code,
            ".batch_size(..) cannot be `4096`: a batch must fit into the queue of 2048 spans",
        );
        let code = ScheduleCode {
            metric_interval: Some(Duration::ZERO),
            ..none
        };
        check(
            code,
            ".metric_interval(..) cannot be `0ns`: it must be above zero",
        );
    }
}
