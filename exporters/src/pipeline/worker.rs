//! The exporters' own thread with its own runtime: starts everything, flushes and stops it, within bounds.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, ThreadId};
use std::time::Duration;

use tachograph::Registry;
use tachograph::metrics::Snapshot;
use tachograph::trace::SpanBatch;
use tokio::runtime::{self, Handle, Runtime};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::feed::{MetricFeed, SpanFeed, Witness};
use super::lane::{Bounds, Lane};
use super::queue::Load;
use super::sink::Sink;
use crate::dropped::Dropped;
use crate::error::{BuildError, FlushError};
use crate::report::Reporter;

/// How much is sent at once, and when. The defaults are the specification's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Schedule {
    pub(crate) batch_size: usize,
    pub(crate) max_queue_size: usize,
    /// Spans wait at most so long for their batch to be full.
    pub(crate) batch_delay: Duration,
    pub(crate) span_export_timeout: Duration,
    pub(crate) metric_interval: Duration,
    pub(crate) metric_export_timeout: Duration,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            batch_size: 512,
            max_queue_size: 2_048,
            batch_delay: Duration::from_secs(5),
            span_export_timeout: Duration::from_secs(30),
            metric_interval: Duration::from_secs(60),
            metric_export_timeout: Duration::from_secs(30),
        }
    }
}

/// What a worker works with.
pub(crate) struct Parts {
    pub(crate) schedule: Schedule,
    pub(crate) span_sinks: Vec<Sink<SpanBatch>>,
    pub(crate) metric_sinks: Vec<Sink<Snapshot>>,
    pub(crate) registry: Registry,
    pub(crate) witness: Witness,
    pub(crate) reporter: Arc<Reporter>,
}

/// The thread, as seen from others.
pub(crate) struct Worker {
    handle: Handle,
    thread: ThreadId,
    work: Arc<Work>,
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("thread", &self.thread)
            .finish_non_exhaustive()
    }
}

/// What the thread works on.
struct Work {
    spans: Arc<SpanFeed>,
    metrics: Arc<MetricFeed>,
    /// What runs until the shutdown.
    tasks: Mutex<JoinSet<()>>,
    /// Told when the thread may end.
    stop: Notify,
}

/// How a flush or a shutdown ended.
pub(crate) type Flushed = Result<Dropped, FlushError>;

/// The runtime for [`Worker::start`]; transports may need it earlier.
pub(crate) fn runtime() -> Result<Runtime, BuildError> {
    let mut builder = runtime::Builder::new_current_thread();
    builder.enable_all().build().map_err(BuildError::Thread)
}

impl Worker {
    /// Starts the thread.
    pub(crate) fn start(runtime: Runtime, parts: Parts) -> Result<Self, BuildError> {
        let handle = runtime.handle().clone();
        let work = {
            let _entered = handle.enter();
            Arc::new(Work::begin(parts))
        };
        let stop = Arc::clone(&work);
        let thread = thread::Builder::new().name("tachograph".to_owned());
        let thread = thread.spawn(move || {
            runtime.block_on(stop.stop.notified());
            // A name that is being looked up must not keep the thread.
            runtime.shutdown_background();
        });
        let thread = thread.map_err(BuildError::Thread)?.thread().id();
        Ok(Self {
            handle,
            thread,
            work,
        })
    }

    /// Runs something on the thread until the shutdown.
    pub(crate) fn run(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.work.tasks().spawn_on(task, &self.handle);
    }

    /// Moves finished spans on at once, for whoever wants to look at them.
    pub(crate) fn collect(&self) -> Arc<dyn Fn() + Send + Sync> {
        let work = Arc::clone(&self.work);
        Arc::new(move || work.spans.drain_now())
    }

    /// Sends all that was recorded so far, and tells when that is done or the time is over.
    pub(crate) fn flush(&self, time: Duration, done: impl FnOnce(Flushed) + Send + 'static) {
        let work = Arc::clone(&self.work);
        self.handle.spawn(async move {
            let flushed = timeout(time, work.flush()).await.is_ok();
            done(work.flushed(flushed, time));
        });
    }

    /// Flushes, stops everything that runs on the thread, and ends the thread.
    pub(crate) fn shut_down(&self, time: Duration, done: impl FnOnce(Flushed) + Send + 'static) {
        let work = Arc::clone(&self.work);
        self.handle.spawn(async move {
            let flushed = timeout(time, work.flush()).await.is_ok();
            work.end().await;
            done(work.flushed(flushed, time));
            work.stop.notify_one();
        });
    }

    /// Whether the caller is on this thread.
    pub(crate) fn is_current(&self) -> bool {
        thread::current().id() == self.thread
    }

    /// What was dropped so far.
    pub(crate) fn dropped(&self) -> Dropped {
        self.work.dropped()
    }
}

impl Work {
    /// Sets everything going on the runtime that the caller has entered.
    fn begin(parts: Parts) -> Self {
        let (schedule, reporter) = (parts.schedule, parts.reporter);
        let mut tasks = JoinSet::new();

        let room = Arc::new(Notify::new());
        let lane_bounds = Bounds {
            max_queue_items: schedule.max_queue_size as u64,
            export_timeout: schedule.span_export_timeout,
        };
        let lanes = open(parts.span_sinks, lane_bounds, &room, &reporter, &mut tasks);
        let spans = SpanFeed::new(lanes, schedule.batch_size, room, parts.witness, &reporter);
        tasks.spawn(Arc::clone(&spans).run(schedule.batch_delay));

        let lane_bounds = Bounds {
            max_queue_items: u64::MAX,
            export_timeout: schedule.metric_export_timeout,
        };
        let lanes = open(
            parts.metric_sinks,
            lane_bounds,
            &Arc::default(),
            &reporter,
            &mut tasks,
        );
        let metrics = MetricFeed::new(lanes, parts.registry);
        tasks.spawn(Arc::clone(&metrics).run(schedule.metric_interval));

        Self {
            spans,
            metrics,
            tasks: Mutex::new(tasks),
            stop: Notify::new(),
        }
    }

    /// Sends all that was recorded so far, however long it takes.
    async fn flush(&self) {
        self.metrics.pass_snapshot();
        self.spans.drain().await;
        self.spans.settled().await;
        self.metrics.settled().await;
    }

    /// Stops all tasks, and counts as dropped what they leave behind.
    async fn end(&self) {
        let mut tasks = std::mem::take(&mut *self.tasks());
        tasks.shutdown().await;
        self.spans.abandon();
        self.metrics.abandon();
    }

    fn flushed(&self, in_time: bool, timeout: Duration) -> Flushed {
        let dropped = self.dropped();
        if in_time {
            Ok(dropped)
        } else {
            Err(FlushError::TimedOut { timeout, dropped })
        }
    }

    fn dropped(&self) -> Dropped {
        let losses = self.spans.losses().chain(self.metrics.losses());
        Dropped {
            losses: losses.collect(),
        }
    }

    fn tasks(&self) -> MutexGuard<'_, JoinSet<()>> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens a lane to each sink.
fn open<D: Load>(
    sinks: Vec<Sink<D>>,
    bounds: Bounds,
    room: &Arc<Notify>,
    reporter: &Arc<Reporter>,
    tasks: &mut JoinSet<()>,
) -> Vec<Arc<Lane<D>>> {
    let open = |sink| {
        let (lane, task) = Lane::open(sink, bounds, Arc::clone(room), Arc::clone(reporter));
        tasks.spawn(task);
        lane
    };
    sinks.into_iter().map(open).collect()
}
