//! `google.rpc.Status`, in which OTLP backends say what went wrong.
//!
//! <https://github.com/googleapis/googleapis/blob/master/google/rpc/status.proto>

use prost::Message;

/// What a failed request is answered with: the body over HTTP, the `grpc-status-details-bin` header over gRPC.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct RpcStatus {
    #[prost(int32, tag = "1")]
    pub(crate) code: i32,
    #[prost(string, tag = "2")]
    pub(crate) message: String,
    #[prost(message, repeated, tag = "3")]
    pub(crate) details: Vec<Any>,
}

#[derive(Clone, PartialEq, Message)]
pub(crate) struct Any {
    #[prost(string, tag = "1")]
    pub(crate) type_url: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(crate) value: Vec<u8>,
}
