//! Any span that is submitted is read as it was told.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::TraceId;
use super::{
    FinishedSpan, InstrumentationScope, SpanBatch, SpanContext, SpanId, SpanKind, Status,
    TraceFlags,
};
use crate::value::Attribute;

#[derive(Clone, Debug)]
struct Told {
    name: String,
    ids: (u128, u64),
    parent: Option<SpanContext>,
    kind: SpanKind,
    flags: u8,
    times: (u64, u64),
    status: Status<'static>,
    trace_state: Option<String>,
    attributes: Vec<i64>,
    events: Vec<(String, u64, Vec<i64>)>,
    links: Vec<(SpanContext, Vec<i64>)>,
    scope: Option<[String; 3]>,
}

/// Attributes with these values, and keys that are unique.
fn attributes(values: &[i64]) -> Vec<Attribute> {
    let values = values.iter().enumerate();
    let attribute = |(n, value): (_, &i64)| Attribute::new(format!("key.{n}"), *value);
    values.map(attribute).collect()
}

fn read_values(attributes: crate::Attributes<'_>) -> Vec<Attribute> {
    let owned = attributes.map(|(key, value)| Attribute::new(key.to_owned(), value.into_owned()));
    owned.collect()
}

fn contexts() -> impl Strategy<Value = SpanContext> {
    let parts = (
        1..u128::MAX,
        1..u64::MAX,
        any::<(u8, bool)>(),
        "[a-z=]{0,20}",
    );
    parts.prop_map(|(trace_id, span_id, (flags, remote), trace_state)| {
        let trace_id = TraceId::from_u128(trace_id).expect("not zero");
        let span_id = SpanId::from_u64(span_id).expect("not zero");
        let mut context = SpanContext::remote(trace_id, span_id, TraceFlags::from_u8(flags));
        context.remote = remote;
        if !trace_state.is_empty() {
            context.trace_state = Some(trace_state.into());
        }
        context
    })
}

fn told() -> impl Strategy<Value = Told> {
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
        ".{0,30}".prop_map(|text| Status::Error {
            description: text.into()
        }),
    ];
    let values = || vec(any::<i64>(), 0..4);
    let head = (
        ".{0,30}",
        (1..u128::MAX, 1..u64::MAX),
        option::of(contexts()),
        kinds,
        any::<u8>(),
        any::<(u64, u64)>(),
    );
    let rest = (
        statuses,
        option::of("[a-z=]{1,20}"),
        values(),
        vec((".{0,20}", any::<u64>(), values()), 0..3),
        vec((contexts(), values()), 0..3),
        option::of([".{0,20}", ".{0,20}", ".{0,20}"]),
    );
    (head, rest).prop_map(|(head, rest)| {
        let (name, ids, parent, kind, flags, times) = head;
        let (status, trace_state, attributes, events, links, scope) = rest;
        Told {
            name,
            ids,
            parent,
            kind,
            flags,
            times,
            status,
            trace_state,
            attributes,
            events,
            links,
            scope,
        }
    })
}

impl Told {
    fn finished(&self) -> FinishedSpan {
        let (start, end) = self.times;
        let mut span = FinishedSpan::new(self.name.clone(), start, end);
        if let Some(parent) = &self.parent {
            span = span.with_parent(parent);
        }
        span = span
            .with_ids(
                TraceId::from_u128(self.ids.0).expect("not zero"),
                SpanId::from_u64(self.ids.1).expect("not zero"),
            )
            .with_kind(self.kind)
            .with_flags(TraceFlags::from_u8(self.flags))
            .with_status(self.status.clone());
        if let Some(trace_state) = &self.trace_state {
            span = span.with_trace_state(trace_state);
        }
        for attribute in attributes(&self.attributes) {
            span = span.with_attribute(attribute.key, attribute.value);
        }
        for (name, time, values) in &self.events {
            span = span.with_event(name.clone(), *time, attributes(values));
        }
        for (context, values) in &self.links {
            span = span.with_link(context.clone(), attributes(values));
        }
        if let Some([name, version, schema_url]) = self.scope.clone() {
            let scope = InstrumentationScope::new(name).with_version(version);
            span = span.with_instrumentation_scope(scope.with_schema_url(schema_url));
        }
        span
    }

    fn check(&self, span: super::SpanData<'_>) {
        let (start, end) = self.times;
        assert_eq!(span.name(), self.name);
        assert_eq!(span.trace_id().to_u128(), self.ids.0);
        assert_eq!(span.span_id().to_u64(), self.ids.1);
        let parent = self.parent.as_ref();
        assert_eq!(span.parent_span_id(), parent.map(|parent| parent.span_id));
        assert_eq!(
            span.parent_is_remote(),
            parent.is_some_and(|parent| parent.remote)
        );
        assert_eq!((span.kind(), span.flags().to_u8()), (self.kind, self.flags));
        assert_eq!(
            (span.start_unix_nanos(), span.end_unix_nanos()),
            (start, end.max(start))
        );
        assert_eq!(span.status(), self.status);
        let inherited = parent.and_then(|parent| parent.trace_state.as_deref());
        assert_eq!(
            span.trace_state(),
            self.trace_state.as_deref().or(inherited)
        );
        assert_eq!(read_values(span.attributes()), attributes(&self.attributes));
        let events = span.events().map(|event| {
            (
                event.name().to_owned(),
                event.unix_nanos(),
                read_values(event.attributes()),
            )
        });
        let expected = self.events.iter();
        let expected = expected.map(|(name, time, own)| (name.clone(), *time, attributes(own)));
        assert!(events.eq(expected), "{span:?}");
        let links = span.links().collect::<Vec<_>>();
        assert_eq!(links.len(), self.links.len());
        for (link, (context, own)) in links.iter().zip(&self.links) {
            assert_eq!(link.trace_id(), context.trace_id);
            assert_eq!(link.span_id(), context.span_id);
            assert_eq!(link.flags(), context.flags);
            assert_eq!(link.is_remote(), context.remote);
            assert_eq!(link.trace_state(), context.trace_state.as_deref());
            assert_eq!(read_values(link.attributes()), attributes(own));
        }
        let scope = span.instrumentation_scope();
        let scope = scope
            .map(|scope| [scope.name(), scope.version(), scope.schema_url()].map(str::to_owned));
        assert_eq!(scope, self.scope);
        assert!(span.site().is_none());
    }
}

#[test]
fn a_span_with_four_integers_waits_in_120_bytes() {
    let span = FinishedSpan::new("", 1, 2);
    let mut parts = super::parts::Parts::default();
    for key in ["order", "items", "tier", "retry"] {
        parts.add(crate::packed::KeyForm::Text(key), crate::ValueRef::I64(-1));
    }
    let mut batch = SpanBatch::default();
    batch.push(span.head_words(), Some(&mut parts));
    assert_eq!(batch.byte_len(), 120);
    assert_eq!(batch.iter().next().unwrap().attributes().count(), 4);
}

proptest! {
    #[test]
    fn spans_are_read_as_they_were_told(told in vec(told(), 0..4)) {
        let batch: SpanBatch = told.iter().map(Told::finished).collect();
        prop_assert_eq!(batch.len(), told.len());
        for (told, span) in told.iter().zip(batch.iter()) {
            told.check(span);
        }
    }
}
