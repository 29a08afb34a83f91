//! Customers: real HTTP requests to the shop.

use std::future::pending;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// How many customers come at once.
const AT_ONCE: u64 = 4;

/// Sends so many requests; without a number, until the program ends.
pub(crate) async fn visit(shop: SocketAddr, requests: Option<u64>) {
    // Customers leave when this future is dropped.
    let mut customers: JoinSet<_> = (0..AT_ONCE)
        .map(|first| customer(shop, first, requests))
        .collect();
    while let Some(customer) = customers.join_next().await {
        if let Err(error) = customer {
            eprintln!("a customer was lost: {error}");
        }
    }
    if requests.is_none() {
        pending::<()>().await;
    }
}

/// Sends every request whose number, counted over all customers, is this one's.
async fn customer(shop: SocketAddr, first: u64, requests: Option<u64>) {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let mut number = first;
    while requests.is_none_or(|requests| number < requests) {
        let (method, path) = wish(number);
        let request = Request::builder()
            .method(method)
            .uri(format!("http://{shop}{path}"))
            .body(Body::empty());
        match request {
            Ok(request) => {
                if let Err(error) = client.request(request).await {
                    eprintln!("{method} {path}: {error}");
                }
            }
            Err(error) => eprintln!("{method} {path}: {error}"),
        }
        number += AT_ONCE;
        sleep(Duration::from_millis(1)).await;
    }
}

/// What the customer with this number asks for.
fn wish(number: u64) -> (&'static str, String) {
    match number % 10 {
        0 => ("GET", "/catalog".to_owned()),
        1 | 5 => ("GET", format!("/recommendations/{}", number / 4)),
        2 => ("POST", format!("/orders/{number}?items=2&coupon=SUMMER10")),
        // A coupon that the shop chokes on, now and then.
        3 if number.is_multiple_of(7) => ("POST", format!("/orders/{number}?coupon=GRATIS")),
        _ => ("POST", format!("/orders/{number}?items={}", 1 + number % 3)),
    }
}
