//! The shop's own HTTP API.

use std::time::Duration;

use axum::Router;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::routing::{get, post};
use std::collections::HashMap;
use tachograph::trace::{Context, FutureExt};
use tachograph::{metered, traced};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::orders::{self, Cart, OrderError, Tier};
use crate::warehouse;

/// Serves until the program ends.
pub(crate) async fn serve(listener: TcpListener) -> std::io::Result<()> {
    let routes = Router::new()
        .route("/orders/{customer}", post(order))
        .route("/catalog", get(catalog))
        .route("/recommendations/{item}", get(recommendations));
    axum::serve(listener, routes).await
}

/// Takes an order. What it starts runs in a task of its own, so that a panic costs one request and nothing more.
#[traced(name = "POST /orders/{customer}", kind = "server", fields(customer))]
#[metered]
async fn order(
    Path(customer): Path<u64>,
    Query(query): Query<HashMap<String, String>>,
) -> (StatusCode, String) {
    let cart = Cart {
        customer,
        tier: if customer.is_multiple_of(3) {
            Tier::Member
        } else {
            Tier::Guest
        },
        items: query
            .get("items")
            .and_then(|items| items.parse().ok())
            .unwrap_or(1),
        coupon: query.get("coupon").cloned(),
    };
    match tokio::spawn(orders::place(cart).with_context(Context::current())).await {
        Ok(Ok(cents)) => (StatusCode::CREATED, format!("{cents} cents")),
        Ok(Err(error @ OrderError::Payment(_))) => {
            (StatusCode::PAYMENT_REQUIRED, error.to_string())
        }
        Ok(Err(error @ OrderError::Stock(_))) => (StatusCode::CONFLICT, error.to_string()),
        Err(_panic) => (
            StatusCode::INTERNAL_SERVER_ERROR,
            "something is broken".to_owned(),
        ),
    }
}

/// Lists what there is.
#[traced(name = "GET /catalog", kind = "server")]
#[metered]
async fn catalog() -> String {
    (0..10).map(describe).collect()
}

#[traced(fields(item))]
#[metered]
fn describe(item: u32) -> String {
    format!("item {item}: 12.95\n")
}

/// Recommends something, unless that takes too long.
#[traced(name = "GET /recommendations/{item}", kind = "server", fields(item))]
#[metered]
async fn recommendations(Path(item): Path<u32>) -> String {
    match timeout(Duration::from_millis(5), warehouse::recommend(item)).await {
        Ok(items) => format!("{items:?}"),
        Err(_late) => String::new(),
    }
}
