//! The last traces, kept in memory for people to look at.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use tachograph::trace::{SpanBatch, SpanData, TraceId};

/// Room for so many spans a trace, on average.
const SPANS_PER_TRACE: usize = 100;
/// Spans with what was recorded for them may have so many bytes.
const MAX_BYTES: usize = 16 << 20;

/// Keeps the last batches of spans as they came.
///
/// Spans are sorted into traces only when somebody looks, so keeping one costs nothing beyond its memory. The store is
/// bounded in spans and in bytes, and the oldest batch goes first; what is left of a trace then shows as incomplete.
#[derive(Debug)]
pub(crate) struct TraceStore {
    max_traces: usize,
    max_bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    batches: VecDeque<Arc<SpanBatch>>,
    spans: usize,
    bytes: usize,
}

impl TraceStore {
    /// A store that shows at most so many traces; 0 keeps nothing.
    pub(crate) fn new(max_traces: usize) -> Arc<Self> {
        Arc::new(Self {
            max_traces,
            max_bytes: MAX_BYTES,
            kept: Mutex::default(),
        })
    }

    /// Keeps these spans, in the place of the oldest ones.
    pub(crate) fn add(&self, batch: &Arc<SpanBatch>) {
        if batch.is_empty() || self.max_traces == 0 {
            return;
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.spans += batch.len();
        kept.bytes += batch.byte_len();
        kept.batches.push_back(Arc::clone(batch));
        let max_spans = self.max_traces.saturating_mul(SPANS_PER_TRACE);
        while (kept.spans > max_spans || kept.bytes > self.max_bytes)
            && kept.batches.len() > 1
            && let Some(oldest) = kept.batches.pop_front()
        {
            kept.spans -= oldest.len();
            kept.bytes -= oldest.byte_len();
        }
    }

    /// At most how many traces there are to see.
    pub(crate) fn max_traces(&self) -> usize {
        self.max_traces
    }

    /// What is kept now, the oldest first.
    pub(crate) fn batches(&self) -> Vec<Arc<SpanBatch>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.batches.iter().cloned().collect()
    }
}

/// The spans of one trace that are in the store, by their start.
#[derive(Debug)]
pub(crate) struct Trace<'a> {
    pub(crate) id: TraceId,
    pub(crate) spans: Vec<SpanData<'a>>,
}

impl<'a> Trace<'a> {
    /// Sorts spans into traces, the one that ended last first.
    pub(crate) fn all(batches: &'a [Arc<SpanBatch>]) -> Vec<Self> {
        let mut traces = HashMap::<_, Vec<_>>::new();
        for span in batches.iter().flat_map(|batch| batch.iter()) {
            traces.entry(span.trace_id()).or_default().push(span);
        }
        let mut traces: Vec<_> = traces
            .into_iter()
            .map(|(id, mut spans)| {
                // Parents before children that start at the same time.
                spans.sort_by_key(|span| (span.start_unix_nanos(), Reverse(span.end_unix_nanos())));
                Self { id, spans }
            })
            .collect();
        traces.sort_by_key(|trace| Reverse((trace.end_unix_nanos(), trace.id)));
        traces
    }

    /// The span that began it, as far as this process and the store know.
    pub(crate) fn root(&self) -> Option<SpanData<'a>> {
        let is_root = |span: &&SpanData<'_>| span.parent_span_id().is_none();
        let root = self.spans.iter().find(is_root);
        root.or_else(|| self.orphans().next()).copied()
    }

    /// Whether the parents of all its spans are here, but for those that live in other processes.
    ///
    /// The others are running still, or were too old to keep.
    pub(crate) fn is_complete(&self) -> bool {
        self.orphans().all(|span| span.parent_is_remote())
    }

    /// When its first span began.
    pub(crate) fn start_unix_nanos(&self) -> u64 {
        self.spans.first().map_or(0, |span| span.start_unix_nanos())
    }

    /// When the last of its spans ended.
    pub(crate) fn end_unix_nanos(&self) -> u64 {
        let ends = self.spans.iter().map(|span| span.end_unix_nanos());
        ends.max().unwrap_or(0)
    }

    /// The spans whose parents are not here.
    fn orphans(&self) -> impl Iterator<Item = &SpanData<'a>> {
        let here: HashSet<_> = self.spans.iter().map(|span| span.span_id()).collect();
        self.spans.iter().filter(move |span| {
            span.parent_span_id()
                .is_some_and(|parent| !here.contains(&parent))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tachograph::testing::Recorder;
    use tachograph::trace::Span;

    use super::*;

    /// Traces of a root with one child each, which end one millisecond after another.
    fn traces(recorder: &Recorder, names: &[&'static str]) -> Arc<SpanBatch> {
        recorder.in_scope(|| {
            for name in names {
                let mut root = Span::start(*name);
                recorder.clock().advance(Duration::from_millis(1));
                root.in_scope(|| Span::start("child").end());
                root.end();
            }
        });
        Arc::new(recorder.spans())
    }

    fn roots(store: &TraceStore) -> Vec<String> {
        let batches = store.batches();
        let traces = Trace::all(&batches);
        let name = |trace: &Trace<'_>| trace.root().unwrap().name().to_owned();
        traces.iter().map(name).collect()
    }

    #[test]
    fn the_newest_trace_is_first() {
        let store = TraceStore::new(2);
        store.add(&traces(&Recorder::new(), &["a", "b", "c"]));
        assert_eq!(roots(&store), ["c", "b", "a"]);

        let batches = store.batches();
        let newest = &Trace::all(&batches)[0];
        assert!(newest.is_complete());
        assert_eq!(newest.spans[1].name(), "child");
        assert_eq!(
            newest.end_unix_nanos() - newest.start_unix_nanos(),
            1_000_000
        );
    }

    #[test]
    fn the_oldest_batches_give_way() {
        let store = TraceStore::new(1);
        for name in ["a", "b", "c"] {
            store.add(&traces(&Recorder::new(), &[name; 30]));
        }
        assert_eq!(store.kept.lock().unwrap().spans, 60);
        assert_eq!(roots(&store).len(), 30);

        store.add(&traces(&Recorder::new(), &["large"; 80]));
        assert_eq!(
            store.batches().len(),
            1,
            "the newest batch stays, however large"
        );

        let store = TraceStore::new(0);
        store.add(&traces(&Recorder::new(), &["a"]));
        assert!(store.batches().is_empty());
    }

    #[test]
    fn large_spans_give_way_sooner() {
        let batch = |name| {
            let recorder = Recorder::new();
            let large = "x".repeat(1_000);
            recorder.in_scope(|| {
                Span::builder(name)
                    .with_attribute("large", large)
                    .start()
                    .end();
            });
            Arc::new(recorder.spans())
        };
        let mut store = TraceStore::new(100);
        Arc::get_mut(&mut store).unwrap().max_bytes = 2_500;
        for name in ["a", "b", "c"] {
            store.add(&batch(name));
        }
        // They ended at the same time.
        let mut kept = roots(&store);
        kept.sort();
        assert_eq!(kept, ["b", "c"]);
        let bytes: usize = store.batches().iter().map(|it| it.byte_len()).sum();
        assert_eq!(store.kept.lock().unwrap().bytes, bytes);
        assert!((2_000..2_500).contains(&bytes), "{bytes}");
    }

    #[test]
    fn a_trace_without_its_root_is_incomplete() {
        let recorder = Recorder::new();
        let _running = recorder.in_scope(|| {
            let mut root = Span::start("still running");
            root.in_scope(|| Span::start("child").end());
            root
        });
        let store = TraceStore::new(1);
        store.add(&Arc::new(recorder.spans()));
        let batches = store.batches();
        let trace = &Trace::all(&batches)[0];
        assert!(!trace.is_complete());
        assert_eq!(trace.root().unwrap().name(), "child");
    }
}
