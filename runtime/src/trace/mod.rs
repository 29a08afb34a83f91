//! Spans: ids, context, sampling, and the manual API for what attributes cannot express.

mod baggage;
mod builder;
mod context;
mod current;
mod current_span;
mod extras;
mod finished;
mod flags;
mod head;
mod ids;
mod instrumentation;
mod limits;
mod model;
mod open;
mod parent;
mod parts;
mod record;
mod sampler;
mod span;
mod supplements;

#[cfg(all(test, not(loom)))]
mod tests;

pub use baggage::{Baggage, BaggageMember};
pub use builder::SpanBuilder;
pub use context::{Context, ContextGuard, FutureExt, SpanContext, WithContext};
pub use current_span::CurrentSpan;
pub use finished::FinishedSpan;
pub use flags::TraceFlags;
pub use ids::{SpanId, TraceId};
pub use instrumentation::InstrumentationScope;
pub use limits::SpanLimits;
pub use model::{Level, SpanKind, Status};
pub use parent::Parent;
pub use record::{SpanBatch, SpanData};
pub use sampler::{InvalidRatio, Sampler};
pub use span::{InSpan, Span};
pub use supplements::{EventData, LinkData};

pub use crate::site::{filter_spans, unfilter_spans};

pub(crate) use current::{Entry, Ids, current, current_context, in_no_span, with_parts};
pub(crate) use head::settle;
pub(crate) use model::{Event, Link};
pub(crate) use open::{OpenSpan, Origin};
pub(crate) use parent::ParentChoice;
pub(crate) use parts::Parts;
