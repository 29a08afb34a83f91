//! What all requests have in common: items of one resource, grouped by scope, within a size limit.
//!
//! `ExportTraceServiceRequest` and `ExportMetricsServiceRequest` differ in their items alone, so both have this shape:
//!
//! ```text
//! 1: { 1: resource, 3: schema_url, 2: { 1: scope, 3: schema_url, 2: item, 2: item, .. }, .. }
//! ```

use std::mem;

use bytes::Bytes;
use tachograph::Resource;
use tachograph::semconv::SCHEMA_URL;
use tachograph::trace::InstrumentationScope;

use super::attributes::write_attributes;
use super::wire::{Writer, varint_len};
use crate::pipeline::payload::{Encoded, Limits, Payload};

/// The most that tags and lengths around a resource or a scope take.
const FRAME: usize = 11;

/// The number of an item's field in its scope.
pub(super) const ITEM: u8 = 2;

/// A request in the making. Its buffers serve all requests of one exporter.
#[derive(Debug)]
pub(super) struct Request {
    /// Resource and schema URL, finished.
    resource: Vec<u8>,
    scopes: Vec<ScopeItems>,
    max_bytes: usize,
    /// At least as long as the request would be.
    len: usize,
    encoded: Encoded,
}

/// The items of one scope.
#[derive(Debug)]
struct ScopeItems {
    own: InstrumentationScope<'static>,
    /// Scope and schema URL, finished.
    head: Vec<u8>,
    /// Room before the items for all that stands before them in a request of theirs alone.
    front: usize,
    items: Writer,
    count: u64,
}

impl Request {
    pub(super) fn new(resource: &Resource) -> Self {
        let mut writer = Writer::default();
        writer.message::<2>(1, |resource_fields| {
            write_attributes(resource_fields, 1, resource.attributes().into());
        });
        writer.bytes(3, SCHEMA_URL.as_bytes());
        let resource = writer.into_bytes();
        Self {
            len: resource.len() + FRAME,
            resource,
            scopes: Vec::new(),
            max_bytes: usize::MAX,
            encoded: Encoded::default(),
        }
    }

    /// What is added from now on becomes requests within these limits.
    pub(super) fn limit(&mut self, limits: Limits) {
        self.max_bytes = limits.max_request_bytes;
    }

    /// Where items of this library go.
    pub(super) fn scope(&mut self, own: &InstrumentationScope<'_>) -> usize {
        let known = self.scopes.iter().position(|scope| scope.own == *own);
        known.unwrap_or_else(|| {
            let mut writer = Writer::default();
            writer.message::<1>(1, |scope| {
                scope.bytes(1, own.name().as_bytes());
                scope.bytes(2, own.version().as_bytes());
            });
            if !own.schema_url().is_empty() {
                writer.bytes(3, own.schema_url().as_bytes());
            }
            let head = writer.into_bytes();
            self.len += head.len() + FRAME;
            let front = self.resource.len() + head.len() + 2 * FRAME;
            let mut items = Writer::default();
            items.extend(&vec![0; front]);
            self.scopes.push(ScopeItems {
                own: own.clone().into_owned(),
                head,
                front,
                items,
                count: 0,
            });
            self.scopes.len() - 1
        })
    }

    /// How many libraries it knows.
    pub(super) fn scope_count(&self) -> usize {
        self.scopes.len()
    }

    /// Forgets all libraries, and what was added for them.
    pub(super) fn forget_scopes(&mut self) {
        for scope in self.scopes.drain(..) {
            self.len -= scope.len() + FRAME;
        }
    }

    /// Whether there is a request that an item of so many bytes fits in.
    pub(super) fn may_carry(&self, bytes: usize) -> bool {
        let items: usize = self.scopes.iter().map(ScopeItems::items_len).sum();
        self.len - items + FRAME + bytes <= self.max_bytes
    }

    /// Adds what `write` writes, which stands for `count` spans or data points, to this request or to a further one.
    #[inline]
    pub(super) fn add(&mut self, scope: usize, count: u64, write: impl Fn(&mut Writer)) {
        let items = &mut self.scopes[scope].items;
        let before = items.len();
        write(items);
        let written = items.len() - before;
        if self.len + written > self.max_bytes {
            items.truncate(before);
            self.close();
            if self.len + written > self.max_bytes {
                self.encoded.too_large += count;
                return;
            }
            write(&mut self.scopes[scope].items);
        }
        self.len += written;
        self.scopes[scope].count += count;
    }

    /// The requests with all that was added.
    pub(super) fn finish(&mut self) -> Encoded {
        self.close();
        std::mem::take(&mut self.encoded)
    }

    /// Ends a request, unless nothing is in it.
    fn close(&mut self) {
        let items = self.scopes.iter().map(|scope| scope.count).sum();
        if items == 0 {
            return;
        }
        let filled = self.scopes.iter().filter(|scope| scope.count > 0);
        let scopes = filled.map(|scope| 1 + varint_len(scope.len()) + scope.len());
        let len = self.resource.len() + scopes.sum::<usize>();
        let mut body = Writer::default();
        body.bytes_header(1, len);
        body.extend(&self.resource);
        let mut filled = self.scopes.iter_mut().filter(|scope| scope.count > 0);
        let body = match (filled.next(), filled.next()) {
            (Some(only), None) => {
                self.len -= only.items_len();
                body.bytes_header(2, only.len());
                body.extend(&only.head);
                only.take_behind(body.as_slice())
            }
            _ => self.copied(body, len),
        };
        self.encoded.payloads.push(Payload::new(body, items));
    }

    /// A request with the items of several libraries.
    fn copied(&mut self, mut body: Writer, len: usize) -> Bytes {
        body.reserve(len);
        for scope in self.scopes.iter_mut().filter(|scope| scope.count > 0) {
            body.bytes_header(2, scope.len());
            body.extend(&scope.head);
            body.extend(&scope.items.as_slice()[scope.front..]);
            self.len -= scope.items_len();
            scope.items.truncate(scope.front);
            scope.count = 0;
        }
        body.into_bytes().into()
    }
}

impl ScopeItems {
    fn len(&self) -> usize {
        self.head.len() + self.items_len()
    }

    fn items_len(&self) -> usize {
        self.items.len() - self.front
    }

    /// The items where they are, with `before` in front of them. Others come into a buffer of the same size.
    fn take_behind(&mut self, before: &[u8]) -> Bytes {
        let len = self.items.len();
        // The next ones may be a little longer, and would move as a whole.
        let mut next = Writer::with_capacity(len + len / 16);
        next.extend(&self.items.as_slice()[..self.front]);
        let mut body = mem::replace(&mut self.items, next).into_bytes();
        self.count = 0;
        let start = self.front - before.len();
        body[start..self.front].copy_from_slice(before);
        Bytes::from(body).slice(start..)
    }
}
