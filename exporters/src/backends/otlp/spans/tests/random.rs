//! Any span that the runtime can record is read as it was recorded.

use std::borrow::Cow;

use proptest::collection::vec;
use proptest::prelude::*;
use prost::Message;
use tachograph::testing::Recorder;
use tachograph::trace::{Span, SpanContext, SpanKind, Status, TraceFlags};
use tachograph::{Array, Attribute, Value};

use super::expected::expected;
use super::{context, encode};

/// What the runtime is asked to record.
#[derive(Clone, Debug)]
struct Recorded {
    name: String,
    kind: SpanKind,
    parent: Option<SpanContext>,
    status: Status<'static>,
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

fn contexts() -> impl Strategy<Value = SpanContext> {
    let parts = (1..u128::MAX, 1..u64::MAX, any::<(u8, bool)>(), ".{0,300}");
    parts.prop_map(|(trace_id, span_id, (flags, remote), trace_state)| {
        let mut context =
            context(trace_id, span_id, TraceFlags::from_u8(flags)).with_trace_state(trace_state);
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
        parent.flags = parent.flags.with(TraceFlags::SAMPLED);
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
