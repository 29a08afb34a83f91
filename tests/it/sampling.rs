//! The head decides, children follow, and metrics count all the same.

use std::cell::Cell;
use std::thread;

use tachograph::metrics::MetricData;
use tachograph::testing::Recorder;
use tachograph::trace::{Context, Sampler, Span, SpanContext, SpanId, TraceFlags, TraceId};
use tachograph::{metered, traced};

#[traced]
#[metered]
fn outer(body: impl FnOnce()) {
    body();
}

#[traced]
fn inner() {}

#[test]
fn what_is_not_sampled_leaves_no_span_but_is_counted() {
    let recorder = Recorder::new();
    recorder.set_sampler(Sampler::ALWAYS_OFF);
    recorder.in_scope(|| {
        outer(|| {
            assert!(!Span::current().is_recording());
            inner();
            Span::start("by hand").in_scope(inner);
        });
    });
    recorder.assert_traces("");
    recorder.assert_metric_deltas(
        "
        function.calls{function=outer,module=it::sampling,result=ok} +1
        function.calls.duration{function=outer,module=it::sampling,result=ok} +1 sum 0ns
        ",
    );
    for metric in recorder.registry().snapshot().metrics() {
        if let MetricData::Histogram(points) = metric.data() {
            assert!(points.values().all(|value| value.exemplars().len() == 0));
        }
    }
}

#[test]
fn children_follow_the_decision_of_their_root() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        recorder.set_sampler(Sampler::ALWAYS_OFF);
        outer(|| {
            recorder.set_sampler(Sampler::ALWAYS_ON);
            inner();
            let context = Context::current();
            assert!(!context.span().unwrap().is_sampled());
            thread::scope(|scope| {
                scope.spawn(|| context.in_scope(inner));
            });
        });
        recorder.assert_traces("");

        outer(|| {
            recorder.set_sampler(Sampler::ALWAYS_OFF);
            inner();
        });
    });
    recorder.assert_traces(
        "
        sampling::outer 0ns
          sampling::inner 0ns
        ",
    );
}

#[traced(fields(n = { looks.set(looks.get() + 1); looks.get() }))]
fn costly(looks: &Cell<u32>) {}

#[test]
fn fields_are_looked_at_only_for_sampled_spans() {
    let recorder = Recorder::new();
    let looks = Cell::new(0);
    costly(&looks);
    recorder.set_sampler(Sampler::ALWAYS_OFF);
    recorder.in_scope(|| costly(&looks));
    assert_eq!(looks.get(), 0);
    recorder.set_sampler(Sampler::ALWAYS_ON);
    recorder.in_scope(|| costly(&looks));
    recorder.assert_traces("sampling::costly 0ns n=1");
}

/// Samples a child of a remote parent that decided `remote_flags`; how many spans are recorded?
fn below_remote(sampler: Sampler, remote_flags: TraceFlags) -> usize {
    let recorder = Recorder::new();
    recorder.set_sampler(sampler);
    let trace_id = TraceId::from_u128(1).unwrap();
    let remote = SpanContext::remote(trace_id, SpanId::from_u64(2).unwrap(), remote_flags);
    recorder.in_scope(|| Context::with_span(remote).in_scope(|| outer(inner)));
    recorder.spans().len()
}

#[test]
fn a_parent_based_sampler_keeps_what_was_decided_elsewhere() {
    assert_eq!(
        below_remote(Sampler::ALWAYS_OFF.parent_based(), TraceFlags::SAMPLED),
        2
    );
    assert_eq!(
        below_remote(Sampler::ALWAYS_ON.parent_based(), TraceFlags::NONE),
        0
    );
    assert_eq!(below_remote(Sampler::ALWAYS_OFF, TraceFlags::SAMPLED), 0);
    assert_eq!(below_remote(Sampler::ALWAYS_ON, TraceFlags::NONE), 2);
}

#[test]
fn a_ratio_samples_whole_traces() {
    let recorder = Recorder::new();
    recorder.set_sampler(Sampler::ratio(0.5).unwrap());
    recorder.in_scope(|| {
        for _ in 0..400 {
            outer(inner);
        }
    });
    let traces = recorder.traces();
    let roots = traces
        .lines()
        .filter(|line| line.starts_with("sampling::outer"));
    let roots = roots.count();
    assert!((100..300).contains(&roots), "{roots} of 400");
    assert_eq!(
        traces,
        "sampling::outer 0ns\n  sampling::inner 0ns\n".repeat(roots)
    );
}
