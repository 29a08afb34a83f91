//! A router of axum that serves connections: handlers, extractors, middleware and refusals with attributes.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;
use std::{fmt, future};

use axum::Router;
use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use tachograph::testing::Recorder;
use tachograph::{ErrorType, Label, metered, traced};
use tokio::net::TcpListener;
use tokio::task::spawn_blocking;

const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Clone)]
struct Shop {
    stock: Arc<Mutex<u64>>,
    waiting: mpsc::Sender<()>,
}

struct Customer {
    name: String,
    tier: Tier,
}

#[derive(Clone, Copy, Label)]
#[label(rename_all = "lowercase")]
enum Tier {
    Free,
    Paid,
}

#[derive(Debug, ErrorType)]
enum Refused {
    SoldOut { left: u64 },
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::SoldOut { left } = self;
        write!(f, "only {left} left")
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (StatusCode::CONFLICT, self.to_string()).into_response()
    }
}

impl<S: Sync> FromRequestParts<S> for Customer {
    type Rejection = StatusCode;

    #[traced(err)]
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let header = |name| parts.headers.get(name)?.to_str().ok();
        let name = header("customer").ok_or(StatusCode::UNAUTHORIZED)?;
        let tier = header("tier").map_or(Tier::Free, |_| Tier::Paid);
        let name = name.to_owned();
        Ok(Self { name, tier })
    }
}

#[traced(err(Debug))]
#[metered]
impl Shop {
    async fn take(&self, wanted: u64) -> Result<u64, Refused> {
        tokio::task::yield_now().await;
        let mut stock = self.stock.lock().unwrap();
        let left = *stock;
        *stock = left.checked_sub(wanted).ok_or(Refused::SoldOut { left })?;
        Ok(*stock)
    }
}

#[metered(labels(tier = customer.tier))]
#[traced(kind = "server", fields(item, customer = %customer.name), err, on_ok(answer = ok.1.as_str()))]
async fn buy(
    State(shop): State<Shop>,
    Path(item): Path<u64>,
    customer: Customer,
    body: String,
) -> Result<(StatusCode, String), Refused> {
    let left = shop.take(body.len() as u64).await?;
    Ok((StatusCode::CREATED, format!("{item}: {left} left")))
}

#[traced(kind = "server")]
#[metered(error_if = |response: &Response| response.status().is_server_error())]
async fn status(State(shop): State<Shop>) -> impl IntoResponse {
    match *shop.stock.lock().unwrap() {
        0 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        _ => "open".into_response(),
    }
}

#[metered]
fn ping() -> impl Future<Output = &'static str> + Send {
    future::ready("pong")
}

#[traced]
#[metered]
async fn wait(State(shop): State<Shop>) -> StatusCode {
    let _ = shop.waiting.send(());
    future::pending().await
}

#[traced(fields(path = request.uri().path()), on_ok(status = ok.status().as_u16()))]
async fn logged(request: Request, next: Next) -> Response {
    next.run(request).await
}

fn router(stock: u64) -> (Router, mpsc::Receiver<()>) {
    let (waiting, waits) = mpsc::channel();
    let stock = Arc::new(Mutex::new(stock));
    let router = Router::new()
        .route("/buy/{item}", post(buy))
        .route("/status", get(status))
        .route("/ping", get(ping))
        .route("/wait", get(wait))
        .layer(middleware::from_fn(logged))
        .with_state(Shop { stock, waiting });
    (router, waits)
}

/// Serves one connection after the other, on this task, while `client` runs.
async fn serve<T: Send + 'static>(
    router: Router,
    client: impl FnOnce(SocketAddr) -> T + Send + 'static,
) -> T {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut client = spawn_blocking(move || client(address));
    loop {
        let (stream, _) = tokio::select! {
            biased;
            accepted = listener.accept() => accepted.unwrap(),
            returned = &mut client => return returned.unwrap(),
        };
        let service = TowerToHyperService::new(router.clone());
        let connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        // A client that leaves early is an error here.
        let _ = connection.await;
    }
}

/// Status and body of the answer.
fn ask(address: SocketAddr, request: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let length = body.len();
    write!(
        stream,
        "{request} HTTP/1.1\r\nhost: shop\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap();
    format!("{status} {body}")
}

#[tokio::test]
async fn a_router_that_serves() {
    let recorder = Recorder::new();
    let (router, _waits) = router(4);
    let answers = recorder.in_future(serve(router, |address| {
        [
            ask(
                address,
                "POST /buy/7",
                "customer: ann\r\ntier: paid\r\n",
                "xxx",
            ),
            ask(address, "POST /buy/8", "customer: bob\r\n", "xx"),
            ask(address, "POST /buy/8", "", "x"),
            ask(address, "POST /buy/none", "customer: bob\r\n", "x"),
            ask(address, "GET /status", "", ""),
            ask(address, "POST /buy/9", "customer: ann\r\n", "x"),
            ask(address, "GET /status", "", ""),
            ask(address, "GET /ping", "", ""),
        ]
    }));
    assert_eq!(
        answers.await,
        [
            "201 7: 1 left",
            "409 only 1 left",
            "401 ",
            "400 Invalid URL: Cannot parse `none` to a `u64`",
            "200 open",
            "201 9: 0 left",
            "503 ",
            "200 pong",
        ]
    );
    recorder.assert_traces(
        r#"
        served::logged 0ns path=/buy/7 status=201
          Customer::from_request_parts 0ns
          served::buy (server) 0ns item=7 customer=ann answer="7: 1 left"
            Shop::take 0ns
        served::logged 0ns path=/buy/8 status=409
          Customer::from_request_parts 0ns
          served::buy (server) 0ns item=8 customer=bob error.type=Refused::SoldOut [error: only 1 left]
            * exception +0ns exception.type=Refused::SoldOut exception.message="only 1 left"
            Shop::take 0ns error.type=Refused::SoldOut [error: SoldOut { left: 1 }]
              * exception +0ns exception.type=Refused::SoldOut exception.message="SoldOut { left: 1 }"
        served::logged 0ns path=/buy/8 status=401
          Customer::from_request_parts 0ns error.type=http::status::StatusCode [error: 401 Unauthorized]
            * exception +0ns exception.type=http::status::StatusCode exception.message="401 Unauthorized"
        served::logged 0ns path=/buy/none status=400
        served::logged 0ns path=/status status=200
          served::status (server) 0ns
        served::logged 0ns path=/buy/9 status=201
          Customer::from_request_parts 0ns
          served::buy (server) 0ns item=9 customer=ann answer="9: 0 left"
            Shop::take 0ns
        served::logged 0ns path=/status status=503
          served::status (server) 0ns error.type=_OTHER [error]
        served::logged 0ns path=/ping status=200
        "#,
    );
    recorder.assert_metric_deltas(
        "
        function.calls{function=Shop::take,module=it::served,result=error} +1
        function.calls{function=Shop::take,module=it::served,result=ok} +2
        function.calls{function=buy,module=it::served,result=error,tier=free} +1
        function.calls{function=buy,module=it::served,result=ok,tier=free} +1
        function.calls{function=buy,module=it::served,result=ok,tier=paid} +1
        function.calls{function=ping,module=it::served,result=ok} +1
        function.calls{function=status,module=it::served,result=error} +1
        function.calls{function=status,module=it::served,result=ok} +1
        function.calls.duration{function=Shop::take,module=it::served,result=error} +1 sum 0ns
        function.calls.duration{function=Shop::take,module=it::served,result=ok} +2 sum 0ns
        function.calls.duration{function=buy,module=it::served,result=error,tier=free} +1 sum 0ns
        function.calls.duration{function=buy,module=it::served,result=ok,tier=free} +1 sum 0ns
        function.calls.duration{function=buy,module=it::served,result=ok,tier=paid} +1 sum 0ns
        function.calls.duration{function=ping,module=it::served,result=ok} +1 sum 0ns
        function.calls.duration{function=status,module=it::served,result=error} +1 sum 0ns
        function.calls.duration{function=status,module=it::served,result=ok} +1 sum 0ns
        ",
    );
}

#[tokio::test]
async fn a_client_that_leaves_cancels_the_call() {
    let recorder = Recorder::new();
    let (router, waits) = router(0);
    let left = recorder.in_future(serve(router, move |address| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET /wait HTTP/1.1\r\nhost: shop\r\n\r\n").unwrap();
        waits.recv_timeout(PATIENCE).is_ok()
    }));
    assert!(left.await, "the handler was never called");
    recorder.assert_traces(
        "
        served::logged 0ns path=/wait tachograph.cancelled=true
          served::wait 0ns tachograph.cancelled=true
        ",
    );
    recorder.assert_metric_deltas(
        "
        function.calls{function=wait,module=it::served,result=cancelled} +1
        function.calls.duration{function=wait,module=it::served,result=cancelled} +1 sum 0ns
        ",
    );
}
