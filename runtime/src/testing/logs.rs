//! Log records as lines.

use std::fmt::Write as _;

use super::text;
use crate::logs::LogRecord;
use crate::trace::SpanBatch;

/// The text that [`Recorder::logs`](super::Recorder::logs) describes.
pub(super) fn write(logs: &[LogRecord], spans: &SpanBatch) -> String {
    let mut out = String::new();
    for record in logs {
        write_line(record, spans, &mut out);
    }
    out
}

fn write_line(record: &LogRecord, spans: &SpanBatch, out: &mut String) {
    let severity = format!("{:?}", record.severity()).to_uppercase();
    let site = record.site();
    let _ = write!(out, "{severity} {}", site.path());
    if record.target() != site.module() {
        let _ = write!(out, " ({})", record.target());
    }
    out.push(':');
    if let Some(body) = record.body() {
        let _ = write!(out, " {}", body.replace('\n', "\\n"));
    }
    text::write_attributes(out, record.attributes());
    let context = record.span_context();
    let span = context.and_then(|own| spans.iter().find(|span| span.span_id() == own.span_id));
    if let Some(span) = span {
        let _ = write!(out, " [in {}]", span.name());
    }
    out.push('\n');
}
