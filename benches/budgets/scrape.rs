//! Scrapes: ours over HTTP from the telemetry server, the peers' pages as strings in memory.

use std::hint::black_box;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Instant;

use rustix::time::ClockId;
use tachograph::Registry;
use tachograph_exporters::Telemetry;

use crate::libraries::{BOUNDS, LIBRARIES};
use crate::metered::ours;
use crate::peers::{self, prometheus};
use crate::runner::{Table, median, per_call, print, processor_time};

const ROUNDS: usize = 11;
const COUNTERS: u32 = 100_000;
const HISTOGRAMS: u32 = 1_000;
const BUSY_SERIES: u32 = 10_000;

pub(crate) fn rows(table: &mut Table) {
    if !table.wants("scrape") {
        return;
    }
    peers::leave_spans();
    let telemetry = Telemetry::builder("benches")
        .serve("127.0.0.1:0")
        .metrics_facade(false);
    let telemetry = telemetry.install().expect("a free port");
    let address = telemetry.server_address().expect("a server");

    // In this order, because among 100,000 counters the histograms would not be noticed.
    let empty = figures(address);
    time(0..HISTOGRAMS);
    let histograms = figures(address);
    count(0..BUSY_SERIES);
    let busy = while_two_threads_record(|| {
        median((0..ROUNDS).map(|_| {
            let start = Instant::now();
            request(address);
            start.elapsed().as_secs_f64() * 1e3
        }))
    });
    count(BUSY_SERIES..COUNTERS);
    let counters = figures(address);

    let line = |name: &str, budget: f64, series: u32, from: &[f64], to: &[f64]| {
        let names = ["", "metrics-exporter-prometheus"].into_iter();
        let names = names.chain(LIBRARIES.iter().map(|library| library.name));
        let each = from
            .iter()
            .zip(to)
            .map(|(from, to)| (to - from) / f64::from(series));
        print(name, Some(budget), &names.zip(each).collect::<Vec<_>>());
    };
    let name = "scrape of 100,000 counters with 3 labels, a series";
    line(name, 25.0, COUNTERS, &histograms, &counters);
    let name = "scrape of 1,000 histograms of 12 buckets with 3 labels, each";
    line(name, 500.0, HISTOGRAMS, &empty, &histograms);
    print(
        "milliseconds until 10,000 series are there, while two threads record",
        Some(10.0),
        &[("", busy)],
    );
}

/// Processor time of a page in nanoseconds: of our server's threads, and of each peer.
fn figures(address: SocketAddr) -> Vec<f64> {
    let server_time =
        || processor_time(ClockId::ProcessCPUTime) - processor_time(ClockId::ThreadCPUTime);
    let ours = (0..ROUNDS).map(|_| {
        let start = server_time();
        request(address);
        per_call(server_time() - start, 1)
    });
    let peer = |page: &dyn Fn() -> usize| {
        median((0..ROUNDS).map(|_| {
            let start = processor_time(ClockId::ThreadCPUTime);
            black_box(page());
            per_call(processor_time(ClockId::ThreadCPUTime) - start, 1)
        }))
    };
    let mut figures = vec![median(ours), peer(&|| prometheus().render().len())];
    figures.extend(LIBRARIES.iter().map(|library| peer(&library.page)));
    figures
}

fn request(address: SocketAddr) {
    let page = page(address).expect("the server answers");
    assert!(page.starts_with(b"HTTP/1.1 200"), "{}", page.escape_ascii());
}

fn page(address: SocketAddr) -> io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(address)?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")?;
    let mut page = Vec::new();
    stream.read_to_end(&mut page)?;
    Ok(page)
}

/// Counts once in each of these series, ours and the peers'.
fn count(series: Range<u32>) {
    let family = Registry::global()
        .counter("scraped.requests")
        .with_labels(["route", "method", "status"]);
    let family = family
        .with_series_limit(COUNTERS as usize)
        .build()
        .expect("a counter");
    for n in series {
        let route = format!("/orders/{n}");
        family.get([&route, "GET", "200"]).increment();
        for library in &LIBRARIES {
            (library.count)(&route);
        }
        metrics::counter!("scraped_requests", "route" => route, "method" => "GET", "status" => "200").increment(1);
    }
}

/// Records once in each of these series, ours and the peers'.
fn time(series: Range<u32>) {
    let family = Registry::global()
        .histogram("scraped.durations")
        .with_bounds(BOUNDS)
        .with_labels(["route", "method", "status"]);
    let family = family.build().expect("a histogram");
    for n in series {
        let route = format!("/orders/{n}");
        family.get([&route, "GET", "200"]).record(0.03);
        for library in &LIBRARIES {
            (library.time)(&route);
        }
        metrics::histogram!("scraped_durations", "route" => route, "method" => "GET", "status" => "200").record(0.03);
    }
}

fn while_two_threads_record<T>(body: impl FnOnce() -> T) -> T {
    let done = AtomicBool::new(false);
    let record = || {
        while !done.load(Ordering::Relaxed) {
            _ = black_box(ours(1));
        }
    };
    thread::scope(|scope| {
        scope.spawn(record);
        scope.spawn(record);
        let result = body();
        done.store(true, Ordering::Relaxed);
        result
    })
}
