//! The promise of every count: no snapshot is ahead of the calls or behind them, and none goes backwards.

use std::iter::Sum;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use tachograph::metrics::{MetricData, Points, Snapshot};
use tachograph::trace::Context;
use tachograph::{Registry, metered};

const THREADS: u64 = 8;
const CALLS: u64 = 5_000;
const FUNCTIONS: [&str; 2] = ["tick", "tock"];

#[metered]
fn tick(n: u64) -> Result<(), ()> {
    if n.is_multiple_of(4) { Err(()) } else { Ok(()) }
}

/// Its calls end in other series than they start in, if not in one that is beyond its label's bound.
#[metered(labels(odd = n % 2 == 1), on_ok(large = *ok > CALLS / 2), on_err(code(err, max = 2)))]
fn tock(n: u64) -> Result<u64, u64> {
    if n.is_multiple_of(4) {
        Err(n % 5)
    } else {
        Ok(n)
    }
}

/// What a snapshot says of a function, over all its series.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Figures {
    ok: u64,
    error: u64,
    in_flight: i64,
}

/// Calls two functions on eight threads, within `context`, while snapshots of `registry` are taken.
///
/// # Panics
///
/// When a count is wrong.
pub fn check(registry: &Registry, context: &Context) {
    let (begun, ended, threads_done) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let call = |n| {
        begun.fetch_add(1, Ordering::SeqCst);
        let (_, _) = (tick(n), tock(n));
        ended.fetch_add(1, Ordering::SeqCst);
    };
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                context.in_scope(|| (0..CALLS).for_each(call));
                threads_done.fetch_add(1, Ordering::SeqCst);
            });
        }
        let mut last = [Figures::default(); 2];
        while threads_done.load(Ordering::SeqCst) < THREADS {
            let at_least = ended.load(Ordering::SeqCst);
            let snapshot = registry.snapshot();
            let at_most = begun.load(Ordering::SeqCst);
            for (function, last) in FUNCTIONS.into_iter().zip(&mut last) {
                let figures = Figures::read(&snapshot, function);
                let total = figures.ok + figures.error;
                assert!(
                    (at_least..=at_most).contains(&total),
                    "{function}: {at_least}, {figures:?}, {at_most}"
                );
                assert!(
                    figures.ok >= last.ok && figures.error >= last.error,
                    "{function}: {last:?}, {figures:?}"
                );
                assert!(figures.in_flight >= 0, "{function}: {figures:?}");
                *last = figures;
            }
        }
    });
    let error = THREADS * CALLS / 4;
    let exact = Figures {
        ok: THREADS * CALLS - error,
        error,
        in_flight: 0,
    };
    for function in FUNCTIONS {
        assert_eq!(Figures::read(&registry.snapshot(), function), exact);
    }
}

impl Figures {
    fn read(snapshot: &Snapshot, function: &str) -> Self {
        let mut figures = Self::default();
        for metric in snapshot.metrics() {
            match (metric.name(), metric.data()) {
                ("function.calls", MetricData::Counter(points)) => {
                    figures.ok = sum(points, function, Some("ok"));
                    figures.error = sum(points, function, Some("error"));
                }
                ("function.calls.in_flight", MetricData::UpDownCounter(points)) => {
                    figures.in_flight = sum(points, function, None);
                }
                _ => {}
            }
        }
        figures
    }
}

/// The sum of a function's series with this result.
fn sum<T: Copy + Sum>(points: &Points<T>, function: &str, result: Option<&str>) -> T {
    let of_function = points.iter().filter(|point| {
        point.label("function") == Some(function) && point.label("result") == result
    });
    of_function.map(|point| *point.value()).sum()
}
