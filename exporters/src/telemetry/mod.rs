//! Telemetry as an application sees it: installed once in `main`, flushed, shut down.

mod builder;
mod install;
mod opening;
#[cfg(all(test, feature = "otlp", feature = "jaeger"))]
mod secrets;

pub use builder::TelemetryBuilder;

use std::mem;
use std::net::SocketAddr;
use std::process;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;

use tachograph::listener;
use tokio::sync::oneshot;

use crate::config::Code;
use crate::dropped::Dropped;
use crate::error::FlushError;
use crate::pipeline::worker::{Flushed, Worker};
use crate::report::Reporter;
use crate::server::Addresses;

/// How long a shutdown may take that nobody asked for: when the guard is dropped.
const DROP_TIMEOUT: Duration = Duration::from_secs(5);
/// Callers that wait leave the exporters so much less time, so that these can still say how it went.
const ANSWER_TIME: Duration = Duration::from_millis(100);

/// Telemetry that is installed; keep it until the end of `main`.
///
/// Exporters run on a thread of their own with a runtime of their own, so every method works from sync code, within
/// any flavour of tokio, and without. Dropped, it shuts down within 5 seconds.
///
/// In a process that `fork` made there is no telemetry: the exporters' thread has stayed behind. Nobody listens there,
/// nothing waits, and this does nothing but say so ([`FlushError::Stopped`]); telemetry can be installed anew, under another
/// `service.instance.id`. The child has the sockets of its parent, that of the telemetry server among them, and answers
/// nobody on it; but the port stays taken until both have ended, or the child has called `exec`. Fork before telemetry is
/// installed where that matters.
#[must_use = "telemetry ends when this is dropped: bind it to a variable that lives as long as `main`"]
#[derive(Debug)]
pub struct Telemetry {
    /// Empty when the environment switched telemetry off, and after the shutdown.
    installed: Option<Installed>,
    pub(crate) addresses: Addresses,
}

/// What goes away with a shutdown.
#[derive(Debug)]
struct Installed {
    worker: Worker,
    /// Given back when the exporters have ended, however long their callers wait for it.
    slot: install::Slot,
    reporter: Arc<Reporter>,
    /// A process that was forked off has all of this, and none of the threads that it is for.
    process: u32,
}

impl Telemetry {
    /// Telemetry of the service with this name, exported to what the builder or an endpoint variable names.
    pub fn builder(service: impl Into<String>) -> TelemetryBuilder {
        TelemetryBuilder::new(Code {
            service: Some(service.into()),
            ..Code::default()
        })
    }

    /// Telemetry as the environment describes it, by the specification's defaults: OTLP to localhost unless
    /// `OTEL_TRACES_EXPORTER` and `OTEL_METRICS_EXPORTER` say otherwise.
    ///
    /// ```no_run
    /// use tachograph_exporters::Telemetry;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let _telemetry = Telemetry::from_env().install()?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_env() -> TelemetryBuilder {
        TelemetryBuilder::new(Code {
            like_specification: true,
            ..Code::default()
        })
    }

    /// Where the telemetry server listens, if there is one; for doors with an address of their own see
    /// [`Telemetry::door_address`].
    #[must_use]
    pub fn server_address(&self) -> Option<SocketAddr> {
        let is_here = self.installed.as_ref().is_some_and(Installed::is_here);
        self.addresses.shared.filter(|_| is_here)
    }

    /// Sends all that was recorded so far, and returns what was dropped since telemetry was installed. What is recorded
    /// meanwhile is not waited for.
    ///
    /// # Errors
    ///
    /// [`FlushError::TimedOut`] if some of it still waits after `timeout`; it goes on waiting.
    pub fn force_flush(&self, timeout: Duration) -> Result<Dropped, FlushError> {
        let Some(installed) = &self.installed else {
            return Ok(Dropped::default());
        };
        if !installed.is_here() {
            return Err(FlushError::Stopped);
        }
        let worker = &installed.worker;
        let begin = |time, done| worker.flush(time, done);
        wait(worker, timeout, begin, Worker::dropped)
    }

    /// The same for async code, which goes on meanwhile.
    ///
    /// # Errors
    ///
    /// Those of [`Telemetry::force_flush`].
    pub async fn force_flush_async(&self, timeout: Duration) -> Result<Dropped, FlushError> {
        let Some(installed) = &self.installed else {
            return Ok(Dropped::default());
        };
        if !installed.is_here() {
            return Err(FlushError::Stopped);
        }
        let (sender, flushed) = oneshot::channel();
        let done = |flushed| drop(sender.send(flushed));
        installed.worker.flush(timeout, done);
        let flushed = flushed.await.map_err(|_| FlushError::Stopped)?;
        flushed.within(timeout)
    }

    /// Stops listening, sends all that was recorded, and stops the exporters.
    ///
    /// Returns what was dropped since telemetry was installed. Afterwards telemetry can be installed anew.
    ///
    /// # Errors
    ///
    /// [`FlushError::TimedOut`] if some of it was not sent within `timeout`, and is dropped.
    pub fn shutdown(mut self, timeout: Duration) -> Result<Dropped, FlushError> {
        match self.installed.take() {
            Some(installed) if !installed.is_here() => installed.leave(),
            Some(installed) => installed.shut_down(timeout),
            None => Ok(Dropped::default()),
        }
    }

    /// The same for async code, which goes on meanwhile. It begins at once, and takes its course whether the future is
    /// polled or dropped.
    ///
    /// # Errors
    ///
    /// Those of [`Telemetry::shutdown`].
    pub fn shutdown_async(
        mut self,
        timeout: Duration,
    ) -> impl Future<Output = Result<Dropped, FlushError>> + Send + use<> {
        let begun = match self.installed.take() {
            None => Err(Ok(Dropped::default())),
            Some(installed) if !installed.is_here() => Err(installed.leave()),
            Some(installed) => Ok(installed.begin_to_end(timeout)),
        };
        async move {
            match begun {
                Ok(flushed) => {
                    let flushed = flushed.await.map_err(|_| FlushError::Stopped)?;
                    flushed.within(timeout)
                }
                Err(is_over) => is_over,
            }
        }
    }
}

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(installed) = self.installed.take() {
            if !installed.is_here() {
                let _ = installed.leave();
                return;
            }
            let reporter = Arc::clone(&installed.reporter);
            if let Err(error) = installed.shut_down(DROP_TIMEOUT) {
                reporter.warn(&error);
            }
        }
    }
}

impl Installed {
    /// Begins the shutdown; the answer says how it went.
    fn begin_to_end(self, timeout: Duration) -> oneshot::Receiver<Flushed> {
        listener::stop();
        let Self { worker, slot, .. } = self;
        let slot = slot.ending();
        let (sender, flushed) = oneshot::channel();
        worker.shut_down(timeout, move |flushed| {
            drop(slot);
            drop(sender.send(flushed));
        });
        flushed
    }

    /// Whether this is the process that installed it.
    fn is_here(&self) -> bool {
        self.process == process::id()
    }

    /// The end of what is in another process. Its locks may be held by threads that are not here, so nothing is touched.
    fn leave(self) -> Result<Dropped, FlushError> {
        mem::forget(self);
        Err(FlushError::Stopped)
    }

    fn shut_down(self, timeout: Duration) -> Result<Dropped, FlushError> {
        listener::stop();
        let Self { worker, slot, .. } = self;
        let slot = slot.ending();
        let begin = |time, done: Done| {
            worker.shut_down(time, move |flushed| {
                drop(slot);
                done(flushed);
            });
        };
        wait(&worker, timeout, begin, Worker::dropped_by_now)
    }
}

type Done = Box<dyn FnOnce(Flushed) + Send>;

/// Begins some work of the exporters' thread, and waits for its end without a runtime. If that is late, `dropped` tells
/// how things stand.
fn wait(
    worker: &Worker,
    timeout: Duration,
    begin: impl FnOnce(Duration, Done),
    dropped: impl FnOnce(&Worker) -> Dropped,
) -> Result<Dropped, FlushError> {
    let (sender, flushed) = sync_channel(1);
    let time = timeout.saturating_sub(ANSWER_TIME.min(timeout / 10));
    begin(time, Box::new(move |done| drop(sender.send(done))));
    if worker.is_current() {
        return Err(FlushError::OnExporterThread);
    }
    match flushed.recv_timeout(timeout) {
        Ok(flushed) => flushed.within(timeout),
        Err(RecvTimeoutError::Timeout) => Err(FlushError::TimedOut {
            timeout,
            dropped: dropped(worker),
        }),
        Err(RecvTimeoutError::Disconnected) => Err(FlushError::Stopped),
    }
}
