//! Spans: ids, context, sampling, and the manual API for what attributes cannot express.

mod context;
mod ids;
mod limits;
mod open;
mod parent;
mod record;
mod sampler;
mod span;

pub use context::{Context, FutureExt, SpanContext, WithContext};
pub use ids::{SpanId, TraceId};
pub use limits::SpanLimits;
pub use parent::Parent;
pub use record::{Event, Level, Link, Scope, SpanBatch, SpanData, SpanKind, Status};
pub use sampler::{InvalidRatio, Sampler};
pub use span::{CurrentSpan, InSpan, Span, SpanBuilder};

pub(crate) use open::{
    OpenSpan, Previous, current, current_context, in_context, unix_nanos, with_parts,
};
pub(crate) use record::{Origin, Record};
