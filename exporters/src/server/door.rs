//! Doors: groups of pages, each with limits of its own, so that whoever crowds one does not keep others from the next.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::extract::{Request, State as Extract};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::RETRY_AFTER;
use hyper::body::Body as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::body;
use super::connection::Connection;

/// A group of the telemetry server's pages. Each has limits of its own, and its own listener if wanted
/// ([`TelemetryBuilder::serve_door`](crate::TelemetryBuilder::serve_door)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Door {
    /// `/health` and `/ready`, for orchestrators.
    Probes,
    /// `/metrics`, for scrapers.
    #[cfg(feature = "prometheus")]
    Scrape,
    /// `/debug/traces` and `/debug/functions`, for people.
    Debug,
}

impl Door {
    pub(super) const ALL: &[Self] = &[
        #[cfg(feature = "prometheus")]
        Self::Scrape,
        Self::Probes,
        Self::Debug,
    ];

    /// What stands behind it, for messages.
    pub(super) fn pages(self) -> &'static str {
        match self {
            Self::Probes => "`/health` and `/ready`",
            #[cfg(feature = "prometheus")]
            Self::Scrape => "`/metrics`",
            Self::Debug => "the debug pages",
        }
    }

    /// What is not said elsewhere: enough for some dozens of orchestrators, a handful of scrapers and a few people.
    pub(super) fn limits(self) -> DoorLimits {
        match self {
            Self::Probes => DoorLimits {
                answers: 32,
                time: Duration::from_secs(5),
                bytes: 64 << 10,
            },
            #[cfg(feature = "prometheus")]
            Self::Scrape => DoorLimits {
                answers: 16,
                time: Duration::from_secs(30),
                bytes: 64 << 20,
            },
            Self::Debug => DoorLimits {
                answers: 4,
                time: Duration::from_secs(30),
                bytes: 1 << 20,
            },
        }
    }
}

/// What clients may take of one door.
#[derive(Clone, Copy, Debug)]
pub(super) struct DoorLimits {
    /// So many answers at once.
    pub(super) answers: usize,
    /// From the end of a request's headers until its answer is sent; then the connection is closed, however far it is.
    pub(super) time: Duration,
    /// While so many bytes of answers wait to be sent, no further one is begun.
    pub(super) bytes: usize,
}

/// Lets requests in as far as the limits of one door allow.
pub(super) struct Doorkeeper {
    limits: DoorLimits,
    free: Arc<Semaphore>,
    unsent: Arc<AtomicUsize>,
}

/// The right to one answer, until it is sent.
pub(super) struct Pass {
    connection: Connection,
    unsent: Arc<AtomicUsize>,
    bytes: usize,
    _free: OwnedSemaphorePermit,
}

impl Doorkeeper {
    pub(super) fn new(limits: DoorLimits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            free: Arc::new(Semaphore::new(limits.answers)),
            unsent: Arc::default(),
        })
    }

    fn admit(&self, connection: &Connection) -> Option<Pass> {
        if self.unsent.load(Ordering::Relaxed) >= self.limits.bytes {
            return None;
        }
        let free = Arc::clone(&self.free).try_acquire_owned().ok()?;
        connection.answers_within(self.limits.time);
        Some(Pass {
            connection: connection.clone(),
            unsent: Arc::clone(&self.unsent),
            bytes: 0,
            _free: free,
        })
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.unsent.fetch_sub(self.bytes, Ordering::Relaxed);
        self.connection.waits();
    }
}

/// Answers if there is room for one more answer, and counts it until it is sent.
pub(super) async fn admit(
    Extract(keeper): Extract<Arc<Doorkeeper>>,
    request: Request,
    next: Next,
) -> Response {
    let connection = request.extensions().get::<Connection>();
    let Some(mut pass) = connection.and_then(|connection| keeper.admit(connection)) else {
        let message = "others are being answered; try again in a moment\n";
        return (
            StatusCode::SERVICE_UNAVAILABLE,
            [(RETRY_AFTER, "1")],
            message,
        )
            .into_response();
    };
    let response = next.run(request).await;
    response.map(|answer| {
        // One of unknown length is made while it is sent.
        let bytes = answer.size_hint().exact().unwrap_or(body::STREAM_BYTES);
        pass.bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        pass.unsent.fetch_add(pass.bytes, Ordering::Relaxed);
        body::in_pieces(answer, pass)
    })
}
