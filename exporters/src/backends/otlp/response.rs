//! What OTLP backends answer.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use prost::Message;

use crate::pipeline::verdict::{Receipt, Verdict};
use crate::transport::rpc_status::RpcStatus;
use crate::transport::status::{by_status, excerpt, failure};

/// The answer to a request that was taken; the same fields for every signal.
#[derive(Clone, PartialEq, Message)]
struct ExportResponse {
    #[prost(message, optional, tag = "1")]
    partial_success: Option<PartialSuccess>,
}

#[derive(Clone, PartialEq, Message)]
struct PartialSuccess {
    #[prost(int64, tag = "1")]
    rejected: i64,
    #[prost(string, tag = "2")]
    error_message: String,
}

/// What a backend says about a request that it took.
pub(super) fn receipt(body: &[u8]) -> Receipt {
    match ExportResponse::decode(body) {
        Ok(response) => {
            let partial = response.partial_success.unwrap_or_default();
            Receipt {
                rejected: u64::try_from(partial.rejected).unwrap_or(0),
                message: excerpt(&partial.error_message),
            }
        }
        Err(error) => Receipt {
            rejected: 0,
            message: format!("the answer cannot be read: {error}"),
        },
    }
}

/// Verdict on an answer over HTTP. A proxy in between may answer with something else than protobuf.
pub(super) fn verdict(status: StatusCode, headers: &HeaderMap, body: &Bytes) -> Verdict {
    let content_type = headers.get(CONTENT_TYPE);
    if content_type.is_none_or(|value| !value.as_bytes().starts_with(b"application/x-protobuf")) {
        return by_status(status, headers, body);
    }
    if status.is_success() {
        return Verdict::Taken(receipt(body));
    }
    let explanation = RpcStatus::decode(&body[..]).unwrap_or_default();
    failure(status, headers, &explanation.message)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use opentelemetry_proto::tonic::collector::trace::v1 as proto;

    use super::*;

    fn verdict(status: u16, content_type: &'static str, body: Vec<u8>) -> Verdict {
        let headers =
            HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static(content_type))]);
        super::verdict(
            StatusCode::from_u16(status).unwrap(),
            &headers,
            &body.into(),
        )
    }

    fn receipt(verdict: Verdict) -> Receipt {
        match verdict {
            Verdict::Taken(receipt) => receipt,
            verdict => panic!("{verdict:?}"),
        }
    }

    #[test]
    fn partial_success_is_counted() {
        let response = proto::ExportTraceServiceResponse {
            partial_success: Some(proto::ExportTracePartialSuccess {
                rejected_spans: 3,
                error_message: "too old".to_owned(),
            }),
        };
        assert_eq!(
            receipt(verdict(
                200,
                "application/x-protobuf",
                response.encode_to_vec()
            )),
            Receipt {
                rejected: 3,
                message: "too old".to_owned(),
            }
        );
    }

    #[test]
    fn an_empty_answer_is_full_success() {
        assert_eq!(
            receipt(verdict(200, "application/x-protobuf", Vec::new())),
            Receipt::default()
        );
        assert_eq!(
            receipt(verdict(200, "text/plain", b"ok".to_vec())),
            Receipt::default()
        );
    }

    #[test]
    fn an_unreadable_answer_is_success_with_a_warning() {
        let receipt = receipt(verdict(200, "application/x-protobuf", b"<html>".to_vec()));
        assert_eq!(receipt.rejected, 0);
        assert!(
            receipt.message.starts_with("the answer cannot be read: "),
            "{receipt:?}"
        );
    }

    #[test]
    fn failures_are_explained_by_the_backend() {
        let status = RpcStatus {
            message: "no such tenant".to_owned(),
            ..RpcStatus::default()
        };
        let refused = verdict(400, "application/x-protobuf", status.encode_to_vec());
        assert!(
            matches!(&refused, Verdict::Refused { reason } if reason == "answered 400 Bad Request: no such tenant"),
            "{refused:?}"
        );
        let later = verdict(502, "text/html", b"bad gateway".to_vec());
        assert!(
            matches!(&later, Verdict::Later { reason, after: None, .. }
                if reason == "answered 502 Bad Gateway: bad gateway"),
            "{later:?}"
        );
    }
}
