//! Histograms whose buckets grow with the values.

mod sdk;

use std::collections::BTreeMap;
use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use tachograph::metrics::{BuildError, ExponentialHistogramValue, MetricData, Snapshot};
use tachograph::testing::Recorder;
use tachograph::trace::{Context, Span};
use tachograph::{Registry, metered, traced};

/// The series of one metric, with the value of this label.
fn series(
    snapshot: &Snapshot,
    metric: &str,
    label: &str,
) -> BTreeMap<String, ExponentialHistogramValue> {
    let data = snapshot.metric(metric).unwrap().data();
    let MetricData::ExponentialHistogram(points) = data else {
        panic!("an exponential histogram, not {data:?}");
    };
    let points = points.iter().map(|point| {
        let value = point.label(label).unwrap_or_default();
        (value.to_owned(), point.value().clone())
    });
    points.collect()
}

#[test]
fn an_instrument_has_families_and_labels_as_others_do() -> Result<(), BuildError> {
    let recorder = Recorder::new();
    let sizes = recorder
        .registry()
        .histogram("response.size")
        .with_unit("By")
        .with_labels(["route"])
        .with_exponential_buckets()
        .build()?;
    for size in [1.0, 1_000.0, 1_024.0, 1_025.0, 0.0] {
        sizes.get(["/"]).record(size);
    }
    sizes
        .get(["/cart"])
        .record_duration(Duration::from_millis(250));
    recorder.assert_metric_deltas(
        "
        response.size{route=/cart} +1 sum 0.25
        response.size{route=/} +5 sum 3050
        ",
    );
    sizes.get(["/"]).record(2.0);
    recorder.assert_metric_deltas("response.size{route=/} +1 sum 2");

    let series = series(&recorder.registry().snapshot(), "response.size", "route");
    let root = &series["/"];
    assert_eq!((root.scale(), root.zero_count(), root.count()), (5, 1, 6));
    assert!(
        root.positive()
            .eq([(-1, 1), (31, 1), (318, 1), (319, 1), (320, 1)])
    );
    assert_eq!(root.negative().count(), 0);
    assert!(series["/cart"].positive().eq([(-65, 1)]));
    Ok(())
}

#[test]
fn explicit_and_exponential_buckets_are_different_instruments() -> Result<(), BuildError> {
    let registry = Registry::new();
    let sizes = || registry.histogram("size");
    let one = sizes().with_exponential_buckets().build()?;
    let other = sizes()
        .with_bounds([1.0])
        .with_exponential_buckets()
        .build()?;
    one.record(1.0);
    other.record(2.0);
    assert_eq!(series(&registry.snapshot(), "size", "")[""].count(), 2);
    let message = sizes().build().unwrap_err().to_string();
    assert!(message.contains("`size` is a histogram at "), "{message}");
    assert!(
        message.contains("an exponential histogram at "),
        "{message}"
    );
    Ok(())
}

#[test]
fn values_in_sampled_spans_are_exemplars() -> Result<(), BuildError> {
    let recorder = Recorder::new();
    let size = recorder
        .registry()
        .histogram("size")
        .with_exponential_buckets()
        .build()?;
    size.record(0.5);
    let pack = || {
        for value in [1.5, 1.6, 100.0, -3.0] {
            size.record(value);
        }
    };
    recorder.in_scope(|| Span::start("pack").in_scope(pack));
    let series = series(&recorder.registry().snapshot(), "size", "");
    let mut values: Vec<_> = series[""]
        .exemplars()
        .map(|exemplar| exemplar.value)
        .collect();
    values.sort_by(f64::total_cmp);
    assert_eq!(values, [-3.0, 1.5, 100.0]);
    let span = recorder.spans().iter().next().unwrap().span_id();
    assert!(
        series[""]
            .exemplars()
            .all(|exemplar| exemplar.span_id == span)
    );
    Ok(())
}

/// Looks for a product.
#[traced]
#[metered(name = "shop.search", buckets = exponential)]
fn search(recorder: &Recorder, nanos: u64) -> Result<(), ()> {
    recorder.clock().advance(Duration::from_nanos(nanos));
    if nanos.is_multiple_of(10) {
        Ok(())
    } else {
        Err(())
    }
}

#[test]
fn durations_are_in_exact_buckets() {
    let recorder = Recorder::new();
    let nanos = [
        0,
        1,
        250_000_000,
        250_000_001,
        1_000_000_000,
        2_000_000_000,
        3_600_000_000_000,
    ];
    recorder.in_scope(|| {
        for nanos in nanos {
            let _ = search(&recorder, nanos);
        }
    });
    let snapshot = recorder.registry().snapshot();
    let durations = series(&snapshot, "shop.search.calls.duration", "result");
    let (ok, error) = (&durations["ok"], &durations["error"]);
    assert_eq!((ok.scale(), ok.zero_count(), ok.sum()), (5, 1, 3_603.25));
    assert!(ok.positive().eq([(-65, 1), (-1, 1), (31, 1), (378, 1)]));
    assert_eq!((error.zero_count(), error.sum()), (0, 0.250_000_002));
    assert!(error.positive().eq([(-957, 1), (-64, 1)]));
    assert_eq!(error.exemplars().len(), 2);
    let metric = snapshot.metric("shop.search.calls.duration").unwrap();
    assert_eq!(
        (metric.unit(), metric.description()),
        ("s", "Looks for a product.")
    );
    recorder.assert_metric_deltas(
        "
        shop.search.calls{function=search,module=it::exponential,result=error} +2
        shop.search.calls{function=search,module=it::exponential,result=ok} +5
        shop.search.calls.duration{function=search,module=it::exponential,result=error} +2 sum 250.000002ms
        shop.search.calls.duration{function=search,module=it::exponential,result=ok} +5 sum 3603.25s
        ",
    );
}

struct Parcel;

trait Weighed {
    fn rate(&self, recorder: &Recorder);
}

trait Taxed {
    fn rate(&self, recorder: &Recorder);
}

impl Weighed for Parcel {
    #[metered(name = "parcels", buckets = exponential)]
    fn rate(&self, recorder: &Recorder) {
        recorder.clock().advance(Duration::from_secs(2));
    }
}

impl Taxed for Parcel {
    #[metered(name = "parcels", buckets = exponential)]
    fn rate(&self, recorder: &Recorder) {
        recorder.clock().advance(Duration::from_secs(4));
    }
}

#[test]
fn namesakes_add_up() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        Weighed::rate(&Parcel, &recorder);
        Taxed::rate(&Parcel, &recorder);
        Taxed::rate(&Parcel, &recorder);
    });
    let snapshot = recorder.registry().snapshot();
    let durations = series(&snapshot, "parcels.calls.duration", "result");
    assert!(durations["ok"].positive().eq([(31, 1), (63, 2)]));
}

#[metered(name = "shop.hits", buckets = exponential)]
fn hit(n: u64) -> Result<(), ()> {
    if n.is_multiple_of(4) { Err(()) } else { Ok(()) }
}

#[test]
fn threads_lose_nothing_and_no_count_goes_backwards() {
    const CALLS: u64 = 5_000;
    let recorder = Recorder::new();
    let context = recorder.in_scope(Context::current);
    let durations = || {
        let snapshot = recorder.registry().snapshot();
        let durations = series(&snapshot, "shop.hits.calls.duration", "result");
        ["ok", "error"].map(|result| {
            durations
                .get(result)
                .map_or(0, ExponentialHistogramValue::count)
        })
    };
    recorder.in_scope(|| hit(1)).unwrap();
    thread::scope(|scope| {
        let threads = [(); 8].map(|()| {
            let hits = || (0..CALLS).for_each(|n| _ = hit(n));
            let (context, recorder) = (&context, &recorder);
            scope.spawn(move || {
                context.in_scope(|| {
                    hits();
                    recorder.clock().advance(Duration::from_micros(1));
                });
            })
        });
        let mut before = durations();
        while !threads.iter().all(ScopedJoinHandle::is_finished) {
            let now = durations();
            assert!(now >= before && now[1] >= before[1], "{before:?} {now:?}");
            before = now;
        }
    });
    assert_eq!(durations(), [1 + 6 * CALLS, 2 * CALLS]);
}
