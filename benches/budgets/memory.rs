//! Memory that series and waiting spans hold: what a process of its own has resident after it made them.

use std::env;
use std::fs;
use std::mem;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use opentelemetry::trace::{Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use tachograph::{Registry, collector, listener, traced};

use crate::runner::{Table, print};

/// Tells a process of ours which row, and which side of it.
const SIDE: &str = "TACHOGRAPH_BENCH_MEMORY";
/// Twelve buckets, with the one up to infinity.
const BOUNDS: [f64; 11] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0,
];

/// So many things of one kind.
struct Holding {
    name: &'static str,
    budget: f64,
    count: u32,
    ours: fn(u32),
    peer: (&'static str, fn(u32)),
}

const HOLDINGS: [Holding; 3] = [
    Holding {
        name: "bytes of memory of a counter with 3 labels",
        budget: 100.0,
        count: 100_000,
        ours: |count| {
            let family = Registry::global()
                .counter("held.requests")
                .with_labels(["route", "method", "status"]);
            let family = family.with_series_limit(count as usize).build();
            let family = family.expect("a counter");
            for n in 0..count {
                family.get([&route(n), "GET", "200"]).increment();
            }
        },
        peer: ("metrics-exporter-prometheus", |count| {
            install_metrics();
            for n in 0..count {
                metrics::counter!("held", "route" => route(n), "method" => "GET", "status" => "200")
                    .increment(1);
            }
        }),
    },
    Holding {
        name: "bytes of memory of a histogram of 12 buckets with 3 labels",
        budget: 300.0,
        count: 10_000,
        ours: |count| {
            let family = Registry::global()
                .histogram("held.durations")
                .with_bounds(BOUNDS)
                .with_labels(["route", "method", "status"]);
            let family = family.with_series_limit(count as usize).build();
            let family = family.expect("a histogram");
            for n in 0..count {
                family.get([&route(n), "GET", "200"]).record(0.03);
            }
        },
        peer: ("metrics-exporter-prometheus", |count| {
            install_metrics();
            for n in 0..count {
                metrics::histogram!("held", "route" => route(n), "method" => "GET", "status" => "200")
                    .record(0.03);
            }
        }),
    },
    Holding {
        name: "bytes of memory of a waiting span with 4 attributes",
        budget: 200.0,
        count: 1_000_000,
        ours: |count| {
            #[traced(fields(tier = "paid", items = 3, gift = true, region = "eu-central-1"))]
            fn call() {}

            const BATCH: usize = 512;
            listener::start();
            let mut waiting = Vec::new();
            for n in 1..=count as usize {
                call();
                if n.is_multiple_of(BATCH) {
                    waiting.push(collector::drain(BATCH));
                }
            }
            mem::forget(waiting);
        },
        peer: ("OpenTelemetry SDK", |count| {
            let provider = SdkTracerProvider::builder()
                .with_span_processor(Keep::default())
                .build();
            let tracer = provider.tracer("benches");
            for _ in 0..count {
                let attributes = [
                    KeyValue::new("tier", "paid"),
                    KeyValue::new("items", 3),
                    KeyValue::new("gift", true),
                    KeyValue::new("region", "eu-central-1"),
                ];
                drop(
                    tracer
                        .span_builder("call")
                        .with_attributes(attributes)
                        .start(&tracer),
                );
            }
            mem::forget((tracer, provider));
        }),
    },
];

pub(crate) fn rows(table: &mut Table) {
    for (number, holding) in HOLDINGS.iter().enumerate() {
        if table.wants(holding.name) {
            let (peer, _) = holding.peer;
            let [ours, theirs] = ["ours", "peer"].map(|side| held_by_a_process(number, side));
            print(
                holding.name,
                Some(holding.budget),
                &[("", ours), (peer, theirs)],
            );
        }
    }
}

/// Whether this process was started to measure one side of one row, which it has done then.
pub(crate) fn is_one_side() -> bool {
    let Ok(side) = env::var(SIDE) else {
        return false;
    };
    let (number, side) = side.split_once(' ').expect("a number and a side");
    let holding = &HOLDINGS[number.parse::<usize>().expect("a number")];
    let hold = if side == "ours" {
        holding.ours
    } else {
        holding.peer.1
    };
    let before = resident_bytes();
    hold(holding.count);
    println!("{}", (resident_bytes() - before) / f64::from(holding.count));
    true
}

/// Bytes for each, as a process of its own says, where nothing was freed before.
fn held_by_a_process(number: usize, side: &str) -> f64 {
    let program = env::current_exe().expect("a program");
    let output = Command::new(program)
        .env(SIDE, format!("{number} {side}"))
        .output()
        .expect("a process");
    let figure = String::from_utf8(output.stdout).expect("a number");
    figure.trim().parse().expect("a number")
}

fn resident_bytes() -> f64 {
    const PAGE: f64 = 4096.0;
    let pages = fs::read_to_string("/proc/self/statm").expect("Linux");
    let pages = pages.split(' ').nth(1).expect("resident pages");
    PAGE * pages.parse::<f64>().expect("a number")
}

fn route(n: u32) -> String {
    format!("/orders/{n}")
}

/// With our buckets, for whatever is recorded from here on.
fn install_metrics() {
    let recorder = PrometheusBuilder::new().set_buckets(&BOUNDS);
    let recorder = recorder.expect("increasing bounds").build_recorder();
    metrics::set_global_recorder(recorder).expect("the only recorder");
}

/// Keeps all spans.
#[derive(Debug, Default)]
struct Keep(Mutex<Vec<SpanData>>);

impl SpanProcessor for Keep {
    fn on_start(&self, _: &mut Span, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        self.0.lock().expect("nothing panics").push(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}
