//! What the encoder writes is read by the types generated from OpenTelemetry's own definitions.

mod expected;
mod random;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1 as proto;
use prost::Message;
use tachograph::testing::Recorder;
use tachograph::trace::{
    FinishedSpan, InstrumentationScope, Span, SpanContext, SpanId, TraceFlags, TraceId,
};
use tachograph::{Attribute, traced};

use super::*;
use expected::{attributes, expected};

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
    let mut encoded = SpanEncoder::new(&resource()).encode(batch, Limits::default());
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
        attributes(resource().attributes().into())
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
fn fields_have_the_keys_that_their_function_lists() {
    #[traced(fields(
        short = -7,
        long = i64::MIN,
        a.key.that.is.longer.than.most.others = 1,
        ratio = 0.5,
        gift = true,
        tier = "paid",
        empty = "",
        note = note,
        counts = vec![1_i64, 2],
    ))]
    fn listed(note: &str) {
        Span::current().set_attribute("not.listed", 3);
    }

    let recorder = Recorder::new();
    recorder.in_scope(|| {
        for len in [0, 1, 100, 120, 127, 128, 300] {
            listed(&"x".repeat(len));
        }
    });
    let spans = recorder.spans();
    let decoded = encode(&spans);
    let expected: Vec<_> = spans.iter().map(expected).collect();
    assert_eq!(expected[1].attributes.len(), 3 + 10);
    assert_eq!(decoded.scope_spans[0].spans, expected);
}

#[test]
fn what_a_span_could_not_hold_is_counted() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        let mut builder = Span::builder("full");
        for _ in 0..131 {
            builder = builder.with_link(context(7, 8, TraceFlags::SAMPLED), []);
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
    let mut encoder = SpanEncoder::new(&resource());
    let limits = Limits {
        max_request_bytes: 1_500,
    };

    // The second time finds everything as the first time left it.
    for _ in 0..2 {
        let Encoded {
            payloads,
            too_large,
        } = encoder.encode(&batch, limits);
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
fn spans_from_elsewhere_are_grouped_by_their_own_library() {
    let span =
        |name: &'static str, scope| FinishedSpan::new(name, 1, 2).with_instrumentation_scope(scope);
    let library = || InstrumentationScope::new("sqlx").with_version("0.8");
    let with_schema = library().with_schema_url("https://example.org/1.0");
    let batch = SpanBatch::from_iter([
        span("a", library()),
        span("b", with_schema),
        span("c", library()),
        FinishedSpan::new("d", 1, 2),
    ]);
    let scopes = encode(&batch).scope_spans.into_iter().map(|spans| {
        let scope = spans.scope.expect("a scope");
        let names = spans.spans.into_iter().map(|span| span.name);
        (scope.name, spans.schema_url, names.collect::<String>())
    });
    let expected = [
        ("tachograph", "https://opentelemetry.io/schemas/1.44.0", "d"),
        ("sqlx", "", "ac"),
        ("sqlx", "https://example.org/1.0", "b"),
    ];
    let expected = expected.map(|(name, url, spans)| (name.into(), url.into(), spans.into()));
    assert_eq!(scopes.collect::<Vec<_>>(), expected);
}

#[test]
fn libraries_without_number_are_forgotten() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        served();
        for n in 0..=MAX_SCOPES {
            let scope = InstrumentationScope::new(format!("library {n}"));
            let span = FinishedSpan::new("span", 1, 2);
            span.with_instrumentation_scope(scope).submit();
        }
    });
    let batch = recorder.spans();
    let mut encoder = SpanEncoder::new(&resource());
    for _ in 0..2 {
        let requests = encoder.encode(&batch, Limits::default()).payloads;
        let request = decode(&requests[0].body);
        assert_eq!(request.scope_spans.len(), MAX_SCOPES + 2);
        assert_eq!(encoder.request.scope_count(), 1);
        assert!(encoder.sites.is_empty());
    }
}

#[test]
fn nothing_becomes_no_request() {
    let encoded = SpanEncoder::new(&resource()).encode(&SpanBatch::default(), Limits::default());
    assert!(encoded.payloads.is_empty());
}

fn context(trace_id: u128, span_id: u64, flags: TraceFlags) -> SpanContext {
    let trace_id = TraceId::from_u128(trace_id).expect("not zero");
    let span_id = SpanId::from_u64(span_id).expect("not zero");
    SpanContext::remote(trace_id, span_id, flags)
}
