//! `/metrics`: all metrics, for Prometheus.

use std::sync::Arc;

use axum::extract::State as Extract;
use axum::response::IntoResponse;
use axum::routing::MethodRouter;
use http::HeaderMap;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderValue};
use tachograph::metrics::FunctionBuckets;
use tokio::sync::Mutex;

use super::{State, answer, negotiation};
use crate::gzip::gzip;
use crate::prometheus::Renderer;

/// One renderer serves all scrapes.
pub(super) fn route(state: &State) -> MethodRouter<State> {
    let renderer = Arc::new(Mutex::new(Renderer::new(&state.resource)));
    answer::page(
        |Extract(state): Extract<State>, headers: HeaderMap| async move {
            let format = negotiation::format(&headers);
            let is_packed = negotiation::accepts_gzip(&headers);
            // Scrapes wait for each other here, where they hold no thread.
            let mut renderer = renderer.lock_owned().await;
            answer::apart(move || {
                // Text has no exponential histograms.
                let snapshot = state.registry.snapshot_with(FunctionBuckets::Explicit);
                let page = renderer.render(&snapshot, format, |conflict| (state.report)(conflict));
                drop(renderer);
                let mut headers = HeaderMap::new();
                headers.insert(
                    CONTENT_TYPE,
                    HeaderValue::from_static(format.content_type()),
                );
                let page = if is_packed {
                    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                    gzip(page.as_bytes())
                } else {
                    page.into()
                };
                (headers, page).into_response()
            })
            .await
        },
    )
}
