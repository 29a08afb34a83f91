//! Attributes beside those of others: tests of tokio and handlers of axum.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::handler::Handler;
use axum::http::{Request, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use tachograph::testing::Recorder;
use tachograph::{metered, traced};
use tachograph_tests::futures::block_on;

struct Shop {
    open: bool,
}

#[metered]
#[traced(kind = "server", err(Debug), fields(path = uri.path()))]
async fn pay(State(shop): State<Arc<Shop>>, uri: Uri, body: String) -> Result<String, StatusCode> {
    tokio::task::yield_now().await;
    if shop.open {
        Ok(format!("{body} to {uri}"))
    } else {
        Err(StatusCode::SERVICE_UNAVAILABLE)
    }
}

#[traced]
#[metered(error_if = |response: &Response| response.status().is_server_error())]
async fn answer(State(shop): State<Arc<Shop>>) -> impl IntoResponse {
    if shop.open {
        StatusCode::OK.into_response()
    } else {
        StatusCode::BAD_GATEWAY.into_response()
    }
}

async fn handle<T>(handler: impl Handler<T, Arc<Shop>>, open: bool) -> StatusCode {
    let request = Request::get("/pay?n=1").body(Body::from("7")).unwrap();
    let shop = Arc::new(Shop { open });
    handler.call(request, shop).await.status()
}

#[test]
fn handlers_of_axum() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        assert_eq!(block_on(handle(pay, true)), StatusCode::OK);
        assert_eq!(
            block_on(handle(pay, false)),
            StatusCode::SERVICE_UNAVAILABLE
        );
        assert_eq!(block_on(handle(answer, false)), StatusCode::BAD_GATEWAY);
    });
    recorder.assert_traces(
        "
        handlers::pay (server) 0ns path=/pay
        handlers::pay (server) 0ns path=/pay error.type=http::status::StatusCode [error: 503]
          * exception +0ns exception.type=http::status::StatusCode exception.message=\"503\"
        handlers::answer 0ns error.type=_OTHER [error]
        ",
    );
}

#[traced]
#[tokio::test]
async fn above_a_test_of_tokio() -> Result<(), ()> {
    tokio::task::yield_now().await;
    Ok(())
}

#[tokio::test]
#[traced]
#[metered]
async fn below_a_test_of_tokio() -> Result<(), ()> {
    tokio::task::yield_now().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn on_another_thread() {
    let shop = Arc::new(Shop { open: true });
    let paid = tokio::spawn(pay(State(shop), Uri::from_static("/"), "7".into()));
    assert_eq!(paid.await.unwrap().unwrap(), "7 to /");
}
