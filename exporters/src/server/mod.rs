//! The telemetry server: metrics for scrapers, health for orchestrators, traces and functions for people.

mod answer;
mod functions;
mod json;
#[cfg(feature = "prometheus")]
mod metrics;
#[cfg(feature = "prometheus")]
mod negotiation;
mod pages;
#[cfg(test)]
mod tests;
mod traces;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tachograph::{Registry, Resource};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::config::ServerAddress;
use crate::error::BuildError;
use crate::store::TraceStore;

/// What the pages show.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) registry: Registry,
    pub(crate) resource: Resource,
    pub(crate) store: Arc<TraceStore>,
    pub(crate) phase: watch::Receiver<Phase>,
    /// Moves the spans that wait into the store now.
    pub(crate) collect: Arc<dyn Fn() + Send + Sync>,
    /// Is told what goes wrong.
    pub(crate) report: Arc<dyn Fn(String) + Send + Sync>,
}

/// What `/ready` answers from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    Starting,
    Ready,
    ShuttingDown,
}

/// A server that listens, so that clients wait for it rather than being refused, but does not answer yet.
#[derive(Debug)]
pub(crate) struct Server {
    listener: TcpListener,
    local_addr: SocketAddr,
    limits: Limits,
}

/// What clients may take.
#[derive(Clone, Copy, Debug)]
struct Limits {
    connections: usize,
    /// From the start of a connection, or its last answer, to the end of a request's headers.
    request: Duration,
    /// After so long a connection ends with the answer that is under way.
    connection: Duration,
    /// For answers that are under way when a connection has to end.
    grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            request: Duration::from_secs(10),
            connection: Duration::from_secs(60),
            grace: Duration::from_secs(5),
        }
    }
}

/// Start line and headers of a request may have so many bytes, and there may be so many headers.
const MAX_HEAD_BYTES: usize = 16 << 10;
const MAX_HEADERS: usize = 64;

impl Server {
    /// Listens on `host:port` at once; port 0 is any that is free.
    ///
    /// # Errors
    ///
    /// [`BuildError::AddressInUse`], or [`BuildError::Listen`] for anything else that the system does not like.
    pub(crate) fn bind(at: ServerAddress) -> Result<Self, BuildError> {
        Self::listen(&at.address).map_err(|source| {
            let (option, address) = (at.option.to_owned(), at.address);
            match source.kind() {
                io::ErrorKind::AddrInUse => BuildError::AddressInUse {
                    option,
                    address,
                    source,
                },
                _ => BuildError::Listen {
                    option,
                    address,
                    source,
                },
            }
        })
    }

    fn listen(address: &str) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            local_addr: listener.local_addr()?,
            listener,
            limits: Limits::default(),
        })
    }

    /// Where it listens, with the port that the system chose.
    pub(crate) fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Answers until `shutdown` is there, and then for a short time those who have asked already.
    ///
    /// To be run on a tokio runtime with I/O and time. Nothing here is instrumented, so that looking at the telemetry
    /// does not change it.
    pub(crate) async fn serve(self, state: State, shutdown: impl Future<Output = ()>) {
        let listener = match tokio::net::TcpListener::from_std(self.listener) {
            Ok(listener) => listener,
            Err(error) => {
                return (state.report)(format!("the telemetry server cannot start: {error}"));
            }
        };
        let report = Arc::clone(&state.report);
        let router = pages::router(state);
        let (stop, stopping) = watch::channel(());
        let mut shutdown = pin!(shutdown);
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                Some(_) = connections.join_next() => {}
                stream = accept(&listener, &*report), if connections.len() < self.limits.connections => {
                    connections.spawn(connection(stream, router.clone(), self.limits, stopping.clone()));
                }
            }
        }
        drop((listener, stop));
        while connections.join_next().await.is_some() {}
    }
}

async fn accept(listener: &tokio::net::TcpListener, report: &(dyn Fn(String) + Sync)) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            // The client is gone already.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            // Most likely the process has too many files open, which passes.
            Err(error) => {
                report(format!(
                    "the telemetry server cannot accept a connection: {error}"
                ));
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

/// Answers one client. The total time is bounded, so a client that reads slowly holds its answer for that long only.
async fn connection(
    stream: TcpStream,
    router: Router,
    limits: Limits,
    mut stopping: watch::Receiver<()>,
) {
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.request)
        .max_buf_size(MAX_HEAD_BYTES)
        .max_headers(MAX_HEADERS)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = pin!(connection);
    // Errors are the client's: it went away, or sent what is not HTTP.
    tokio::select! {
        _ = &mut connection => return,
        () = sleep(limits.connection) => {}
        // The sender is gone.
        _ = stopping.changed() => {}
    }
    connection.as_mut().graceful_shutdown();
    let _ = timeout(limits.grace, connection).await;
}
