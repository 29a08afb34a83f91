//! OTLP to a collector that fails in every way: each span arrives, and twice only where it must.

use std::collections::BTreeMap;
use std::time::Duration;

use opentelemetry_proto::tonic::metrics::v1::{ExponentialHistogramDataPoint, metric};
use tachograph::trace::{Sampler, Span, SpanContext};
use tachograph_exporters::{Cause, Signal, TelemetryBuilder};
use tachograph_tests::alone;
use tachograph_tests::collector::{Answer, Collector, Received};

use super::{PATIENCE, Protocol, call, otlp, sending, sending_to};

/// How often each span was taken, by its id.
fn times_taken(received: &Received) -> BTreeMap<Vec<u8>, usize> {
    let mut times = BTreeMap::new();
    for span in received.spans() {
        *times.entry(span.span_id.clone()).or_default() += 1;
    }
    times
}

#[test]
fn every_span_arrives_over_http() {
    alone(&[], || every_span_arrives(Protocol::Http));
}

#[test]
fn every_span_arrives_over_grpc() {
    alone(&[], || every_span_arrives(Protocol::Grpc));
}

fn every_span_arrives(protocol: Protocol) {
    let busy = Answer::Busy(Some(Duration::from_secs(1)));
    let script = [
        // As many as are under way at a time.
        busy,
        busy,
        busy,
        busy,
        Answer::Accept,
        Answer::Reset,
        Answer::Busy(None),
        Answer::AcceptThenReset,
        Answer::Accept,
        Answer::AcceptThenReset,
    ];
    let collector = Collector::start(script);
    let telemetry = sending_to(&collector, protocol)
        .batch_size(20)
        .install()
        .unwrap();
    let ids: Vec<_> = (0..50)
        .flat_map(call)
        .map(|id| id.to_bytes().to_vec())
        .collect();
    let dropped = telemetry.force_flush(PATIENCE).unwrap();
    assert!(dropped.is_empty(), "{dropped}");

    let received = collector.received();
    let twice: Vec<_> = received
        .attempts
        .iter()
        .filter(|attempt| attempt.answer == Answer::AcceptThenReset)
        .flat_map(|attempt| attempt.spans().map(|span| span.span_id.clone()))
        .collect();
    assert!(!twice.is_empty());
    let times = times_taken(&received);
    assert_eq!(times.len(), ids.len());
    for id in &ids {
        let again = twice.iter().filter(|it| *it == id).count();
        assert_eq!(times[id], 1 + again);
    }
    let pause = received.attempts[4].at - received.attempts[0].at;
    assert!(
        pause >= Duration::from_secs(1),
        "{pause:?} is less than was asked for"
    );
}

#[test]
fn a_slow_backend_slows_nobody_over_http() {
    alone(&[], || a_slow_backend_slows_nobody(Protocol::Http));
}

#[test]
fn a_slow_backend_slows_nobody_over_grpc() {
    alone(&[], || a_slow_backend_slows_nobody(Protocol::Grpc));
}

fn a_slow_backend_slows_nobody(protocol: Protocol) {
    let collector = Collector::start([Answer::Held]);
    let telemetry = sending_to(&collector, protocol)
        .batch_size(2)
        .install()
        .unwrap();
    call(0);
    let flushed = telemetry.force_flush(Duration::from_millis(100));
    assert!(
        flushed.is_err(),
        "nothing was said to be taken, but {flushed:?}"
    );
    // Calls go on, and their spans wait.
    for n in 1..100 {
        call(n);
    }
    collector.release();
    let dropped = telemetry.force_flush(PATIENCE).unwrap();
    assert!(dropped.is_empty(), "{dropped}");
    let times = times_taken(&collector.received());
    assert_eq!(times.len(), 200);
    assert!(times.values().all(|times| *times == 1));
}

#[test]
fn what_a_backend_refuses_is_counted_over_http() {
    alone(&[], || what_a_backend_refuses_is_counted(Protocol::Http));
}

#[test]
fn what_a_backend_refuses_is_counted_over_grpc() {
    alone(&[], || what_a_backend_refuses_is_counted(Protocol::Grpc));
}

fn what_a_backend_refuses_is_counted(protocol: Protocol) {
    let collector = Collector::start([Answer::Refuse, Answer::AcceptExcept(1)]);
    let telemetry = sending_to(&collector, protocol).install().unwrap();
    for n in 0..2 {
        call(n);
        let _ = telemetry.force_flush(PATIENCE).unwrap();
    }
    let dropped = telemetry.shutdown(PATIENCE).unwrap();
    let [loss] = dropped.iter().collect::<Vec<_>>()[..] else {
        panic!("{dropped}");
    };
    assert_eq!(
        (loss.signal, loss.cause, loss.items),
        (Signal::Traces, Cause::Rejected, 3)
    );
    assert_eq!(collector.received().attempts.len(), 2);
}

#[test]
fn spans_arrive_as_they_were_recorded() {
    alone(&[("OTEL_EXPORTER_OTLP_HEADERS", "x-key=secret")], || {
        let collector = Collector::start([]);
        let otlp = otlp(&collector.endpoint(), Protocol::Http);
        let builder = sending(otlp.header("x-team", "blue").gzip());
        let telemetry = builder.install().unwrap();
        let [parent, child] = call(7);
        let _ = telemetry.shutdown(PATIENCE).unwrap();

        let received = collector.received();
        let spans: Vec<_> = received.spans().collect();
        let [inner, outer] = spans[..] else {
            panic!("two spans, not {spans:#?}");
        };
        assert_eq!(
            (&*outer.name, &*inner.name),
            ("exporters::call", "exporters::inner")
        );
        assert_eq!(outer.span_id, parent.to_bytes());
        assert_eq!(inner.span_id, child.to_bytes());
        assert_eq!(inner.parent_span_id, outer.span_id);
        assert_eq!(inner.trace_id, outer.trace_id);
        assert!(outer.parent_span_id.is_empty());
        assert!(
            outer
                .attributes
                .iter()
                .any(|attribute| attribute.key == "n")
        );
        let headers = &received.attempts[0].headers;
        assert_eq!(headers["x-team"], "blue");
        let of_environment = headers.get("x-key");
        assert_eq!(of_environment, None, "it goes to no endpoint in code");
        assert_eq!(headers["content-encoding"], "gzip");
    });
}

/// Spans that a sampler only records are for whoever decides at the end of a trace.
#[test]
fn spans_that_are_not_sampled_stay_here() {
    alone(&[], || {
        let collector = Collector::start([]);
        let telemetry = sending_to(&collector, Protocol::Http)
            .sampler(Sampler::ratio(0.5).unwrap().recording_all())
            .install()
            .unwrap();
        let contexts = (0..100).flat_map(|_| root_and_child());
        let sampled: Vec<_> = contexts.filter(SpanContext::is_sampled).collect();
        assert!(!sampled.is_empty());
        let dropped = telemetry.shutdown(PATIENCE).unwrap();
        assert!(dropped.is_empty(), "{dropped}");

        let received = collector.received();
        let mut ids: Vec<_> = received.spans().map(|span| span.span_id.clone()).collect();
        let mut expected: Vec<_> = sampled
            .iter()
            .map(|it| it.span_id.to_bytes().to_vec())
            .collect();
        ids.sort_unstable();
        expected.sort_unstable();
        assert_eq!(ids, expected);
    });
}

/// A root and its child, recorded both.
fn root_and_child() -> [SpanContext; 2] {
    let mut root = Span::builder("root").as_root().start();
    assert!(root.is_recording());
    let child = root.in_scope(|| Span::start("child").context());
    [root.context(), child].map(|context| context.expect("somebody listens"))
}

#[test]
fn metrics_arrive_at_the_shutdown() {
    alone(&[], || {
        let collector = Collector::start([]);
        let telemetry = sending_to(&collector, Protocol::Grpc).install().unwrap();
        for n in 0..3 {
            call(n);
        }
        let _ = telemetry.shutdown(PATIENCE).unwrap();

        let received = collector.received();
        let last = received.metrics.last().expect("metrics are sent");
        let metrics = &last.resource_metrics[0].scope_metrics[0].metrics;
        let calls = metrics
            .iter()
            .find(|metric| metric.name == "function.calls.duration");
        let Some(metric::Data::ExponentialHistogram(calls)) =
            calls.and_then(|calls| calls.data.as_ref())
        else {
            panic!("durations are an exponential histogram: {metrics:#?}");
        };
        let label = |point: &ExponentialHistogramDataPoint, text: &str| {
            point
                .attributes
                .iter()
                .any(|label| format!("{label:?}").contains(text))
        };
        let point = calls
            .data_points
            .iter()
            .find(|point| label(point, "\"call\"") && label(point, "\"ok\""));
        let point = point.expect("the calls are there");
        assert_eq!((point.count, point.scale), (3, 3));
        assert!(!point.exemplars.is_empty());
    });
}

/// How many bounds the durations of functions are sent with.
fn bounds_sent(build: impl FnOnce(TelemetryBuilder) -> TelemetryBuilder) -> Option<usize> {
    let collector = Collector::start([]);
    let telemetry = build(sending_to(&collector, Protocol::Http));
    let telemetry = telemetry.install().unwrap();
    call(0);
    let _ = telemetry.shutdown(PATIENCE).unwrap();
    let received = collector.received();
    let last = received.metrics.last().expect("metrics are sent");
    let mut metrics = last.resource_metrics[0].scope_metrics[0].metrics.iter();
    let durations = metrics.find(|metric| metric.name == "function.calls.duration");
    match &durations.expect("durations are sent").data {
        Some(metric::Data::Histogram(histogram)) => {
            Some(histogram.data_points[0].explicit_bounds.len())
        }
        _ => None,
    }
}

#[test]
fn durations_are_sent_with_bounds_where_code_says_so() {
    alone(&[], || {
        assert_eq!(bounds_sent(|builder| builder), None);
        let explicit = bounds_sent(TelemetryBuilder::explicit_function_buckets);
        assert_eq!(explicit, Some(13));
    });
}

#[test]
fn durations_are_sent_with_bounds_where_the_environment_says_so() {
    let name = "OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION";
    alone(&[(name, "explicit_bucket_histogram")], || {
        assert_eq!(bounds_sent(|builder| builder), Some(13));
    });
}
