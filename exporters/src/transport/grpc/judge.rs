//! What a gRPC status means for the request: try again, or give up.

use std::error::Error;

use tonic::{Code, Status};

use super::super::causes::with_causes;
use super::super::judge::excerpt;
use super::retry_info::retry_delay;
use crate::pipeline::sink::SendError;

/// How tonic begins when an answer, or a request for its server, is larger than its own limit.
///
/// It calls that `OUT_OF_RANGE`, but the same request would fail again.
const OVER_SIZE_LIMIT: &str = "Error, decoded message length too large";

/// Judges a failure by its status and the `RetryInfo` in it.
pub(super) fn judge(status: &Status) -> SendError {
    // Only failures on this side have a source: the connection was refused, or lost before an answer came.
    if let Some(source) = status.source() {
        return SendError::Retryable {
            reason: format!("could not be reached: {}", with_causes(source)),
            after: None,
        };
    }
    let mut reason = format!("answered {:?}", status.code());
    let message = excerpt(status.message());
    if !message.is_empty() {
        reason = format!("{reason}: {message}");
    }
    let after = retry_delay(status.details());
    if is_retryable(status, after.is_some()) {
        SendError::Retryable { reason, after }
    } else {
        SendError::Permanent { reason }
    }
}

/// The specification's table: <https://opentelemetry.io/docs/specs/otlp/#failures>.
fn is_retryable(status: &Status, has_retry_info: bool) -> bool {
    match status.code() {
        Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Aborted
        | Code::Unavailable
        | Code::DataLoss => true,
        Code::OutOfRange => !status.message().starts_with(OVER_SIZE_LIMIT),
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

    #[test]
    fn the_table_of_the_specification() {
        let is_retryable = |code: &i32| {
            let judged = judge(&Status::new(Code::from_i32(*code), ""));
            matches!(judged, SendError::Retryable { after: None, .. })
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
        let judged = |delay: Duration| {
            judge(&Status::with_details(
                Code::ResourceExhausted,
                "busy",
                details(delay).into(),
            ))
        };
        let delay = Duration::from_millis(1_500);
        assert_eq!(
            judged(delay),
            SendError::Retryable {
                reason: "answered ResourceExhausted: busy".to_owned(),
                after: Some(delay),
            }
        );
        assert!(matches!(
            judged(Duration::ZERO),
            SendError::Retryable { .. }
        ));
    }

    #[test]
    fn retry_info_delays_other_codes_and_makes_none_retryable() {
        let delay = Duration::from_secs(2);
        let judged = |code: Code| judge(&Status::with_details(code, "", details(delay).into()));
        assert!(
            matches!(judged(Code::Unavailable), SendError::Retryable { after, .. } if after == Some(delay))
        );
        assert!(matches!(
            judged(Code::InvalidArgument),
            SendError::Permanent { .. }
        ));
    }

    #[test]
    fn unreadable_details_are_none() {
        let status = Status::with_details(Code::ResourceExhausted, "", vec![0xff; 3].into());
        assert!(matches!(judge(&status), SendError::Permanent { .. }));
    }
}
