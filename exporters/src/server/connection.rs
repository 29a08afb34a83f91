//! Connections of one listener: who may stay, and who has to go when another one comes.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::AbortHandle;
use tokio::time::{Instant, sleep_until, timeout};

use super::Limits;

/// Start line and headers of a request may have so many bytes, and there may be so many headers.
pub(super) const MAX_HEAD_BYTES: usize = 16 << 10;
pub(super) const MAX_HEADERS: usize = 64;

/// One connection, as pages and the listener see it.
#[derive(Clone)]
pub(super) struct Connection {
    state: Arc<watch::Sender<State>>,
    /// For a request, from the start or the last answer on.
    patience: Duration,
}

#[derive(Clone, Copy, Debug)]
struct State {
    is_answered: bool,
    since: Instant,
    /// Then it is closed.
    until: Instant,
}

impl State {
    fn new(is_answered: bool, time: Duration) -> Self {
        let since = Instant::now();
        Self {
            is_answered,
            since,
            until: since + time,
        }
    }
}

impl Connection {
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            state: Arc::new(watch::Sender::new(State::new(false, patience))),
            patience,
        }
    }

    /// An answer is under way, which has so much time.
    pub(super) fn answers_within(&self, time: Duration) {
        self.state.send_replace(State::new(true, time));
    }

    /// The next request may come.
    pub(super) fn waits(&self) {
        self.state.send_replace(State::new(false, self.patience));
    }

    /// Who goes first: those that wait for a request, the one that has waited longest.
    fn order_of_going(&self) -> impl Ord + use<> {
        let state = self.state.borrow();
        (state.is_answered, state.since)
    }

    /// Comes back when the time is over.
    async fn expired(&self) {
        let mut state = self.state.subscribe();
        loop {
            let until = state.borrow_and_update().until;
            tokio::select! {
                () = sleep_until(until) => return,
                // The sender is this one's.
                _ = state.changed() => {}
            }
        }
    }

    /// Answers requests until the client goes, the time is over, or the server stops.
    pub(super) async fn serve(
        self,
        stream: TcpStream,
        router: Router,
        grace: Duration,
        mut stopping: watch::Receiver<()>,
    ) {
        let this = self.clone();
        let router = TowerToHyperService::new(router);
        let service = service_fn(move |mut request: Request<Incoming>| {
            this.waits();
            request.extensions_mut().insert(this.clone());
            router.call(request)
        });
        let connection = http1::Builder::new()
            .max_buf_size(MAX_HEAD_BYTES)
            .max_headers(MAX_HEADERS)
            .serve_connection(TokioIo::new(stream), service);
        let mut connection = pin!(connection);
        // Errors are the client's: it went away, or sent what is not HTTP.
        tokio::select! {
            _ = &mut connection => return,
            () = self.expired() => return,
            // The sender is gone.
            _ = stopping.changed() => {}
        }
        connection.as_mut().graceful_shutdown();
        let _ = timeout(grace, connection).await;
    }
}

/// The connections that are open.
pub(super) struct Crowd {
    members: Vec<(Connection, AbortHandle)>,
    max: usize,
}

impl Crowd {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            members: Vec::new(),
            max: limits.connections,
        }
    }

    /// Closes one connection if there is no room for another: so whoever only keeps connections open takes nobody's place.
    pub(super) fn make_room(&mut self) {
        self.members.retain(|(_, task)| !task.is_finished());
        if self.members.len() < self.max {
            return;
        }
        let members = self.members.iter().enumerate();
        let first = members.min_by_key(|(_, (connection, _))| connection.order_of_going());
        if let Some((at, _)) = first {
            let (_, task) = self.members.swap_remove(at);
            task.abort();
        }
    }

    pub(super) fn join(&mut self, connection: Connection, task: AbortHandle) {
        self.members.push((connection, task));
    }
}
