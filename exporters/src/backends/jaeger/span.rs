//! OpenTelemetry's spans as Jaeger's, in the manner of the
//! [specification](https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/jaeger/).
//!
//! Where a key turns up twice, Jaeger keeps the last one: what the user recorded stands first or last accordingly.

use std::borrow::Cow;

use tachograph::trace::{EventData, LinkData, SpanData, SpanId, SpanKind, Status, TraceId};
use tachograph::{ArrayRef, Attributes, Resource, Value, ValueRef, semconv};

use super::wire::Writer;

// From `enum TagType` and `enum SpanRefType` of jaeger.thrift.
const STRING: i32 = 0;
const DOUBLE: i32 = 1;
const BOOL: i32 = 2;
const LONG: i32 = 3;
const FOLLOWS_FROM: i32 = 1;

/// The bit of `Span.flags` which says that the trace is recorded; what is not recorded gets no further than a site.
const SAMPLED: i32 = 1;

/// The value of a tag.
#[derive(Clone)]
enum Tag<'a> {
    String(Cow<'a, str>),
    Double(f64),
    Bool(bool),
    Long(i64),
}

/// Something with a time and tags: an event, or a link that says more than a reference can.
enum Log<'a> {
    Event(EventData<'a>),
    Link(LinkData<'a>),
}

/// The fields of `struct Process`.
pub(super) fn write_process(out: &mut Writer, resource: &Resource) {
    let name = resource.get(semconv::SERVICE_NAME).map(Value::to_string);
    let name = name.filter(|name| !name.is_empty());
    out.string(1, name.as_deref().unwrap_or("unknown_service"));
    let others = Attributes::from(resource.attributes());
    let others = others.filter(|(key, _)| *key != semconv::SERVICE_NAME);
    out.list(2, others.map(tag), write_tag);
}

/// The fields of `struct Span`.
///
/// The parent is not repeated among the references, which jaeger.thrift leaves to the sender: its number is enough.
pub(super) fn write_span(out: &mut Writer, span: SpanData<'_>) {
    write_trace_id(out, 1, span.trace_id());
    out.i64(3, span.span_id().to_u64().cast_signed());
    let parent = span.parent_span_id().map_or(0, SpanId::to_u64);
    out.i64(4, parent.cast_signed());
    out.string(5, span.name());
    out.list(6, span.links(), write_reference);
    out.i32(7, SAMPLED);
    let start = micros(span.start_unix_nanos());
    let duration = micros(span.end_unix_nanos()) - start;
    out.i64(8, start);
    // Jaeger takes a span that ends as it starts for a broken one, and says so on its page.
    out.i64(9, duration.max(1));
    out.list(10, tags(span), write_tag);
    out.list(11, logs(span), |out, log| write_log(out, &log, start));
}

/// Two fields, the first of them `id`.
fn write_trace_id(out: &mut Writer, id: i16, trace_id: TraceId) {
    let [high, low] = halves(trace_id);
    out.i64(id, low);
    out.i64(id + 1, high);
}

fn write_reference(out: &mut Writer, link: LinkData<'_>) {
    out.i32(1, FOLLOWS_FROM);
    write_trace_id(out, 2, link.trace_id());
    out.i64(4, link.span_id().to_u64().cast_signed());
}

fn tags<'a>(span: SpanData<'a>) -> impl Iterator<Item = (&'a str, Tag<'a>)> + Clone {
    let recorded = span.code_attributes().chain(span.attributes());
    let text = |key, text: Option<Cow<'a, str>>| {
        let text = text.filter(|text| !text.is_empty());
        text.map(|text| (key, Tag::String(text)))
    };
    let count = |key, count: u32| (count > 0).then_some((key, Tag::Long(count.into())));
    let (code, description) = match span.status() {
        Status::Unset => (None, None),
        Status::Ok => (Some("OK".into()), None),
        Status::Error { description } => (Some("ERROR".into()), Some(description)),
    };
    let error = description.is_some().then_some(("error", Tag::Bool(true)));
    let scope = span.instrumentation_scope();
    let scope_text = |part: &str| Cow::Owned(part.to_owned());
    let scope_name = scope.as_ref().map(|scope| scope_text(scope.name()));
    let scope_version = scope.as_ref().map(|scope| scope_text(scope.version()));
    // Inside the process is what Jaeger takes for granted.
    let kind = Some(span.kind()).filter(|kind| *kind != SpanKind::Internal);
    let own = [
        text("span.kind", kind.map(|kind| kind.as_str().into())),
        text("otel.status_code", code),
        text("otel.status_description", description),
        error,
        text("otel.scope.name", scope_name),
        text("otel.scope.version", scope_version),
        text("w3c.tracestate", span.trace_state().map(Cow::from)),
        count("otel.dropped_attributes_count", span.dropped_attributes()),
        count("otel.dropped_events_count", span.dropped_events()),
        count("otel.dropped_links_count", span.dropped_links()),
    ];
    recorded.map(tag).chain(own.into_iter().flatten())
}

fn logs(span: SpanData<'_>) -> impl Iterator<Item = Log<'_>> + Clone {
    let events = span.events().map(Log::Event);
    let links = span.links();
    let telling = links.filter(|link| link.attributes().next().is_some());
    events.chain(telling.map(Log::Link))
}

fn write_log(out: &mut Writer, log: &Log<'_>, span_start: i64) {
    match log {
        Log::Event(event) => {
            out.i64(1, micros(event.unix_nanos()));
            let name = ("event", Tag::from(event.name()));
            let tags = [name].into_iter().chain(event.attributes().map(tag));
            out.list(2, tags, write_tag);
        }
        Log::Link(link) => {
            out.i64(1, span_start);
            let (trace_id, span_id) = (link.trace_id().to_string(), link.span_id().to_string());
            let target = [
                ("event", Tag::from("link")),
                ("trace_id", Tag::from(&*trace_id)),
                ("span_id", Tag::from(&*span_id)),
            ];
            let tags = target.into_iter().chain(link.attributes().map(tag));
            out.list(2, tags, write_tag);
        }
    }
}

fn tag<'a>((key, value): (&'a str, ValueRef<'a>)) -> (&'a str, Tag<'a>) {
    (key, Tag::from(value))
}

impl<'a> From<&'a str> for Tag<'a> {
    fn from(text: &'a str) -> Self {
        Self::String(text.into())
    }
}

impl<'a> From<ValueRef<'a>> for Tag<'a> {
    fn from(value: ValueRef<'a>) -> Self {
        match value {
            ValueRef::Bool(value) => Self::Bool(value),
            ValueRef::I64(number) => Self::Long(number),
            ValueRef::F64(number) => Self::Double(number),
            ValueRef::String(text) => Self::from(text),
            ValueRef::Array(array) => Self::String(json(array).into()),
            other => Self::String(other.to_string().into()),
        }
    }
}

/// The fields of `struct Tag`.
fn write_tag(out: &mut Writer, (key, tag): (&str, Tag<'_>)) {
    out.string(1, key);
    match tag {
        Tag::String(text) => {
            out.i32(2, STRING);
            out.string(3, &text);
        }
        Tag::Double(number) => {
            out.i32(2, DOUBLE);
            out.f64(4, number);
        }
        Tag::Bool(value) => {
            out.i32(2, BOOL);
            out.bool(5, value);
        }
        Tag::Long(number) => {
            out.i32(2, LONG);
            out.i64(6, number);
        }
    }
}

/// Jaeger has no lists.
fn json(array: ArrayRef<'_>) -> String {
    let values: serde_json::Value = match array {
        ArrayRef::Bool(values) => values.collect(),
        ArrayRef::I64(values) => values.collect(),
        ArrayRef::F64(values) => values.map(json_number).collect(),
        ArrayRef::String(values) => values.collect(),
        other => return format!("{other:?}"),
    };
    values.to_string()
}

/// JSON knows numbers only between the infinities; for the others the specification has names.
fn json_number(number: f64) -> serde_json::Value {
    let name = match number {
        f64::INFINITY => "Infinity",
        f64::NEG_INFINITY => "-Infinity",
        _ if number.is_nan() => "NaN",
        _ => return number.into(),
    };
    name.into()
}

/// The upper and the lower half of a trace id; Thrift has no unsigned numbers.
#[expect(clippy::cast_possible_truncation, reason = "halves are what is wanted")]
fn halves(trace_id: TraceId) -> [i64; 2] {
    let id = trace_id.to_u128();
    [(id >> 64) as i64, id as i64]
}

/// Later than the year 292277 is not representable, and nanoseconds end in 2554.
fn micros(nanos: u64) -> i64 {
    (nanos / 1_000).cast_signed()
}
