//! The span encoder for the benches, which measure it without a pipeline around it.

use tachograph::Resource;
use tachograph::trace::SpanBatch;

use super::spans::SpanEncoder;
use crate::pipeline::payload::Limits;
use crate::pipeline::sink::Encoder as _;

/// Encodes spans as requests carry them, and remembers functions as an exporter does.
#[derive(Debug)]
pub struct EncodedSpans(SpanEncoder);

impl EncodedSpans {
    /// Of the program that this resource describes.
    #[must_use]
    pub fn of(resource: &Resource) -> Self {
        Self(SpanEncoder::new(resource))
    }

    /// How many bytes the requests with these spans have.
    pub fn encode(&mut self, batch: &SpanBatch) -> usize {
        let requests = self.0.encode(batch, Limits::default()).payloads;
        requests.iter().map(|request| request.body.len()).sum()
    }
}
