//! Which page is where, and the short ones.

use axum::Router;
use axum::extract::{Request, State as Extract};
use axum::handler::Handler;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use http::header::{CACHE_CONTROL, CONNECTION, HeaderValue};
use http::{Method, StatusCode, Uri};
use hyper::body::Body as _;
use tachograph::semconv;

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

/// A page to `GET` and `HEAD`.
pub(super) fn page<H, T>(handler: H) -> MethodRouter<State>
where
    H: Handler<T, State>,
    T: 'static,
{
    get(handler)
        .route_layer(middleware::from_fn(refuse_body))
        .fallback(not_allowed)
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

/// The router adds `Allow`.
async fn not_allowed(method: Method) -> (StatusCode, String) {
    (
        StatusCode::METHOD_NOT_ALLOWED,
        format!("`{method}` is not allowed here; use `GET` or `HEAD`\n"),
    )
}

/// No page reads a body, so none needs to be received.
async fn refuse_body(request: Request, next: Next) -> Response {
    if request.body().is_end_stream() {
        return next.run(request).await;
    }
    let close = [(CONNECTION, HeaderValue::from_static("close"))];
    let message = "requests here have no body\n";
    (StatusCode::PAYLOAD_TOO_LARGE, close, message).into_response()
}

async fn no_store(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}

/// Makes an answer on a thread for blocking work.
///
/// A large registry takes milliseconds to read and to write out; the exporters' own thread, which sends and answers
/// `/health` meanwhile, does not wait for that.
pub(super) async fn apart<R: IntoResponse + Send + 'static>(
    work: impl FnOnce() -> R + Send + 'static,
) -> Response {
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer.into_response(),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "this page failed\n").into_response(),
    }
}
