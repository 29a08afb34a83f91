//! Spans as an `ExportTraceServiceRequest`, straight from the runtime's records to bytes.
//!
//! <https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto>

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use tachograph::trace::{Event, Link, SpanBatch, SpanContext, SpanData, SpanKind, Status};
use tachograph::{Resource, Site};

use super::attributes::write_attributes;
use super::request::{ITEM, Request};
use super::wire::{Writer, bytes_tag, fixed64_tag, varint_tag, wide_fixed32_tag};
use super::{SCOPE_NAME, SCOPE_VERSION};
use crate::pipeline::sink::{Encoded, Encoder};

/// The lowest bit of W3C's trace flags.
const SAMPLED: u32 = 0x01;
/// Says that the next bit means something.
const HAS_IS_REMOTE: u32 = 0x100;
/// The parent, or the linked span, lives in another process.
const IS_REMOTE: u32 = 0x200;

/// Encodes spans, and remembers what is the same for all spans of a function.
#[derive(Debug)]
pub(super) struct SpanEncoder {
    request: Request,
    sites: HashMap<usize, EncodedSite, BuildHasherDefault<AddressHasher>>,
    /// Where spans go that were started by hand.
    manual: usize,
}

/// What all spans of one function have in common.
#[derive(Debug)]
struct EncodedSite {
    scope: usize,
    /// The name and the attributes that say where the code stands.
    fields: Vec<u8>,
}

impl SpanEncoder {
    pub(super) fn new(resource: &Resource) -> Self {
        Self::of(Request::new(resource))
    }

    fn of(mut request: Request) -> Self {
        Self {
            manual: request.scope(SCOPE_NAME, SCOPE_VERSION),
            request,
            sites: HashMap::default(),
        }
    }
}

impl Encoder<SpanBatch> for SpanEncoder {
    fn encode(&mut self, batch: &SpanBatch) -> Encoded {
        for span in batch.iter() {
            if let Some(site) = span.site() {
                let site = self
                    .sites
                    .entry(std::ptr::from_ref(site).addr())
                    .or_insert_with(|| EncodedSite::new(site, span, &mut self.request));
                self.request.add(site.scope, 1, |writer| {
                    write_span(writer, span, |fields| fields.extend(&site.fields));
                });
            } else {
                self.request.add(self.manual, 1, |writer| {
                    write_span(writer, span, |fields| {
                        fields.bytes(NAME, span.name().as_bytes());
                    });
                });
            }
        }
        self.request.finish()
    }
}

impl EncodedSite {
    fn new(site: &Site, span: SpanData<'_>, request: &mut Request) -> Self {
        let mut writer = Writer::default();
        writer.bytes(NAME, span.name().as_bytes());
        write_attributes(&mut writer, ATTRIBUTES, span.code_attributes());
        let scope = site.scope();
        Self {
            scope: request.scope(scope.name, scope.version),
            fields: writer.into_bytes(),
        }
    }
}

const TRACE_ID: u8 = 1;
const SPAN_ID: u8 = 2;
const TRACE_STATE: u8 = 3;
const PARENT_SPAN_ID: u8 = 4;
const NAME: u8 = 5;
const KIND: u8 = 6;
const START: u8 = 7;
const END: u8 = 8;
const ATTRIBUTES: u8 = 9;
const DROPPED_ATTRIBUTES: u8 = 10;
const EVENTS: u8 = 11;
const DROPPED_EVENTS: u8 = 12;
const LINKS: u8 = 13;
const DROPPED_LINKS: u8 = 14;
const STATUS: u8 = 15;
const FLAGS: u8 = 16;

#[inline]
fn write_span(writer: &mut Writer, span: SpanData<'_>, write_name: impl Fn(&mut Writer)) {
    // Few spans have fewer than 128 bytes, or more than 16,383.
    writer.message::<2>(ITEM, |fields| {
        write_fixed_fields(fields, span);
        write_name(fields);
        write_attributes(fields, ATTRIBUTES, span.attributes());
        write_rare_fields(fields, span);
    });
}

/// Appends all fields of fixed size at once.
#[inline]
fn write_fixed_fields(fields: &mut Writer, span: SpanData<'_>) {
    const FLAGS_TAG: [u8; 2] = wide_fixed32_tag(FLAGS);
    const WITHOUT_PARENT: usize = 54;
    let flags = SAMPLED | HAS_IS_REMOTE | remote(span.parent_is_remote());

    let mut bytes = [0; WITHOUT_PARENT + 10];
    bytes[..2].copy_from_slice(&[bytes_tag(TRACE_ID), 16]);
    bytes[2..18].copy_from_slice(&span.trace_id().to_bytes());
    bytes[18..20].copy_from_slice(&[bytes_tag(SPAN_ID), 8]);
    bytes[20..28].copy_from_slice(&span.span_id().to_bytes());
    bytes[28] = fixed64_tag(START);
    bytes[29..37].copy_from_slice(&span.start_unix_nanos().to_le_bytes());
    bytes[37] = fixed64_tag(END);
    bytes[38..46].copy_from_slice(&span.end_unix_nanos().to_le_bytes());
    bytes[46..48].copy_from_slice(&[varint_tag(KIND), kind(span.kind())]);
    bytes[48..50].copy_from_slice(&FLAGS_TAG);
    bytes[50..54].copy_from_slice(&flags.to_le_bytes());
    let mut len = WITHOUT_PARENT;
    if let Some(parent) = span.parent_span_id() {
        bytes[54..56].copy_from_slice(&[bytes_tag(PARENT_SPAN_ID), 8]);
        bytes[56..64].copy_from_slice(&parent.to_bytes());
        len = bytes.len();
    }
    fields.extend(&bytes[..len]);
}

fn write_rare_fields(fields: &mut Writer, span: SpanData<'_>) {
    if let Some(trace_state) = span.trace_state() {
        fields.bytes(TRACE_STATE, trace_state.as_bytes());
    }
    fields.uint_unless_zero(DROPPED_ATTRIBUTES, span.dropped_attributes());
    for event in span.events() {
        fields.message::<1>(EVENTS, |fields| write_event(fields, event));
    }
    fields.uint_unless_zero(DROPPED_EVENTS, span.dropped_events());
    for link in span.links() {
        fields.message::<1>(LINKS, |fields| write_link(fields, link));
    }
    fields.uint_unless_zero(DROPPED_LINKS, span.dropped_links());
    match span.status() {
        Status::Unset => {}
        Status::Ok => fields.message::<1>(STATUS, |status| status.int(3, 1)),
        Status::Error { description } => fields.message::<1>(STATUS, |status| {
            if !description.is_empty() {
                status.bytes(2, description.as_bytes());
            }
            status.int(3, 2);
        }),
    }
}

fn write_event(fields: &mut Writer, event: &Event) {
    fields.fixed64(1, event.unix_nanos);
    fields.bytes(2, event.name.as_bytes());
    write_attributes(fields, 3, &event.attributes);
}

fn write_link(fields: &mut Writer, link: &Link) {
    let SpanContext {
        trace_id,
        span_id,
        flags,
        trace_state,
        ..
    } = &link.context;
    fields.bytes(1, &trace_id.to_bytes());
    fields.bytes(2, &span_id.to_bytes());
    if let Some(trace_state) = trace_state {
        fields.bytes(3, trace_state.as_bytes());
    }
    write_attributes(fields, 4, &link.attributes);
    let flags = u32::from(flags.to_u8());
    fields.fixed32(6, flags | HAS_IS_REMOTE | remote(link.context.remote));
}

fn remote(is_remote: bool) -> u32 {
    if is_remote { IS_REMOTE } else { 0 }
}

fn kind(kind: SpanKind) -> u8 {
    match kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
        SpanKind::Producer => 4,
        SpanKind::Consumer => 5,
    }
}

/// Spreads addresses of statics, which nobody chooses to collide.
#[derive(Debug, Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_usize(usize::from(*byte));
        }
    }

    fn write_usize(&mut self, address: usize) {
        let mixed = (self.0 ^ address as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ mixed >> 32;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests;
