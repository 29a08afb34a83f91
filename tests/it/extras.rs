//! What travels with a context beside its span: flags, baggage, fields of the request.

use std::thread;

use tachograph::testing::Recorder;
use tachograph::trace::{
    Baggage, Context, Sampler, Span, SpanContext, SpanId, TraceFlags, TraceId,
};
use tachograph::traced;
use tachograph_tests::futures::{block_on, pending, poll};

#[traced]
fn inner() -> Context {
    Context::current()
}

#[traced]
fn outer<T>(body: impl FnOnce() -> T) -> T {
    body()
}

#[traced]
async fn wait() -> Context {
    pending(1).await;
    inner()
}

fn request() -> Context {
    let baggage = Baggage::new().with("tenant", "acme");
    let baggage = baggage.with_properties("plan", "gold", "ttl=60");
    let context = Context::current().with_baggage(baggage);
    context.with_field("request.id", 7)
}

#[track_caller]
fn check(context: &Context) {
    let baggage = context.baggage();
    let members = baggage
        .iter()
        .map(|it| (it.name(), it.value(), it.properties()));
    let members: Vec<_> = members.collect();
    assert_eq!(
        members,
        [("tenant", "acme", ""), ("plan", "gold", "ttl=60")]
    );
    let fields = context.fields().iter().map(ToString::to_string);
    assert_eq!(fields.collect::<Vec<_>>(), ["request.id=7"]);
}

#[test]
fn baggage_and_fields_follow_calls_futures_and_threads() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        request().in_scope(|| {
            check(&Context::current());
            check(&outer(inner));
            check(&block_on(wait()));
            let carried = outer(Context::current);
            thread::scope(|scope| {
                scope.spawn(|| check(&carried.in_scope(inner)));
            });
        });
        assert!(Context::current().baggage().is_empty());
    });
    assert_eq!(recorder.spans().len(), 6);
}

#[test]
fn they_need_no_span_and_nobody_who_listens() {
    request().in_scope(|| {
        check(&Context::current());
        check(&inner());
        assert_eq!(Context::current().span(), None);
    });
    assert_eq!(Context::current().fields(), []);
}

#[test]
fn they_follow_where_no_trace_is_sampled() {
    let recorder = Recorder::new();
    recorder.set_sampler(Sampler::ALWAYS_OFF);
    recorder.in_scope(|| request().in_scope(|| check(&outer(inner))));
    recorder.assert_traces("");
}

#[test]
fn a_change_concerns_what_is_below() {
    request().in_scope(|| {
        let changed = Context::current().with_field("request.id", 8);
        let less = Context::current().baggage().clone().without("plan");
        changed.with_baggage(less).in_scope(|| {
            let context = Context::current();
            assert_eq!(context.fields()[0].to_string(), "request.id=8");
            assert_eq!(context.baggage().get("plan"), None);
        });
        check(&Context::current());
    });
}

#[test]
fn a_span_of_another_process_brings_its_flags_and_state_and_leaves_the_rest() {
    let recorder = Recorder::new();
    let trace_id = TraceId::from_u128(5).unwrap();
    let flags = TraceFlags::SAMPLED.with(TraceFlags::from_u8(0x08));
    let remote = SpanContext::remote(trace_id, SpanId::from_u64(6).unwrap(), flags);
    let context = recorder.in_scope(|| {
        request().in_scope(|| {
            let remote = Context::with_span(remote.with_trace_state("a=1"));
            remote.in_scope(|| outer(inner))
        })
    });
    check(&context);
    let span = context.span().unwrap();
    assert_eq!((span.trace_id, span.flags), (trace_id, flags));
    assert_eq!(span.trace_state.as_deref(), Some("a=1"));
}

#[test]
fn traces_that_begin_here_are_random_and_say_so() {
    let recorder = Recorder::new();
    let flags = || inner().span().unwrap().flags;
    recorder.in_scope(|| {
        assert_eq!(flags(), TraceFlags::SAMPLED.with(TraceFlags::RANDOM));
        let seen = outer(|| inner().span().unwrap().flags);
        assert_eq!(seen, TraceFlags::SAMPLED.with(TraceFlags::RANDOM));
        recorder.set_sampler(Sampler::ALWAYS_OFF);
        assert_eq!(flags(), TraceFlags::RANDOM);
        let ratio = Sampler::ratio(0.000_001).unwrap();
        recorder.set_sampler(ratio);
        assert_eq!(flags(), TraceFlags::RANDOM);
    });
}

#[traced]
async fn look_twice() -> [SpanContext; 3] {
    let seen = || Span::current().context().unwrap();
    let first = seen();
    pending(1).await;
    let second = outer(seen);
    [first, second, seen()]
}

#[test]
fn a_root_that_is_not_sampled_keeps_the_ids_that_somebody_saw() {
    let recorder = Recorder::new();
    recorder.set_sampler(Sampler::ALWAYS_OFF);
    let mut future = Box::pin(recorder.in_future(look_twice()));
    assert!(poll(future.as_mut()).is_pending());
    let [first, second, third] = thread::spawn(|| block_on(future)).join().unwrap();
    assert_eq!((&first, &first), (&second, &third));
    // Others have their own.
    let other = recorder.in_scope(|| inner().span().unwrap().clone());
    assert_ne!(first.trace_id, other.trace_id);
}

#[test]
fn spans_of_all_traces_are_recorded_for_who_decides_at_their_end() {
    let recorder = Recorder::new();
    recorder.set_sampler(Sampler::ALWAYS_OFF.recording_all());
    let flags = recorder.in_scope(|| {
        outer(|| {
            assert!(Span::current().is_recording());
            Span::current().set_attribute("kept", true);
            inner().span().unwrap().flags
        })
    });
    assert_eq!(flags, TraceFlags::RANDOM);
    recorder.assert_traces(
        "
        extras::outer 0ns kept=true
          extras::inner 0ns
        ",
    );
}

#[test]
fn guards_of_contexts_may_be_dropped_in_any_order() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        let first = request().attach();
        let second = outer(|| Context::current().with_field("n", 2).attach());
        drop(first);
        assert_eq!(Context::current().fields().len(), 2);
        outer(|| {
            drop(second);
            // The call is still above them, and keeps what it began with.
            assert_eq!(Context::current().fields().len(), 2);
        });
        assert_eq!(Context::current().fields(), []);
        assert_eq!(Context::current().span(), None);
    });
}

#[test]
fn what_a_span_records_after_a_guard_left_it_is_its_own() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        let guard = outer(|| {
            Span::current().set_attribute("before", 1);
            let guard = request().attach();
            // The thread is in a copy of the span's context now, which records nothing.
            Span::current().set_attribute("lost", 1);
            guard
        });
        drop(guard);
        inner();
    });
    recorder.assert_traces(
        "
        extras::outer 0ns before=1
        extras::inner 0ns
        ",
    );
}
