//! What the answer to an HTTP request means for the request: done, try again, or give up.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{DATE, RETRY_AFTER};
use http::{HeaderMap, StatusCode};

use crate::pipeline::verdict::{Receipt, Verdict};
use crate::report::visible;

/// Verdict on an answer, by its status, headers and body.
pub(crate) type VerdictOf = fn(StatusCode, &HeaderMap, &Bytes) -> Verdict;

/// At most so many characters of what a backend says about a failure are kept.
const MAX_MESSAGE: usize = 256;

/// Verdict by status alone; the body of a failure is taken for text that explains it.
pub(crate) fn by_status(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Verdict {
    if status.is_success() {
        Verdict::Taken(Receipt::default())
    } else {
        let message = std::str::from_utf8(body).unwrap_or_default();
        failure(status, headers, message)
    }
}

/// The verdict for a status that is no success, with what the backend said.
pub(crate) fn failure(status: StatusCode, headers: &HeaderMap, message: &str) -> Verdict {
    let mut reason = format!("answered {status}");
    let message = excerpt(message);
    if !message.is_empty() {
        reason = format!("{reason}: {message}");
    }
    if is_retryable(status) {
        #[expect(
            clippy::disallowed_methods,
            reason = "the backend may name a date, which is one of the wall clock"
        )]
        let after = retry_after(headers, SystemTime::now());
        Verdict::Later {
            reason,
            after,
            rest: None,
        }
    } else if status == StatusCode::PAYLOAD_TOO_LARGE {
        Verdict::TooLarge { reason }
    } else {
        Verdict::Refused { reason }
    }
}

/// The statuses that may change by themselves: <https://opentelemetry.io/docs/specs/otlp/#retryable-response-codes>.
fn is_retryable(status: StatusCode) -> bool {
    matches!(status.as_u16(), 429 | 502 | 503 | 504)
}

/// How long the backend wants to be left alone: seconds, or a date that may have passed. A date is compared with that of
/// the answer, if it has one, because the clock of this machine may be wrong.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    let answered = headers.get(DATE).and_then(|value| value.to_str().ok());
    let answered = answered.and_then(|value| httpdate::parse_http_date(value).ok());
    let now = answered.unwrap_or(now);
    Some(date.duration_since(now).unwrap_or_default())
}

/// The beginning of a text, in one line.
pub(crate) fn excerpt(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    visible(&line).chars().take(MAX_MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn asks(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(RETRY_AFTER, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn success_is_any_2xx() {
        for status in [200, 202, 204] {
            let status = StatusCode::from_u16(status).unwrap();
            let verdict = by_status(status, &HeaderMap::new(), &Bytes::new());
            assert!(matches!(verdict, Verdict::Taken(_)), "{verdict:?}");
        }
    }

    #[test]
    fn four_statuses_are_retryable() {
        let retryable = (300..600)
            .filter(|&code| {
                let status = StatusCode::from_u16(code).unwrap();
                let verdict = by_status(status, &HeaderMap::new(), &Bytes::new());
                matches!(verdict, Verdict::Later { after: None, .. })
            })
            .collect::<Vec<u16>>();
        assert_eq!(retryable, [429, 502, 503, 504]);
    }

    #[test]
    fn what_is_too_large_is_not_refused() {
        let verdict = by_status(
            StatusCode::PAYLOAD_TOO_LARGE,
            &HeaderMap::new(),
            &Bytes::new(),
        );
        assert!(matches!(verdict, Verdict::TooLarge { .. }), "{verdict:?}");
    }

    #[test]
    fn failures_say_what_the_backend_said() {
        let body = Bytes::from_static(b"no such\r\n tenant\n");
        let verdict = by_status(StatusCode::FORBIDDEN, &asks("1"), &body);
        assert!(
            matches!(&verdict, Verdict::Refused { reason } if reason == "answered 403 Forbidden: no such tenant"),
            "{verdict:?}"
        );
        let verdict = by_status(StatusCode::SERVICE_UNAVAILABLE, &asks("3"), &Bytes::new());
        assert!(
            matches!(&verdict, Verdict::Later { reason, after, .. }
                if reason == "answered 503 Service Unavailable" && *after == Some(Duration::from_secs(3))),
            "{verdict:?}"
        );
        assert_eq!(excerpt(&"ä".repeat(1_000)), "ä".repeat(MAX_MESSAGE));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        let after = |value: &str| retry_after(&asks(value), now);
        assert_eq!(after(" 120 "), Some(Duration::from_secs(120)));
        assert_eq!(after("0"), Some(Duration::ZERO));
        assert_eq!(
            after("Sun, 06 Nov 1994 08:50:07 GMT"),
            Some(Duration::from_secs(30))
        );
        assert_eq!(
            after("Sunday, 06-Nov-94 08:49:37 GMT"),
            Some(Duration::ZERO)
        );
        assert_eq!(
            after("Sun, 06 Nov 1994 08:00:00 GMT"),
            Some(Duration::ZERO),
            "in the past"
        );
        assert_eq!(after("soon"), None);
        assert_eq!(after("-1"), None);
        assert_eq!(retry_after(&HeaderMap::new(), now), None);

        // A clock that is years off is of no use.
        let mut headers = asks("Sun, 06 Nov 1994 08:50:07 GMT");
        let date = HeaderValue::from_static("Sun, 06 Nov 1994 08:50:00 GMT");
        headers.insert(DATE, date);
        for years in [0, 40] {
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(years * 365 * 86_400);
            assert_eq!(retry_after(&headers, now), Some(Duration::from_secs(7)));
        }
    }
}
