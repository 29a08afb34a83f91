//! The same spans in the types generated from OpenTelemetry's own definitions.

use opentelemetry_proto::tonic::common::v1 as common;
use opentelemetry_proto::tonic::trace::v1 as proto;
use tachograph::trace::{EventData, LinkData, SpanData, SpanKind, Status};
use tachograph::{ArrayRef, Attributes, Value, ValueRef};

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
        flags: 0x100 | u32::from(span.flags().to_u8()) | remote,
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
        events: span.events().map(expected_event).collect(),
        dropped_events_count: span.dropped_events(),
        links: span.links().map(expected_link).collect(),
        dropped_links_count: span.dropped_links(),
        status: code_number.map(|code| proto::Status {
            message,
            code: code.into(),
        }),
    }
}

fn expected_event(event: EventData<'_>) -> proto::span::Event {
    proto::span::Event {
        time_unix_nano: event.unix_nanos(),
        name: event.name().to_owned(),
        attributes: attributes(event.attributes()),
        dropped_attributes_count: 0,
    }
}

fn expected_link(link: LinkData<'_>) -> proto::span::Link {
    let remote = if link.is_remote() { 0x200 } else { 0 };
    proto::span::Link {
        trace_id: link.trace_id().to_bytes().to_vec(),
        span_id: link.span_id().to_bytes().to_vec(),
        trace_state: link.trace_state().unwrap_or_default().to_owned(),
        attributes: attributes(link.attributes()),
        dropped_attributes_count: 0,
        flags: 0x100 | u32::from(link.flags().to_u8()) | remote,
    }
}

pub(super) fn attributes(attributes: Attributes<'_>) -> Vec<common::KeyValue> {
    let pair = |(key, value): (&str, ValueRef<'_>)| common::KeyValue {
        key: key.to_owned(),
        value: Some(any_value(value)),
        ..Default::default()
    };
    attributes.map(pair).collect()
}

fn any_value(value: ValueRef<'_>) -> common::AnyValue {
    fn list<T: Into<Value>>(values: impl Iterator<Item = T>) -> common::any_value::Value {
        let values = values.map(|value| any_value(value.into().as_ref()));
        common::any_value::Value::ArrayValue(common::ArrayValue {
            values: values.collect(),
        })
    }
    let value = match value {
        ValueRef::Bool(value) => common::any_value::Value::BoolValue(value),
        ValueRef::I64(value) => common::any_value::Value::IntValue(value),
        ValueRef::F64(value) => common::any_value::Value::DoubleValue(value),
        ValueRef::String(text) => common::any_value::Value::StringValue(text.to_owned()),
        ValueRef::Array(array) => match array {
            ArrayRef::Bool(values) => list(values),
            ArrayRef::I64(values) => list(values),
            ArrayRef::F64(values) => list(values),
            ArrayRef::String(values) => list(values.map(str::to_owned)),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    };
    common::AnyValue { value: Some(value) }
}
