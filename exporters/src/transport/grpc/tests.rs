//! Against a server made of plain HTTP/2, so that every byte on the wire is looked at by someone else than tonic.

use std::io::Read;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use flate2::read::GzDecoder;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use http::{Request, Response};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpSocket};
use tokio::sync::mpsc;
use tonic::Code;

use super::super::headers::header_map;
use super::super::tls::Tls;
use super::retry_info;
use super::*;
use crate::report::Reporter;

const METHOD: &str = "/opentelemetry.proto.collector.trace.v1.TraceService/Export";

/// What the server does with a request.
#[derive(Clone, Debug)]
enum Answer {
    /// Takes it and says this.
    Message(Vec<u8>),
    /// Refuses it with a status of gRPC.
    Status(Code, &'static str, Vec<u8>),
    /// Answers as a proxy would, which knows nothing of gRPC.
    Http(u16),
    /// Closes the connection.
    HangUp,
    /// Says nothing.
    Silence,
    /// Is not there any more, as after a power cut.
    Gone,
}

/// A request as the server saw it, with the address of the client.
type Seen = (SocketAddr, http::request::Parts, Vec<u8>);

async fn serve(answer: Answer) -> (SocketAddr, mpsc::UnboundedReceiver<Seen>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, receiver) = mpsc::unbounded_channel();
    let answer = Arc::new(answer);
    tokio::spawn(async move {
        while let Ok((stream, peer)) = listener.accept().await {
            let (sender, answer) = (sender.clone(), Arc::clone(&answer));
            tokio::spawn(async move {
                let mut connection = h2::server::handshake(stream).await.unwrap();
                while let Some(Ok((request, respond))) = connection.accept().await {
                    match *answer {
                        Answer::HangUp => return,
                        // The connection stays, and nobody reads what comes.
                        Answer::Gone => std::future::pending().await,
                        _ => {}
                    }
                    let (sender, answer) = (sender.clone(), Arc::clone(&answer));
                    tokio::spawn(async move {
                        let seen = read(peer, request).await;
                        sender.send(seen).unwrap();
                        reply(&answer, respond).await;
                    });
                }
            });
        }
    });
    (address, receiver)
}

async fn read(peer: SocketAddr, request: Request<h2::RecvStream>) -> Seen {
    let (head, mut stream) = request.into_parts();
    let mut body = Vec::new();
    while let Some(chunk) = stream.data().await {
        let chunk = chunk.unwrap();
        stream.flow_control().release_capacity(chunk.len()).unwrap();
        body.extend_from_slice(&chunk);
    }
    (peer, head, body)
}

async fn reply(answer: &Answer, mut respond: h2::server::SendResponse<Bytes>) {
    let head = Response::builder().header("content-type", "application/grpc");
    match answer {
        Answer::Message(message) => {
            let head = head.body(()).unwrap();
            let mut stream = respond.send_response(head, false).unwrap();
            let len = u32::try_from(message.len()).unwrap();
            let framed = [&[0][..], &len.to_be_bytes(), message].concat();
            stream.send_data(framed.into(), false).unwrap();
            let ok = (
                HeaderName::from_static("grpc-status"),
                HeaderValue::from_static("0"),
            );
            stream.send_trailers(HeaderMap::from_iter([ok])).unwrap();
        }
        Answer::Status(code, message, details) => {
            let mut head = head
                .header("grpc-status", *code as i32)
                .header("grpc-message", *message);
            if !details.is_empty() {
                let details = tonic::metadata::BinaryMetadataValue::from_bytes(details);
                head = head.header("grpc-status-details-bin", details.as_encoded_bytes());
            }
            respond.send_response(head.body(()).unwrap(), true).unwrap();
        }
        Answer::Http(status) => {
            let head = Response::builder().status(*status).body(()).unwrap();
            respond.send_response(head, true).unwrap();
        }
        Answer::HangUp | Answer::Gone => {}
        Answer::Silence => std::future::pending().await,
    }
}

fn transport(address: SocketAddr, gzip: bool) -> GrpcTransport {
    let patience = Patience::with(Duration::from_secs(3));
    let headers = [("Authorization".to_owned(), "Bearer secret".to_owned())];
    let config = GrpcConfig {
        endpoint: Endpoint::parse("X", &format!("http://{address}")).unwrap(),
        method: METHOD,
        user_agent: "OTel-OTLP-Exporter-Rust/0.1.0",
        headers: header_map("X", &headers).unwrap(),
        gzip,
        connector: Tls::default().http2(patience, &Reporter::silent()).unwrap(),
        patience,
    };
    let read = |body: &[u8]| Receipt {
        rejected: body.len() as u64,
        message: String::new(),
    };
    GrpcTransport::new(config, read)
}

fn payload() -> Payload {
    Payload::new(vec![7; 100_000], 1)
}

async fn outcome(answer: Answer) -> (String, Option<Duration>, bool) {
    let (address, _seen) = serve(answer).await;
    let sent = transport(address, false).send(&payload()).await;
    let (reason, after, is_retryable) = match sent {
        Verdict::Later { reason, after, .. } => (reason, after, true),
        Verdict::Refused { reason } => (reason, None, false),
        _ => panic!("{sent:?}"),
    };
    let reason = reason.strip_prefix(&format!("http://{address} "));
    (
        reason.expect("the endpoint").to_owned(),
        after,
        is_retryable,
    )
}

#[tokio::test]
async fn calls_the_method_over_one_connection() {
    let (address, mut seen) = serve(Answer::Message(vec![0; 3])).await;
    for gzip in [false, true] {
        let transport = transport(address, gzip);
        let mut peers = Vec::new();
        for _ in 0..2 {
            let sent = transport.send(&payload()).await;
            assert!(
                matches!(&sent, Verdict::Taken(receipt) if receipt.rejected == 3),
                "what `read` made of the answer, not {sent:?}"
            );

            let (peer, head, body) = seen.recv().await.unwrap();
            assert_eq!(head.uri.path(), METHOD);
            assert_eq!(head.headers["authorization"], "Bearer secret");
            let user_agent = head.headers["user-agent"].to_str().unwrap();
            assert!(
                user_agent.starts_with("OTel-OTLP-Exporter-Rust/"),
                "{user_agent}"
            );
            assert_eq!(body[0], u8::from(gzip), "the flag for compression");
            assert_eq!(head.headers.contains_key("grpc-encoding"), gzip);
            let message = &body[5..];
            assert_eq!(
                body[1..5],
                u32::try_from(message.len()).unwrap().to_be_bytes()
            );
            let mut plain = message.to_vec();
            if gzip {
                plain.clear();
                GzDecoder::new(message).read_to_end(&mut plain).unwrap();
            }
            assert_eq!(plain, payload().body);
            peers.push(peer);
        }
        assert_eq!(peers[0], peers[1], "the connection is kept");
        assert!(!format!("{transport:?}").contains("secret"));
    }
}

#[tokio::test]
async fn statuses_are_read_with_their_details() {
    let busy = |details| Answer::Status(Code::ResourceExhausted, "busy", details);
    assert_eq!(
        outcome(busy(retry_info::details(Duration::from_secs(3)))).await,
        (
            "answered ResourceExhausted: busy".to_owned(),
            Some(Duration::from_secs(3)),
            true
        )
    );
    assert_eq!(
        outcome(busy(Vec::new())).await,
        ("answered ResourceExhausted: busy".to_owned(), None, false)
    );
    assert_eq!(
        outcome(Answer::Status(Code::Unimplemented, "", Vec::new())).await,
        ("answered Unimplemented".to_owned(), None, false)
    );
}

#[tokio::test]
async fn proxies_are_read_by_their_http_status() {
    let (reason, _, is_retryable) = outcome(Answer::Http(503)).await;
    assert!(
        is_retryable && reason.starts_with("answered Unavailable"),
        "{reason}"
    );
    let (reason, _, is_retryable) = outcome(Answer::Http(401)).await;
    assert!(
        !is_retryable && reason.starts_with("answered Unauthenticated"),
        "{reason}"
    );
}

#[tokio::test]
async fn a_request_whose_answer_is_too_large_is_not_sent_again() {
    let (address, _seen) = serve(Answer::Message(vec![0; MAX_RESPONSE_BYTES + 1])).await;
    let sent = transport(address, false).send(&payload()).await;
    assert!(
        matches!(&sent, Verdict::Taken(receipt) if receipt.message.ends_with("more than 4194304 bytes")),
        "{sent:?}"
    );
}

#[tokio::test]
async fn a_request_that_the_server_finds_too_large_can_be_halved() {
    let message = "Error, decoded message length too large: found 9 bytes, the limit is: 8 bytes";
    for code in [Code::OutOfRange, Code::ResourceExhausted] {
        let (address, _seen) = serve(Answer::Status(code, message, Vec::new())).await;
        let two = Payload::new(vec![7; 100_000], 2);
        let sent = transport(address, false).send(&two).await;
        assert!(matches!(sent, Verdict::TooLarge { .. }), "{sent:?}");
    }
}

#[tokio::test]
async fn a_lost_connection_is_retryable() {
    let (reason, after, is_retryable) = outcome(Answer::HangUp).await;
    assert!(is_retryable && after.is_none(), "{reason}");
}

#[tokio::test]
async fn a_port_for_http1_is_told_of() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let transport = transport(listener.local_addr().unwrap(), false);
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let answer = b"HTTP/1.1 400 Bad Request\r\n\r\n";
        stream.write_all(answer).await.unwrap();
        stream
    };
    let payload = payload();
    let (sent, _stream) = tokio::join!(transport.send(&payload), server);
    let hint = "; its port may be one for HTTP/1.1: gRPC has another, usually 4317";
    assert!(
        matches!(&sent, Verdict::Later { reason, .. } if reason.ends_with(hint)),
        "{sent:?}"
    );
}

#[tokio::test]
async fn nobody_listening_is_retryable_until_somebody_does() {
    // Bound, so that nobody else takes the port, but not listening.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    let transport = transport(address, false);
    for _ in 0..2 {
        let sent = transport.send(&payload()).await;
        let Verdict::Later {
            reason,
            after: None,
            ..
        } = sent
        else {
            panic!("{sent:?}");
        };
        assert!(
            reason.starts_with(&format!("http://{address} could not be reached: ")),
            "{reason}"
        );
        assert!(reason.contains("Connection refused"), "{reason}");
    }
}

#[tokio::test]
async fn a_server_that_is_gone_is_found_out() {
    let (address, _seen) = serve(Answer::Gone).await;
    let (transport, payload) = (transport(address, false), payload());
    let sent = tokio::time::timeout(Duration::from_secs(60), transport.send(&payload)).await;
    let sent = sent.expect("a third of its time, and once more");
    assert!(matches!(sent, Verdict::Later { .. }), "{sent:?}");
}

#[tokio::test]
async fn a_connection_that_said_nothing_is_not_used_again() {
    let (address, mut seen) = serve(Answer::Silence).await;
    let transport = transport(address, false);
    let mut peers = Vec::new();
    for _ in 0..2 {
        let payload = payload();
        let peer = tokio::select! {
            sent = transport.send(&payload) => panic!("{sent:?}"),
            seen = seen.recv() => seen.unwrap().0,
        };
        peers.push(peer);
    }
    assert_ne!(peers[0], peers[1]);
}
