//! Spans as an `ExportTraceServiceRequest`, straight from the runtime's records to bytes.
//!
//! <https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/trace/v1/trace.proto>

use tachograph::trace::{EventData, LinkData, SpanBatch, SpanData, SpanKind, Status};
use tachograph::{Resource, Site};

use super::attributes::{EncodedKey, write_attributes, write_keyed_attributes};
use super::own_scope;
use super::parts;
use super::request::{ITEM, Request};
use super::wire::{Writer, bytes_tag, fixed64_tag, varint_tag, wide_fixed32_tag};
use crate::pipeline::payload::{Encoded, Limits, Payload};
use crate::pipeline::sink::Encoder;

/// Says that the next bit means something.
const HAS_IS_REMOTE: u32 = 0x100;
/// The parent, or the linked span, lives in another process.
const IS_REMOTE: u32 = 0x200;

/// When so many libraries have sent spans, what is remembered is forgotten: their names come from anywhere.
const MAX_SCOPES: usize = 1_000;

/// Encodes spans, and remembers what is the same for all spans of a function.
#[derive(Debug)]
pub(super) struct SpanEncoder {
    request: Request,
    /// By the number of the site.
    sites: Vec<Option<EncodedSite>>,
    /// Where spans go that were started by hand.
    manual: usize,
}

/// What all spans of one function have in common.
#[derive(Debug)]
struct EncodedSite {
    scope: usize,
    /// The name and the attributes that say where the code stands.
    fields: Vec<u8>,
    /// How many of these bytes are the name.
    name_len: usize,
    /// The keys of its fields, by their index.
    keys: Box<[EncodedKey]>,
}

impl SpanEncoder {
    pub(super) fn new(resource: &Resource) -> Self {
        let mut request = Request::new(resource);
        Self {
            manual: request.scope(&own_scope()),
            request,
            sites: Vec::new(),
        }
    }

    /// What is known of a function, and the request.
    fn site(&mut self, site: &'static Site) -> (&EncodedSite, &mut Request) {
        let number = site.number() as usize;
        if number >= self.sites.len() {
            self.sites.resize_with(number + 1, || None);
        }
        let request = &mut self.request;
        let known = self.sites[number].get_or_insert_with(|| EncodedSite::new(site, request));
        (known, request)
    }

    fn add(&mut self, span: SpanData<'_>) {
        let known = self.sites.get(span.site_number() as usize);
        match known {
            Some(Some(site)) if span.is_plain() => {
                self.request.add(site.scope, 1, |writer| {
                    write_span(writer, span, |fields| {
                        fields.extend(&site.fields);
                        if span.has_attributes() {
                            write_keyed_attributes(fields, ATTRIBUTES, &site.keys, span);
                        }
                    });
                });
            }
            _ => self.add_unusual(span),
        }
    }

    /// Adds a span that may have a name or a scope of its own, or is the first of its function.
    #[cold]
    fn add_unusual(&mut self, span: SpanData<'_>) {
        let (mut scope, mut site_fields) = (self.manual, Vec::new());
        if let Some(site) = span.site() {
            let (known, _) = self.site(site);
            scope = known.scope;
            let name = span.own_name().map_or(0, |_| known.name_len);
            site_fields.extend_from_slice(&known.fields[name..]);
        }
        if let Some(own) = span.own_scope() {
            scope = self.request.scope(&own);
        }
        let own_name = span.own_name();
        self.request.add(scope, 1, |writer| {
            write_span(writer, span, |fields| {
                if let Some(name) = own_name {
                    fields.bytes(NAME, name.as_bytes());
                }
                fields.extend(&site_fields);
                write_attributes(fields, ATTRIBUTES, span.attributes());
            });
        });
    }
}

impl Encoder<SpanBatch> for SpanEncoder {
    fn encode(&mut self, batch: &SpanBatch, limits: Limits) -> Encoded {
        self.request.limit(limits);
        for span in batch.iter() {
            self.add(span);
        }
        let encoded = self.request.finish();
        if self.request.scope_count() > MAX_SCOPES {
            self.request.forget_scopes();
            self.sites.clear();
            self.manual = self.request.scope(&own_scope());
        }
        encoded
    }

    fn halves(&self, payload: &Payload) -> Option<[Payload; 2]> {
        parts::halves(payload, parts::SPANS)
    }
}

impl EncodedSite {
    fn new(site: &'static Site, request: &mut Request) -> Self {
        let mut writer = Writer::default();
        writer.bytes(NAME, site.span_name_or_path().as_bytes());
        let name_len = writer.len();
        write_attributes(&mut writer, ATTRIBUTES, site.code_attributes().into());
        Self {
            scope: request.scope(&site.scope()),
            fields: writer.into_bytes(),
            name_len,
            keys: site
                .field_keys()
                .iter()
                .map(|key| EncodedKey::new(ATTRIBUTES, key))
                .collect(),
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
fn write_span(writer: &mut Writer, span: SpanData<'_>, write_attributes: impl Fn(&mut Writer)) {
    // Few spans have fewer than 128 bytes, or more than 16,383.
    writer.message::<2>(ITEM, |fields| {
        write_fixed_fields(fields, span);
        write_attributes(fields);
        if !span.is_plain() {
            write_rare_fields(fields, span);
        }
    });
}

/// Appends all fields of fixed size at once.
#[inline]
fn write_fixed_fields(fields: &mut Writer, span: SpanData<'_>) {
    const FLAGS_TAG: [u8; 2] = wide_fixed32_tag(FLAGS);
    const WITHOUT_PARENT: usize = 54;
    let flags = u32::from(span.flags().to_u8()) | HAS_IS_REMOTE | remote(span.parent_is_remote());

    let mut bytes = [0; WITHOUT_PARENT];
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
    fields.extend(&bytes);
    if let Some(parent) = span.parent_span_id() {
        let mut bytes = [bytes_tag(PARENT_SPAN_ID), 8, 0, 0, 0, 0, 0, 0, 0, 0];
        bytes[2..].copy_from_slice(&parent.to_bytes());
        fields.extend(&bytes);
    }
}

#[cold]
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

fn write_event(fields: &mut Writer, event: EventData<'_>) {
    fields.fixed64(1, event.unix_nanos());
    fields.bytes(2, event.name().as_bytes());
    write_attributes(fields, 3, event.attributes());
}

fn write_link(fields: &mut Writer, link: LinkData<'_>) {
    fields.bytes(1, &link.trace_id().to_bytes());
    fields.bytes(2, &link.span_id().to_bytes());
    if let Some(trace_state) = link.trace_state() {
        fields.bytes(3, trace_state.as_bytes());
    }
    write_attributes(fields, 4, link.attributes());
    let flags = u32::from(link.flags().to_u8()) | HAS_IS_REMOTE | remote(link.is_remote());
    fields.fixed32(6, flags);
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

#[cfg(test)]
mod tests;
