//! Connections: each request is read, answered as scripted, or takes its connection down.

use std::convert::Infallible;
use std::future::pending;
use std::io::Read as _;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Instant;

use flate2::read::GzDecoder;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::http::request;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use prost::Message;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;
use tonic::Code;
use tonic::codec::CompressionEncoding;
use tonic::codegen::Service as _;

use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::MetricsServiceServer;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::TraceServiceServer;

use super::answer::{Answer, grpc_failure, http_failure};
use super::services::Services;
use super::{Attempt, Shared};

/// What both protocols answer with.
pub(super) type Body = tonic::body::Body;

pub(super) async fn accept(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    listener.set_nonblocking(true).expect("a socket");
    let listener = tokio::net::TcpListener::from_std(listener).expect("a runtime with I/O");
    loop {
        let (stream, _) = listener.accept().await.expect("a connection");
        // Closing is a reset. A client that has got its answer does not mind.
        stream.set_zero_linger().expect("a socket");
        let (tls, shared) = (tls.clone(), Arc::clone(&shared));
        tokio::spawn(async move {
            match tls {
                None => serve(stream, shared).await,
                // A client that does not trust the collector goes away.
                Some(tls) => {
                    if let Ok(stream) = tls.accept(stream).await {
                        serve(stream, shared).await;
                    }
                }
            }
        });
    }
}

/// Serves one connection in either protocol until the client closes it, or an answer resets it.
async fn serve(stream: impl AsyncRead + AsyncWrite + Send + Unpin + 'static, shared: Arc<Shared>) {
    let reset = Arc::new(Notify::new());
    let service = service_fn(|request| answer(request, Arc::clone(&shared), Arc::clone(&reset)));
    let builder = auto::Builder::new(TokioExecutor::new());
    tokio::select! {
        // A client that went away is no concern of the collector.
        _ = builder.serve_connection(TokioIo::new(stream), service) => {}
        () = reset.notified() => {}
    }
}

async fn answer(
    request: Request<Incoming>,
    shared: Arc<Shared>,
    reset: Arc<Notify>,
) -> Result<Response<Body>, Infallible> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else {
        // Half a request.
        return pending().await;
    };
    let is_grpc = head
        .headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|value| value.as_bytes().starts_with(b"application/grpc"));
    let (answer, attempt) = if is_traces(&head) {
        let answer = shared.next_answer();
        (answer, Some(note(&shared, &head, answer)))
    } else {
        (Answer::Accept, None)
    };
    let taken = if answer.takes() {
        let request = Request::from_parts(head, body.to_bytes());
        let services = Services {
            shared: Arc::clone(&shared),
            answer,
            attempt,
        };
        Some(if is_grpc {
            over_grpc(request, services).await
        } else {
            over_http(&request, &services)
        })
    } else {
        None
    };
    if answer == Answer::Held {
        shared.released.notified().await;
    }
    match (answer, taken) {
        (Answer::Accept | Answer::AcceptExcept(_) | Answer::Held, Some(response)) => Ok(response),
        (Answer::Busy(after), _) if is_grpc => Ok(grpc_failure(Code::Unavailable, after)),
        (Answer::Busy(after), _) => Ok(http_failure(StatusCode::SERVICE_UNAVAILABLE, after)),
        (Answer::Refuse, _) if is_grpc => Ok(grpc_failure(Code::InvalidArgument, None)),
        (Answer::Refuse, _) => Ok(http_failure(StatusCode::BAD_REQUEST, None)),
        (Answer::AcceptThenSilence, _) => pending().await,
        _ => {
            reset.notify_one();
            pending().await
        }
    }
}

fn is_traces(head: &request::Parts) -> bool {
    let path = head.uri.path();
    path.contains("/v1/traces") || path.contains(".TraceService/")
}

/// Notes that a request has arrived, and returns which one it is.
fn note(shared: &Shared, head: &request::Parts, answer: Answer) -> usize {
    shared.change(|received| {
        received.attempts.push(Attempt {
            at: Instant::now(),
            headers: head.headers.clone(),
            answer,
            request: None,
        });
        received.attempts.len() - 1
    })
}

/// Lets the generated servers answer.
async fn over_grpc(request: Request<Bytes>, services: Services) -> Response<Body> {
    let request = request.map(|body| Body::new(Full::from(body)));
    let answered = if request.uri().path().contains(".TraceService/") {
        let server = TraceServiceServer::new(services);
        server
            .accept_compressed(CompressionEncoding::Gzip)
            .call(request)
            .await
    } else {
        let server = MetricsServiceServer::new(services);
        server
            .accept_compressed(CompressionEncoding::Gzip)
            .call(request)
            .await
    };
    answered.unwrap_or_else(|never| match never {})
}

fn over_http(request: &Request<Bytes>, services: &Services) -> Response<Body> {
    let body = plain(request);
    let answered = match request.uri().path() {
        "/v1/traces" => {
            let request = Message::decode(body).expect("a request with spans");
            services.take_traces(request).encode_to_vec()
        }
        "/v1/metrics" => {
            let request = Message::decode(body).expect("a request with metrics");
            services.take_metrics(request).encode_to_vec()
        }
        _ => return http_failure(StatusCode::NOT_FOUND, None),
    };
    let mut response = Response::new(Body::new(Full::from(answered)));
    let content_type = "application/x-protobuf".parse().expect("a header");
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    response
}

/// The body, unpacked if it is packed.
fn plain(request: &Request<Bytes>) -> Bytes {
    match request.headers().get(header::CONTENT_ENCODING) {
        None => request.body().clone(),
        Some(encoding) => {
            assert_eq!(encoding, "gzip");
            let mut plain = Vec::new();
            let mut decoder = GzDecoder::new(&request.body()[..]);
            decoder.read_to_end(&mut plain).expect("a body in gzip");
            plain.into()
        }
    }
}
