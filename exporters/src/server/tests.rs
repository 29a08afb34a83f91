use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Mutex;
use std::thread::{self, JoinHandle};

use tachograph::testing::Recorder;
use tachograph::trace::{Span, SpanKind, Status};
use tachograph::{Attribute, metered, traced};
use tokio::sync::oneshot;

use super::*;

/// A server on a thread of its own, which ends with it.
struct Running {
    address: SocketAddr,
    recorder: Recorder,
    store: Arc<TraceStore>,
    phase: watch::Sender<Phase>,
    reports: Arc<Mutex<Vec<String>>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    fn start(limits: Limits) -> Self {
        let mut server = Server::bind("127.0.0.1:0").unwrap();
        server.limits = limits;
        let address = server.local_addr();
        let recorder = Recorder::new();
        let store = TraceStore::new(3);
        let (phase, phases) = watch::channel(Phase::Starting);
        let reports = Arc::<Mutex<Vec<_>>>::default();
        let reported = Arc::clone(&reports);
        let state = State {
            registry: recorder.registry().clone(),
            resource: Resource::new("shop"),
            store: Arc::clone(&store),
            phase: phases,
            collect: Arc::new(|| {}),
            report: Arc::new(move |report| reported.lock().unwrap().push(report)),
        };
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(server.serve(state, async {
                let _ = stopped.await;
            }));
        });
        Self {
            address,
            recorder,
            store,
            phase,
            reports,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        stream
    }

    /// Sends a request with these headers and reads the answer.
    fn request(&self, start: &str, headers: &[&str]) -> Answer {
        let headers: String = headers
            .iter()
            .map(|header| format!("{header}\r\n"))
            .collect();
        let mut stream = self.connect();
        write!(
            stream,
            "{start} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}\r\n"
        )
        .unwrap();
        Answer::read(stream)
    }

    fn get(&self, path: &str) -> Answer {
        self.request(&format!("GET {path}"), &[])
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.take();
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}

struct Answer {
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn read(mut stream: TcpStream) -> Self {
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        let body = answer.split_off(end.expect("the answer has a head") + 4);
        let head = String::from_utf8(answer).unwrap().to_ascii_lowercase();
        Self { head, body }
    }

    fn status(&self) -> u16 {
        self.head[9..12].parse().unwrap()
    }

    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines();
        lines
            .filter_map(|line| line.split_once(": "))
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    fn json(&self) -> serde_json::Value {
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A trace of two spans.
fn record(recorder: &Recorder) {
    recorder.in_scope(|| {
        let mut root = Span::builder("GET /orders")
            .with_kind(SpanKind::Server)
            .with_attribute("http.response.status_code", 500)
            .start();
        recorder.clock().advance(Duration::from_millis(2));
        root.in_scope(|| {
            let mut child = Span::start("load");
            child.add_event("cache.miss", [Attribute::new("ratio", f64::NAN)]);
            child.set_status(Status::Error {
                description: "gone".into(),
            });
            recorder.clock().advance(Duration::from_millis(1));
            child.end();
        });
        root.end();
    });
}

#[test]
fn health_and_readiness() {
    let server = Running::start(Limits::default());
    let state = |server: &Running| {
        let (health, ready) = (server.get("/health"), server.get("/ready"));
        assert_eq!(health.header("cache-control"), Some("no-store"));
        (health.status(), ready.status(), ready.text().to_owned())
    };
    assert_eq!(state(&server), (200, 503, "starting\n".to_owned()));
    server.phase.send_replace(Phase::Ready);
    assert_eq!(state(&server), (200, 200, "ready\n".to_owned()));
    server.phase.send_replace(Phase::ShuttingDown);
    assert_eq!(state(&server), (200, 503, "shutting down\n".to_owned()));
}

#[test]
fn what_is_not_there_and_what_is_not_allowed() {
    let server = Running::start(Limits::default());
    let index = server.get("/");
    assert_eq!(index.status(), 200);
    assert!(
        index.text().starts_with("Telemetry of shop\n"),
        "{}",
        index.text()
    );

    let missing = server.get("/metric?x=1");
    assert_eq!(
        (missing.status(), missing.text()),
        (404, "there is no page `/metric`; `/` lists all\n")
    );

    for path in [
        "/",
        "/health",
        "/ready",
        "/debug/traces",
        "/debug/functions",
    ] {
        let head = server.request(&format!("HEAD {path}"), &[]);
        let get = server.get(path);
        assert_eq!((head.status(), head.text()), (get.status(), ""));
        assert_eq!(head.header("content-length"), get.header("content-length"));
        assert_eq!(
            get.header("content-length"),
            Some(&*get.body.len().to_string())
        );

        for body in [&["Content-Length: 0"][..], &["Content-Length: 5"]] {
            let post = server.request(&format!("POST {path}"), body);
            assert_eq!(
                (post.status(), post.header("allow")),
                (405, Some("get,head"))
            );
            assert_eq!(
                post.text(),
                "`POST` is not allowed here; use `GET` or `HEAD`\n"
            );
        }
        for body in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
            assert_eq!(
                server.request(&format!("GET {path}"), &[body]).status(),
                413
            );
        }
    }
}

#[test]
fn requests_are_bounded() {
    let server = Running::start(Limits {
        connections: 2,
        request: Duration::from_millis(50),
        ..Limits::default()
    });
    let long = format!("X-Long: {}", "x".repeat(MAX_HEAD_BYTES));
    assert_eq!(server.request("GET /health", &[&long]).status(), 431);
    let many = vec!["X-Many: 1"; MAX_HEADERS];
    assert_eq!(server.request("GET /health", &many).status(), 431);
    assert_eq!(
        server.request("GET /health\r\nnot a header", &[]).status(),
        400
    );

    // Two slow clients take all connections, but not for long.
    let mut slow = [server.connect(), server.connect()];
    for stream in &mut slow {
        stream.write_all(b"GET /health HTTP/1.1\r\nHost:").unwrap();
    }
    assert_eq!(server.get("/health").status(), 200);
    for mut stream in slow {
        assert_eq!(
            stream.read(&mut [0]).unwrap(),
            0,
            "closed without an answer"
        );
    }
}

#[test]
fn many_at_once() {
    let server = &Running::start(Limits::default());
    let paths = ["/health", "/debug/functions", "/debug/traces"];
    thread::scope(|scope| {
        let ask = |client: usize| scope.spawn(move || server.get(paths[client % 3]).status());
        let asked: Vec<_> = (0..50).map(ask).collect();
        for asked in asked {
            assert_eq!(asked.join().unwrap(), 200);
        }
    });
}

#[test]
fn connections_are_kept_and_end_with_the_server() {
    let mut server = Running::start(Limits::default());
    let mut kept = server.connect();
    let fresh = server.connect();
    for _ in 0..2 {
        write!(kept, "HEAD /health HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            kept.read_exact(&mut byte).unwrap();
            answer.extend(byte);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"));
    }
    server.stop.take();
    server.thread.take().unwrap().join().unwrap();
    for mut stream in [kept, fresh] {
        assert!(matches!(stream.read(&mut [0]), Ok(0) | Err(_)));
    }
    assert!(TcpStream::connect(server.address).is_err());
}

#[test]
fn a_connection_does_not_live_for_ever() {
    let server = Running::start(Limits {
        connection: Duration::from_millis(50),
        ..Limits::default()
    });
    let mut idle = server.connect();
    assert_eq!(idle.read(&mut [0]).unwrap(), 0);
}

#[test]
fn an_address_in_use_is_named() {
    let server = Server::bind("127.0.0.1:0").unwrap();
    let address = server.local_addr().to_string();
    let error = Server::bind(&address).unwrap_err();
    assert!(matches!(&error, BuildError::AddressInUse { address: named, .. } if *named == address));
    let error = Server::bind("no port").unwrap_err();
    assert!(matches!(&error, BuildError::Listen { address, .. } if address == "no port"));
}

#[test]
fn traces() {
    let server = Running::start(Limits::default());
    assert_eq!(
        server.get("/debug/traces").json(),
        serde_json::json!({ "traces": [] })
    );
    for _ in 0..4 {
        record(&server.recorder);
    }
    server.store.add(&Arc::new(server.recorder.spans()));

    let page = server.get("/debug/traces").json();
    let traces = page["traces"].as_array().unwrap();
    assert_eq!(traces.len(), 3, "the store's limit");
    let (newest, id) = (&traces[0], traces[0]["trace_id"].as_str().unwrap());
    assert_eq!(
        newest,
        &serde_json::json!({
            "trace_id": id,
            "name": "GET /orders",
            "start_unix_nanos": 1_577_836_800_009_000_000_u64,
            "duration_nanos": 3_000_000,
            "complete": true,
            "spans": [
                {
                    "span_id": newest["spans"][0]["span_id"],
                    "parent_span_id": null,
                    "name": "GET /orders",
                    "kind": "server",
                    "start_unix_nanos": 1_577_836_800_009_000_000_u64,
                    "duration_nanos": 3_000_000,
                    "status": "unset",
                    "attributes": { "http.response.status_code": 500 },
                },
                {
                    "span_id": newest["spans"][1]["span_id"],
                    "parent_span_id": newest["spans"][0]["span_id"],
                    "name": "load",
                    "kind": "internal",
                    "start_unix_nanos": 1_577_836_800_011_000_000_u64,
                    "duration_nanos": 1_000_000,
                    "status": "error",
                    "status_description": "gone",
                    "attributes": {},
                    "events": [{
                        "name": "cache.miss",
                        "unix_nanos": 1_577_836_800_011_000_000_u64,
                        "attributes": { "ratio": "NaN" },
                    }],
                },
            ],
        })
    );

    let limited = server.get("/debug/traces?limit=1").json();
    assert_eq!(limited["traces"].as_array().unwrap()[..], traces[..1]);
    let one = traces[2]["trace_id"].as_str().unwrap();
    let found = server.get(&format!("/debug/traces?trace_id={one}")).json();
    assert_eq!(found["traces"].as_array().unwrap()[..], traces[2..]);
    let refused = server.get("/debug/traces?limit=x");
    assert_eq!(
        (refused.status(), refused.text()),
        (400, "`limit` must be a number of traces, but is `x`\n")
    );
}

/// Takes stock.
#[traced(name = "stock")]
#[metered]
fn take_stock(items: u32) -> Result<u32, u32> {
    if items == 0 { Err(items) } else { Ok(items) }
}

#[traced]
fn only_traced() {}

#[test]
fn functions() {
    let server = Running::start(Limits::default());
    let function = |name: &str| {
        let page = server.get("/debug/functions").json();
        let functions = page["functions"].as_array().unwrap();
        let is_named = |function: &&serde_json::Value| function["function"] == name;
        functions.iter().find(is_named).unwrap().clone()
    };
    let before = function("take_stock");
    let none = serde_json::Value::Null;
    assert_eq!(
        before,
        serde_json::json!({
            "function": "take_stock",
            "module": "tachograph_exporters::server::tests",
            "path": "tachograph_exporters::server::tests::take_stock",
            "doc": "Takes stock.",
            "file": file!(),
            "line": before["line"],
            "metered": true,
            "traced": true,
            "span": "stock",
            "calls": { "ok": 0, "error": 0, "panic": 0, "cancelled": 0 },
            "in_flight": 0,
            "duration": { "mean_seconds": none, "p50_seconds": none, "p90_seconds": none, "p99_seconds": none },
        })
    );
    server.recorder.in_scope(|| {
        let _ = [take_stock(1), take_stock(2), take_stock(0)];
        only_traced();
    });
    let after = function("take_stock");
    let calls = serde_json::json!({ "ok": 2, "error": 1, "panic": 0, "cancelled": 0 });
    assert_eq!(after["calls"], calls);
    assert_eq!(after["duration"]["mean_seconds"], 0.0);
    assert_eq!(function("only_traced")["metered"], false);
    assert_eq!(function("only_traced")["calls"], none);
}

#[cfg(feature = "prometheus")]
#[test]
fn metrics() {
    let server = Running::start(Limits::default());
    let _ = server.recorder.in_scope(|| take_stock(1));
    let sample = "function_calls_total{function=\"take_stock\",module=\"tachograph_exporters::server::tests\",\
                  result=\"ok\"} 1\n";

    let text = server.get("/metrics");
    assert_eq!(text.status(), 200);
    let expected = "text/plain; version=0.0.4; charset=utf-8";
    assert_eq!(text.header("content-type"), Some(expected));
    assert_eq!(text.header("content-encoding"), None);
    assert!(text.text().contains(sample), "{}", text.text());

    let accept = [
        "Accept: application/openmetrics-text",
        "Accept-Encoding: gzip",
    ];
    let open = server.request("GET /metrics", &accept);
    let expected = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(open.header("content-type"), Some(expected));
    assert_eq!(open.header("content-encoding"), Some("gzip"));
    let mut page = String::new();
    let mut plain = flate2::read::GzDecoder::new(&*open.body);
    plain.read_to_string(&mut page).unwrap();
    assert!(page.contains(sample), "{page}");
    assert!(page.ends_with("\n# EOF\n"), "{page}");

    let head = server.request("HEAD /metrics", &[]);
    assert_eq!((head.status(), head.text()), (200, ""));
    assert_eq!(server.request("DELETE /metrics", &[]).status(), 405);
    let with_body = server.request("GET /metrics", &["Content-Length: 1"]);
    assert_eq!(with_body.status(), 413);
    assert_eq!(*server.reports.lock().unwrap(), [""; 0]);
}
