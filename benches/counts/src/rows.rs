//! The paths whose instructions are counted.

use std::hint::black_box;
use std::pin::pin;
use std::sync::LazyLock;

use tachograph::collector::{Collector, Spans};
use tachograph::trace::{Sampler, Span};
use tachograph::{Registry, Resource, listener};
use tachograph_exporters::{EncodedSpans, Pages};

use crate::functions::{self, Failure, Tier};
use crate::meter::Meter;

/// Whoever collects the spans.
static SPANS: LazyLock<Collector<Spans>> =
    LazyLock::new(|| Collector::install().expect("nobody else collects them"));

/// Calls of one stretch.
const CALLS: u64 = 1_024;
/// Enough that chance is not seen in how many of them are timed.
const CALLS_TIMED_AT_RANDOM: u64 = 1 << 16;
/// Series on one page.
const SERIES: u64 = 1_000;

/// A path, and how it is run.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) run: fn(&mut Meter),
    /// The same without us, whose instructions are not counted.
    pub(crate) bare: Option<fn(&mut Meter)>,
}

/// A function that makes so many calls: `calls!(n => leaf(n))`.
macro_rules! calls {
    ($n:ident => $call:expr) => {
        &mut |calls| {
            for $n in 0..calls {
                _ = black_box($call);
            }
        }
    };
}

const fn row(name: &'static str, run: fn(&mut Meter)) -> Row {
    Row {
        name,
        run,
        bare: None,
    }
}

impl Row {
    const fn over(self, bare: fn(&mut Meter)) -> Self {
        Self {
            bare: Some(bare),
            ..self
        }
    }
}

pub(crate) const ROWS: &[Row] = &[
    row("nothing listens", |meter| {
        meter.count(CALLS, calls!(n => functions::both(n)), &mut || ());
    })
    .over(bare),
    row("nothing listens, async", |meter| {
        meter.count(
            CALLS,
            calls!(n => functions::finish(pin!(functions::both_async(n)))),
            &mut || (),
        );
    })
    .over(bare_async),
    row("metered", |meter| {
        listener::start();
        meter.count(CALLS, calls!(n => functions::counted(n)), &mut || ());
    })
    .over(bare),
    row("metered, async", |meter| {
        listener::start();
        meter.count(
            CALLS,
            calls!(n => functions::finish(pin!(functions::counted_async(n)))),
            &mut || (),
        );
    })
    .over(bare_async),
    row("metered, two labels of enums", |meter| {
        listener::start();
        meter.count(
            CALLS,
            calls!(n => functions::labelled(n, Tier::of(n), n % 2 == 0)),
            &mut || (),
        );
    })
    .over(|meter| {
        meter.count(
            CALLS,
            calls!(n => functions::bare_labelled(n, Tier::of(n), n % 2 == 0)),
            &mut || (),
        );
    }),
    row("metered, a label of strings", |meter| {
        listener::start();
        meter.count(
            CALLS,
            calls!(n => functions::bounded(n, user(n))),
            &mut || (),
        );
    })
    .over(|meter| {
        meter.count(
            CALLS,
            calls!(n => functions::bare_bounded(n, user(n))),
            &mut || (),
        );
    }),
    row("metered, one call in 64 timed", |meter| {
        listener::start();
        meter.count(
            CALLS_TIMED_AT_RANDOM,
            calls!(n => functions::sampled(n)),
            &mut || (),
        );
    })
    .over(bare),
    row("traced, child", |meter| {
        children(meter, functions::spanned);
    })
    .over(bare),
    row("traced, child with 4 integers", |meter| {
        children(meter, functions::with_integers);
    })
    .over(bare),
    row("traced, child, async", |meter| {
        listener::start();
        Span::start("parent").in_scope(|| {
            meter.count(
                CALLS,
                calls!(n => functions::finish(pin!(functions::spanned_async(n)))),
                &mut settle,
            );
        });
    })
    .over(bare_async),
    row("traced, root", |meter| {
        listener::start();
        meter.count(CALLS, calls!(n => functions::spanned(n)), &mut settle);
    })
    .over(bare),
    row("traced, child not sampled", |meter| {
        Sampler::ALWAYS_OFF.install();
        children(meter, functions::spanned);
    })
    .over(bare),
    row("traced, root not sampled", |meter| {
        Sampler::ALWAYS_OFF.install();
        listener::start();
        meter.count(CALLS, calls!(n => functions::spanned(n)), &mut settle);
    })
    .over(bare),
    row("both, child", |meter| {
        children(meter, functions::both);
    })
    .over(bare),
    row("both, child, async", |meter| {
        listener::start();
        Span::start("parent").in_scope(|| {
            meter.count(
                CALLS,
                calls!(n => functions::finish(pin!(functions::both_async(n)))),
                &mut settle,
            );
        });
    })
    .over(bare_async),
    row("a span is collected", |meter| {
        listener::start();
        meter.count(CALLS, &mut |_| settle(), &mut || {
            (0..CALLS).for_each(|n| _ = black_box(functions::spanned(n)));
        });
    }),
    row("counter, add", |meter| {
        let counter = Registry::global().counter("hits").build();
        let counter = counter.expect("a counter");
        meter.count(CALLS, calls!(n => counter.add(n)), &mut || ());
    })
    .over(|meter| {
        meter.count(CALLS, calls!(n => n), &mut || ());
    }),
    row("counter with labels, get and add", |meter| {
        let family = Registry::global()
            .counter("hits")
            .with_labels(["tier", "region"]);
        let family = family.build().expect("a counter");
        meter.count(
            CALLS,
            calls!(n => family.get([user(n), "eu-central-1"]).add(n)),
            &mut || (),
        );
    })
    .over(|meter| {
        meter.count(CALLS, calls!(n => user(n)), &mut || ());
    }),
    row("histogram, record", |meter| {
        let histogram = Registry::global().histogram("waits").build();
        let histogram = histogram.expect("a histogram");
        meter.count(CALLS, calls!(n => histogram.record(seconds(n))), &mut || ());
    })
    .over(|meter| {
        meter.count(CALLS, calls!(n => seconds(n)), &mut || ());
    }),
    row("histogram of exponential buckets, record", |meter| {
        let histogram = Registry::global().histogram("waits");
        let histogram = histogram.with_exponential_buckets().build();
        let histogram = histogram.expect("a histogram");
        meter.count(CALLS, calls!(n => histogram.record(seconds(n))), &mut || ());
    })
    .over(|meter| {
        meter.count(CALLS, calls!(n => seconds(n)), &mut || ());
    }),
    row("a span to OTLP", |meter| {
        encoded(meter, |n| _ = black_box(functions::spanned(n)));
    }),
    row("a span with 4 attributes to OTLP", |meter| {
        encoded(meter, |n| _ = black_box(functions::with_attributes(n)));
    }),
    row("a counter's series in a snapshot", |meter| {
        count_in_many_series();
        let mut snapshot = None;
        meter.count(
            SERIES,
            &mut |_| snapshot = Some(Registry::global().snapshot()),
            &mut || (),
        );
    }),
    row("a counter's series to Prometheus' text", |meter| {
        count_in_many_series();
        let snapshot = Registry::global().snapshot();
        let mut pages = Pages::of(&Resource::new("counts"));
        meter.count(
            SERIES,
            &mut |_| _ = black_box(pages.render(&snapshot)),
            &mut || (),
        );
    }),
];

fn bare(meter: &mut Meter) {
    meter.count(CALLS, calls!(n => functions::bare(n)), &mut || ());
}

fn bare_async(meter: &mut Meter) {
    meter.count(
        CALLS,
        calls!(n => functions::finish(pin!(functions::bare_async(n)))),
        &mut || (),
    );
}

/// Calls below one span, which is no part of what is counted.
fn children(meter: &mut Meter, call: fn(u64) -> Result<u64, Failure>) {
    listener::start();
    Span::start("parent").in_scope(|| {
        meter.count(CALLS, calls!(n => call(n)), &mut settle);
    });
}

/// Takes all spans that wait; nobody is woken to do it.
fn settle() {
    while !black_box(SPANS.drain(512)).is_empty() {}
}

fn encoded(meter: &mut Meter, span: fn(u64)) {
    listener::start();
    (0..CALLS).for_each(span);
    let batch = SPANS.drain(usize::MAX);
    let mut encoder = EncodedSpans::of(&Resource::new("counts"));
    meter.count(
        CALLS,
        &mut |_| _ = black_box(encoder.encode(&batch)),
        &mut || (),
    );
}

fn count_in_many_series() {
    let family = Registry::global()
        .counter("requests")
        .with_labels(["route", "method", "status"]);
    let family = family.with_series_limit(2 * usize::try_from(SERIES).expect("a thousand"));
    let family = family.build().expect("a counter");
    for n in 0..SERIES {
        let route = format!("/orders/{n}");
        family.get([&route, "GET", "200"]).add(n);
    }
}

fn user(n: u64) -> &'static str {
    match n % 4 {
        0 => "ada.lovelace",
        1 => "c.babbage",
        2 => "grace.hopper",
        _ => "a.turing",
    }
}

/// From a microsecond to a second.
fn seconds(n: u64) -> f64 {
    const VALUES: [f64; 4] = [1.7e-6, 4.2e-4, 0.03, 0.91];
    VALUES[usize::try_from(n % 4).unwrap_or_default()]
}
