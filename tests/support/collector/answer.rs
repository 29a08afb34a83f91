//! How a request can be answered, in the words of both protocols.

use std::time::Duration;

use hyper::{Response, StatusCode, header};
use prost::Message;
use tonic::Code;
use tonic_types::{ErrorDetails, StatusExt};

use super::connection::Body;

/// What becomes of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is taken.
    Accept,
    /// It is taken except for some spans, which are refused for good.
    AcceptExcept(i64),
    /// It is taken, which is said when [`Collector::release`](super::Collector::release) is called.
    Held,
    /// `503` or `UNAVAILABLE`, with a time to wait where one is given.
    Busy(Option<Duration>),
    /// `400` or `INVALID_ARGUMENT`: it would fail again.
    Refuse,
    /// The connection is reset, and the request is not taken.
    Reset,
    /// It is taken, and the connection is reset before that is said.
    AcceptThenReset,
    /// It is taken, and nothing is said.
    AcceptThenSilence,
}

impl Answer {
    /// Whether the spans are kept.
    #[must_use]
    pub fn takes(self) -> bool {
        match self {
            Self::Accept
            | Self::AcceptExcept(_)
            | Self::Held
            | Self::AcceptThenReset
            | Self::AcceptThenSilence => true,
            Self::Busy(_) | Self::Refuse | Self::Reset => false,
        }
    }
}

/// A failure over HTTP.
pub(super) fn http_failure(status: StatusCode, retry_after: Option<Duration>) -> Response<Body> {
    let message = tonic_types::Status {
        message: format!("scripted: {status}"),
        ..Default::default()
    };
    let mut response = Response::new(Body::new(http_body_util::Full::from(
        message.encode_to_vec(),
    )));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        "application/x-protobuf".parse().expect("a header"),
    );
    if let Some(retry_after) = retry_after {
        headers.insert(header::RETRY_AFTER, retry_after.as_secs().into());
    }
    response
}

/// A failure over gRPC.
pub(super) fn grpc_failure(code: Code, retry_after: Option<Duration>) -> Response<Body> {
    let mut details = ErrorDetails::new();
    if let Some(retry_after) = retry_after {
        details.set_retry_info(Some(retry_after));
    }
    tonic::Status::with_error_details(code, "scripted", details).into_http()
}
