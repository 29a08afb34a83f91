//! How it is packed, and that it arrives.

use axum::Router;
use axum::routing::post;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use proptest::prelude::*;
use tachograph::testing::Recorder;
use tachograph::trace::{Span, SpanBatch};

use super::{decode, encode, limits, resource};
use crate::backends::jaeger::batch::{BatchEncoder, Form};
use crate::backends::jaeger::{Jaeger, basic_auth};
use crate::exporter::tests::opened;
use crate::pipeline::payload::{Limits, Payload};
use crate::pipeline::sink::Encoder;
use crate::pipeline::verdict::Verdict;

#[test]
fn nothing_makes_no_batch() {
    let encoded = encode(Form::Udp, &SpanBatch::default());
    assert!(encoded.payloads.is_empty());
}

/// More than a span takes beside its padding, and a datagram beside its spans.
const SLACK: usize = 1_000;

#[test]
fn a_batch_has_halves_as_long_as_it_has_spans() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        for number in 0..5 {
            let span = Span::builder(number.to_string());
            span.with_attribute("text", "x".repeat(100)).start().end();
        }
    });
    for form in [Form::Http, Form::Udp] {
        let mut encoder = BatchEncoder::new(form, &resource());
        let whole = encoder.encode(&recorder.spans(), limits(form)).payloads;
        let decode = |payload: &Payload| match form {
            Form::Http => decode::http(&payload.body),
            Form::Udp => decode::udp(&payload.body),
        };
        let expected = decode(&whole[0]);
        let (mut waiting, mut spans) = (whole, Vec::new());
        while let Some(payload) = waiting.pop() {
            let batch = decode(&payload);
            assert_eq!(batch["process"], expected["process"]);
            assert_eq!(batch["seqNo"], expected["seqNo"]);
            assert_eq!(
                batch["spans"].as_array().unwrap().len() as u64,
                payload.items
            );
            match encoder.halves(&payload) {
                Some([first, second]) => waiting.extend([second, first]),
                None => spans.extend(batch["spans"].as_array().unwrap().clone()),
            }
        }
        assert_eq!(spans, *expected["spans"].as_array().unwrap());
    }
}

#[test]
fn datagrams_follow_the_limit_of_the_system() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        for size in [4_000, 4_000, 4_000, 10_000] {
            let span = Span::builder("span").with_attribute("text", "x".repeat(size));
            span.start().end();
        }
    });
    let limits = Limits {
        max_request_bytes: 9_216,
    };
    let mut encoder = BatchEncoder::new(Form::Udp, &resource());
    let datagrams = encoder.encode(&recorder.spans(), limits);
    let items = datagrams.payloads.iter().map(|payload| payload.items);
    assert_eq!(items.collect::<Vec<_>>(), [2, 1]);
    assert!(
        datagrams
            .payloads
            .iter()
            .all(|payload| payload.body.len() <= 9_216)
    );
    assert_eq!(datagrams.too_large, 1);
}

proptest! {
    /// Whatever the sizes, each span is in one datagram, in order, or counted as too large.
    #[test]
    fn datagrams_are_small_enough_and_full(
        sizes in prop::collection::vec(prop_oneof![0..100_usize, 0..5_000_usize, 64_000..66_000_usize], 0..60),
    ) {
        let recorder = Recorder::new();
        recorder.in_scope(|| {
            for (number, size) in sizes.iter().enumerate() {
                let span = Span::builder(number.to_string());
                span.with_attribute("padding", "x".repeat(*size)).start().end();
            }
        });
        let encoded = encode(Form::Udp, &recorder.spans());

        let mut sent = Vec::new();
        let mut room_before = 0;
        for (payload, sequence) in encoded.payloads.iter().zip(1..) {
            let batch = decode::udp(&payload.body);
            prop_assert_eq!(&batch["seqNo"], sequence);
            let spans = batch["spans"].as_array().unwrap().iter();
            let numbers: Vec<usize> =
                spans.map(|span| span["operationName"].as_str().unwrap().parse().unwrap()).collect();
            prop_assert_eq!(payload.items, numbers.len() as u64);
            prop_assert!(payload.body.len() < 65_000);
            prop_assert!(sizes[numbers[0]] + SLACK > room_before, "it fits into the one before");
            room_before = 65_000 - payload.body.len();
            sent.extend(numbers);
        }
        prop_assert!(sent.is_sorted_by(|a, b| a < b));
        let missing: Vec<_> = (0..sizes.len()).filter(|number| !sent.contains(number)).collect();
        prop_assert_eq!(encoded.too_large, missing.len() as u64);
        prop_assert!(missing.iter().all(|&number| sizes[number] + SLACK > 65_000));
    }
}

#[test]
fn credentials_become_basic_authentication() {
    // The example of RFC 7617.
    let headers = basic_auth("X", "Aladdin", "open sesame").unwrap();
    assert_eq!(
        headers["authorization"],
        "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
    );
    let error = basic_auth("X", "a:b", "secret").unwrap_err().to_string();
    assert_eq!(
        error,
        "X cannot be `***`: basic authentication knows no user with a colon; write another one"
    );
}

#[tokio::test]
async fn a_collector_gets_what_it_asks_for() {
    let (sender, mut requests) = tokio::sync::mpsc::unbounded_channel();
    let take = move |headers: HeaderMap, body: Bytes| async move {
        sender.send((headers, body)).unwrap();
        StatusCode::ACCEPTED
    };
    let collector = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/api/traces", collector.local_addr().unwrap());
    let router = Router::new().route("/api/traces", post(take));
    tokio::spawn(async move { axum::serve(collector, router).await });

    let jaeger = Jaeger::http(endpoint).auth("shop", "secret");
    let mut sink = opened(jaeger, &resource()).sinks.spans.remove(0);
    let recorder = Recorder::new();
    recorder.in_scope(|| Span::start("checkout").end());
    let encoded = sink.encoder.encode(&recorder.spans(), sink.delivery.limits);
    let sent = sink.transport.send(&encoded.payloads[0]).await;
    assert!(matches!(sent, Verdict::Taken(_)), "{sent:?}");

    let (headers, body) = requests.recv().await.unwrap();
    assert_eq!(
        headers["content-type"],
        "application/vnd.apache.thrift.binary"
    );
    assert_eq!(headers["authorization"], "Basic c2hvcDpzZWNyZXQ=");
    assert_eq!(decode::http(&body)["spans"][0]["operationName"], "checkout");
}

#[tokio::test]
async fn an_agent_gets_datagrams() {
    let agent = tokio::net::UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let jaeger = Jaeger::agent("127.0.0.1", agent.local_addr().unwrap().port());
    let mut sink = opened(jaeger, &resource()).sinks.spans.remove(0);
    let recorder = Recorder::new();
    recorder.in_scope(|| Span::start("checkout").end());
    for sequence in 1..3 {
        let encoded = sink.encoder.encode(&recorder.spans(), sink.delivery.limits);
        let sent = sink.transport.send(&encoded.payloads[0]).await;
        assert!(matches!(sent, Verdict::Taken(_)), "{sent:?}");
        let mut datagram = vec![0; 65_000];
        let len = agent.recv(&mut datagram).await.unwrap();
        let batch = decode::udp(&datagram[..len]);
        assert_eq!(batch["spans"][0]["operationName"], "checkout");
        assert_eq!(batch["seqNo"], sequence);
    }
}
