//! What holds for all exporters: who sends, which traces, how much a span holds, and how much is sent when.

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
    check_positive("batch_size", code.batch_size, 0)?;
    check_positive("queue_size", code.queue_size, 0)?;
    check_positive("batch_delay", code.batch_delay, Duration::ZERO)?;
    check_positive("metric_interval", code.metric_interval, Duration::ZERO)?;

    let default = Schedule::default();
    let max_queue_size = code
        .queue_size
        .or_else(|| env.positive("OTEL_BSP_MAX_QUEUE_SIZE"))
        .unwrap_or(default.max_queue_size);
    if let Some(batch_size) = code.batch_size.filter(|size| *size > max_queue_size) {
        return Err(BuildError::InvalidConfig {
            option: "batch_size".to_owned(),
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

fn check_positive<T: PartialEq + std::fmt::Debug>(
    option: &str,
    value: Option<T>,
    zero: T,
) -> Result<(), BuildError> {
    match value {
        Some(value) if value == zero => Err(BuildError::InvalidConfig {
            option: option.to_owned(),
            value: format!("{value:?}"),
            reason: "it must be above zero".to_owned(),
        }),
        _ => Ok(()),
    }
}
