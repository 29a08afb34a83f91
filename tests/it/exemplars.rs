//! Durations refer to the span in which they were measured.

use std::time::Duration;

use tachograph::metrics::{
    Exemplar, ExponentialHistogramValue, FunctionBuckets, HistogramValue, MetricData, Points,
};
use tachograph::testing::Recorder;
use tachograph::{metered, traced};

#[traced]
#[metered]
fn fused(recorder: &Recorder, wait: Duration) {
    recorder.clock().advance(wait);
}

#[traced]
#[metered(on_ok(long = *ok > 500))]
fn labelled(recorder: &Recorder, millis: u64) -> u64 {
    recorder.clock().advance(Duration::from_millis(millis));
    millis
}

#[traced]
fn traced_only(recorder: &Recorder) {
    metered_only(recorder);
}

#[metered]
fn metered_only(recorder: &Recorder) {
    recorder.clock().advance(Duration::from_millis(1));
}

/// The exemplars of all durations, with their buckets.
fn exemplars(recorder: &Recorder) -> Vec<(usize, Exemplar)> {
    let registry = recorder.registry();
    let snapshot = registry.snapshot_with(FunctionBuckets::Explicit);
    let histograms = snapshot.metrics().filter_map(|metric| match metric.data() {
        MetricData::Histogram(points) => Some(points),
        _ => None,
    });
    histograms
        .flat_map(Points::values)
        .flat_map(HistogramValue::exemplars)
        .map(|(bucket, exemplar)| (bucket, *exemplar))
        .collect()
}

#[test]
fn each_bucket_refers_to_the_span_of_a_call() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        fused(&recorder, Duration::from_millis(7));
        fused(&recorder, Duration::from_millis(700));
    });
    let spans = recorder.spans();
    let expected = spans
        .iter()
        .zip([(7, 0.007), (11, 0.7)])
        .map(|(span, (bucket, value))| {
            (
                bucket,
                value,
                span.end_unix_nanos(),
                span.trace_id(),
                span.span_id(),
            )
        });
    let found = exemplars(&recorder).into_iter().map(|(bucket, exemplar)| {
        (
            bucket,
            exemplar.value,
            exemplar.unix_nanos,
            exemplar.trace_id,
            exemplar.span_id,
        )
    });
    assert_eq!(found.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
}

#[test]
fn a_call_that_ends_in_another_series_has_its_exemplar_there() {
    let recorder = Recorder::new();
    recorder.in_scope(|| [7, 700].map(|millis| labelled(&recorder, millis)));
    let spans = recorder.spans();
    let spans: Vec<_> = spans
        .iter()
        .map(tachograph::trace::SpanData::span_id)
        .collect();
    let found = exemplars(&recorder).into_iter();
    let mut found: Vec<_> = found
        .map(|(bucket, exemplar)| (bucket, exemplar.span_id))
        .collect();
    found.sort_unstable_by_key(|(bucket, _)| *bucket);
    assert_eq!(found, [(7, spans[0]), (11, spans[1])]);
}

#[test]
fn a_call_without_a_span_refers_to_the_one_around_it() {
    let recorder = Recorder::new();
    recorder.in_scope(|| traced_only(&recorder));
    let spans = recorder.spans();
    let span = spans.iter().next().unwrap();
    let exemplars = exemplars(&recorder);
    let [(6, exemplar)] = exemplars[..] else {
        panic!("one exemplar in the bucket up to 2 ms, not {exemplars:?}");
    };
    assert_eq!(
        (exemplar.trace_id, exemplar.span_id),
        (span.trace_id(), span.span_id())
    );
}

#[test]
fn outside_of_spans_there_is_nothing_to_refer_to() {
    let recorder = Recorder::new();
    recorder.in_scope(|| metered_only(&recorder));
    assert_eq!(exemplars(&recorder), []);
}

#[test]
fn exponential_buckets_have_the_same_exemplars() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        for millis in [7, 700, 6] {
            fused(&recorder, Duration::from_millis(millis));
        }
    });
    let snapshot = recorder.registry().snapshot();
    let durations = snapshot.metric("function.calls.duration").unwrap();
    let MetricData::ExponentialHistogram(points) = durations.data() else {
        panic!("an exponential histogram, not {durations:?}");
    };
    let values = points
        .values()
        .flat_map(ExponentialHistogramValue::exemplars);
    let values: Vec<_> = values.map(|exemplar| exemplar.value).collect();
    assert_eq!(values, [0.007, 0.7]);
}
