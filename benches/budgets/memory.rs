//! Memory that series and waiting spans hold: what a process of its own has resident after it made them.

use std::env;
use std::fs;
use std::mem;
use std::process::Command;
use std::sync::{Barrier, Mutex};
use std::thread;
use std::time::Duration;

use metrics_exporter_prometheus::PrometheusBuilder;
use opentelemetry::trace::{Tracer, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span, SpanData, SpanProcessor};
use tachograph::collector::{Collector, Spans};
use tachograph::{Registry, listener, metered, traced};

use crate::libraries::{BOUNDS, measured, prometheus, prometheus_client};
use crate::runner::{Table, print};

/// Tells a process of ours which row, and which side of it.
const SIDE: &str = "TACHOGRAPH_BENCH_MEMORY";

/// Makes so many things that stay.
type Hold = fn(u32);

/// So many things of one kind.
struct Holding {
    name: &'static str,
    budget: f64,
    count: u32,
    /// What is there before.
    before: Hold,
    ours: Hold,
    peers: &'static [(&'static str, Hold)],
}

/// Series of a labelled function, as many as there are by default.
const FUNCTION_SERIES: u32 = 1_900;
/// Threads that use those series after another one has.
const FURTHER_THREADS: u32 = 4;

const HOLDINGS: &[Holding] = &[
    Holding {
        name: "bytes of memory of a counter with 3 labels",
        budget: 100.0,
        count: 100_000,
        before: |_| (),
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
        peers: &[
            ("metrics-exporter-prometheus", |count| {
                install_metrics();
                for n in 0..count {
                    metrics::counter!("held", "route" => route(n), "method" => "GET", "status" => "200")
                        .increment(1);
                }
            }),
            (prometheus_client::LIBRARY.name, |count| {
                (0..count).for_each(|n| (prometheus_client::LIBRARY.count)(&route(n)));
            }),
            (measured::LIBRARY.name, |count| {
                (0..count).for_each(|n| (measured::LIBRARY.count)(&route(n)));
            }),
            (prometheus::LIBRARY.name, |count| {
                (0..count).for_each(|n| (prometheus::LIBRARY.count)(&route(n)));
            }),
        ],
    },
    Holding {
        name: "bytes of memory of a histogram of 12 buckets with 3 labels",
        budget: 300.0,
        count: 10_000,
        before: |_| (),
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
        peers: &[
            ("metrics-exporter-prometheus", |count| {
                install_metrics();
                for n in 0..count {
                    metrics::histogram!("held", "route" => route(n), "method" => "GET", "status" => "200")
                        .record(0.03);
                }
            }),
            (prometheus_client::LIBRARY.name, |count| {
                (0..count).for_each(|n| (prometheus_client::LIBRARY.time)(&route(n)));
            }),
            (measured::LIBRARY.name, |count| {
                (0..count).for_each(|n| (measured::LIBRARY.time)(&route(n)));
            }),
            (prometheus::LIBRARY.name, |count| {
                (0..count).for_each(|n| (prometheus::LIBRARY.time)(&route(n)));
            }),
        ],
    },
    Holding {
        name: "bytes of memory of a waiting span with 4 attributes",
        budget: 200.0,
        count: 1_000_000,
        before: |_| (),
        ours: |count| {
            #[traced(fields(tier = "paid", items = 3, gift = true, region = "eu-central-1"))]
            fn call() {}

            const BATCH: usize = 512;
            let collector = Collector::<Spans>::install().expect("nobody else collects them");
            listener::start();
            let mut waiting = Vec::new();
            for n in 1..=count as usize {
                call();
                if n.is_multiple_of(BATCH) {
                    waiting.push(collector.drain(BATCH));
                }
            }
            mem::forget(waiting);
        },
        peers: &[("OpenTelemetry SDK", |count| {
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
        })],
    },
    Holding {
        name: "bytes of memory of a labelled function's series, one thread",
        budget: 450.0,
        count: FUNCTION_SERIES,
        before: |_| {
            listener::start();
            labelled("first");
        },
        ours: call_labelled,
        peers: &[],
    },
    Holding {
        name: "bytes of memory of a labelled function's series, each further thread",
        budget: 200.0,
        count: FUNCTION_SERIES * FURTHER_THREADS,
        before: |_| {
            listener::start();
            call_labelled(FUNCTION_SERIES);
        },
        ours: |_| {
            // All at once, because threads that end give their cells back; and they stay, for the same reason.
            let called = &*Box::leak(Box::new(Barrier::new(FURTHER_THREADS as usize + 1)));
            for _ in 0..FURTHER_THREADS {
                thread::spawn(|| {
                    call_labelled(FUNCTION_SERIES);
                    called.wait();
                    thread::park();
                });
            }
            called.wait();
        },
        peers: &[],
    },
];

#[metered(labels(user(user, max = 1_950)))]
fn labelled(user: &str) {
    _ = user;
}

fn call_labelled(series: u32) {
    (0..series).for_each(|n| labelled(&route(n)));
}

pub(crate) fn rows(table: &mut Table) {
    for (number, holding) in HOLDINGS.iter().enumerate() {
        if table.wants(holding.name) {
            let sides = ["ours"].into_iter();
            let sides = sides.chain(holding.peers.iter().map(|(peer, _)| *peer));
            let figures: Vec<_> = sides
                .map(|side| (side, held_by_a_process(number, side)))
                .collect();
            print(holding.name, Some(holding.budget), &figures);
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
    let peer = holding.peers.iter().find(|(peer, _)| *peer == side);
    let hold = peer.map_or(holding.ours, |(_, hold)| *hold);
    (holding.before)(holding.count);
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
