//! The runtime under a name of its own. A program that has this for `tachograph` listens from before `main`, without a
//! line of its source knowing, and says at its end what was recorded.

use std::env;
use std::fs::OpenOptions;
use std::io::{self, Write};

use runtime::collector::{Collector, Spans};
use runtime::metrics::MetricData;
pub use runtime::*;

/// Names the file to which every process appends one line: calls that ended, calls that still run, spans.
const REPORT: &str = "TACHOGRAPH_ACID_REPORT";

ctor::declarative::ctor! {
    #[ctor(unsafe)]
    fn start() {
        runtime::listener::start();
    }
}

dtor::declarative::dtor! {
    #[dtor(unsafe)]
    fn end() {
        // A process that cannot report is missed in the sums.
        let _ = report();
    }
}

fn report() -> io::Result<()> {
    let Some(path) = env::var_os(REPORT) else {
        return Ok(());
    };
    runtime::listener::stop();
    let snapshot = runtime::Registry::global().snapshot();
    let (mut calls, mut running) = (0, 0);
    for metric in snapshot.metrics() {
        match (metric.name(), metric.data()) {
            ("function.calls", MetricData::Counter(points)) => {
                calls += points.values().sum::<u64>();
            }
            ("function.calls.in_flight", MetricData::UpDownCounter(points)) => {
                running += points.values().sum::<i64>();
            }
            _ => {}
        }
    }
    let spans = match Collector::<Spans>::install() {
        Ok(collector) => collector.drain(usize::MAX).len() as u64 + collector.dropped(),
        Err(_) => 0,
    };
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    // One write, because processes run side by side.
    file.write_all(format!("{calls} {running} {spans}\n").as_bytes())
}
