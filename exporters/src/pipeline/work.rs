//! All that the exporters' thread does: feeds, lanes and the telemetry server, from the start to the shutdown.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tachograph::collector::{CollectorTaken, Mark, Spans};
use tachograph::metrics::{FunctionBuckets, Snapshot};
use tachograph::trace::SpanBatch;
use tachograph::{Registry, Resource};
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, timeout};

use super::circuit::Circuits;
use super::feed::Feed;
use super::inbox::Room;
use super::lane::Bounds;
use super::lanes::Lanes;
use super::load::Load;
use super::metric_feed::MetricFeed;
use super::schedule::Schedule;
use super::sink::Sink;
use super::tally::SelfMetrics;
use super::tap::Tap;
use super::tasks::{later, restarted};
use crate::dropped::Dropped;
use crate::error::{BuildError, ExportError};
use crate::lookout::Lookout;
use crate::report::Reporter;
use crate::server::{Phase, Server, State};
use crate::store::TraceStore;

/// As much as waits in the collector: a burst that has left it waits here, until payloads are made of it.
const INBOX: Room = Room {
    items: 65_536,
    bytes: 32 << 20,
};
/// Payloads may take so much memory, for each exporter and signal.
const MAX_OUTBOX_BYTES: usize = 32 << 20;
/// For answers of the telemetry server that are under way at the end.
const GRACE: Duration = Duration::from_millis(50);

/// What there is to work with.
pub(crate) struct Parts {
    pub(crate) schedule: Schedule,
    pub(crate) sinks: Sinks,
    pub(crate) registry: Registry,
    pub(crate) function_buckets: FunctionBuckets,
    pub(crate) resource: Resource,
    pub(crate) server: Option<Server>,
    /// How many traces the server shows.
    pub(crate) max_traces: usize,
    pub(crate) reporter: Arc<Reporter>,
}

/// One for each exporter and signal.
#[derive(Default)]
pub(crate) struct Sinks {
    pub(crate) spans: Vec<Sink<SpanBatch>>,
    pub(crate) metrics: Vec<Sink<Snapshot>>,
}

/// What runs until the shutdown.
pub(crate) struct Work {
    self_metrics: Arc<SelfMetrics>,
    circuits: Arc<Circuits>,
    spans: Arc<Feed<Spans>>,
    metrics: Arc<MetricFeed>,
    lookout: Arc<Lookout>,
    phase: watch::Sender<Phase>,
    running: Mutex<Running>,
    /// Told when the server is to stop.
    stop_server: Arc<Notify>,
}

#[derive(Default)]
struct Running {
    tasks: JoinSet<()>,
    server: Option<JoinHandle<()>>,
}

impl Work {
    /// Sets everything going on the runtime that the caller has entered.
    ///
    /// # Errors
    ///
    /// Somebody else's metric has the name of one of the exporters' own, or somebody else collects spans.
    pub(crate) fn begin(parts: Parts) -> Result<Self, BuildError> {
        let (schedule, reporter) = (parts.schedule, parts.reporter);
        let self_metrics = SelfMetrics::new(&parts.registry, Arc::clone(&reporter))?;
        let self_metrics = Arc::new(self_metrics);
        let circuits = Arc::new(Circuits::default());
        let mut running = Running::default();

        let bounds = Bounds {
            inbox: INBOX,
            outbox: Room {
                items: schedule.max_queue_size as u64,
                bytes: MAX_OUTBOX_BYTES,
            },
            export_timeout: schedule.span_export_timeout,
        };
        let lanes = lanes(parts.sinks.spans, bounds, &circuits, &self_metrics);
        let store = parts
            .server
            .as_ref()
            .filter(|server| server.shows_spans())
            .map(|_| TraceStore::new(parts.max_traces));
        let taps = store
            .iter()
            .filter(|store| store.max_traces() > 0)
            .map(|store| Arc::clone(store) as Arc<dyn Tap<_>>);
        let spans = Feed::new(lanes, taps.collect(), schedule.batch_size, &self_metrics)
            .map_err(|CollectorTaken { .. }| BuildError::CollectorTaken)?;
        running.run("spans", &self_metrics, {
            let spans = Arc::clone(&spans);
            move || Arc::clone(&spans).run(schedule.batch_delay)
        });

        let bounds = Bounds {
            inbox: Room {
                items: u64::MAX,
                bytes: usize::MAX,
            },
            outbox: Room {
                items: u64::MAX,
                bytes: MAX_OUTBOX_BYTES,
            },
            export_timeout: schedule.metric_export_timeout,
        };
        let lanes = self::lanes(parts.sinks.metrics, bounds, &circuits, &self_metrics);
        let metrics = MetricFeed::new(lanes, parts.registry.clone(), parts.function_buckets);
        running.run("metrics", &self_metrics, {
            let metrics = Arc::clone(&metrics);
            move || Arc::clone(&metrics).run(schedule.metric_interval)
        });

        let lookout = Lookout::new(parts.registry.clone(), Arc::clone(&reporter));
        running.run("lookout", &self_metrics, {
            let lookout = Arc::clone(&lookout);
            move || Arc::clone(&lookout).run()
        });

        let phase = watch::Sender::new(Phase::Starting);
        let stop_server = Arc::new(Notify::new());
        if let Some(server) = parts.server {
            let feed = Arc::clone(&spans);
            let state = State {
                registry: parts.registry,
                resource: parts.resource,
                store,
                phase: phase.subscribe(),
                collect: Arc::new(move || feed.drain_now()),
                report: Arc::new(move |reason| reporter.report(&ExportError::Server { reason })),
            };
            let stop = Arc::clone(&stop_server);
            let serving = server.serve(state, async move { stop.notified().await });
            running.server = Some(tokio::spawn(serving));
        }
        Ok(Self {
            self_metrics,
            circuits,
            spans,
            metrics,
            lookout,
            phase,
            running: Mutex::new(running),
            stop_server,
        })
    }

    /// What `/ready` says from now on.
    pub(crate) fn enter(&self, phase: Phase) {
        self.phase.send_replace(phase);
    }

    /// The spans that wait now.
    pub(crate) fn mark(&self) -> Option<Mark> {
        self.spans.mark()
    }

    /// Sends the metrics as they are, and the spans that waited at the mark, however long it takes; without a mark all
    /// spans, which has an end only if no more are recorded.
    pub(crate) async fn flush(&self, mark: Option<Mark>) {
        self.lookout.tell();
        self.metrics.pass_snapshot();
        let metrics = self.metrics.settled();
        match mark {
            Some(mark) => self.spans.drain_to(mark).await,
            None => self.spans.drain().await,
        }
        self.spans.settled().await;
        metrics.await;
    }

    /// All ends after this time: who would have to wait longer for a backend does not wait for it.
    pub(crate) fn end_within(&self, time: Duration) {
        self.circuits.end_at(later(Instant::now(), time));
    }

    /// Stops all tasks, and counts as dropped what they leave behind.
    pub(crate) async fn end(&self) {
        let Running { mut tasks, server } = std::mem::take(&mut *self.running());
        tasks.shutdown().await;
        self.spans.end().await;
        self.metrics.end().await;
        if let Some(mut server) = server {
            self.stop_server.notify_one();
            // The listener is closed at once; the rest ends with the runtime.
            let _ = timeout(GRACE, &mut server).await;
        }
    }

    /// What was dropped so far.
    pub(crate) fn dropped(&self) -> Dropped {
        let collected = self.spans.losses();
        let losses = collected.chain(self.self_metrics.losses()).collect();
        Dropped { losses }
    }

    /// What was dropped, and will be, if nothing is sent any more: for whom a shutdown is too slow.
    pub(crate) fn dropped_by_now(&self) -> Dropped {
        // The shutdown has not even begun, so the last values are nowhere yet.
        if *self.phase.borrow() != Phase::ShuttingDown {
            self.metrics.pass_snapshot();
        }
        self.spans.miss_waiting();
        let collected = self.spans.losses();
        let losses = collected.chain(self.self_metrics.losses_by_now()).collect();
        Dropped { losses }
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Running {
    /// Runs a task that never ends, and anew whenever it panics.
    fn run<F>(
        &mut self,
        name: &'static str,
        self_metrics: &Arc<SelfMetrics>,
        task: impl Fn() -> F + Send + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let self_metrics = Arc::clone(self_metrics);
        let on_panic = move || self_metrics.restarted(name);
        self.tasks.spawn(restarted(task, on_panic));
    }
}

/// A lane to each sink.
fn lanes<D: Load>(
    sinks: Vec<Sink<D>>,
    bounds: Bounds,
    circuits: &Arc<Circuits>,
    self_metrics: &Arc<SelfMetrics>,
) -> Lanes<D> {
    let lanes = Lanes::new(bounds, Arc::clone(circuits), Arc::clone(self_metrics));
    for sink in sinks {
        lanes.open(sink);
    }
    lanes
}
