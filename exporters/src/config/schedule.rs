//! How much is sent at once, when, and how long it is kept.

use std::time::Duration;

use super::env::Env;
use super::kind;
use super::setting::Setting;
use crate::error::BuildError;
use crate::pipeline::schedule::Schedule;
use crate::pipeline::sink::Delivery;

const BATCH_DELAY: Setting<Duration> = Setting {
    code: ".batch_delay(..)",
    variables: &["OTEL_BSP_SCHEDULE_DELAY"],
    key: "tracer_provider.processors.batch.schedule_delay",
    kind: kind::INTERVAL,
    default: "5000",
    is_secret: false,
    sentence: "How long a span waits at most for its batch to fill.",
};
const SPAN_TIMEOUT: Setting<Duration> = Setting {
    code: ".export_timeout(..)",
    variables: &["OTEL_BSP_EXPORT_TIMEOUT"],
    key: "tracer_provider.processors.batch.export_timeout",
    kind: kind::TIMEOUT,
    default: "30000",
    is_secret: false,
    sentence: "Bounds the export of one batch, however many requests it takes.",
};
const QUEUE_SIZE: Setting<usize> = Setting {
    code: ".queue_size(..)",
    variables: &["OTEL_BSP_MAX_QUEUE_SIZE"],
    key: "tracer_provider.processors.batch.max_queue_size",
    kind: kind::POSITIVE,
    default: "2048",
    is_secret: false,
    sentence: "How many spans may wait for each exporter.",
};
const BATCH_SIZE: Setting<usize> = Setting {
    code: ".batch_size(..)",
    variables: &["OTEL_BSP_MAX_EXPORT_BATCH_SIZE"],
    key: "tracer_provider.processors.batch.max_export_batch_size",
    kind: kind::POSITIVE,
    default: "512",
    is_secret: false,
    sentence: "How many spans are sent at once; no more than may wait.",
};
const METRIC_INTERVAL: Setting<Duration> = Setting {
    code: ".metric_interval(..)",
    variables: &["OTEL_METRIC_EXPORT_INTERVAL"],
    key: "meter_provider.readers.periodic.interval",
    kind: kind::INTERVAL,
    default: "60000",
    is_secret: false,
    sentence: "How often metrics are sent.",
};
const METRIC_TIMEOUT: Setting<Duration> = Setting {
    code: ".export_timeout(..)",
    variables: &["OTEL_METRIC_EXPORT_TIMEOUT"],
    key: "meter_provider.readers.periodic.timeout",
    kind: kind::TIMEOUT,
    default: "30000",
    is_secret: false,
    sentence: "Bounds the export of one snapshot, however many requests it takes.",
};
const MAX_AGE: Setting<Duration> = Setting {
    code: ".max_age(..)",
    variables: &[],
    key: "max_age",
    kind: kind::INTERVAL,
    default: "300000",
    is_secret: false,
    sentence: "What could not be sent for so long is dropped, unless its exporter says otherwise.",
};
const MAX_IN_FLIGHT: Setting<usize> = Setting {
    code: ".max_in_flight(..)",
    variables: &[],
    key: "max_in_flight",
    kind: kind::POSITIVE,
    default: "4",
    is_secret: false,
    sentence: "How many requests of spans each exporter has under way at a time, unless it says otherwise. Those of \
               metrics go one by one.",
};

#[cfg(test)]
pub(super) const SETTINGS: [&dyn super::page::Declared; 8] = [
    &BATCH_DELAY,
    &SPAN_TIMEOUT,
    &QUEUE_SIZE,
    &BATCH_SIZE,
    &METRIC_INTERVAL,
    &METRIC_TIMEOUT,
    &MAX_AGE,
    &MAX_IN_FLIGHT,
];

/// What code says of batches, and of requests that wait.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ScheduleCode {
    pub(crate) batch_size: Option<usize>,
    pub(crate) queue_size: Option<usize>,
    pub(crate) batch_delay: Option<Duration>,
    pub(crate) export_timeout: Option<Duration>,
    pub(crate) metric_interval: Option<Duration>,
    pub(crate) max_age: Option<Duration>,
    pub(crate) max_in_flight: Option<usize>,
}

/// Batches, queues and intervals.
///
/// # Errors
///
/// [`BuildError::InvalidConfig`] for code that makes no sense.
pub(crate) fn schedule(code: &ScheduleCode, env: &Env<'_>) -> Result<Schedule, BuildError> {
    let max_queue_size = QUEUE_SIZE.resolve(code.queue_size, env)?;
    Ok(Schedule {
        batch_size: batch_size(code, env, max_queue_size)?,
        max_queue_size,
        batch_delay: BATCH_DELAY.resolve(code.batch_delay, env)?,
        span_export_timeout: SPAN_TIMEOUT.resolve(code.export_timeout, env)?,
        metric_interval: METRIC_INTERVAL.resolve(code.metric_interval, env)?,
        metric_export_timeout: METRIC_TIMEOUT.resolve(code.export_timeout, env)?,
    })
}

/// The delivery of requests whose exporters say nothing else.
///
/// # Errors
///
/// Those of [`schedule`].
pub(crate) fn delivery(code: &ScheduleCode, env: &Env<'_>) -> Result<Delivery, BuildError> {
    Ok(Delivery {
        max_age: MAX_AGE.resolve(code.max_age, env)?,
        max_in_flight: MAX_IN_FLIGHT.resolve(code.max_in_flight, env)?,
        ..Delivery::default()
    })
}

/// A batch must fit into the queue.
fn batch_size(code: &ScheduleCode, env: &Env<'_>, max: usize) -> Result<usize, BuildError> {
    match BATCH_SIZE.said(code.batch_size, env)? {
        Some(said) if said.value > max => {
            let reason = format!("a batch must fit into the queue of {max} spans");
            BATCH_SIZE.refuse(&said, env, reason)?;
        }
        Some(said) => return Ok(said.value),
        None => {}
    }
    Ok(BATCH_SIZE.default().min(max))
}

#[cfg(test)]
mod tests {
    use super::super::env::tests::with_env;
    use super::*;

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
        let warning = "OTEL_BSP_MAX_EXPORT_BATCH_SIZE is ignored: a batch must fit into the queue of 100 spans";
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
    fn deliveries() {
        let resolved = |code| with_env(&[], |env| delivery(&code, env)).0;
        let none = ScheduleCode::default();
        assert_eq!(resolved(none).unwrap(), Delivery::default());
        let code = ScheduleCode {
            max_age: Some(Duration::from_secs(60)),
            max_in_flight: Some(2),
            ..none
        };
        let said = resolved(code).unwrap();
        let expected = (Duration::from_secs(60), 2);
        assert_eq!((said.max_age, said.max_in_flight), expected);

        let code = ScheduleCode {
            max_age: Some(Duration::ZERO),
            ..none
        };
        let message = ".max_age(..) cannot be `0ns`: it must be above zero";
        assert_eq!(resolved(code).unwrap_err().to_string(), message);
        let code = ScheduleCode {
            max_in_flight: Some(0),
            ..none
        };
        let message = ".max_in_flight(..) cannot be `0`: it must be above zero";
        assert_eq!(resolved(code).unwrap_err().to_string(), message);
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
