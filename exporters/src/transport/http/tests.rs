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

use super::super::headers::header_map;
use super::super::judge;
use super::super::tls::TlsFiles;
use super::*;

const PATH: &str = "/v1/traces";

fn transport(address: SocketAddr, headers: &[(&str, &str)], gzip: bool) -> HttpTransport {
    let headers = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let endpoint = format!("http://{address}{PATH}?key=secret");
    let config = HttpConfig {
        endpoint: Endpoint::parse("X", &endpoint).unwrap(),
        headers: header_map("X", &headers.collect::<Vec<_>>()).unwrap(),
        connector: TlsFiles::default().http1().unwrap(),
        content_type: "application/x-protobuf",
        gzip,
    };
    HttpTransport::new(config, judge::by_status)
}

fn payload() -> Payload {
    Payload {
        body: Bytes::from(vec![7; 10_000]),
        items: 1,
    }
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
        assert_eq!(transport.send(&payload()).await, Ok(Receipt::default()));
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
async fn errors_name_the_endpoint_without_its_query() {
    let refuse = || async {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            [("retry-after", "7")],
            "full",
        )
    };
    let address = serve(Router::new().fallback(refuse)).await;
    assert_eq!(
        transport(address, &[], false).send(&payload()).await,
        Err(SendError::Retryable {
            reason: format!("http://{address}{PATH} answered 503 Service Unavailable: full"),
            after: Some(Duration::from_secs(7)),
        })
    );
}

#[tokio::test]
async fn a_large_answer_is_given_up() {
    let address = serve(Router::new().fallback(|| async { vec![0; MAX_RESPONSE_BYTES + 1] })).await;
    let error = transport(address, &[], false).send(&payload()).await;
    assert!(
        matches!(&error, Err(SendError::Permanent { reason }) if reason.ends_with("more than 4194304 bytes")),
        "{error:?}"
    );
}

#[tokio::test]
async fn nobody_listening_is_retryable() {
    // Bound, so that nobody else takes the port, but not listening.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    let error = transport(address, &[], false).send(&payload()).await;
    let Err(SendError::Retryable {
        reason,
        after: None,
    }) = error
    else {
        panic!("{error:?}");
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
        matches!(&sent, Err(SendError::Permanent { reason })
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
    let error = transport(address, &[], false).send(&payload()).await;
    let Err(SendError::Retryable { reason, .. }) = error else {
        panic!("{error:?}");
    };
    assert!(reason.contains("closed the connection: "), "{reason}");
    assert_eq!(
        accepted.load(Ordering::Relaxed),
        1,
        "the pipeline repeats, not the transport"
    );
}
