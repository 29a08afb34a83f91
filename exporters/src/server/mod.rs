//! The telemetry server: metrics for scrapers, health for orchestrators, traces and functions for people.

mod answer;
mod body;
mod builder;
mod connection;
mod door;
mod functions;
mod holder;
mod host;
mod json;
mod listeners;
#[cfg(feature = "prometheus")]
mod metrics;
#[cfg(feature = "prometheus")]
mod negotiation;
mod pages;
#[cfg(test)]
mod tests;
mod traces;

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use tachograph::{Registry, Resource};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::config::ServerAddress;
use crate::error::BuildError;
use crate::store::TraceStore;
use connection::{Connection, Crowd};
use listeners::Listener;

pub use door::Door;
pub(crate) use listeners::DoorsCode;

/// What the pages show.
#[derive(Clone)]
pub(crate) struct State {
    pub(crate) registry: Registry,
    pub(crate) resource: Resource,
    /// There if a door shows spans.
    pub(crate) store: Option<Arc<TraceStore>>,
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
    listeners: Vec<Listener>,
    limits: Limits,
}

/// Where the pages are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    /// Of the listener that doors without an address of their own share.
    pub(crate) shared: Option<SocketAddr>,
    doors: Vec<(Door, SocketAddr)>,
}

/// What clients may take of a listener; each door has limits besides ([`door`]).
#[derive(Clone, Copy, Debug)]
struct Limits {
    /// So many are open. They are more than all doors answer at once, so there is always one that only waits and can go.
    connections: usize,
    /// From the start of a connection, or its last answer, to the end of a request's headers.
    request: Duration,
    /// For answers that are under way when the server stops.
    grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 128,
            request: Duration::from_secs(10),
            grace: Duration::from_secs(5),
        }
    }
}

impl Server {
    /// Listens where code, the environment or the default says. If the default address is taken, `report` is told, and the
    /// program goes on without what would be there; `None` if there is nothing then.
    ///
    /// # Errors
    ///
    /// [`BuildError::AddressInUse`] for an address that somebody wrote, or [`BuildError::Listen`] for anything else that the
    /// system does not like.
    pub(crate) fn bind(
        shared: Option<ServerAddress>,
        code: &DoorsCode,
        report: impl Fn(String),
    ) -> Result<(Option<Self>, Addresses), BuildError> {
        let mut listeners = code.own().collect::<Result<Vec<_>, _>>()?;
        let mut addresses = Addresses::default();
        match shared.map(|at| (code.shared(&at), at.is_default)) {
            Some((Ok(listener), _)) => {
                addresses.shared = Some(listener.address);
                listeners.push(listener);
            }
            Some((Err(error @ BuildError::AddressInUse { .. }), true)) => {
                report(format!("there is no telemetry server: {error}"));
            }
            Some((Err(error), _)) => return Err(error),
            None => {}
        }
        for listener in &listeners {
            let doors = listener.doors.iter();
            let doors = doors.map(|opened| (opened.door, listener.address));
            addresses.doors.extend(doors);
        }
        let server = Self {
            listeners,
            limits: Limits::default(),
        };
        let is_there = !server.listeners.is_empty();
        Ok((is_there.then_some(server), addresses))
    }

    /// Whether spans can be looked at.
    pub(crate) fn shows_spans(&self) -> bool {
        let mut listeners = self.listeners.iter();
        listeners.any(|listener| listener.has(Door::Debug))
    }

    /// Answers until `shutdown` is there, and then for a short time those who have asked already.
    ///
    /// To be run on a tokio runtime with I/O and time. Nothing here is instrumented, so that looking at the telemetry
    /// does not change it.
    pub(crate) async fn serve(self, state: State, shutdown: impl Future<Output = ()>) {
        let (stop, stopping) = watch::channel(());
        let mut listening = JoinSet::new();
        for Listener { socket, doors, .. } in self.listeners {
            let report = Arc::clone(&state.report);
            match TcpListener::from_std(socket) {
                Ok(socket) => {
                    let router = pages::router(&state, &doors);
                    listening.spawn(listen(
                        socket,
                        router,
                        self.limits,
                        report,
                        stopping.clone(),
                    ));
                }
                Err(error) => report(format!("the telemetry server cannot start: {error}")),
            }
        }
        shutdown.await;
        drop(stop);
        while listening.join_next().await.is_some() {}
    }
}

impl Addresses {
    fn of(&self, door: Door) -> Option<SocketAddr> {
        let mut doors = self.doors.iter();
        doors.find_map(|(known, address)| (*known == door).then_some(*address))
    }
}

/// What the start says of a server: where it listens, and what of it is closed.
impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the telemetry server listens")?;
        for (position, listener) in self.listeners.iter().enumerate() {
            let comma = if position == 0 { "" } else { "," };
            write!(f, "{comma} on {} for ", listener.address)?;
            let pages = listener.doors.iter().map(|opened| opened.door.pages());
            f.write_str(&pages.collect::<Vec<_>>().join(" and "))?;
        }
        if !self.shows_spans() {
            f.write_str("; the debug pages are closed: `.debug_pages(true)` opens them, and `.serve_door(Door::Debug, ..)` \
                gives them an address of their own")?;
        }
        Ok(())
    }
}

/// Answers all who come to one listener.
async fn listen(
    socket: TcpListener,
    router: Router,
    limits: Limits,
    report: Arc<dyn Fn(String) + Send + Sync>,
    stopping: watch::Receiver<()>,
) {
    let mut stop = stopping.clone();
    let mut stopped = pin!(stop.changed());
    let mut crowd = Crowd::new(limits);
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            // The sender is gone.
            _ = &mut stopped => break,
            Some(_) = connections.join_next() => {}
            stream = accept(&socket, &*report) => {
                crowd.make_room();
                let connection = Connection::new(limits.request);
                let serving = connection.clone().serve(stream, router.clone(), limits.grace, stopping.clone());
                crowd.join(connection, connections.spawn(serving));
            }
        }
    }
    drop(socket);
    while connections.join_next().await.is_some() {}
}

async fn accept(socket: &TcpListener, report: &(dyn Fn(String) + Sync)) -> TcpStream {
    loop {
        match socket.accept().await {
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
