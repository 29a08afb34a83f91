//! prometheus, `TiKV`'s.

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;

use prometheus::{
    Histogram, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts,
    Registry, TextEncoder,
};
use tachograph::Label;

use super::{BOUNDS, DURATIONS, Library, measured_by_hand};
use crate::metered::{Failure, Tier};

pub(crate) const LIBRARY: Library = Library {
    name: "prometheus",
    count: |route| {
        let series = SERIES.requests.with_label_values(&[route, "GET", "200"]);
        series.inc();
    },
    time: |route| {
        let series = SERIES.durations.with_label_values(&[route, "GET", "200"]);
        series.observe(0.03);
    },
    page: || {
        let families = SERIES.registry.gather();
        let page = TextEncoder::new().encode_to_string(&families);
        page.expect("a string").len()
    },
};

const LABELS: [&str; 3] = ["route", "method", "status"];

struct Series {
    registry: Registry,
    requests: IntCounterVec,
    durations: HistogramVec,
}

static SERIES: LazyLock<Series> = LazyLock::new(|| {
    let series = Series {
        registry: Registry::new(),
        requests: counters("requests", &LABELS),
        durations: histograms("durations", &BOUNDS, &LABELS),
    };
    let registry = &series.registry;
    let registered = [
        registry.register(Box::new(series.requests.clone())),
        registry.register(Box::new(series.durations.clone())),
    ];
    assert!(registered.iter().all(Result::is_ok));
    series
});

fn counters(name: &str, labels: &[&str]) -> IntCounterVec {
    IntCounterVec::new(Opts::new(name, name), labels).expect("a counter")
}

fn histograms(name: &str, bounds: &[f64], labels: &[&str]) -> HistogramVec {
    let options = HistogramOpts::new(name, name).buckets(bounds.to_vec());
    HistogramVec::new(options, labels).expect("a histogram")
}

/// Kept by hand, as its users are told to.
struct Handles {
    ok: IntCounter,
    error: IntCounter,
    duration: Histogram,
    in_flight: IntGauge,
}

static HANDLES: LazyLock<Handles> = LazyLock::new(|| {
    let calls = counters("calls", &["result"]);
    Handles {
        ok: calls.with_label_values(&["ok"]),
        error: calls.with_label_values(&["error"]),
        duration: histograms("duration", &DURATIONS, &[]).with_label_values::<&str>(&[]),
        in_flight: IntGauge::new("in_flight", "in flight").expect("a gauge"),
    }
});

#[inline(never)]
pub(crate) fn with_handles(n: u64) -> Result<u64, Failure> {
    let Handles {
        ok,
        error,
        duration,
        in_flight,
    } = &*HANDLES;
    measured_by_hand!(n, in_flight, duration, ok, error)
}

struct Families {
    calls: IntCounterVec,
    durations: HistogramVec,
    in_flight: IntGaugeVec,
}

static FAMILIES: LazyLock<Families> = LazyLock::new(|| Families {
    calls: counters("labelled_calls", &["tier", "cached", "result"]),
    durations: histograms("labelled_durations", &DURATIONS, &["tier", "cached"]),
    in_flight: IntGaugeVec::new(Opts::new("labelled", "in flight"), &["tier", "cached"])
        .expect("a gauge"),
});

#[inline(never)]
pub(crate) fn labelled(n: u64, tier: Tier, cached: bool) -> Result<u64, Failure> {
    let (tier, cached) = (Tier::VALUES[tier.index()], bool::VALUES[cached.index()]);
    let labels = [tier, cached];
    FAMILIES.in_flight.with_label_values(&labels).inc();
    let start = Instant::now();
    let result = Ok(black_box(n));
    let took = start.elapsed().as_secs_f64();
    FAMILIES.durations.with_label_values(&labels).observe(took);
    FAMILIES.in_flight.with_label_values(&labels).dec();
    let text = if result.is_ok() { "ok" } else { "error" };
    FAMILIES
        .calls
        .with_label_values(&[tier, cached, text])
        .inc();
    result
}
