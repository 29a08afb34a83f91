//! What a gRPC status means for the request: done, try again, halve, or give up.

use std::error::Error;

use tonic::{Code, Status};

use super::super::causes::with_causes;
use super::super::status::excerpt;
use super::retry_info::retry_delay;
use crate::pipeline::payload::Payload;
use crate::pipeline::verdict::Verdict;

/// How tonic begins when an answer, or a request for its server, is larger than its own limit.
const OVER_SIZE_LIMIT: &str = "Error, decoded message length too large";

/// A payload that is no larger than this is not what exhausts a backend.
const NEVER_TOO_LARGE: usize = 64 << 10;

/// Verdict on a server's failure, by its status and the `RetryInfo` in it.
pub(super) fn verdict(status: &Status, payload: &Payload) -> Verdict {
    // Only failures on this side have a source: the connection was refused, or lost before an answer came.
    if let Some(source) = status.source() {
        return Verdict::later(format!("could not be reached: {}", with_causes(source)));
    }
    let mut reason = format!("answered {:?}", status.code());
    let message = excerpt(status.message());
    if !message.is_empty() {
        reason = format!("{reason}: {message}");
    }
    let after = retry_delay(status.details());
    if is_about_size(status, after.is_some()) {
        let may_be_halved = payload.items > 1 && payload.body.len() > NEVER_TOO_LARGE;
        return if may_be_halved {
            Verdict::TooLarge { reason }
        } else {
            Verdict::Refused { reason }
        };
    }
    if is_retryable(status.code(), after.is_some()) {
        Verdict::Later {
            reason,
            after,
            rest: None,
        }
    } else {
        Verdict::Refused { reason }
    }
}

/// Whether a message was larger than whoever reads it allows: the request, or the answer to one that was taken.
pub(super) fn is_over_size_limit(status: &Status) -> bool {
    status.code() == Code::OutOfRange && status.message().starts_with(OVER_SIZE_LIMIT)
}

/// Servers have no status of their own for requests that are too large. `RESOURCE_EXHAUSTED` is that of most.
fn is_about_size(status: &Status, has_retry_info: bool) -> bool {
    is_over_size_limit(status) || status.code() == Code::ResourceExhausted && !has_retry_info
}

/// The specification's table: <https://opentelemetry.io/docs/specs/otlp/#failures>.
fn is_retryable(code: Code, has_retry_info: bool) -> bool {
    match code {
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unavailable
        | Code::DataLoss => true,
        Code::ResourceExhausted => has_retry_info,
        Code::Ok
        | Code::Unknown
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::FailedPrecondition
        | Code::Unimplemented
        | Code::Internal
        | Code::Unauthenticated => false,
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::retry_info::details;
    use super::*;

    fn verdict(status: &Status) -> Verdict {
        super::verdict(status, &Payload::new("", 1))
    }

    #[test]
    fn the_table_of_the_specification() {
        let is_retryable = |code: &i32| {
            let verdict = verdict(&Status::new(Code::from_i32(*code), ""));
            matches!(verdict, Verdict::Later { after: None, .. })
        };
        let retryable = (0..=16).filter(is_retryable).map(Code::from_i32);
        assert_eq!(
            retryable.collect::<Vec<_>>(),
            [
                Code::Cancelled,
                Code::DeadlineExceeded,
                Code::Aborted,
                Code::OutOfRange,
                Code::Unavailable,
                Code::DataLoss,
            ]
        );
    }

    #[test]
    fn resource_exhausted_is_retryable_with_retry_info() {
        let verdict = |delay: Duration| {
            verdict(&Status::with_details(
                Code::ResourceExhausted,
                "busy",
                details(delay).into(),
            ))
        };
        let delay = Duration::from_millis(1_500);
        let Verdict::Later { reason, after, .. } = verdict(delay) else {
            panic!("it may be sent again");
        };
        assert_eq!(reason, "answered ResourceExhausted: busy");
        assert_eq!(after, Some(delay));
        assert!(matches!(verdict(Duration::ZERO), Verdict::Later { .. }));
    }

    #[test]
    fn retry_info_delays_other_codes_and_makes_none_retryable() {
        let delay = Duration::from_secs(2);
        let verdict = |code: Code| verdict(&Status::with_details(code, "", details(delay).into()));
        assert!(
            matches!(verdict(Code::Unavailable), Verdict::Later { after, .. } if after == Some(delay))
        );
        assert!(matches!(
            verdict(Code::InvalidArgument),
            Verdict::Refused { .. }
        ));
    }

    #[test]
    fn unreadable_details_are_none() {
        let status = Status::with_details(Code::ResourceExhausted, "", vec![0xff; 3].into());
        assert!(matches!(verdict(&status), Verdict::Refused { .. }));
    }

    #[test]
    fn what_may_be_too_large_can_be_halved() {
        let over_limit = format!("{OVER_SIZE_LIMIT}: found 9 bytes, the limit is: 8 bytes");
        let statuses = [
            Status::resource_exhausted("too much"),
            Status::out_of_range(over_limit),
        ];
        for status in statuses {
            let verdict =
                |bytes, items| super::verdict(&status, &Payload::new(vec![0; bytes], items));
            let large = NEVER_TOO_LARGE + 1;
            assert!(matches!(verdict(large, 2), Verdict::TooLarge { .. }));
            assert!(matches!(verdict(large, 1), Verdict::Refused { .. }));
            assert!(matches!(verdict(large - 1, 2), Verdict::Refused { .. }));
        }
    }
}
