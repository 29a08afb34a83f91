//! How long calls took, in the form that a snapshot is asked for, and how many were within their objective.

use std::time::Duration;

use tachograph::metrics::{
    ExponentialHistogramValue, FunctionBuckets, HistogramValue, Metric, MetricData, Snapshot,
};
use tachograph::testing::Recorder;
use tachograph::{Registry, metered};

#[metered]
fn wait(recorder: &Recorder, nanos: u64) {
    recorder.clock().advance(Duration::from_nanos(nanos));
}

#[metered(objective(latency(250ms, 99)))]
fn answer(recorder: &Recorder, nanos: u64) -> Result<(), ()> {
    recorder.clock().advance(Duration::from_nanos(nanos));
    if nanos.is_multiple_of(2) {
        Ok(())
    } else {
        Err(())
    }
}

#[metered(name = "shop.stock", buckets = exponential, objective(latency(3ms, 99)))]
fn count(recorder: &Recorder, nanos: u64) {
    recorder.clock().advance(Duration::from_nanos(nanos));
}

#[metered(name = "shop.orders", buckets = [0.1, 0.25], objective(latency(250ms, 99)))]
fn order(recorder: &Recorder, nanos: u64) {
    recorder.clock().advance(Duration::from_nanos(nanos));
}

/// Lengths on either side of where buckets end, in nanoseconds.
const NANOS: [u64; 12] = [
    0,
    1,
    476,
    477,
    124_999_999,
    125_000_000,
    125_000_001,
    250_000_000,
    250_000_001,
    8_000_000_000,
    8_000_000_001,
    u64::MAX / 64,
];

fn explicit(registry: &Registry, function: &str, result: &str) -> HistogramValue {
    let snapshot = registry.snapshot_with(FunctionBuckets::Explicit);
    let durations = snapshot.metric("function.calls.duration").unwrap();
    let MetricData::Histogram(points) = durations.data() else {
        panic!("a histogram with bounds, not {durations:?}");
    };
    let mut points = points.iter();
    let point = points.find(|point| {
        point.label("function") == Some(function) && point.label("result") == Some(result)
    });
    point.unwrap().value().clone()
}

fn exponential(snapshot: &Snapshot, metric: &str) -> ExponentialHistogramValue {
    let durations = snapshot.metric(metric).unwrap();
    let MetricData::ExponentialHistogram(points) = durations.data() else {
        panic!("an exponential histogram, not {durations:?}");
    };
    points.values().next().unwrap().clone()
}

/// How many calls were within the objective of a family, by result.
fn within(registry: &Registry, family: &str) -> Vec<(String, u64)> {
    let snapshot = registry.snapshot();
    let within = snapshot.metric(&format!("{family}.calls.within_objective"));
    let Some(MetricData::Counter(points)) = within.map(Metric::data) else {
        panic!("a counter, not {within:?}");
    };
    let points = points.iter().map(|point| {
        let result = point.label("result").unwrap_or_default();
        (result.to_owned(), *point.value())
    });
    points.collect()
}

#[test]
fn all_functions_have_the_same_bounds_whatever_was_recorded() {
    let recorder = Recorder::new();
    recorder.in_scope(|| wait(&recorder, 1_000));
    let bounds = explicit(recorder.registry(), "wait", "ok")
        .bounds()
        .to_vec();
    assert_eq!(bounds.len(), 13);
    assert_eq!(
        (bounds[0], bounds[9], bounds[12]),
        (2_f64.powi(-21), 0.125, 8.0)
    );

    recorder.in_scope(|| NANOS.map(|nanos| wait(&recorder, nanos)));
    let value = explicit(recorder.registry(), "wait", "ok");
    assert_eq!(value.bounds(), bounds);
    let mut expected = [0; 14];
    for nanos in [1_000].into_iter().chain(NANOS) {
        let seconds = Duration::from_nanos(nanos).as_secs_f64();
        expected[bounds.partition_point(|bound| *bound < seconds)] += 1;
    }
    assert_eq!(value.counts(), expected);
}

#[test]
fn a_snapshot_has_all_that_was_counted() {
    let recorder = Recorder::new();
    let nanos = [0, 1, 500_000_000, 500_000_001, 750_000_000];
    recorder.in_scope(|| nanos.map(|nanos| wait(&recorder, nanos)));
    let value = exponential(&recorder.registry().snapshot(), "function.calls.duration");
    assert_eq!(
        (value.scale(), value.zero_count(), value.count()),
        (3, 1, 5)
    );
    assert!(value.positive().eq([(-240, 1), (-9, 1), (-8, 1), (-4, 1)]));
    assert!((value.sum() - 1.750_000_002).abs() < 1e-12);
}

#[test]
fn the_latency_of_an_objective_is_one_more_bound_and_exact() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        for nanos in NANOS {
            let _ = answer(&recorder, nanos);
        }
    });
    let registry = recorder.registry();
    for (result, is_ok) in [("ok", true), ("error", false)] {
        let nanos: Vec<_> = NANOS
            .into_iter()
            .filter(|nanos| nanos.is_multiple_of(2) == is_ok)
            .collect();
        let value = explicit(registry, "answer", result);
        assert_eq!(value.bounds().len(), 14);
        assert_eq!(value.bounds()[9..12], [0.125, 0.25, 0.5]);
        let mut expected = [0; 15];
        for nanos in &nanos {
            let seconds = Duration::from_nanos(*nanos).as_secs_f64();
            expected[value.bounds().partition_point(|bound| *bound < seconds)] += 1;
        }
        assert_eq!(value.counts(), expected, "{result}");
    }
    let expected = [("ok".to_owned(), 4), ("error".to_owned(), 4)];
    assert_eq!(within(registry, "function"), expected);
}

#[test]
fn an_objective_is_exact_with_any_buckets() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        for nanos in [1, 3_000_000, 3_000_001, 250_000_000, 250_000_001] {
            count(&recorder, nanos);
            order(&recorder, nanos);
        }
    });
    let registry = recorder.registry();
    let ok = |within| [("ok".to_owned(), within), ("error".to_owned(), 0)];
    assert_eq!(within(registry, "shop.stock"), ok(2));
    assert_eq!(within(registry, "shop.orders"), ok(4));
    let explicit = registry.snapshot_with(FunctionBuckets::Explicit);
    assert_eq!(
        exponential(&explicit, "shop.stock.calls.duration").scale(),
        5
    );
}
