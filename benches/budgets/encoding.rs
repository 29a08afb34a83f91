//! From finished spans to the bytes of OTLP requests: our encoder, and opentelemetry-otlp's way from `SpanData` through
//! generated types.

use std::hint::black_box;
use std::time::{Duration, SystemTime};

use opentelemetry::trace::{SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId};
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::transform::common::tonic::ResourceAttributesWithSchema;
use opentelemetry_proto::transform::trace::tonic::group_spans_by_resource_and_scope;
use opentelemetry_sdk::trace::{SpanData, SpanEvents, SpanLinks};
use prost::Message;
use rustix::time::ClockId;
use tachograph::trace::SpanBatch;
use tachograph::{Resource, traced};
use tachograph_exporters::EncodedSpans;

use crate::peers::{self, settle_spans};
use crate::runner::{Table, median, per_call, print, processor_time};

const ROUNDS: usize = 201;
/// Few enough that nobody is woken to collect them.
const SPANS: u16 = 256;

pub(crate) fn rows(table: &mut Table) {
    row(table, "span to OTLP protobuf", 25.0, plain, &[]);
    let attributes = [
        KeyValue::new("tier", "paid"),
        KeyValue::new("items", 3),
        KeyValue::new("gift", true),
        KeyValue::new("region", "eu-central-1"),
    ];
    let name = "span to OTLP protobuf, 4 attributes";
    row(table, name, 60.0, with_attributes, &attributes);
}

#[traced]
fn plain() {}

#[traced(fields(tier = "paid", items = 3, gift = true, region = "eu-central-1"))]
fn with_attributes() {}

fn row(table: &mut Table, name: &str, budget: f64, span: fn(), attributes: &[KeyValue]) {
    if !table.wants(name) {
        return;
    }
    let mut encoded = EncodedSpans::of(&Resource::new("benches"));
    let (ours, theirs) = (our_spans(span), their_spans(attributes));
    assert_eq!(ours.len(), theirs.len());
    let mut turns = Vec::new();
    for _ in 0..ROUNDS {
        let theirs = theirs.clone();
        turns.push([
            time(|| encoded.encode(&ours)),
            time(|| their_request(theirs).len()),
        ]);
    }
    let [ours, theirs] = [0, 1].map(|at| median(turns.iter().map(|turn| turn[at])));
    let figures = [("", ours), ("opentelemetry-otlp", theirs)];
    print(name, Some(budget), &figures);
}

/// Nanoseconds of processor time for each span.
fn time(encode: impl FnOnce() -> usize) -> f64 {
    let start = processor_time(ClockId::ThreadCPUTime);
    black_box(encode());
    per_call(processor_time(ClockId::ThreadCPUTime) - start, SPANS.into())
}

fn our_spans(span: fn()) -> SpanBatch {
    settle_spans();
    (0..SPANS).for_each(|_| span());
    peers::take_spans(SPANS.into()).expect("nobody else takes them")
}

fn their_spans(attributes: &[KeyValue]) -> Vec<SpanData> {
    let scope = InstrumentationScope::builder("benches").build();
    let span = |n: u16| SpanData {
        span_context: SpanContext::new(
            TraceId::from_bytes([7; 16]),
            SpanId::from_bytes((u64::from(n) + 1).to_be_bytes()),
            TraceFlags::SAMPLED,
            false,
            opentelemetry::trace::TraceState::default(),
        ),
        parent_span_id: SpanId::INVALID,
        parent_span_is_remote: false,
        span_kind: SpanKind::Internal,
        name: "encoding::plain".into(),
        start_time: SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000),
        end_time: SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_001),
        // What our spans say of the code they stand in.
        attributes: [
            KeyValue::new("code.function.name", "budgets::encoding::plain"),
            KeyValue::new("code.file.path", file!()),
            KeyValue::new("code.line.number", 36),
        ]
        .into_iter()
        .chain(attributes.iter().cloned())
        .collect(),
        dropped_attributes_count: 0,
        events: SpanEvents::default(),
        links: SpanLinks::default(),
        status: Status::Unset,
        instrumentation_scope: scope.clone(),
    };
    (0..SPANS).map(span).collect()
}

fn their_request(spans: Vec<SpanData>) -> Vec<u8> {
    let resource = ResourceAttributesWithSchema::default();
    let request = ExportTraceServiceRequest {
        resource_spans: group_spans_by_resource_and_scope(spans, &resource),
    };
    request.encode_to_vec()
}
