//! Spans packed into batches, each of a size that its receiver takes.

use std::ops::Range;

use tachograph::Resource;
use tachograph::trace::SpanBatch;

use super::parts::Parts;
use super::span::{write_process, write_span};
use super::wire::Writer;
use crate::pipeline::payload::{Encoded, Limits, Payload};
use crate::pipeline::sink::Encoder;
use crate::transport::udp::MAX_DATAGRAM_BYTES;

/// How batches travel.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// A `Batch` in the binary protocol, as the body of a POST request.
    Http,
    /// A call of `Agent.emitBatch` in the compact protocol, as a datagram.
    Udp,
}

impl Form {
    fn writer(self) -> Writer {
        match self {
            Self::Http => Writer::binary(),
            Self::Udp => Writer::compact(),
        }
    }

    /// No batch is larger than this, unless somebody says otherwise.
    pub(super) fn max_bytes(self) -> usize {
        match self {
            // What Jaeger's collector reads of a request, unless it is told otherwise.
            Self::Http => (20 << 20) - 1,
            // What agents make room for: <https://www.jaegertracing.io/docs/1.76/architecture/apis/>.
            Self::Udp => MAX_DATAGRAM_BYTES.min(64_999),
        }
    }
}

/// Puts as many spans into each batch as there is room for. No span is cut: one too large for a batch of its own is
/// left out and counted.
pub(super) struct BatchEncoder {
    form: Form,
    /// The finished `Process`, which stands in each batch.
    process: Vec<u8>,
    /// What a batch adds to its spans at most.
    overhead_bytes: usize,
    /// How many batches there were: from gaps, Jaeger knows how many were lost.
    sequence: i64,
}

impl BatchEncoder {
    pub(super) fn new(form: Form, resource: &Resource) -> Self {
        let mut process = form.writer();
        process.structure(|out| write_process(out, resource));
        let process = process.take();
        // Numbers take more bytes the larger they are.
        let largest = batch(form, &process, &[], i32::MAX as usize, i64::MAX);
        Self {
            form,
            process,
            overhead_bytes: largest.len(),
            sequence: 0,
        }
    }

    fn payload(&mut self, spans: &[u8], items: usize) -> Payload {
        self.sequence += 1;
        let body = batch(self.form, &self.process, spans, items, self.sequence);
        Payload::new(body, items as u64)
    }
}

impl Encoder<SpanBatch> for BatchEncoder {
    fn encode(&mut self, data: &SpanBatch, limits: Limits) -> Encoded {
        let (overhead, max_bytes) = (self.overhead_bytes, limits.max_request_bytes);
        let has_room = |spans: usize| overhead + spans <= max_bytes;
        let mut encoded = Encoded::default();
        let mut out = self.form.writer();
        let mut items = 0;
        for span in data.iter() {
            let start = out.len();
            out.structure(|out| write_span(out, span));
            if has_room(out.len()) {
                items += 1;
                continue;
            }
            let span = out.split_off(start);
            if !has_room(span.len()) {
                encoded.too_large += 1;
                continue;
            }
            encoded.payloads.push(self.payload(&out.take(), items));
            out.put(&span);
            items = 1;
        }
        if items > 0 {
            encoded.payloads.push(self.payload(&out.take(), items));
        }
        encoded
    }

    fn halves(&self, payload: &Payload) -> Option<[Payload; 2]> {
        let Parts { spans, sequence } = Parts::of(self.form, &payload.body).ok()?;
        let (first, second) = spans.split_at(spans.len() / 2);
        let half = |spans: &[Range<usize>]| {
            let bytes = spans.first()?.start..spans.last()?.end;
            let (bytes, items) = (&payload.body[bytes], spans.len());
            let body = batch(self.form, &self.process, bytes, items, sequence);
            Some(payload.part(body, items as u64))
        };
        Some([half(first)?, half(second)?])
    }
}

fn batch(form: Form, process: &[u8], spans: &[u8], items: usize, sequence: i64) -> Vec<u8> {
    let mut out = form.writer();
    let fields = |out: &mut Writer| {
        out.finished(1, process);
        out.finished_list(2, items, spans);
        out.i64(3, sequence);
    };
    match form {
        Form::Http => out.structure(fields),
        // The number of a call is for answers, which do not exist here.
        Form::Udp => out.oneway("emitBatch", 0, |out| out.nested(1, fields)),
    }
    out.take()
}
