//! What the encoder writes is read by the types generated from OpenTelemetry's own definitions.

use std::borrow::Cow;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1 as common;
use opentelemetry_proto::tonic::trace::v1 as proto;
use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message;
use tachograph::testing::Recorder;
use tachograph::trace::{Span, SpanId, TraceId};
use tachograph::{Array, Attribute, Value, traced};

use super::*;

#[traced(kind = "server")]
fn served() {
    inner();
}

#[traced]
fn inner() {}

fn resource() -> Resource {
    Resource::new("shop").merge([Attribute::new("host.cpus", 2)])
}

/// The only request that a batch becomes.
fn encode(batch: &SpanBatch) -> proto::ResourceSpans {
    let mut encoded = SpanEncoder::new(&resource()).encode(batch);
    assert_eq!(encoded.too_large, 0);
    let payload = encoded.payloads.pop().expect("a request");
    assert!(encoded.payloads.is_empty(), "one request");
    assert_eq!(payload.items, batch.len() as u64);
    decode(&payload.body)
}

fn decode(body: &[u8]) -> proto::ResourceSpans {
    let mut request = ExportTraceServiceRequest::decode(body).expect("protobuf");
    let resource = request.resource_spans.pop().expect("a resource");
    assert!(request.resource_spans.is_empty(), "one resource");
    resource
}

#[test]
fn spans_are_grouped_by_the_crate_that_made_them() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        served();
        Span::start("by hand").end();
        served();
    });
    let decoded = encode(&recorder.spans());

    assert_eq!(
        decoded.schema_url,
        "https://opentelemetry.io/schemas/1.44.0"
    );
    assert_eq!(
        decoded.resource.expect("a resource").attributes,
        attributes(resource().attributes())
    );
    let scopes = decoded.scope_spans.iter().map(|spans| {
        let scope = spans.scope.as_ref().expect("a scope");
        let names = spans.spans.iter().map(|span| span.name.as_str());
        assert_eq!(spans.schema_url, decoded.schema_url);
        (
            scope.name.as_str(),
            scope.version.as_str(),
            names.collect::<Vec<_>>(),
        )
    });
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        scopes.collect::<Vec<_>>(),
        [
            ("tachograph", version, vec!["by hand"]),
            (
                "tachograph_exporters",
                version,
                vec![
                    "tests::inner",
                    "tests::served",
                    "tests::inner",
                    "tests::served"
                ]
            ),
        ]
    );
}

#[test]
fn a_function_says_where_it_stands() {
    let recorder = Recorder::new();
    recorder.in_scope(served);
    let spans = recorder.spans();
    let decoded = encode(&spans);
    let [inner, served] = &decoded.scope_spans[0].spans[..] else {
        panic!("two spans");
    };
    assert_eq!(served.kind, proto::span::SpanKind::Server as i32);
    assert_eq!(inner.kind, proto::span::SpanKind::Internal as i32);
    assert_eq!(inner.parent_span_id, served.span_id);
    let keys = served
        .attributes
        .iter()
        .map(|attribute| attribute.key.as_str());
    assert_eq!(
        keys.collect::<Vec<_>>(),
        ["code.function.name", "code.file.path", "code.line.number"]
    );
    assert_eq!(
        vec![inner.clone(), served.clone()],
        spans.iter().map(expected).collect::<Vec<_>>()
    );
}

#[test]
fn what_a_span_could_not_hold_is_counted() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        let mut builder = Span::builder("full");
        for _ in 0..131 {
            builder = builder.with_link(context(7, 8, true), []);
        }
        let mut span = builder.start();
        for index in 0..130 {
            span.set_attribute(format!("key.{index}"), index);
            span.add_event(format!("event.{index}"), []);
        }
    });
    let decoded = encode(&recorder.spans());
    let span = &decoded.scope_spans[0].spans[0];
    assert_eq!(
        (
            span.dropped_attributes_count,
            span.dropped_events_count,
            span.dropped_links_count
        ),
        (2, 2, 3)
    );
    assert_eq!(span, &expected(recorder.spans().iter().next().unwrap()));
}

#[test]
fn large_batches_become_several_requests() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        for _ in 0..10 {
            served();
            Span::start("by hand").end();
        }
        Span::builder("too large")
            .with_attribute("text", "x".repeat(2_000))
            .start()
            .end();
        served();
    });
    let batch = recorder.spans();
    let request = Request::new(&resource()).with_max_bytes(1_500);
    let mut encoder = SpanEncoder::of(request);

    // The second time finds everything as the first time left it.
    for _ in 0..2 {
        let Encoded {
            payloads,
            too_large,
        } = encoder.encode(&batch);
        assert_eq!(too_large, 1);
        assert!(payloads.len() > 2, "{}", payloads.len());
        let mut ids = Vec::new();
        for payload in &payloads {
            assert!(payload.body.len() <= 1_500, "{}", payload.body.len());
            let scopes = decode(&payload.body).scope_spans;
            let spans = scopes.into_iter().flat_map(|scope| scope.spans);
            let before = ids.len();
            ids.extend(spans.map(|span| span.span_id));
            assert_eq!(payload.items, (ids.len() - before) as u64);
        }
        let mut expected = batch
            .iter()
            .filter(|span| span.name() != "too large")
            .map(|span| span.span_id().to_bytes().to_vec())
            .collect::<Vec<_>>();
        ids.sort();
        expected.sort();
        assert_eq!(ids, expected);
    }
}

#[test]
fn nothing_becomes_no_request() {
    let encoded = SpanEncoder::new(&resource()).encode(&SpanBatch::default());
    assert!(encoded.payloads.is_empty());
}

/// What the runtime is asked to record.
#[derive(Clone, Debug)]
struct Recorded {
    name: String,
    kind: SpanKind,
    parent: Option<SpanContext>,
    status: Status,
    attributes: Vec<Attribute>,
    events: Vec<(String, Vec<Attribute>)>,
    links: Vec<(SpanContext, Vec<Attribute>)>,
}

impl Recorded {
    fn record(self) {
        let mut builder = Span::builder(self.name).with_kind(self.kind);
        if let Some(parent) = self.parent {
            builder = builder.with_parent(parent);
        }
        for attribute in self.attributes {
            builder = builder.with_attribute(attribute.key, attribute.value);
        }
        for (context, attributes) in self.links {
            builder = builder.with_link(context, attributes);
        }
        let mut span = builder.start();
        for (name, attributes) in self.events {
            span.add_event(name, attributes);
        }
        span.set_status(self.status);
    }
}

fn context(trace_id: u128, span_id: u64, sampled: bool) -> SpanContext {
    let trace_id = TraceId::from_u128(trace_id).expect("not zero");
    let span_id = SpanId::from_u64(span_id).expect("not zero");
    SpanContext::remote(trace_id, span_id, sampled)
}

fn contexts() -> impl Strategy<Value = SpanContext> {
    let parts = (1..u128::MAX, 1..u64::MAX, any::<[bool; 2]>(), ".{0,300}");
    parts.prop_map(|(trace_id, span_id, [sampled, remote], trace_state)| {
        let mut context = context(trace_id, span_id, sampled).with_trace_state(trace_state);
        context.remote = remote;
        context
    })
}

fn texts() -> impl Strategy<Value = Cow<'static, str>> {
    ".{0,300}".prop_map(Cow::Owned)
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        texts().prop_map(Value::String),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::I64),
        proptest::num::f64::ANY.prop_map(Value::F64),
        vec(texts(), 0..3).prop_map(|list| Value::Array(Box::new(Array::String(list)))),
        vec(any::<bool>(), 0..200).prop_map(|list| Value::Array(Box::new(Array::Bool(list)))),
        vec(any::<i64>(), 0..50).prop_map(|list| Value::Array(Box::new(Array::I64(list)))),
        vec(proptest::num::f64::ANY, 0..50)
            .prop_map(|list| Value::Array(Box::new(Array::F64(list)))),
    ]
}

fn attribute_lists() -> impl Strategy<Value = Vec<Attribute>> {
    vec(
        (texts(), values()).prop_map(|(key, value)| Attribute::new(key, value)),
        0..5,
    )
}

fn recordings() -> impl Strategy<Value = Recorded> {
    let kinds = prop_oneof![
        Just(SpanKind::Internal),
        Just(SpanKind::Server),
        Just(SpanKind::Client),
        Just(SpanKind::Producer),
        Just(SpanKind::Consumer),
    ];
    let statuses = prop_oneof![
        Just(Status::Unset),
        Just(Status::Ok),
        texts().prop_map(|description| Status::Error { description }),
    ];
    let parents = proptest::option::of(contexts().prop_map(|mut parent| {
        parent.sampled = true;
        parent
    }));
    let parts = (
        ".{0,300}",
        kinds,
        parents,
        statuses,
        attribute_lists(),
        vec((".{0,40}", attribute_lists()), 0..3),
        vec((contexts(), attribute_lists()), 0..3),
    );
    parts.prop_map(
        |(name, kind, parent, status, attributes, events, links)| Recorded {
            name,
            kind,
            parent,
            status,
            attributes,
            events,
            links,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn every_span_is_read_as_it_was_recorded(recorded in vec(recordings(), 1..4)) {
        let recorder = Recorder::new();
        recorder.in_scope(|| recorded.into_iter().for_each(Recorded::record));
        let batch = recorder.spans();
        let decoded = encode(&batch);
        let spans = &decoded.scope_spans[0].spans;
        prop_assert_eq!(spans.len(), batch.len());
        for (span, data) in spans.iter().zip(batch.iter()) {
            // As bytes, because NaN is not equal to itself.
            let expected = expected(data);
            prop_assert_eq!(span.encode_to_vec(), expected.encode_to_vec(), "{:?} is not {:?}", span, expected);
        }
    }
}

/// The same span by another road.
fn expected(span: SpanData<'_>) -> proto::Span {
    let code = attributes(span.code_attributes());
    let remote = if span.parent_is_remote() { 0x200 } else { 0 };
    let (code_number, message) = match span.status() {
        Status::Unset => (None, String::new()),
        Status::Ok => (Some(proto::status::StatusCode::Ok), String::new()),
        Status::Error { description } => (
            Some(proto::status::StatusCode::Error),
            description.to_string(),
        ),
    };
    proto::Span {
        trace_id: span.trace_id().to_bytes().to_vec(),
        span_id: span.span_id().to_bytes().to_vec(),
        trace_state: span.trace_state().unwrap_or_default().to_owned(),
        parent_span_id: span
            .parent_span_id()
            .map_or(Vec::new(), |id| id.to_bytes().to_vec()),
        flags: 0x101 | remote,
        name: span.name().to_owned(),
        kind: match span.kind() {
            SpanKind::Internal => proto::span::SpanKind::Internal,
            SpanKind::Server => proto::span::SpanKind::Server,
            SpanKind::Client => proto::span::SpanKind::Client,
            SpanKind::Producer => proto::span::SpanKind::Producer,
            SpanKind::Consumer => proto::span::SpanKind::Consumer,
        }
        .into(),
        start_time_unix_nano: span.start_unix_nanos(),
        end_time_unix_nano: span.end_unix_nanos(),
        attributes: code
            .into_iter()
            .chain(attributes(span.attributes()))
            .collect(),
        dropped_attributes_count: span.dropped_attributes(),
        events: span.events().iter().map(expected_event).collect(),
        dropped_events_count: span.dropped_events(),
        links: span.links().iter().map(expected_link).collect(),
        dropped_links_count: span.dropped_links(),
        status: code_number.map(|code| proto::Status {
            message,
            code: code.into(),
        }),
    }
}

fn expected_event(event: &Event) -> proto::span::Event {
    proto::span::Event {
        time_unix_nano: event.unix_nanos,
        name: event.name.to_string(),
        attributes: attributes(&event.attributes),
        dropped_attributes_count: 0,
    }
}

fn expected_link(link: &Link) -> proto::span::Link {
    let sampled = u32::from(link.context.sampled);
    let remote = if link.context.remote { 0x200 } else { 0 };
    proto::span::Link {
        trace_id: link.context.trace_id.to_bytes().to_vec(),
        span_id: link.context.span_id.to_bytes().to_vec(),
        trace_state: link
            .context
            .trace_state
            .as_deref()
            .unwrap_or_default()
            .to_owned(),
        attributes: attributes(&link.attributes),
        dropped_attributes_count: 0,
        flags: 0x100 | sampled | remote,
    }
}

fn attributes(attributes: &[Attribute]) -> Vec<common::KeyValue> {
    let pair = |attribute: &Attribute| common::KeyValue {
        key: attribute.key.to_string(),
        value: Some(any_value(&attribute.value)),
        ..Default::default()
    };
    attributes.iter().map(pair).collect()
}

fn any_value(value: &Value) -> common::AnyValue {
    fn list<T: Clone + Into<Value>>(values: &[T]) -> common::any_value::Value {
        let values = values.iter().cloned().map(|value| any_value(&value.into()));
        common::any_value::Value::ArrayValue(common::ArrayValue {
            values: values.collect(),
        })
    }
    let value = match value {
        Value::Bool(value) => common::any_value::Value::BoolValue(*value),
        Value::I64(value) => common::any_value::Value::IntValue(*value),
        Value::F64(value) => common::any_value::Value::DoubleValue(*value),
        Value::String(text) => common::any_value::Value::StringValue(text.to_string()),
        Value::Array(array) => match &**array {
            Array::Bool(values) => list(values),
            Array::I64(values) => list(values),
            Array::F64(values) => list(values),
            Array::String(values) => list(values),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    common::AnyValue { value: Some(value) }
}
