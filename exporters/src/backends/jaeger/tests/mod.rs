//! What becomes of what.

mod decode;
mod sending;

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};
use tachograph::testing::Recorder;
use tachograph::trace::{
    Span, SpanBatch, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId,
};
use tachograph::{Attribute, Resource};

use super::batch::{BatchEncoder, Form};
use crate::pipeline::payload::{Encoded, Limits};
use crate::pipeline::sink::Encoder;

/// Where the recorders' clocks begin, in microseconds.
const START: u64 = 1_577_836_800_000_000;

fn resource() -> Resource {
    Resource::new("shop").merge([Attribute::new("host.cpus", 8)])
}

fn encode(form: Form, spans: &SpanBatch) -> Encoded {
    BatchEncoder::new(form, &resource()).encode(spans, limits(form))
}

fn limits(form: Form) -> Limits {
    Limits {
        max_request_bytes: form.max_bytes(),
    }
}

/// The only batch, after making sure that it says the same in both protocols.
fn batch(spans: &SpanBatch) -> Value {
    let [http, udp] = [Form::Http, Form::Udp].map(|form| encode(form, spans));
    assert_eq!((http.payloads.len(), http.too_large), (1, 0));
    assert_eq!((udp.payloads.len(), udp.too_large), (1, 0));
    assert_eq!(http.payloads[0].items, spans.len() as u64);
    let batch = decode::http(&http.payloads[0].body);
    assert_eq!(batch, decode::udp(&udp.payloads[0].body));
    batch
}

/// The only span that `record` leaves.
fn span(record: impl FnOnce(&Recorder)) -> Value {
    let recorder = Recorder::new();
    recorder.in_scope(|| record(&recorder));
    let mut batch = batch(&recorder.spans());
    let spans = batch["spans"].as_array_mut().expect("a list");
    assert_eq!(spans.len(), 1);
    spans.remove(0)
}

/// Tags by their key, as `type=value`.
fn tags(tags: &Value) -> BTreeMap<&str, String> {
    let tags = tags.as_array().into_iter().flatten().map(|tag| {
        let value = match tag["vType"].as_i64() {
            Some(0) => format!("string={}", tag["vStr"].as_str().unwrap()),
            Some(1) => format!("double={}", tag["vDouble"]),
            Some(2) => format!("bool={}", tag["vBool"]),
            Some(3) => format!("long={}", tag["vLong"]),
            other => panic!("no such type: {other:?}"),
        };
        assert_eq!(tag.as_object().unwrap().len(), 3, "one value: {tag}");
        (tag["key"].as_str().unwrap(), value)
    });
    tags.collect()
}

fn text(key: &'static str, value: impl fmt::Display) -> (&'static str, String) {
    (key, format!("string={value}"))
}

#[test]
fn a_batch_names_its_process() {
    let recorder = Recorder::new();
    recorder.in_scope(|| Span::start("checkout").end());
    let batch = batch(&recorder.spans());
    assert_eq!(batch["process"]["serviceName"], "shop");
    assert_eq!(
        tags(&batch["process"]["tags"]),
        BTreeMap::from([
            ("host.cpus", "long=8".to_owned()),
            text("telemetry.sdk.name", "tachograph"),
            text("telemetry.sdk.language", "rust"),
            text("telemetry.sdk.version", env!("CARGO_PKG_VERSION")),
        ])
    );
    assert_eq!(batch["seqNo"], 1);
}

#[test]
fn a_process_always_has_a_name() {
    let recorder = Recorder::new();
    recorder.in_scope(|| Span::start("checkout").end());
    let mut encoder = BatchEncoder::new(Form::Http, &Resource::new(""));
    let payloads = encoder
        .encode(&recorder.spans(), limits(Form::Http))
        .payloads;
    let batch = decode::http(&payloads[0].body);
    assert_eq!(batch["process"]["serviceName"], "unknown_service");
}

#[test]
fn a_plain_span_has_no_empty_parts() {
    let mut span = span(|recorder| {
        let _span = Span::start("checkout");
        recorder.clock().advance(Duration::from_micros(12_345));
    });
    for id in ["traceIdLow", "traceIdHigh", "spanId"] {
        assert!(span[id].take().is_i64());
    }
    assert_eq!(
        span,
        json!({
            "traceIdLow": null, "traceIdHigh": null, "spanId": null, "parentSpanId": 0,
            "operationName": "checkout", "flags": 1, "startTime": START, "duration": 12_345,
        })
    );
}

#[test]
fn times_are_cut_to_microseconds_but_no_duration_is_zero() {
    let span_from_to = |start, end| {
        let span = span(|recorder| {
            recorder.clock().advance(Duration::from_nanos(start));
            let _span = Span::start("checkout");
            recorder.clock().advance(Duration::from_nanos(end - start));
        });
        (
            span["startTime"].as_u64().unwrap() - START,
            span["duration"].as_u64().unwrap(),
        )
    };
    assert_eq!(span_from_to(0, 0), (0, 1));
    assert_eq!(span_from_to(100, 900), (0, 1));
    assert_eq!(
        span_from_to(1_999, 3_001),
        (1, 2),
        "as far apart as the two times"
    );
}

#[test]
fn ids_are_signed_halves() {
    let trace_id = TraceId::from_u128(0xfedc_ba98_7654_3210_8000_0000_0000_0001).unwrap();
    let context = |span_id| {
        SpanContext::remote(
            trace_id,
            SpanId::from_u64(span_id).unwrap(),
            TraceFlags::SAMPLED,
        )
    };
    let span = span(|_| {
        let builder = Span::builder("child").with_parent(context(u64::MAX));
        builder.with_link(context(1 << 63), []).start().end();
    });
    assert_eq!(span["traceIdHigh"], 0xfedc_ba98_7654_3210_u64.cast_signed());
    assert_eq!(span["traceIdLow"], i64::MIN + 1);
    assert_eq!(span["parentSpanId"], -1);
    assert_eq!(
        span["references"],
        json!([{
            "refType": 1, "traceIdHigh": span["traceIdHigh"], "traceIdLow": i64::MIN + 1, "spanId": i64::MIN,
        }])
    );
    assert!(
        span.get("logs").is_none(),
        "a reference says it all: {span}"
    );
}

#[test]
fn attributes_keep_their_types() {
    let span = span(|_| {
        Span::builder("typed")
            .with_attribute("text", "a\"b")
            .with_attribute("nothing", "")
            .with_attribute("yes", true)
            .with_attribute("no", false)
            .with_attribute("count", i64::MIN)
            .with_attribute("ratio", -0.25)
            .with_attribute("bools", vec![true, false])
            .with_attribute("numbers", vec![1, -2])
            .with_attribute(
                "floats",
                vec![0.5, f64::NAN, f64::INFINITY, f64::NEG_INFINITY],
            )
            .with_attribute("texts", vec!["a\"b".to_owned(), "ü".to_owned()])
            .start()
            .end();
    });
    assert_eq!(
        tags(&span["tags"]),
        BTreeMap::from([
            text("text", "a\"b"),
            text("nothing", ""),
            ("yes", "bool=true".to_owned()),
            ("no", "bool=false".to_owned()),
            ("count", format!("long={}", i64::MIN)),
            ("ratio", "double=-0.25".to_owned()),
            text("bools", "[true,false]"),
            text("numbers", "[1,-2]"),
            text("floats", r#"[0.5,"NaN","Infinity","-Infinity"]"#),
            text("texts", r#"["a\"b","ü"]"#),
        ])
    );
}

#[test]
fn kind_and_status_are_tags() {
    for (kind, name) in [
        (SpanKind::Server, "server"),
        (SpanKind::Client, "client"),
        (SpanKind::Producer, "producer"),
        (SpanKind::Consumer, "consumer"),
    ] {
        let span = span(|_| Span::builder("work").with_kind(kind).start().end());
        assert_eq!(
            tags(&span["tags"]),
            BTreeMap::from([text("span.kind", name)])
        );
    }

    let with = |status: Status<'static>| span(|_| Span::start("work").set_status(status));
    assert_eq!(
        tags(&with(Status::Ok)["tags"]),
        BTreeMap::from([text("otel.status_code", "OK")])
    );
    let failed = |description: &'static str| Status::Error {
        description: description.into(),
    };
    let mut expected = BTreeMap::from([
        text("otel.status_code", "ERROR"),
        ("error", "bool=true".to_owned()),
    ]);
    assert_eq!(tags(&with(failed(""))["tags"]), expected);
    expected.extend([text("otel.status_description", "no stock")]);
    assert_eq!(tags(&with(failed("no stock"))["tags"]), expected);
}

#[test]
fn an_annotated_function_says_where_it_stands() {
    #[tachograph::traced]
    fn checkout() {}

    let span = span(|_| checkout());
    let tags = tags(&span["tags"]);
    assert_eq!(tags["code.file.path"], format!("string={}", file!()));
    assert!(
        tags["code.function.name"].ends_with("::checkout"),
        "{tags:?}"
    );
    assert!(tags["code.line.number"].starts_with("long="), "{tags:?}");
    assert_eq!(tags["otel.scope.name"], "string=tachograph_exporters");
    assert_eq!(
        tags["otel.scope.version"],
        concat!("string=", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn events_and_telling_links_are_logs() {
    let refill = TraceId::from_u128(7).zip(SpanId::from_u64(9));
    let (trace_id, span_id) = refill.unwrap();
    let context = SpanContext::remote(trace_id, span_id, TraceFlags::SAMPLED);
    let span = span(|recorder| {
        let mut span = Span::builder("price")
            .with_link(context, [Attribute::new("why", "stale")])
            .start();
        recorder.clock().advance(Duration::from_nanos(1_999));
        span.add_event("cache.miss", [Attribute::new("key", 3)]);
    });
    let logs = span["logs"].as_array().unwrap();
    assert_eq!(logs.len(), 2);
    assert_eq!(logs[0]["timestamp"], START + 1);
    assert_eq!(
        tags(&logs[0]["fields"]),
        BTreeMap::from([text("event", "cache.miss"), ("key", "long=3".to_owned())])
    );
    assert_eq!(logs[1]["timestamp"], START);
    assert_eq!(
        tags(&logs[1]["fields"]),
        BTreeMap::from([
            text("event", "link"),
            text("trace_id", trace_id),
            text("span_id", span_id),
            text("why", "stale"),
        ])
    );
    assert_eq!(span["references"][0]["spanId"], 9);
}

#[test]
fn trace_state_and_what_was_dropped_are_told() {
    let parent = SpanContext::remote(
        TraceId::from_u128(7).unwrap(),
        SpanId::from_u64(9).unwrap(),
        TraceFlags::SAMPLED,
    );
    let span = span(|_| {
        let mut span = Span::builder("full")
            .with_parent(parent.with_trace_state("a=1"))
            .start();
        for number in 0..130 {
            span.set_attribute(format!("a{number}"), number);
            span.add_event("tick", []);
        }
    });
    let tags = tags(&span["tags"]);
    assert_eq!(tags["w3c.tracestate"], "string=a=1");
    assert_eq!(tags["otel.dropped_attributes_count"], "long=2");
    assert_eq!(tags["otel.dropped_events_count"], "long=2");
    assert!(!tags.contains_key("otel.dropped_links_count"));
}
