//! Which page is where, and the short ones.

use axum::Router;
use axum::extract::State as Extract;
use axum::middleware;
use axum::response::Response;
use http::header::{CACHE_CONTROL, HeaderValue};
use http::{StatusCode, Uri};
use tachograph::semconv;

use super::answer::page;
use super::{Phase, State, functions, traces};

/// Answers every request.
pub(super) fn router(state: State) -> Router {
    let router = Router::new()
        .route("/", page(index))
        .route("/health", page(health))
        .route("/ready", page(ready))
        .route("/debug/functions", page(functions::page))
        .route("/debug/traces", page(traces::page));
    #[cfg(feature = "prometheus")]
    let router = router.route("/metrics", super::metrics::route(&state));
    router
        .fallback(not_found)
        .layer(middleware::map_response(no_store))
        .with_state(state)
}

async fn index(Extract(state): Extract<State>) -> String {
    let service = state.resource.get(semconv::SERVICE_NAME);
    let service = service.map_or("this process".to_owned(), ToString::to_string);
    let metrics = if cfg!(feature = "prometheus") {
        "/metrics          all metrics, for Prometheus\n"
    } else {
        ""
    };
    format!(
        "Telemetry of {service}\n\n\
        {metrics}\
        /health           200 while the process lives\n\
        /ready            200 unless it is starting or shutting down\n\
        /debug/traces     the last traces (?limit=10, ?trace_id=..)\n\
        /debug/functions  every annotated function with its figures\n"
    )
}

async fn health() -> &'static str {
    "ok\n"
}

async fn ready(Extract(state): Extract<State>) -> (StatusCode, &'static str) {
    match *state.phase.borrow() {
        Phase::Starting => (StatusCode::SERVICE_UNAVAILABLE, "starting\n"),
        Phase::Ready => (StatusCode::OK, "ready\n"),
        Phase::ShuttingDown => (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n"),
    }
}

async fn not_found(uri: Uri) -> (StatusCode, String) {
    let path = uri.path();
    (
        StatusCode::NOT_FOUND,
        format!("there is no page `{path}`; `/` lists all\n"),
    )
}

async fn no_store(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}
