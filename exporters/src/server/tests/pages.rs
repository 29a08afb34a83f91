//! What the pages show.

use tachograph::trace::{Span, SpanKind, Status};
use tachograph::{Attribute, metered, traced};

use super::*;

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
#[metered(objective(success = 99.9, latency(250ms, 99.0)))]
fn take_stock(items: u32) -> Result<u32, u32> {
    if items == 0 { Err(items) } else { Ok(items) }
}

#[metered(in_flight = false)]
fn without_gauge() {}

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
            "module": "tachograph_exporters::server::tests::pages",
            "path": "tachograph_exporters::server::tests::pages::take_stock",
            "doc": "Takes stock.",
            "file": file!(),
            "line": before["line"],
            "metered": true,
            "traced": true,
            "span": "stock",
            "objective": {
                "success_percent": 99.9,
                "latency_seconds": 0.25,
                "latency_percent": 99.0,
            },
            "calls": { "ok": 0, "error": 0, "panic": 0, "cancelled": 0 },
            "in_flight": 0,
            "duration_seconds": { "mean": none, "p50": none, "p90": none, "p99": none },
        })
    );
    server.recorder.in_scope(|| {
        let _ = [take_stock(1), take_stock(2), take_stock(0)];
        only_traced();
        without_gauge();
    });
    let after = function("take_stock");
    let calls = serde_json::json!({ "ok": 2, "error": 1, "panic": 0, "cancelled": 0 });
    assert_eq!(after["calls"], calls);
    assert_eq!(after["duration_seconds"]["mean"], 0.0);
    assert_eq!(function("only_traced")["metered"], false);
    assert_eq!(function("only_traced")["calls"], none);
    assert_eq!(function("without_gauge")["in_flight"], none);
    assert_eq!(function("without_gauge")["calls"]["ok"], 1);
}

#[cfg(feature = "prometheus")]
#[test]
fn metrics() {
    let server = Running::start(Limits::default());
    let _ = server.recorder.in_scope(|| take_stock(1));
    let sample = "function_calls_total{function=\"take_stock\",module=\"tachograph_exporters::server::tests::pages\",\
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
}
