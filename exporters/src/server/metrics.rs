//! `/metrics`: all metrics, for Prometheus.

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State as Extract;
use axum::response::{IntoResponse, Response};
use axum::routing::MethodRouter;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use http::{HeaderMap, StatusCode};
use hyper::body::Bytes;
use tachograph::metrics::FunctionBuckets;
use tokio::sync::OnceCell;
use tokio::task::JoinError;

use super::{State, answer, negotiation};
use crate::gzip::gzip;
use crate::prometheus::{Format, Renderer};

/// The scrapes of one server.
struct Scrapes {
    /// Held by whoever makes a page; others wait here, where they hold no thread.
    renderer: Arc<tokio::sync::Mutex<Renderer>>,
    /// For whoever comes now.
    next: Mutex<Arc<Pages>>,
}

/// What one look at the registry gives to all who asked before it.
#[derive(Default)]
struct Pages {
    text: Page,
    open_metrics: Page,
}

#[derive(Default)]
struct Page {
    plain: OnceCell<Bytes>,
    packed: OnceCell<Bytes>,
}

impl Pages {
    fn of(&self, format: Format) -> &Page {
        match format {
            Format::Text => &self.text,
            Format::OpenMetrics => &self.open_metrics,
        }
    }
}

pub(super) fn route(state: &State) -> MethodRouter<State> {
    let scrapes = Arc::new(Scrapes {
        renderer: Arc::new(tokio::sync::Mutex::new(Renderer::new(&state.resource))),
        next: Mutex::default(),
    });
    answer::page(
        |Extract(state): Extract<State>, headers: HeaderMap| async move {
            let format = negotiation::format(&headers);
            let is_packed = negotiation::accepts_gzip(&headers);
            match scrapes.page(state, format, is_packed).await {
                Ok(page) => answer(page, format, is_packed),
                Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "this page failed\n").into_response(),
            }
        },
    )
}

impl Scrapes {
    /// A page that was made after this was called, once for all who ask meanwhile.
    async fn page(
        &self,
        state: State,
        format: Format,
        is_packed: bool,
    ) -> Result<Bytes, JoinError> {
        let pages = Arc::clone(&self.next());
        let page = pages.of(format);
        let plain = page.plain.get_or_try_init(|| self.render(state, format));
        if !is_packed {
            return plain.await.cloned();
        }
        let plain = plain.await?.clone();
        let packed = page
            .packed
            .get_or_try_init(|| tokio::task::spawn_blocking(move || gzip(&plain)));
        packed.await.cloned()
    }

    async fn render(&self, state: State, format: Format) -> Result<Bytes, JoinError> {
        let mut renderer = Arc::clone(&self.renderer).lock_owned().await;
        // Who comes from here on may ask for what this look does not see.
        *self.next() = Arc::default();
        let make = move || {
            // Text has no exponential histograms.
            let snapshot = state.registry.snapshot_with(FunctionBuckets::Explicit);
            let page = renderer.render(&snapshot, format, |problem| (state.report)(problem));
            page.into()
        };
        tokio::task::spawn_blocking(make).await
    }

    fn next(&self) -> std::sync::MutexGuard<'_, Arc<Pages>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn answer(page: Bytes, format: Format, is_packed: bool) -> Response {
    let mut headers = HeaderMap::new();
    let content_type = HeaderValue::from_static(format.content_type());
    headers.insert(CONTENT_TYPE, content_type);
    if is_packed {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    (headers, page).into_response()
}
