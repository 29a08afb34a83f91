//! The promise of every count: no snapshot is ahead of the calls or behind them, and none goes backwards.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use tachograph::metrics::{MetricData, Point, Snapshot};
use tachograph::trace::Context;
use tachograph::{Registry, metered};

const THREADS: u64 = 8;
const CALLS: u64 = 5_000;

#[metered]
fn tick(n: u64) -> Result<(), ()> {
    if n.is_multiple_of(4) { Err(()) } else { Ok(()) }
}

/// What a snapshot says of [`tick`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Figures {
    ok: u64,
    error: u64,
    in_flight: i64,
}

/// Calls one function on eight threads, within `context`, while snapshots of `registry` are taken.
///
/// # Panics
///
/// When a count is wrong.
pub fn check(registry: &Registry, context: &Context) {
    let (begun, ended, threads_done) = (AtomicU64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    let call = |n| {
        begun.fetch_add(1, Ordering::SeqCst);
        let _ = tick(n);
        ended.fetch_add(1, Ordering::SeqCst);
    };
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                context.in_scope(|| (0..CALLS).for_each(call));
                threads_done.fetch_add(1, Ordering::SeqCst);
            });
        }
        let mut last = Figures::default();
        while threads_done.load(Ordering::SeqCst) < THREADS {
            let at_least = ended.load(Ordering::SeqCst);
            let figures = Figures::read(&registry.snapshot());
            let at_most = begun.load(Ordering::SeqCst);
            let total = figures.ok + figures.error;
            assert!(
                (at_least..=at_most).contains(&total),
                "{at_least}, {figures:?}, {at_most}"
            );
            assert!(
                figures.ok >= last.ok && figures.error >= last.error,
                "{last:?}, {figures:?}"
            );
            assert!(figures.in_flight >= 0, "{figures:?}");
            last = figures;
        }
    });
    let error = THREADS * CALLS / 4;
    let exact = Figures {
        ok: THREADS * CALLS - error,
        error,
        in_flight: 0,
    };
    assert_eq!(Figures::read(&registry.snapshot()), exact);
}

impl Figures {
    fn read(snapshot: &Snapshot) -> Self {
        let mut figures = Self::default();
        for metric in &snapshot.metrics {
            match (&*metric.descriptor.name, &metric.data) {
                ("function.calls", MetricData::Counter(points)) => {
                    figures.ok = value(points, Some("ok")).unwrap_or_default();
                    figures.error = value(points, Some("error")).unwrap_or_default();
                }
                ("function.calls.in_flight", MetricData::UpDownCounter(points)) => {
                    figures.in_flight = value(points, None).unwrap_or_default();
                }
                _ => {}
            }
        }
        figures
    }
}

/// The value of the series of [`tick`] with this result.
fn value<T: Copy>(points: &[Point<T>], result: Option<&str>) -> Option<T> {
    let found = points.iter().find(|point| {
        let label = |key| point.series.labels.iter().find(|(known, _)| known == key);
        let text = |key| label(key).map(|(_, value)| &**value);
        text("function") == Some("tick") && text("result") == result
    });
    Some(found?.value)
}
