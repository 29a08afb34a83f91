//! An OpenTelemetry collector on loopback that answers as scripted, over HTTP/protobuf and gRPC on one port.
//!
//! Messages are decoded, and gRPC is spoken, by what `opentelemetry-proto` generates.

mod answer;
mod connection;
mod services;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use hyper::HeaderMap;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use tokio::runtime;
use tokio::sync::{Notify, oneshot};
use tokio_rustls::TlsAcceptor;

use crate::authority::Authority;
pub use answer::Answer;

/// Longer than anything here takes, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running collector; it stops when it is dropped.
#[derive(Debug)]
pub struct Collector {
    address: SocketAddr,
    is_secure: bool,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What the collector has got so far.
#[derive(Debug, Default)]
pub struct Received {
    /// Requests with spans, in the order of their arrival.
    pub attempts: Vec<Attempt>,
    /// Requests with metrics, all of which are taken.
    pub metrics: Vec<ExportMetricsServiceRequest>,
}

/// One request with spans.
#[derive(Debug)]
pub struct Attempt {
    /// When all of it had arrived.
    pub at: Instant,
    /// What it was sent with.
    pub headers: HeaderMap,
    /// How it is answered.
    pub answer: Answer,
    /// What is in it, if it was taken.
    pub request: Option<ExportTraceServiceRequest>,
}

#[derive(Debug)]
struct Shared {
    script: Mutex<Vec<Answer>>,
    received: Mutex<Received>,
    changed: Condvar,
    released: Notify,
}

impl Collector {
    /// A collector on a thread of its own. Requests with spans get the answers of the script in order, and then
    /// [`Answer::Accept`].
    ///
    /// # Panics
    ///
    /// When no port or thread is left.
    pub fn start(script: impl Into<Vec<Answer>>) -> Self {
        Self::start_speaking(None, script.into())
    }

    /// The same over TLS with a certificate of this authority. If it `asks`, clients must have one, too.
    ///
    /// # Panics
    ///
    /// When no port or thread is left.
    #[must_use]
    pub fn start_secure(authority: &Authority, asks: bool) -> Self {
        Self::start_speaking(Some(authority.server(asks)), Vec::new())
    }

    fn start_speaking(tls: Option<TlsAcceptor>, script: Vec<Answer>) -> Self {
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime for the collector");
        let (stop, stopped) = oneshot::channel::<()>();
        let mut collector = Self::spawn(runtime.handle(), tls, script);
        collector.stop = Some(stop);
        collector.thread = Some(thread::spawn(move || {
            // A sender that was dropped stops it just as well.
            let _ = runtime.block_on(stopped);
        }));
        collector
    }

    /// The same within a runtime of the test.
    ///
    /// # Panics
    ///
    /// When no port is left.
    pub fn start_in(runtime: &runtime::Handle, script: impl Into<Vec<Answer>>) -> Self {
        Self::spawn(runtime, None, script.into())
    }

    fn spawn(runtime: &runtime::Handle, tls: Option<TlsAcceptor>, mut script: Vec<Answer>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("the address is bound");
        script.reverse();
        let shared = Arc::new(Shared {
            script: Mutex::new(script),
            received: Mutex::default(),
            changed: Condvar::new(),
            released: Notify::new(),
        });
        let is_secure = tls.is_some();
        runtime.spawn(connection::accept(listener, tls, Arc::clone(&shared)));
        Self {
            address,
            is_secure,
            shared,
            stop: None,
            thread: None,
        }
    }

    /// `http://127.0.0.1:<port>`, for either protocol; with `https` over TLS.
    #[must_use]
    pub fn endpoint(&self) -> String {
        let scheme = if self.is_secure { "https" } else { "http" };
        format!("{scheme}://{}", self.address)
    }

    /// What has arrived up to now.
    pub fn received(&self) -> MutexGuard<'_, Received> {
        self.shared.received()
    }

    /// Gives the answer to a request with [`Answer::Held`].
    pub fn release(&self) {
        self.shared.released.notify_one();
    }

    /// Waits until what has arrived is enough.
    ///
    /// # Panics
    ///
    /// When that takes half a minute.
    pub fn wait_until(&self, is_enough: impl Fn(&Received) -> bool) -> MutexGuard<'_, Received> {
        let received = self.received();
        let waited = self
            .shared
            .changed
            .wait_timeout_while(received, PATIENCE, |received| !is_enough(received));
        let (received, waited) = waited.expect("the collector does not panic");
        assert!(!waited.timed_out(), "not enough arrived: {received:#?}");
        received
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It panics when the collector did, which the test would like to know.
            thread.join().expect("the collector does not panic");
        }
    }
}

impl Attempt {
    /// The spans in it, if it was taken.
    pub fn spans(&self) -> impl Iterator<Item = &Span> {
        let resources = self
            .request
            .iter()
            .flat_map(|request| &request.resource_spans);
        let scopes = resources.flat_map(|resource| &resource.scope_spans);
        scopes.flat_map(|scope| &scope.spans)
    }
}

impl Received {
    /// The spans that were taken, each as often as it was taken.
    pub fn spans(&self) -> impl Iterator<Item = &Span> {
        self.attempts.iter().flat_map(Attempt::spans)
    }
}

impl Shared {
    fn received(&self) -> MutexGuard<'_, Received> {
        self.received.lock().expect("the collector does not panic")
    }

    fn change<T>(&self, change: impl FnOnce(&mut Received) -> T) -> T {
        let changed = change(&mut self.received());
        self.changed.notify_all();
        changed
    }

    fn next_answer(&self) -> Answer {
        let mut script = self.script.lock().expect("the collector does not panic");
        script.pop().unwrap_or(Answer::Accept)
    }
}
