//! `google.rpc.RetryInfo`, in which a backend asks for another attempt.

use std::time::Duration;

use prost::Message;

use super::super::rpc_status::RpcStatus;

#[derive(Clone, Copy, PartialEq, Message)]
struct RetryInfo {
    #[prost(message, optional, tag = "1")]
    retry_delay: Option<ProtoDuration>,
}

#[derive(Clone, Copy, PartialEq, Message)]
struct ProtoDuration {
    #[prost(int64, tag = "1")]
    seconds: i64,
    #[prost(int32, tag = "2")]
    nanos: i32,
}

/// How long to wait before the next attempt; `None` when the backend did not ask for one.
pub(super) fn retry_delay(details: &[u8]) -> Option<Duration> {
    let status = RpcStatus::decode(details).ok()?;
    let mut details = status.details.iter();
    let any = details.find(|any| any.type_url.ends_with("/google.rpc.RetryInfo"))?;
    let info = RetryInfo::decode(&any.value[..]).ok()?;
    let delay = info.retry_delay.unwrap_or_default();
    // A negative delay is none.
    let seconds = u64::try_from(delay.seconds).unwrap_or(0);
    let nanos = u64::try_from(delay.nanos).unwrap_or(0);
    Some(Duration::from_secs(seconds).saturating_add(Duration::from_nanos(nanos)))
}

/// The details of a backend that wants to be asked again after `delay`.
#[cfg(test)]
pub(super) fn details(delay: Duration) -> Vec<u8> {
    use super::super::rpc_status::Any;

    let info = RetryInfo {
        retry_delay: Some(ProtoDuration {
            seconds: delay.as_secs().cast_signed(),
            nanos: delay.subsec_nanos().cast_signed(),
        }),
    };
    let status = RpcStatus {
        details: vec![Any {
            type_url: "type.googleapis.com/google.rpc.RetryInfo".to_owned(),
            value: info.encode_to_vec(),
        }],
        ..RpcStatus::default()
    };
    status.encode_to_vec()
}
