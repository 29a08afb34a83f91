//! The same spans in the types generated from OpenTelemetry's own definitions.

use opentelemetry_proto::tonic::common::v1 as common;
use opentelemetry_proto::tonic::trace::v1 as proto;
use tachograph::trace::{Event, Link, SpanData, SpanKind, Status};
use tachograph::{Array, Attribute, Value};

/// The same span by another road.
pub(super) fn expected(span: SpanData<'_>) -> proto::Span {
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
    let flags = u32::from(link.context.flags.to_u8());
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
        flags: 0x100 | flags | remote,
    }
}

pub(super) fn attributes(attributes: &[Attribute]) -> Vec<common::KeyValue> {
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
