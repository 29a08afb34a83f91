//! Finished requests in parts, for backends that find them too large.

use std::ops::Range;

use prost::bytes::Buf;
use prost::encoding::{
    DecodeContext, WireType, decode_key, decode_varint, encode_key, encode_varint, skip_field,
};

use crate::pipeline::payload::Payload;

/// The fields that lead from a message to the items in it, from the outside.
pub(super) type Path = &'static [&'static [u32]];

/// Request, resource, scope.
pub(super) const SPANS: Path = &[&[1], &[2], &[2]];
/// Request, resource, scope, metric, and what kind of data it has.
pub(super) const POINTS: Path = &[&[1], &[2], &[2], &[5, 7, 9, 10, 11], &[1]];
/// The points of one metric.
pub(super) const POINTS_OF_METRIC: Path = &[&[5, 7, 9, 10, 11], &[1]];

/// A request with the first half of the items, and one with the second; `None` for a single item.
pub(super) fn halves(payload: &Payload, path: Path) -> Option<[Payload; 2]> {
    let half = payload.items / 2;
    if half == 0 {
        return None;
    }
    let part = |items: Range<u64>| {
        let body = part(&payload.body, path, &items)?;
        Some(payload.part(body, items.end - items.start))
    };
    Some([part(0..half)?, part(half..payload.items)?])
}

/// The message with these of its items alone; `None` for bytes that are no message.
pub(super) fn part(message: &[u8], path: Path, items: &Range<u64>) -> Option<Vec<u8>> {
    copy(message, path, items, &mut 0).map(|copy| copy.bytes)
}

struct Copy {
    bytes: Vec<u8>,
    has_items: bool,
}

/// Copies a message with the wanted ones of its items; `next` counts them. What is left empty is left out.
fn copy(mut message: &[u8], path: Path, wanted: &Range<u64>, next: &mut u64) -> Option<Copy> {
    let (here, below) = path.split_first().expect("a path has steps");
    let mut copied = Copy {
        bytes: Vec::with_capacity(message.len()),
        has_items: false,
    };
    while message.has_remaining() {
        let before = message;
        let (number, wire_type) = decode_key(&mut message).ok()?;
        let leads_on = wire_type == WireType::LengthDelimited && here.contains(&number);
        let mut is_wanted = true;
        if leads_on && !below.is_empty() {
            let inner = copy(delimited(&mut message)?, below, wanted, next)?;
            if inner.has_items {
                copied.has_items = true;
                encode_key(number, wire_type, &mut copied.bytes);
                encode_varint(inner.bytes.len() as u64, &mut copied.bytes);
                copied.bytes.extend_from_slice(&inner.bytes);
            }
            continue;
        }
        skip_field(wire_type, number, &mut message, DecodeContext::default()).ok()?;
        if leads_on {
            is_wanted = wanted.contains(next);
            copied.has_items |= is_wanted;
            *next += 1;
        }
        if is_wanted {
            let field = &before[..before.len() - message.len()];
            copied.bytes.extend_from_slice(field);
        }
    }
    Some(copied)
}

fn delimited<'a>(message: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = decode_varint(message).ok()?;
    message.split_off(..usize::try_from(len).ok()?)
}

#[cfg(test)]
mod tests {
    use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
    use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
    use prost::Message;
    use tachograph::testing::Recorder;
    use tachograph::trace::{FinishedSpan, InstrumentationScope};
    use tachograph::{Attribute, Resource};

    use super::super::metrics::MetricEncoder;
    use super::super::spans::SpanEncoder;
    use super::*;
    use crate::pipeline::payload::Limits;
    use crate::pipeline::sink::Encoder;

    fn resource() -> Resource {
        Resource::new("shop").merge([Attribute::new("k", "v")])
    }

    /// The bodies of a request that is halved until each part has one item.
    fn all_parts<D>(encoder: &impl Encoder<D>, payload: Payload) -> Vec<Payload> {
        match encoder.halves(&payload) {
            Some(halves) => halves
                .into_iter()
                .flat_map(|half| all_parts(encoder, half))
                .collect(),
            None => vec![payload],
        }
    }

    #[test]
    fn every_span_is_in_one_part() {
        let spans = (0..5).map(|number| {
            let library = InstrumentationScope::new(if number < 2 { "a" } else { "b" });
            FinishedSpan::new(number.to_string(), 1, 2).with_instrumentation_scope(library)
        });
        let mut encoder = SpanEncoder::new(&resource());
        let requests = encoder.encode(&spans.collect(), Limits::default());
        let [whole] = &requests.payloads[..] else {
            panic!("one request");
        };
        let decode = |payload: &Payload| {
            let request = ExportTraceServiceRequest::decode(&payload.body[..]).unwrap();
            let [resource] = &request.resource_spans[..] else {
                panic!("one resource");
            };
            resource.clone()
        };
        let parts = all_parts(&encoder, whole.clone());
        assert!(parts.iter().all(|part| part.items == 1));
        let mut joined = Vec::new();
        for part in &parts {
            let part = decode(part);
            assert_eq!(part.resource, decode(whole).resource);
            let [scope] = &part.scope_spans[..] else {
                panic!("one scope, and no empty one");
            };
            let [span] = &scope.spans[..] else {
                panic!("one span");
            };
            joined.push((scope.scope.clone(), span.clone()));
        }
        let scopes = decode(whole).scope_spans.into_iter();
        let expected = scopes.flat_map(|scope| {
            let spans = scope.spans.into_iter();
            spans.map(move |span| (scope.scope.clone(), span))
        });
        assert_eq!(joined, expected.collect::<Vec<_>>());
    }

    /// How many points each request has, when they may have so many bytes, and how many are too large.
    fn points(max_request_bytes: usize) -> (Vec<u64>, u64) {
        let recorder = Recorder::new();
        let orders = recorder.registry().counter("orders").with_labels(["tier"]);
        let orders = orders.build().unwrap();
        for number in 0..10 {
            orders
                .get([&format!("{number}{}", "x".repeat(100))[..]])
                .increment();
        }
        let mut encoder = MetricEncoder::new(&resource());
        let limits = Limits { max_request_bytes };
        let snapshot = recorder.registry().snapshot();
        let requests = encoder.encode(&snapshot, limits);
        let mut seen = Vec::new();
        for payload in &requests.payloads {
            assert!(payload.body.len() <= max_request_bytes);
            let request = ExportMetricsServiceRequest::decode(&payload.body[..]).unwrap();
            for metric in &request.resource_metrics[0].scope_metrics[0].metrics {
                let Some(opentelemetry_proto::tonic::metrics::v1::metric::Data::Sum(sum)) =
                    &metric.data
                else {
                    panic!("a counter");
                };
                assert!(metric.name == "orders" && sum.is_monotonic);
                seen.extend(sum.data_points.iter().map(|point| point.attributes.clone()));
            }
        }
        assert!(seen.is_sorted_by_key(|attributes| format!("{attributes:?}")));
        let points = requests.payloads.iter().map(|payload| payload.items);
        (points.collect(), requests.too_large)
    }

    #[test]
    fn a_metric_is_as_many_requests_as_it_takes() {
        assert_eq!(points(1 << 20), (vec![10], 0));
        let (few, too_large) = points(1_000);
        assert_eq!((few.iter().sum::<u64>(), too_large), (10, 0));
        assert!(few.len() > 1);
        assert_eq!(points(200), (vec![], 10));
    }

    #[test]
    fn what_is_no_message_has_no_parts() {
        assert_eq!(part(&[0x0a, 0x7f, 0x00], SPANS, &(0..1)), None);
        assert!(halves(&Payload::new("\n", 2), SPANS).is_none());
    }
}
