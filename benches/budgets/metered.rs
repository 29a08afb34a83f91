//! `#[metered]`: calls by outcome, how long they took, and how many are running; alone and fused with a span.

use std::hint::black_box;
use std::sync::LazyLock;
use std::time::Instant;

use metrics::{Counter, Gauge, Histogram, counter, gauge, histogram};
use tachograph::{Label, metered};

use crate::functions::{self, fastrace_root};
use crate::libraries::{measured, prometheus, prometheus_client};
use crate::peers::{settle_metrics, settle_spans};
use crate::runner::{Contender, Row, Table, calls};
use crate::traced::{CHILDREN, traces};

const CALLS: u64 = 20_000;

pub(crate) fn rows(table: &mut Table) {
    table.row(&Row {
        name: "for scale: two clock readings",
        calls: CALLS,
        bare: calls!(n => n),
        ours: Contender::new("", calls!(_n => (CLOCK.raw(), CLOCK.raw()))),
        peers: &[],
        budget: None,
        budget_of_all: None,
    });
    table.row(&Row {
        name: "`#[metered]`",
        calls: CALLS,
        bare: calls!(n => bare(n)),
        ours: Contender::new("", calls!(n => ours(n))),
        peers: &[
            Contender::new("`metrics` handles", calls!(n => with_handles(n)))
                .settled_by(settle_metrics),
            Contender::new("`metrics` macros", calls!(n => with_macros(n)))
                .settled_by(settle_metrics),
            Contender::new(
                "prometheus-client",
                calls!(n => prometheus_client::with_handles(n)),
            ),
            Contender::new("measured", calls!(n => measured::with_handles(n))),
            Contender::new("prometheus", calls!(n => prometheus::with_handles(n))),
        ],
        budget: Some(30.0),
        budget_of_all: None,
    });
    table.row(&Row {
        name: "`#[metered]` with two labels",
        calls: CALLS,
        bare: calls!(n => bare(n)),
        ours: Contender::new("", calls!(n => labelled(n, Tier::of(n), n % 2 == 0))),
        peers: &[
            Contender::new(
                "`metrics` macros",
                calls!(n => labelled_with_macros(n, Tier::of(n), n % 2 == 0)),
            )
            .settled_by(settle_metrics),
            Contender::new(
                "prometheus-client",
                calls!(n => prometheus_client::labelled(n, Tier::of(n), n % 2 == 0)),
            ),
            Contender::new(
                "measured",
                calls!(n => measured::labelled(n, Tier::of(n), n % 2 == 0)),
            ),
            Contender::new(
                "prometheus",
                calls!(n => prometheus::labelled(n, Tier::of(n), n % 2 == 0)),
            ),
        ],
        budget: Some(36.0),
        budget_of_all: None,
    });
    table.row(&Row {
        name: "`#[metered]`, one call in 64 timed",
        calls: CALLS,
        bare: calls!(n => bare(n)),
        ours: Contender::new("", calls!(n => hot(n))),
        peers: &[],
        budget: Some(6.0),
        budget_of_all: None,
    });
    table.row(&Row {
        name: "`#[metered]` with a label of 100 strings",
        calls: CALLS,
        bare: calls!(n => bare(n)),
        ours: Contender::new("", calls!(n => bounded(n, USERS[(n % 4) as usize]))),
        peers: &[],
        budget: None,
        budget_of_all: None,
    });
    fused(table);
}

fn fused(table: &mut Table) {
    table.row(&Row {
        name: "both attributes, sampled child",
        calls: CALLS,
        bare: traces!(functions::bare::parent(CHILDREN)),
        ours: Contender::new("", traces!(functions::both::parent(CHILDREN)))
            .settled_by(settle_spans),
        peers: &[Contender::new(
            "fastrace and `metrics` handles",
            traces!(fastrace_root(true, with_both)),
        )
        .settled_by(|| {
            fastrace::flush();
            settle_metrics();
        })],
        budget: Some(42.0),
        budget_of_all: None,
    });
    table.row(&Row {
        name: "both attributes, sampled child, async, one suspension",
        calls: CALLS,
        bare: traces!(functions::bare::suspending_parent(CHILDREN)),
        ours: Contender::new("", traces!(functions::both::suspending_parent(CHILDREN)))
            .settled_by(settle_spans),
        peers: &[],
        budget: None,
        budget_of_all: None,
    });
}

/// The clock that ours reads twice in each call, as any way to measure durations must.
static CLOCK: LazyLock<quanta::Clock> = LazyLock::new(quanta::Clock::new);

/// An error that never comes up.
#[derive(Debug)]
pub(crate) struct Failure;

#[derive(Clone, Copy)]
pub(crate) enum Tier {
    Free,
    Paid,
    Trial,
}

impl Tier {
    fn of(n: u64) -> Self {
        match n % 3 {
            0 => Self::Free,
            1 => Self::Paid,
            _ => Self::Trial,
        }
    }
}

impl Label for Tier {
    const VALUES: &'static [&'static str] = &["free", "paid", "trial"];

    fn index(&self) -> usize {
        *self as usize
    }
}

#[inline(never)]
#[expect(clippy::unnecessary_wraps, reason = "the same function as the others")]
fn bare(n: u64) -> Result<u64, Failure> {
    Ok(black_box(n))
}

#[metered]
#[inline(never)]
pub(crate) fn ours(n: u64) -> Result<u64, Failure> {
    Ok(black_box(n))
}

#[metered(duration(sample = 64))]
#[inline(never)]
fn hot(n: u64) -> Result<u64, Failure> {
    Ok(black_box(n))
}

const USERS: [&str; 4] = ["ada.lovelace", "c.babbage", "grace.hopper", "a.turing"];

#[metered(labels(user(user, max = 100)))]
#[inline(never)]
fn bounded(n: u64, user: &str) -> Result<u64, Failure> {
    _ = user;
    Ok(black_box(n))
}

#[metered(labels(tier = tier, cached = cached))]
#[inline(never)]
fn labelled(n: u64, tier: Tier, cached: bool) -> Result<u64, Failure> {
    _ = (tier, cached);
    Ok(black_box(n))
}

/// What a function keeps that uses the facade's handles.
struct Handles {
    ok: Counter,
    error: Counter,
    duration: Histogram,
    in_flight: Gauge,
}

static HANDLES: LazyLock<Handles> = LazyLock::new(|| Handles {
    ok: counter!("handles_calls", "result" => "ok"),
    error: counter!("handles_calls", "result" => "error"),
    duration: histogram!("handles_duration"),
    in_flight: gauge!("handles_in_flight"),
});

#[inline(never)]
pub(crate) fn with_handles(n: u64) -> Result<u64, Failure> {
    let handles = &*HANDLES;
    handles.in_flight.increment(1);
    let start = Instant::now();
    let result = Ok(black_box(n));
    handles.duration.record(start.elapsed());
    handles.in_flight.decrement(1);
    match result {
        Ok(_) => handles.ok.increment(1),
        Err(Failure) => handles.error.increment(1),
    }
    result
}

#[inline(never)]
pub(crate) fn with_macros(n: u64) -> Result<u64, Failure> {
    gauge!("macros_in_flight").increment(1);
    let start = Instant::now();
    let result = Ok(black_box(n));
    histogram!("macros_duration").record(start.elapsed());
    gauge!("macros_in_flight").decrement(1);
    match result {
        Ok(_) => counter!("macros_calls", "result" => "ok").increment(1),
        Err(Failure) => counter!("macros_calls", "result" => "error").increment(1),
    }
    result
}

#[inline(never)]
fn labelled_with_macros(n: u64, tier: Tier, cached: bool) -> Result<u64, Failure> {
    let tier = Tier::VALUES[tier.index()];
    let cached = bool::VALUES[cached.index()];
    gauge!("labels_in_flight", "tier" => tier, "cached" => cached).increment(1);
    let start = Instant::now();
    let result = Ok(black_box(n));
    histogram!("labels_duration", "tier" => tier, "cached" => cached).record(start.elapsed());
    gauge!("labels_in_flight", "tier" => tier, "cached" => cached).decrement(1);
    let text = if result.is_ok() { "ok" } else { "error" };
    counter!("labels_calls", "tier" => tier, "cached" => cached, "result" => text).increment(1);
    result
}

fn with_both() {
    #[fastrace::trace]
    #[inline(never)]
    fn traced(n: u64) -> Result<u64, Failure> {
        with_handles(n)
    }
    for n in 0..CHILDREN {
        _ = black_box(traced(n));
    }
}
