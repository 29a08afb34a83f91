//! Against a real server on loopback, and against some that are none.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use flate2::read::GzDecoder;
use http::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket};

use super::super::connect::Patience;
use super::super::headers::header_map;
use super::super::status;
use super::super::tls::Tls;
use super::*;
use crate::report::Reporter;

const PATH: &str = "/v1/traces";

fn transport(address: SocketAddr, headers: &[(&str, &str)], gzip: bool) -> HttpTransport {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let endpoint = format!("http://{address}{PATH}?key=secret");
    let config = HttpConfig {
        endpoint: Endpoint::parse("X", &endpoint).unwrap(),
        headers: header_map("X", &headers.collect::<Vec<_>>()).unwrap(),
        connector: Tls::default()
            .http1(Patience::with(Duration::from_secs(3)), &Reporter::silent())
            .unwrap(),
        content_type: "application/x-protobuf",
        gzip,
    };
    HttpTransport::new(config, status::by_status)
}

fn payload() -> Payload {
    Payload::new(vec![7; 10_000], 1)
}

async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    address
}

#[tokio::test]
async fn posts_with_headers_over_one_connection() {
    let (sender, mut requests) = tokio::sync::mpsc::unbounded_channel();
    let handler = move |ConnectInfo(peer): ConnectInfo<SocketAddr>,
                        headers: HeaderMap,
                        body: Bytes| async move {
        sender.send((peer, headers, body)).unwrap();
    };
    let address = serve(Router::new().route(PATH, axum::routing::post(handler))).await;
    let transport = transport(
        address,
        &[("Authorization", "Bearer secret"), ("a", "1"), ("a", "2")],
        true,
    );

    let mut peers = Vec::new();
    for _ in 0..2 {
        let sent = transport.send(&payload()).await;
        assert!(matches!(sent, Verdict::Taken(_)), "{sent:?}");
        let (peer, headers, body) = requests.recv().await.unwrap();
        assert_eq!(headers[CONTENT_TYPE], "application/x-protobuf");
        assert_eq!(headers[CONTENT_ENCODING], "gzip");
        assert_eq!(headers["authorization"], "Bearer secret");
        assert_eq!(headers.get_all("a").iter().collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(
            headers[USER_AGENT],
            concat!("tachograph/", env!("CARGO_PKG_VERSION"))
        );
        let mut plain = Vec::new();
        std::io::Read::read_to_end(&mut GzDecoder::new(&body[..]), &mut plain).unwrap();
        assert_eq!(plain, payload().body);
        peers.push(peer);
    }
    assert_eq!(peers[0], peers[1], "the connection is kept");
    assert!(!format!("{transport:?}").contains("secret"));
}

#[tokio::test]
async fn errors_name_the_endpoint_without_its_path_and_query() {
    let refuse = || async {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            [("retry-after", "7")],
            "full",
        )
    };
    let address = serve(Router::new().fallback(refuse)).await;
    let sent = transport(address, &[], false).send(&payload()).await;
    let expected = format!("http://{address} answered 503 Service Unavailable: full");
    assert!(
        matches!(&sent, Verdict::Later { reason, after, .. }
            if *reason == expected && *after == Some(Duration::from_secs(7))),
        "{sent:?}"
    );
}

/// What is made of an answer of which only the head and some of the body can be read.
async fn cut_off(head: &'static str) -> Verdict {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = Vec::new();
        while !request.ends_with(&payload().body) {
            stream.read_buf(&mut request).await.unwrap();
        }
        let answer = format!("HTTP/1.1 {head}\r\ncontent-length: 100\r\n\r\nsome");
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    transport(address, &[], false).send(&payload()).await
}

#[tokio::test]
async fn a_request_whose_answer_breaks_off_is_not_sent_again() {
    let sent = cut_off("200 OK").await;
    assert!(
        matches!(&sent, Verdict::Taken(receipt) if receipt.message.contains("broke off its answer")),
        "{sent:?}"
    );
    let sent = cut_off("400 Bad Request").await;
    assert!(matches!(sent, Verdict::Refused { .. }), "{sent:?}");
    let sent = cut_off("503 Service Unavailable\r\nretry-after: 7").await;
    assert!(
        matches!(sent, Verdict::Later { after: Some(after), .. } if after.as_secs() == 7),
        "{sent:?}"
    );
}

#[tokio::test]
async fn a_request_whose_answer_is_too_large_is_not_sent_again() {
    let address = serve(Router::new().fallback(|| async { vec![0; MAX_RESPONSE_BYTES + 1] })).await;
    let sent = transport(address, &[], false).send(&payload()).await;
    assert!(
        matches!(&sent, Verdict::Taken(receipt) if receipt.message.ends_with("more than 4194304 bytes")),
        "{sent:?}"
    );
}

#[tokio::test]
async fn a_backend_that_quotes_secrets_is_not_quoted() {
    let quote = |headers: HeaderMap| async move {
        let key = headers["api-key"].to_str().unwrap().to_owned();
        (StatusCode::FORBIDDEN, format!("{key} is no key"))
    };
    let address = serve(Router::new().fallback(quote)).await;
    let transport = transport(address, &[("api-key", "s3cret!")], false);
    let sent = transport.send(&payload()).await;
    assert!(
        matches!(&sent, Verdict::Refused { reason } if reason.ends_with("403 Forbidden: *** is no key")),
        "{sent:?}"
    );
}

#[tokio::test]
async fn nobody_listening_is_retryable() {
    // Bound, so that nobody else takes the port, but not listening.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    let sent = transport(address, &[], false).send(&payload()).await;
    let Verdict::Later {
        reason,
        after: None,
        ..
    } = sent
    else {
        panic!("{sent:?}");
    };
    assert!(reason.contains("Connection refused"), "{reason}");
    assert!(!reason.contains("secret"), "{reason}");
}

#[tokio::test]
async fn another_protocol_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let transport = transport(address, &[], false);
    let payload = payload();
    // The empty SETTINGS frame with which a gRPC server greets.
    let server = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 16]).await;
        stream
            .write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0])
            .await
            .unwrap();
        stream
    };
    let (sent, _stream) = tokio::join!(transport.send(&payload), server);
    assert!(
        matches!(&sent, Verdict::Refused { reason }
            if reason.contains("HTTP/1.1") && reason.ends_with("; its port may be one for gRPC, or for TLS, which wants `https://`")),
        "{sent:?}"
    );
}

#[tokio::test]
async fn a_lost_connection_is_retryable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let accepted = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&accepted);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // Dropped with unread bytes, the connection is reset.
            let _ = stream.read(&mut [0; 16]).await;
            count.fetch_add(1, Ordering::Relaxed);
        }
    });
    let sent = transport(address, &[], false).send(&payload()).await;
    let Verdict::Later { reason, .. } = sent else {
        panic!("{sent:?}");
    };
    assert!(reason.contains("closed the connection: "), "{reason}");
    assert_eq!(
        accepted.load(Ordering::Relaxed),
        1,
        "the pipeline repeats, not the transport"
    );
}

/// Nobody answers the handshake: TLS over a connection that is there.
#[cfg(feature = "tls")]
#[tokio::test]
async fn connecting_takes_a_third_of_the_time() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    let config = HttpConfig {
        endpoint: Endpoint::parse("X", &endpoint).unwrap(),
        headers: HeaderMap::new(),
        connector: Tls::default()
            .http1(Patience::with(Duration::from_secs(3)), &Reporter::silent())
            .unwrap(),
        content_type: "application/x-protobuf",
        gzip: false,
    };
    let transport = HttpTransport::new(config, status::by_status);
    let payload = payload();
    let sent = tokio::time::timeout(Duration::from_secs(60), transport.send(&payload)).await;
    let sent = sent.expect("a third of its time");
    assert!(
        matches!(&sent, Verdict::Later { reason, .. } if reason.ends_with("no connection within 1s")),
        "{sent:?}"
    );
}
