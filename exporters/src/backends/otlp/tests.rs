use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use http::HeaderMap;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message;
use tachograph::Resource;
use tachograph::testing::Recorder;
use tachograph::trace::Span;
use tokio::net::TcpListener;
use tokio::sync::mpsc;

use super::*;
use crate::exporter::tests::opened;
use crate::pipeline::sink::Sink;
use crate::pipeline::verdict::{Receipt, Verdict};

/// A collector that takes everything, and says that it refused one item.
async fn collector() -> (String, mpsc::UnboundedReceiver<(HeaderMap, Bytes)>) {
    let (sender, requests) = mpsc::unbounded_channel();
    let export = move |headers: HeaderMap, body: Bytes| async move {
        sender.send((headers, body)).unwrap();
        let response = ExportTraceServiceResponse {
            partial_success: Some(ExportTracePartialSuccess {
                rejected_spans: 1,
                error_message: "too old".to_owned(),
            }),
        };
        let content_type = [("content-type", "application/x-protobuf")];
        (content_type, response.encode_to_vec())
    };
    let router = Router::new()
        .route("/v1/traces", post(export.clone()))
        .route("/v1/metrics", post(export));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let origin = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (origin, requests)
}

/// Sends the only request that `data` becomes.
async fn send<D>(mut sink: Sink<D>, data: &D) -> Receipt {
    let encoded = sink.encoder.encode(data, sink.delivery.limits);
    assert_eq!(encoded.payloads.len(), 1);
    match sink.transport.send(&encoded.payloads[0]).await {
        Verdict::Taken(receipt) => receipt,
        verdict => panic!("{verdict:?}"),
    }
}

#[tokio::test]
async fn both_signals_travel_over_http() {
    let (origin, mut requests) = collector().await;
    let recorder = Recorder::new();
    recorder.in_scope(|| Span::start("load").end());
    let resource = Resource::new("shop");
    let refused = Receipt {
        rejected: 1,
        message: "too old".to_owned(),
    };

    let otlp = Otlp::http(&origin).header("api-key", "secret");
    let mut sinks = opened(otlp, &resource).sinks;
    let traces = sinks.spans.remove(0);
    assert_eq!(send(traces, &recorder.spans()).await, refused);
    let (headers, body) = requests.recv().await.unwrap();
    assert_eq!(headers["content-type"], "application/x-protobuf");
    assert_eq!(headers["user-agent"], USER_AGENT);
    assert_eq!(headers["api-key"], "secret");
    let request = ExportTraceServiceRequest::decode(body).unwrap();
    let span = &request.resource_spans[0].scope_spans[0].spans[0];
    assert_eq!(span.name, "load");

    let otlp = Otlp::http(&origin).header("user-agent", "shop/2");
    let metrics = opened(otlp, &resource).sinks.metrics.remove(0);
    let registry = recorder.registry();
    registry.counter("orders").build().unwrap().increment();
    assert_eq!(send(metrics, &registry.snapshot()).await, refused);
    let (headers, body) = requests.recv().await.unwrap();
    assert_eq!(headers["user-agent"], "shop/2", "code wins");
    let request = ExportMetricsServiceRequest::decode(body).unwrap();
    let metric = &request.resource_metrics[0].scope_metrics[0].metrics[0];
    assert_eq!(metric.name, "orders");
}

#[test]
fn one_signal_alone_has_one_lane() {
    let otlp = Otlp::http("http://localhost:4318").only(Signal::Metrics);
    let sinks = opened(otlp, &Resource::new("shop")).sinks;
    assert_eq!((sinks.spans.len(), sinks.metrics.len()), (0, 1));
}

#[test]
fn debug_shows_no_secrets() {
    let otlp = Otlp::http("http://h/secret?key=secret").header("secret", "secret");
    let shown = format!("{otlp:?}");
    assert!(
        shown.contains("otlp_http") && !shown.contains("secret"),
        "{shown}"
    );
}
