//! How much is sent at once, and when.

use std::fmt;
use std::time::Duration;

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
pub(crate) fn check_positive<T: PartialEq + Default + fmt::Debug>(
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
