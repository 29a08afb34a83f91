//! Which requests pages answer.

use axum::extract::Request;
use axum::handler::Handler;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get};
use http::header::{CONNECTION, HeaderValue};
use http::{Method, StatusCode};
use hyper::body::Body as _;

use super::State;

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
