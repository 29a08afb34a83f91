//! `/debug/traces`: the last traces, the newest first.

use std::borrow::Cow;

use axum::extract::{RawQuery, State as Extract};
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use serde::{Serialize, Serializer};
use tachograph::Attributes;
use tachograph::trace::{EventData, LinkData, SpanData, Status, TraceId};

use super::{State, json};
use crate::store::{self, TraceStore};

/// What the query asks for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Query {
    limit: Option<usize>,
    trace_id: Option<TraceId>,
}

#[derive(Serialize)]
struct PageJson<T: Serialize> {
    traces: T,
}

#[derive(Serialize)]
struct TraceJson<'a, S: Serialize> {
    trace_id: String,
    /// Of its root, or of the earliest span that is here.
    name: &'a str,
    start_unix_nanos: u64,
    duration_nanos: u64,
    /// Whether every span is here whose child is.
    complete: bool,
    spans: S,
}

#[derive(Serialize)]
struct SpanJson<'a> {
    span_id: String,
    parent_span_id: Option<String>,
    name: &'a str,
    kind: &'static str,
    start_unix_nanos: u64,
    duration_nanos: u64,
    status: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    status_description: Cow<'a, str>,
    attributes: AttributesJson<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    events: Vec<EventJson<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<LinkJson<'a>>,
    /// Attributes, events and links beyond the limits.
    #[serde(skip_serializing_if = "is_zero")]
    dropped: u32,
}

#[derive(Serialize)]
struct EventJson<'a> {
    name: &'a str,
    unix_nanos: u64,
    attributes: AttributesJson<'a>,
}

#[derive(Serialize)]
struct LinkJson<'a> {
    trace_id: String,
    span_id: String,
    attributes: AttributesJson<'a>,
}

/// A span's own attributes, and those that say where the code stands.
struct AttributesJson<'a>(Attributes<'a>, Attributes<'static>);

pub(super) async fn page(Extract(state): Extract<State>, RawQuery(query): RawQuery) -> Response {
    let query = match Query::parse(query.as_deref().unwrap_or_default()) {
        Ok(query) => query,
        Err(message) => return (StatusCode::BAD_REQUEST, message + "\n").into_response(),
    };
    (state.collect)();
    json::answer(move |writer| {
        let store = state.store.unwrap_or_else(|| TraceStore::new(0));
        let batches = store.batches();
        let mut traces = store::Trace::all(&batches);
        if let Some(id) = query.trace_id {
            traces.retain(|trace| trace.id == id);
        }
        let most = store.max_traces();
        traces.truncate(query.limit.map_or(most, |limit| limit.min(most)));
        writer.write(&PageJson {
            traces: json::List(traces.iter().map(trace_json)),
        })
    })
}

impl Query {
    fn parse(query: &str) -> Result<Self, String> {
        let mut parsed = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=').unwrap_or((pair, "")) {
                ("limit", limit) => {
                    let number = limit.parse().map_err(|_| {
                        format!("`limit` must be a number of traces, but is `{limit}`")
                    })?;
                    parsed.limit = Some(number);
                }
                ("trace_id", id) => {
                    let valid = trace_id(id).ok_or_else(|| {
                        format!(
                            "`trace_id` must be 32 hexadecimal digits and not zero, but is `{id}`"
                        )
                    })?;
                    parsed.trace_id = Some(valid);
                }
                (other, _) => {
                    return Err(format!(
                        "there is no parameter `{other}`; `limit` and `trace_id` are known"
                    ));
                }
            }
        }
        Ok(parsed)
    }
}

fn trace_id(digits: &str) -> Option<TraceId> {
    let is_hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    let bits = u128::from_str_radix(digits, 16).ok()?;
    TraceId::from_u128(bits).filter(|_| digits.len() == 32 && is_hexadecimal)
}

fn trace_json<'a>(trace: &'a store::Trace<'_>) -> TraceJson<'a, impl Serialize> {
    let start_unix_nanos = trace.start_unix_nanos();
    TraceJson {
        trace_id: trace.id.to_string(),
        name: trace.root().map_or("", SpanData::name),
        start_unix_nanos,
        duration_nanos: trace.end_unix_nanos() - start_unix_nanos,
        complete: trace.is_complete(),
        spans: json::List(trace.spans.iter().copied().map(SpanJson::new)),
    }
}

impl<'a> SpanJson<'a> {
    fn new(span: SpanData<'a>) -> Self {
        let (status, status_description) = match span.status() {
            Status::Unset => ("unset", "".into()),
            Status::Ok => ("ok", "".into()),
            Status::Error { description } => ("error", description),
        };
        let start_unix_nanos = span.start_unix_nanos();
        Self {
            span_id: span.span_id().to_string(),
            parent_span_id: span.parent_span_id().map(|id| id.to_string()),
            name: span.name(),
            kind: span.kind().as_str(),
            start_unix_nanos,
            duration_nanos: span.end_unix_nanos() - start_unix_nanos,
            status,
            status_description,
            attributes: AttributesJson(span.attributes(), span.code_attributes()),
            events: span.events().map(EventJson::new).collect(),
            links: span.links().map(LinkJson::new).collect(),
            dropped: span.dropped_attributes() + span.dropped_events() + span.dropped_links(),
        }
    }
}

impl<'a> EventJson<'a> {
    fn new(event: EventData<'a>) -> Self {
        Self {
            name: event.name(),
            unix_nanos: event.unix_nanos(),
            attributes: AttributesJson(event.attributes(), Attributes::none()),
        }
    }
}

impl<'a> LinkJson<'a> {
    fn new(link: LinkData<'a>) -> Self {
        Self {
            trace_id: link.trace_id().to_string(),
            span_id: link.span_id().to_string(),
            attributes: AttributesJson(link.attributes(), Attributes::none()),
        }
    }
}

impl Serialize for AttributesJson<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        json::attributes(self.0.clone().chain(self.1.clone()), serializer)
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde passes a reference"
)]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries() {
        let id = "4bf92f3577b34da6a3ce929d0e0e4736";
        let parsed = Query::parse(&format!("limit=3&trace_id={id}")).unwrap();
        assert_eq!(parsed.limit, Some(3));
        assert_eq!(parsed.trace_id.unwrap().to_string(), id);
        assert_eq!(Query::parse(""), Ok(Query::default()));
        assert_eq!(Query::parse("&"), Ok(Query::default()));

        let cases = [
            (
                "limit=many",
                "`limit` must be a number of traces, but is `many`",
            ),
            ("limit", "`limit` must be a number of traces, but is ``"),
            (
                "trace_id=4bf9",
                "`trace_id` must be 32 hexadecimal digits and not zero, but is `4bf9`",
            ),
            (
                "trace_id=00000000000000000000000000000000",
                "`trace_id` must be 32 hexadecimal digits and not zero, but is `00000000000000000000000000000000`",
            ),
            (
                "trace_id=+bf92f3577b34da6a3ce929d0e0e4736",
                "`trace_id` must be 32 hexadecimal digits and not zero, but is `+bf92f3577b34da6a3ce929d0e0e4736`",
            ),
            (
                "limt=3",
                "there is no parameter `limt`; `limit` and `trace_id` are known",
            ),
        ];
        for (query, message) in cases {
            assert_eq!(Query::parse(query).unwrap_err(), message);
        }
    }
}
