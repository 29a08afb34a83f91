//! Log records as lines.

use std::fmt::Write as _;

use super::text;
use crate::logs::{LogBatch, LogData};
use crate::site::Site;
use crate::trace::SpanBatch;

/// The text that [`Recorder::logs`](super::Recorder::logs) describes.
pub(super) fn write(logs: &LogBatch, spans: &SpanBatch) -> String {
    let mut out = String::new();
    for record in logs.iter() {
        write_line(record, spans, &mut out);
    }
    out
}

fn write_line(record: LogData<'_>, spans: &SpanBatch, out: &mut String) {
    let severity = format!("{:?}", record.severity()).to_uppercase();
    let site = record.site();
    let _ = write!(out, "{severity} {}", site.map_or("", Site::path));
    if site.is_none_or(|site| record.target() != site.module()) {
        let _ = write!(out, " ({})", record.target());
    }
    out.push(':');
    if let Some(body) = record.body() {
        let _ = write!(out, " {}", body.to_string().replace('\n', "\\n"));
    }
    text::write_attributes(out, record.attributes());
    let own = record.span_id();
    let span = spans.iter().find(|span| Some(span.span_id()) == own);
    if let Some(span) = span {
        let _ = write!(out, " [in {}]", span.name());
    }
    out.push('\n');
}
