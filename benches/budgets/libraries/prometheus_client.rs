//! prometheus-client, the Prometheus project's own.

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;

use prometheus_client::encoding::{EncodeLabelSet, prometheus_text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use tachograph::Label;

use super::{BOUNDS, DURATIONS, Library, measured_by_hand};
use crate::metered::{Failure, Tier};

pub(crate) const LIBRARY: Library = Library {
    name: "prometheus-client",
    count: |route| {
        _ = SERIES.requests.get_or_create(&Request::of(route)).inc();
    },
    time: |route| {
        let series = SERIES.durations.get_or_create(&Request::of(route));
        series.observe(0.03);
    },
    page: || {
        let mut page = String::new();
        prometheus_text::encode(&mut page, &SERIES.registry).expect("a string");
        page.len()
    },
};

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Request {
    route: String,
    method: &'static str,
    status: &'static str,
}

impl Request {
    fn of(route: &str) -> Self {
        Self {
            route: route.to_owned(),
            method: "GET",
            status: "200",
        }
    }
}

struct Series {
    registry: Registry,
    requests: Family<Request, Counter>,
    durations: Family<Request, Histogram, fn() -> Histogram>,
}

static SERIES: LazyLock<Series> = LazyLock::new(|| {
    let mut registry = Registry::default();
    let requests = Family::default();
    let durations = Family::new_with_constructor((|| Histogram::new(BOUNDS)) as fn() -> _);
    registry.register("requests", "Requests", requests.clone());
    registry.register("durations", "Durations", durations.clone());
    Series {
        registry,
        requests,
        durations,
    }
});

/// Kept by hand, as its users are told to.
struct Handles {
    ok: Counter,
    error: Counter,
    duration: Histogram,
    in_flight: Gauge,
}

static HANDLES: LazyLock<Handles> = LazyLock::new(|| Handles {
    ok: Counter::default(),
    error: Counter::default(),
    duration: Histogram::new(DURATIONS),
    in_flight: Gauge::default(),
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

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Labels {
    tier: &'static str,
    cached: &'static str,
}

#[derive(Clone, Debug, EncodeLabelSet, Eq, Hash, PartialEq)]
struct Ended {
    tier: &'static str,
    cached: &'static str,
    result: &'static str,
}

struct Families {
    calls: Family<Ended, Counter>,
    durations: Family<Labels, Histogram, fn() -> Histogram>,
    in_flight: Family<Labels, Gauge>,
}

static FAMILIES: LazyLock<Families> = LazyLock::new(|| Families {
    calls: Family::default(),
    durations: Family::new_with_constructor(|| Histogram::new(DURATIONS)),
    in_flight: Family::default(),
});

#[inline(never)]
pub(crate) fn labelled(n: u64, tier: Tier, cached: bool) -> Result<u64, Failure> {
    let (tier, cached) = (Tier::VALUES[tier.index()], bool::VALUES[cached.index()]);
    let labels = Labels { tier, cached };
    FAMILIES.in_flight.get_or_create(&labels).inc();
    let start = Instant::now();
    let result = Ok(black_box(n));
    let took = start.elapsed().as_secs_f64();
    FAMILIES.durations.get_or_create(&labels).observe(took);
    FAMILIES.in_flight.get_or_create(&labels).dec();
    let result_text = if result.is_ok() { "ok" } else { "error" };
    let ended = Ended {
        tier,
        cached,
        result: result_text,
    };
    FAMILIES.calls.get_or_create(&ended).inc();
    result
}
