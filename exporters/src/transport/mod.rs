//! How finished requests travel: bytes in, a verdict out.

mod causes;
pub(crate) mod connect;
pub(crate) mod endpoint;
#[cfg(feature = "otlp-grpc")]
pub(crate) mod grpc;
pub(crate) mod headers;
pub(crate) mod http;
#[cfg(feature = "otlp")]
pub(crate) mod rpc_status;
mod secrets;
pub(crate) mod status;
#[cfg_attr(
    not(feature = "otlp"),
    allow(dead_code, reason = "files are named for OTLP alone")
)]
pub(crate) mod tls;
#[cfg(feature = "jaeger")]
pub(crate) mod udp;

/// Larger answers are given up: <https://opentelemetry.io/docs/specs/otlp/#otlphttp-response>.
const MAX_RESPONSE_BYTES: usize = 4 << 20;
