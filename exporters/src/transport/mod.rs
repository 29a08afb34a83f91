//! How finished requests travel: bytes in, a receipt or an error out.

use std::error::Error;
use std::fmt::{Display, Write};

use crate::pipeline::sink::SendError;

mod endpoint;
#[cfg(feature = "otlp-grpc")]
pub(crate) mod grpc;
mod headers;
pub(crate) mod http;
pub(crate) mod judge;
#[cfg(feature = "otlp")]
pub(crate) mod rpc_status;
#[cfg(feature = "jaeger")]
pub(crate) mod udp;

/// Larger answers are given up: <https://opentelemetry.io/docs/specs/otlp/#otlphttp-response>.
const MAX_RESPONSE_BYTES: usize = 4 << 20;

impl SendError {
    /// The same error, said of `subject`: `http://collector:4318/v1/traces answered 400 Bad Request`.
    fn said_of(mut self, subject: &impl Display) -> Self {
        let (Self::Retryable { reason, .. } | Self::Permanent { reason }) = &mut self;
        *reason = format!("{subject} {reason}");
        self
    }
}

/// An error with everything that caused it, in one line.
fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    text
}

#[cfg(all(test, feature = "tls"))]
mod tests {
    use super::http::{HttpConfig, HttpTransport};
    use super::judge::by_status;
    use crate::pipeline::sink::{Payload, Receipt, SendError, Transport};

    /// The first byte of a TLS handshake.
    const HANDSHAKE: u8 = 0x16;

    async fn check(transport: impl FnOnce(&str) -> Box<dyn Transport>) {
        use tokio::io::AsyncReadExt;

        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let transport = transport(&format!("https://{address}/"));
        let payload = Payload {
            body: bytes::Bytes::new(),
            items: 0,
        };
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            stream.read_u8().await.unwrap()
        };
        let (sent, first) = tokio::join!(transport.send(&payload), server);
        assert_eq!(first, HANDSHAKE);
        assert!(matches!(sent, Err(SendError::Retryable { .. })), "{sent:?}");
    }

    #[tokio::test]
    async fn https_is_spoken_over_tls() {
        check(|endpoint| {
            let config = HttpConfig {
                exporter: "otlp_http",
                endpoint,
                headers: Vec::new(),
                content_type: "application/x-protobuf",
                gzip: false,
            };
            Box::new(HttpTransport::new(config, by_status).unwrap())
        })
        .await;
    }

    #[cfg(feature = "otlp-grpc")]
    #[tokio::test]
    async fn grpc_with_https_is_spoken_over_tls() {
        use super::grpc::{GrpcConfig, GrpcTransport};

        check(|endpoint| {
            let config = GrpcConfig {
                exporter: "otlp_grpc",
                endpoint,
                method: "/service/Method",
                user_agent: "test",
                headers: Vec::new(),
                gzip: false,
            };
            Box::new(GrpcTransport::new(config, |_| Receipt::default()).unwrap())
        })
        .await;
    }
}
