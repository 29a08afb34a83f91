//! Traces in the OpenTelemetry Collector and in Jaeger: every span, with its parent.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use serde_json::Value;
use tachograph::trace::Span;
use tachograph_exporters::{Otlp, Signal, Telemetry};
use tachograph_tests::alone;

use super::collector::{Collector, metrics, spans};
use super::jaeger::Jaeger;
use super::shop;

const BOUND: Duration = Duration::from_secs(30);
const REQUESTS: u32 = 60;

#[test]
fn the_collector_gets_every_span_over_http() {
    let collector = Collector::start();
    shop::run(
        REQUESTS,
        &[("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.otlp_http())],
    );
    every_span_has_arrived(&collector);
}

#[test]
fn the_collector_gets_every_span_over_grpc_compressed() {
    let collector = Collector::start();
    shop::run(
        REQUESTS,
        &[
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.otlp_grpc()),
        ],
    );
    every_span_has_arrived(&collector);
}

/// It takes 4 MiB over gRPC, and says `RESOURCE_EXHAUSTED` of more.
#[test]
fn what_the_collector_finds_too_large_arrives_in_parts() {
    alone(&[], || {
        let collector = Collector::start();
        let otlp = Otlp::grpc(collector.otlp_grpc()).max_request_bytes(64 << 20);
        let builder = Telemetry::builder("tests").without_server();
        let builder = builder.export(otlp.only(Signal::Traces));
        let telemetry = builder.install().unwrap();
        for number in 0..REQUESTS {
            let span = Span::builder(number.to_string());
            span.with_attribute("text", "x".repeat(100_000))
                .start()
                .end();
        }
        let dropped = telemetry.shutdown(BOUND).unwrap();
        assert!(dropped.is_empty(), "{dropped}");
        let has_all = |received: &Value| spans(received).len() == REQUESTS as usize;
        let received = collector.wait_for(BOUND, has_all);
        assert!(received.as_array().unwrap().len() > 1, "{received}");
    });
}

#[test]
fn jaeger_shows_traces_sent_as_otlp() {
    let jaeger = Jaeger::start();
    shop::run(
        REQUESTS,
        &[(
            "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
            &format!("{}/v1/traces", jaeger.otlp_http()),
        )],
    );
    jaeger_shows_orders(&jaeger);
}

#[test]
fn jaeger_shows_traces_sent_as_thrift_over_http() {
    let jaeger = Jaeger::start();
    shop::run(
        REQUESTS,
        &[
            ("OTEL_TRACES_EXPORTER", "jaeger"),
            ("OTEL_EXPORTER_JAEGER_ENDPOINT", &jaeger.thrift_http()),
        ],
    );
    jaeger_shows_orders(&jaeger);
}

#[test]
fn jaeger_shows_traces_sent_as_thrift_over_udp() {
    let jaeger = Jaeger::start();
    let agent = jaeger.thrift_compact();
    shop::run(
        REQUESTS,
        &[
            ("OTEL_TRACES_EXPORTER", "jaeger"),
            ("OTEL_EXPORTER_JAEGER_PROTOCOL", "udp/thrift.compact"),
            ("OTEL_EXPORTER_JAEGER_AGENT_HOST", &agent.ip().to_string()),
            ("OTEL_EXPORTER_JAEGER_AGENT_PORT", &agent.port().to_string()),
        ],
    );
    jaeger_shows_orders(&jaeger);
}

/// As many spans as calls of annotated functions, all of which are traced and metered; each once, each with its parent.
fn every_span_has_arrived(collector: &Collector) {
    // Its file gets spans and metrics one after the other.
    let received = collector.wait_for(BOUND, |received| {
        let calls = calls(received);
        calls > 0 && u64::try_from(spans(received).len()).is_ok_and(|spans| spans >= calls)
    });
    let spans = spans(&received);
    assert_eq!(u64::try_from(spans.len()), Ok(calls(&received)));

    let id = |span: &Value, key: &str| span[key].as_str().unwrap_or_default().to_owned();
    let ids: HashSet<_> = spans
        .iter()
        .map(|span| (id(span, "traceId"), id(span, "spanId")))
        .collect();
    assert_eq!(ids.len(), spans.len(), "a span arrived twice");
    for span in spans {
        let parent = id(span, "parentSpanId");
        let is_root = parent.is_empty();
        assert!(
            is_root || ids.contains(&(id(span, "traceId"), parent)),
            "a parent is missing: {span:#}"
        );
        // Requests begin traces, and nothing else does.
        assert_eq!(is_root, span["kind"] == 2, "{span:#}");
    }
    payments_are_in_exponential_buckets(&received);
}

fn payments_are_in_exponential_buckets(received: &Value) {
    let named = |metric: &&Value| metric["name"] == "shop.payments.calls.duration";
    let last = metrics(received).into_iter().rfind(named);
    let histogram = &last.expect("payments")["exponentialHistogram"];
    let points = histogram["dataPoints"].as_array().expect("points");
    assert!(!points.is_empty());
    let number = |value: &Value| value.as_str().and_then(|text| text.parse::<u64>().ok());
    for point in points {
        let buckets = point["positive"]["bucketCounts"].as_array();
        let counts = buckets.expect("buckets").iter().map(number);
        assert_eq!(
            counts.sum::<Option<u64>>(),
            number(&point["count"]),
            "{point:#}"
        );
    }
}

/// The sum of all `calls` metrics in the last report.
fn calls(received: &Value) -> u64 {
    let mut last = HashMap::new();
    for metric in metrics(received).into_iter().filter(|metric| {
        let name = metric["name"].as_str().unwrap_or_default();
        name.rsplit('.').next() == Some("calls")
    }) {
        for point in metric["sum"]["dataPoints"].as_array().into_iter().flatten() {
            let value = point["asInt"]
                .as_str()
                .and_then(|value| value.parse::<u64>().ok());
            last.insert(
                point["attributes"].to_string(),
                value.expect("a whole number"),
            );
        }
    }
    last.values().sum()
}

/// An order's trace: the request, the order in its own task, and what that called; a declined card is an error.
fn jaeger_shows_orders(jaeger: &Jaeger) {
    let traces = jaeger.wait_for_traces("shop", BOUND, |traces| {
        traces
            .as_array()
            .is_some_and(|traces| traces.len() >= REQUESTS as usize)
    });
    let spans: Vec<_> = traces
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|trace| trace["spans"].as_array())
        .flatten()
        .collect();
    let by_id: HashMap<_, _> = spans
        .iter()
        .map(|span| (span["spanID"].as_str(), *span))
        .collect();

    let charges: Vec<_> = spans
        .iter()
        .filter(|span| span["operationName"] == "payment::charge")
        .collect();
    assert!(!charges.is_empty());
    for charge in &charges {
        let order = by_id[&charge["references"][0]["spanID"].as_str()];
        assert_eq!(order["operationName"], "orders::place");
        let request = by_id[&order["references"][0]["spanID"].as_str()];
        assert_eq!(request["operationName"], "POST /orders/{customer}");
        assert_eq!(tag(charge, "span.kind"), Some(&Value::from("client")));
    }
    let declined = charges
        .iter()
        .find(|charge| tag(charge, "error") == Some(&Value::from(true)));
    let declined = declined.expect("some cards are declined");
    assert_eq!(
        tag(declined, "error.type"),
        Some(&Value::from("shop::payment::Declined"))
    );
    let message = declined["logs"][0]["fields"].to_string();
    assert!(message.contains("card declined for"), "{message}");
}

fn tag<'a>(span: &'a Value, key: &str) -> Option<&'a Value> {
    let tags = span["tags"].as_array()?;
    tags.iter()
        .find(|tag| tag["key"] == key)
        .map(|tag| &tag["value"])
}
