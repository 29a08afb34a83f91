//! All that the exporters' thread does: feeds, lanes and the telemetry server, from the start to the shutdown.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tachograph::collector::{CollectorTaken, Mark};
use tachograph::metrics::{FunctionBuckets, Snapshot};
use tachograph::trace::SpanBatch;
use tachograph::{Registry, Resource};
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

use super::feed::{MetricFeed, SpanFeed};
use super::lane::{Bounds, Lane};
use super::queue::Load;
use super::schedule::Schedule;
use super::sink::Sink;
use super::tally::SelfMetrics;
use crate::dropped::{Dropped, Loss};
use crate::error::{BuildError, ExportError};
use crate::report::Reporter;
use crate::server::{Phase, Server, State};
use crate::store::TraceStore;
use crate::watch::Watch;

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
    spans: Arc<SpanFeed>,
    metrics: Arc<MetricFeed>,
    watch: Arc<Watch>,
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
        let mut running = Running::default();

        let room = Arc::new(Notify::new());
        let bounds = Bounds {
            max_queue_items: schedule.max_queue_size as u64,
            export_timeout: schedule.span_export_timeout,
        };
        let lanes = running.open_lanes(parts.sinks.spans, bounds, &room, &self_metrics);
        let store = parts
            .server
            .as_ref()
            .map(|_| TraceStore::new(parts.max_traces));
        let spans = SpanFeed::new(
            lanes,
            schedule.batch_size,
            room,
            store.clone(),
            &self_metrics,
        )
        .map_err(|CollectorTaken { .. }| BuildError::CollectorTaken)?;
        running
            .tasks
            .spawn(Arc::clone(&spans).run(schedule.batch_delay));

        let bounds = Bounds {
            max_queue_items: u64::MAX,
            export_timeout: schedule.metric_export_timeout,
        };
        let room = Arc::new(Notify::new());
        let lanes = running.open_lanes(parts.sinks.metrics, bounds, &room, &self_metrics);
        let metrics = MetricFeed::new(lanes, parts.registry.clone(), parts.function_buckets);
        running
            .tasks
            .spawn(Arc::clone(&metrics).run(schedule.metric_interval));

        let watch = Watch::new(parts.registry.clone(), Arc::clone(&reporter));
        running.tasks.spawn(Arc::clone(&watch).run());

        let phase = watch::Sender::new(Phase::Starting);
        let stop_server = Arc::new(Notify::new());
        if let (Some(server), Some(store)) = (parts.server, store) {
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
            spans,
            metrics,
            watch,
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
        self.watch.tell();
        self.metrics.pass_snapshot();
        let metrics = self.metrics.settled();
        match mark {
            Some(mark) => self.spans.drain_to(mark).await,
            None => self.spans.drain().await,
        }
        self.spans.settled().await;
        metrics.await;
    }

    /// Stops all tasks, and counts as dropped what they leave behind.
    pub(crate) async fn end(&self) {
        let Running { mut tasks, server } = std::mem::take(&mut *self.running());
        tasks.shutdown().await;
        self.spans.abandon();
        self.metrics.abandon();
        if let Some(mut server) = server {
            self.stop_server.notify_one();
            // The listener is closed at once; the rest ends with the runtime.
            let _ = timeout(GRACE, &mut server).await;
        }
    }

    /// What was dropped so far.
    pub(crate) fn dropped(&self) -> Dropped {
        distinct([self.spans.losses(), self.metrics.losses()])
    }

    /// What was dropped, and will be, if nothing is sent any more: for whom a shutdown is too slow.
    pub(crate) fn dropped_by_now(&self) -> Dropped {
        // The shutdown has not even begun, so the last values are nowhere yet.
        if *self.phase.borrow() != Phase::ShuttingDown {
            self.metrics.pass_snapshot();
        }
        distinct([self.spans.losses_by_now(), self.metrics.losses_by_now()])
    }

    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lanes of one name have their figures in common.
fn distinct(losses: [Vec<Loss>; 2]) -> Dropped {
    let mut distinct: Vec<Loss> = Vec::new();
    for loss in losses.into_iter().flatten() {
        let is_new = |known: &Loss| {
            (&known.exporter, known.signal, known.cause)
                != (&loss.exporter, loss.signal, loss.cause)
        };
        if distinct.iter().all(is_new) {
            distinct.push(loss);
        }
    }
    Dropped { losses: distinct }
}

impl Running {
    /// Opens a lane to each sink.
    fn open_lanes<D: Load>(
        &mut self,
        sinks: Vec<Sink<D>>,
        bounds: Bounds,
        room: &Arc<Notify>,
        self_metrics: &SelfMetrics,
    ) -> Vec<Arc<Lane<D>>> {
        let open = |sink| {
            let (lane, task) = Lane::open(sink, bounds, Arc::clone(room), self_metrics);
            self.tasks.spawn(task);
            lane
        };
        sinks.into_iter().map(open).collect()
    }
}
