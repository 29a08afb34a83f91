//! Traces as an indented tree.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;

use super::text;
use crate::trace::{EventData, LinkData, SpanBatch, SpanData, SpanId, SpanKind, Status};

/// Finished spans and who is whose child.
struct Tree<'a> {
    by_id: HashMap<SpanId, SpanData<'a>>,
    /// In the order in which they are written; `None` has the roots.
    children: HashMap<Option<SpanId>, Vec<SpanData<'a>>>,
}

/// The text that [`Recorder::traces`](super::Recorder::traces) describes.
pub(super) fn write(batch: &SpanBatch) -> String {
    let tree = Tree::new(batch);
    let mut out = String::new();
    tree.write_children(None, 0, &mut out);
    out
}

impl<'a> Tree<'a> {
    fn new(batch: &'a SpanBatch) -> Self {
        let by_id = batch
            .iter()
            .map(|span| (span.span_id(), span))
            .collect::<HashMap<_, _>>();
        let mut spans = batch.iter().collect::<Vec<_>>();
        spans.sort_by_key(|span| span.start_unix_nanos());
        let mut children = HashMap::<_, Vec<_>>::new();
        for span in spans {
            let parent = span.parent_span_id().filter(|id| by_id.contains_key(id));
            children.entry(parent).or_default().push(span);
        }
        Self { by_id, children }
    }

    fn write_children(&self, parent: Option<SpanId>, depth: usize, out: &mut String) {
        for span in self.children.get(&parent).into_iter().flatten() {
            self.write_span(*span, depth, out);
            self.write_children(Some(span.span_id()), depth + 1, out);
        }
    }

    fn write_span(&self, span: SpanData<'_>, depth: usize, out: &mut String) {
        indent(depth, out);
        out.push_str(span.name());
        if span.kind() != SpanKind::Internal {
            let _ = write!(out, " ({})", span.kind().as_str());
        }
        let nanos = span.end_unix_nanos() - span.start_unix_nanos();
        let _ = write!(out, " {:?}", Duration::from_nanos(nanos));
        text::write_attributes(out, span.attributes());
        self.write_parent_elsewhere(span, out);
        write_status(&span.status(), out);
        out.push('\n');
        for event in span.events() {
            indent(depth + 1, out);
            write_event(event, span.start_unix_nanos(), out);
        }
        for link in span.links() {
            indent(depth + 1, out);
            self.write_link(link, out);
        }
    }

    /// Says so when a span has a parent and is a root here all the same.
    fn write_parent_elsewhere(&self, span: SpanData<'_>, out: &mut String) {
        let Some(parent) = span.parent_span_id() else {
            return;
        };
        if span.parent_is_remote() {
            let _ = write!(out, " [remote parent {parent}]");
        } else if !self.by_id.contains_key(&parent) {
            // Its id is another one in every run.
            out.push_str(" [parent not recorded]");
        }
    }

    fn write_link(&self, link: LinkData<'_>, out: &mut String) {
        let (trace, span) = (link.trace_id(), link.span_id());
        let _ = match self.by_id.get(&span) {
            Some(known) => write!(out, "-> {}", known.name()),
            None => write!(out, "-> {trace}-{span}"),
        };
        text::write_attributes(out, link.attributes());
        out.push('\n');
    }
}

fn indent(depth: usize, out: &mut String) {
    let _ = write!(out, "{:1$}", "", depth * 2);
}

fn write_status(status: &Status<'_>, out: &mut String) {
    match status {
        Status::Unset => {}
        Status::Ok => out.push_str(" [ok]"),
        Status::Error { description } if description.is_empty() => out.push_str(" [error]"),
        Status::Error { description } => {
            let _ = write!(out, " [error: {}]", description.replace('\n', "\\n"));
        }
    }
}

fn write_event(event: EventData<'_>, start_unix_nanos: u64, out: &mut String) {
    let since_start = Duration::from_nanos(event.unix_nanos().saturating_sub(start_unix_nanos));
    let _ = write!(out, "* {} +{since_start:?}", event.name());
    text::write_attributes(out, event.attributes());
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use crate::testing::Recorder;
    use crate::trace::{Span, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId};

    #[test]
    fn spans_of_every_kind_with_events_and_links() {
        let recorder = Recorder::new();
        let wait = |millis| recorder.clock().advance(Duration::from_millis(millis));
        recorder.in_scope(|| {
            let mut server = Span::builder("GET /orders")
                .with_kind(SpanKind::Server)
                .start();
            let refill = server.in_scope(|| {
                wait(1);
                let mut refill = Span::start("refill");
                wait(2);
                refill.add_event("cache.miss", []);
                wait(2);
                refill.set_status(Status::Ok);
                refill.context().unwrap()
            });
            server.in_scope(|| Span::builder("use").with_link(refill, []).start().end());
            server.set_status(Status::Error {
                description: "two\nlines".into(),
            });
        });
        recorder.assert_traces(
            "
            GET /orders (server) 5ms [error: two\\nlines]
              refill 4ms [ok]
                * cache.miss +2ms
              use 0ns
                -> refill
            ",
        );
    }

    #[test]
    fn parents_and_links_elsewhere() {
        let recorder = Recorder::new();
        let trace_id = TraceId::from_u128(10).unwrap();
        let remote =
            SpanContext::remote(trace_id, SpanId::from_u64(11).unwrap(), TraceFlags::SAMPLED);
        recorder.in_scope(|| {
            let mut open = Span::builder("open").with_parent(remote.clone()).start();
            open.in_scope(|| {
                Span::builder("child")
                    .with_link(remote.clone(), [])
                    .start()
                    .end();
            });
            recorder.assert_traces(
                "
                child 0ns [parent not recorded]
                  -> 0000000000000000000000000000000a-000000000000000b
                ",
            );
        });
        recorder.assert_traces(
            "
            open 0ns [remote parent 000000000000000b]
              child 0ns
                -> 0000000000000000000000000000000a-000000000000000b
            ",
        );
    }

    #[test]
    #[should_panic(expected = "the traces differ\n\nexpected:\nb 0ns\n\nactual:\na 0ns\n")]
    fn a_failed_comparison_shows_both_texts() {
        let recorder = Recorder::new();
        recorder.in_scope(|| Span::start("a").end());
        recorder.assert_traces("b 0ns");
    }
}
