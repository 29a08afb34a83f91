//! The exporters' own thread with its own runtime, as seen from others.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::thread::{self, ThreadId};
use std::time::Duration;

use tokio::runtime::{self, Handle, Runtime};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::work::{Parts, Work};
use crate::dropped::Dropped;
use crate::error::{BuildError, FlushError};
use crate::server::Phase;

/// The thread, and what it does.
pub(crate) struct Worker {
    handle: Handle,
    thread: ThreadId,
    work: Arc<Work>,
    /// Told when the thread may end.
    stop: Arc<Notify>,
}

/// A runtime that may be dropped anywhere: within another runtime too, which tokio's own does not allow.
pub(crate) struct OwnRuntime(Option<Runtime>);

/// How a flush or a shutdown ended.
pub(crate) struct Flushed {
    is_complete: bool,
    dropped: Dropped,
}

impl Flushed {
    /// The same for a caller who gave this much time.
    pub(crate) fn within(self, timeout: Duration) -> Result<Dropped, FlushError> {
        let dropped = self.dropped;
        if self.is_complete {
            Ok(dropped)
        } else {
            Err(FlushError::TimedOut { timeout, dropped })
        }
    }
}

impl OwnRuntime {
    /// The runtime for [`Worker::start`]; transports may need it earlier.
    pub(crate) fn new() -> Result<Self, BuildError> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        Ok(Self(Some(runtime.map_err(BuildError::Thread)?)))
    }
}

impl Deref for OwnRuntime {
    type Target = Runtime;

    fn deref(&self) -> &Runtime {
        self.0.as_ref().expect("it is there until it is dropped")
    }
}

impl Drop for OwnRuntime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // A name that is being looked up must not keep the thread.
            runtime.shutdown_background();
        }
    }
}

impl Worker {
    /// Starts the thread.
    pub(crate) fn start(runtime: OwnRuntime, parts: Parts) -> Result<Self, BuildError> {
        let handle = runtime.handle().clone();
        let work = {
            let _entered = handle.enter();
            Arc::new(Work::begin(parts)?)
        };
        let stop = Arc::new(Notify::new());
        let stopped = Arc::clone(&stop);
        let thread = thread::Builder::new().name("tachograph".to_owned());
        let thread = thread.spawn(move || runtime.block_on(stopped.notified()));
        let thread = thread.map_err(BuildError::Thread)?.thread().id();
        Ok(Self {
            handle,
            thread,
            work,
            stop,
        })
    }

    /// Says that everything is installed.
    pub(crate) fn ready(&self) {
        self.work.enter(Phase::Ready);
    }

    /// Sends all that was recorded so far, and tells when that is done or the time is over.
    pub(crate) fn flush(&self, time: Duration, done: impl FnOnce(Flushed) + Send + 'static) {
        let work = Arc::clone(&self.work);
        // What is recorded from here on is none of the caller's concern, and may never end.
        let mark = self.work.mark();
        self.handle.spawn(async move {
            let is_complete = timeout(time, work.flush(mark)).await.is_ok();
            done(Flushed {
                is_complete,
                dropped: work.dropped(),
            });
        });
    }

    /// Flushes, stops everything that runs on the thread, and ends the thread.
    pub(crate) fn shut_down(&self, time: Duration, done: impl FnOnce(Flushed) + Send + 'static) {
        let (work, stop) = (Arc::clone(&self.work), Arc::clone(&self.stop));
        self.handle.spawn(async move {
            work.enter(Phase::ShuttingDown);
            work.end_within(time);
            let is_complete = timeout(time, work.flush(None)).await.is_ok();
            work.end().await;
            done(Flushed {
                is_complete,
                dropped: work.dropped(),
            });
            stop.notify_one();
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

    /// What was dropped, and will be, if nothing is sent any more.
    pub(crate) fn dropped_by_now(&self) -> Dropped {
        self.work.dropped_by_now()
    }
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Worker")
            .field("thread", &self.thread)
            .finish_non_exhaustive()
    }
}
