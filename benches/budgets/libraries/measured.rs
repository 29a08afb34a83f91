//! measured, Neon's: labels are types, and what is known of them at compile time is not looked up.

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;

use measured::label::StaticLabelSet;
use measured::metric::histogram::Thresholds;
use measured::text::BufferedTextEncoder;
use measured::{
    Counter, CounterVec, FixedCardinalityLabel, Gauge, GaugeVec, Histogram, HistogramVec,
    LabelGroup, MetricGroup,
};
use paracord::ParaCord;

use super::{BOUNDS, DURATIONS, Library, measured_by_hand};
use crate::metered::{Failure, Tier};

pub(crate) const LIBRARY: Library = Library {
    name: "measured",
    count: |route| SERIES.requests.inc(Request::of(route)),
    time: |route| SERIES.durations.observe(Request::of(route), 0.03),
    page: || {
        let mut encoder = BufferedTextEncoder::new();
        _ = SERIES.collect_group_into(&mut encoder);
        encoder.finish().len()
    },
};

#[derive(Clone, Copy, LabelGroup)]
#[label(set = RequestSet)]
struct Request<'a> {
    #[label(dynamic_with = ParaCord)]
    route: &'a str,
    #[label(dynamic_with = ParaCord)]
    method: &'a str,
    #[label(dynamic_with = ParaCord)]
    status: &'a str,
}

impl<'a> Request<'a> {
    fn of(route: &'a str) -> Self {
        Self {
            route,
            method: "GET",
            status: "200",
        }
    }
}

fn requests() -> RequestSet {
    RequestSet {
        route: ParaCord::default(),
        method: ParaCord::default(),
        status: ParaCord::default(),
    }
}

#[derive(MetricGroup)]
struct Series {
    requests: CounterVec<RequestSet>,
    durations: HistogramVec<RequestSet, 11>,
}

static SERIES: LazyLock<Series> = LazyLock::new(|| Series {
    requests: CounterVec::with_label_set(requests()),
    durations: HistogramVec::with_label_set_and_metadata(
        requests(),
        Thresholds::with_buckets(BOUNDS),
    ),
});

/// Kept by hand, as its users are told to.
struct Handles {
    ok: Counter,
    error: Counter,
    duration: Histogram<14>,
    in_flight: Gauge,
}

static HANDLES: LazyLock<Handles> = LazyLock::new(|| Handles {
    ok: Counter::new(),
    error: Counter::new(),
    duration: Histogram::with_metadata(Thresholds::with_buckets(DURATIONS)),
    in_flight: Gauge::new(),
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

#[derive(Clone, Copy, FixedCardinalityLabel)]
enum KnownTier {
    Free,
    Paid,
    Trial,
}

#[derive(Clone, Copy, FixedCardinalityLabel)]
enum Cached {
    No,
    Yes,
}

#[derive(Clone, Copy, FixedCardinalityLabel)]
enum Outcome {
    Ok,
    Error,
}

#[derive(Clone, Copy, LabelGroup)]
#[label(set = LabelsSet)]
struct Labels {
    tier: KnownTier,
    cached: Cached,
}

#[derive(Clone, Copy, LabelGroup)]
#[label(set = EndedSet)]
struct Ended {
    tier: KnownTier,
    cached: Cached,
    result: Outcome,
}

struct Families {
    calls: CounterVec<EndedSet>,
    durations: HistogramVec<LabelsSet, 14>,
    in_flight: GaugeVec<LabelsSet>,
}

static FAMILIES: LazyLock<Families> = LazyLock::new(|| {
    let labels = || LabelsSet {
        tier: StaticLabelSet::new(),
        cached: StaticLabelSet::new(),
    };
    Families {
        calls: CounterVec::with_label_set(EndedSet {
            tier: StaticLabelSet::new(),
            cached: StaticLabelSet::new(),
            result: StaticLabelSet::new(),
        }),
        durations: HistogramVec::with_label_set_and_metadata(
            labels(),
            Thresholds::with_buckets(DURATIONS),
        ),
        in_flight: GaugeVec::with_label_set(labels()),
    }
});

#[inline(never)]
pub(crate) fn labelled(n: u64, tier: Tier, cached: bool) -> Result<u64, Failure> {
    let tier = match tier {
        Tier::Free => KnownTier::Free,
        Tier::Paid => KnownTier::Paid,
        Tier::Trial => KnownTier::Trial,
    };
    let cached = if cached { Cached::Yes } else { Cached::No };
    let labels = Labels { tier, cached };
    FAMILIES.in_flight.inc(labels);
    let start = Instant::now();
    let result = Ok(black_box(n));
    FAMILIES
        .durations
        .observe(labels, start.elapsed().as_secs_f64());
    FAMILIES.in_flight.dec(labels);
    let outcome = if result.is_ok() {
        Outcome::Ok
    } else {
        Outcome::Error
    };
    FAMILIES.calls.inc(Ended {
        tier,
        cached,
        result: outcome,
    });
    result
}
