//! Who is whose parent: over calls, futures, threads and tasks.

use std::panic::catch_unwind;
use std::pin::Pin;
use std::thread;
use std::time::Duration;

use tachograph::testing::Recorder;
use tachograph::trace::{Context, FutureExt, Span, SpanContext, SpanId, TraceFlags, TraceId};
use tachograph::traced;
use tachograph_tests::check;
use tachograph_tests::futures::{block_on, in_turn, pending, poll};

#[traced]
fn outer<T>(body: impl FnOnce() -> T) -> T {
    body()
}

#[traced(fields(n))]
fn inner(n: u32) {}

#[traced(fields(n))]
async fn wait(n: u32, turns: u32) {
    pending(turns).await;
    inner(n);
    pending(turns).await;
}

#[test]
fn calls_within_a_call_are_its_children() {
    check(
        |recorder| {
            outer(|| {
                recorder.clock().advance(Duration::from_millis(1));
                inner(1);
                outer(|| {
                    inner(2);
                    recorder.clock().advance(Duration::from_millis(3));
                });
                inner(3);
            });
            inner(4);
        },
        "
        context::outer 4ms
          context::inner 0ns n=1
          context::outer 3ms
            context::inner 0ns n=2
          context::inner 0ns n=3
        context::inner 0ns n=4
        ",
        "",
    );
}

#[test]
fn a_panic_leaves_its_span() {
    check(
        |_| {
            let caught = catch_unwind(|| outer(|| -> () { panic!("out of paper") }));
            assert!(caught.is_err());
            assert_eq!(Span::current().context(), None);
            inner(1);
        },
        "
        context::outer 0ns error.type=panic [error]
        context::inner 0ns n=1
        ",
        "",
    );
}

#[test]
fn futures_polled_in_turn_keep_to_themselves() {
    check(
        |_| outer(|| in_turn(wait(1, 2), wait(2, 3))),
        "
        context::outer 0ns
          context::wait 0ns n=1
            context::inner 0ns n=1
          context::wait 0ns n=2
            context::inner 0ns n=2
        ",
        "",
    );
}

#[test]
fn a_pending_future_is_not_current() {
    check(
        |_| {
            let mut future = Box::pin(wait(1, 1));
            assert!(poll(future.as_mut()).is_pending());
            assert_eq!(Span::current().context(), None);
            inner(2);
            block_on(future);
        },
        "
        context::inner 0ns n=2
        context::wait 0ns n=1
          context::inner 0ns n=1
        ",
        "",
    );
}

#[test]
fn a_future_may_be_polled_on_one_thread_after_another() {
    let recorder = Recorder::new();
    let mut future: Pin<Box<dyn Future<Output = ()> + Send>> =
        Box::pin(recorder.in_future(wait(1, 2)));
    let mut polls = 0;
    let is_ready = |future: &mut Pin<Box<dyn Future<Output = ()> + Send>>| {
        thread::scope(|scope| {
            let polled = scope.spawn(|| {
                let polled = poll(future.as_mut()).is_ready();
                assert_eq!(Span::current().context(), None);
                polled
            });
            polled.join().unwrap()
        })
    };
    while !is_ready(&mut future) {
        polls += 1;
        recorder.clock().advance(Duration::from_millis(1));
    }
    assert_eq!(polls, 4);
    recorder.assert_traces(
        "
        context::wait 4ms n=1
          context::inner 0ns n=1
        ",
    );
}

#[test]
fn another_thread_gets_the_context_as_a_value() {
    check(
        |_| {
            outer(|| {
                let context = Context::current();
                thread::scope(|scope| {
                    scope.spawn(|| context.in_scope(|| inner(1)));
                });
            });
        },
        "
        context::outer 0ns
          context::inner 0ns n=1
        ",
        "",
    );
}

#[test]
fn another_task_gets_the_context_as_a_value() {
    let recorder = Recorder::new();
    let task = recorder.in_scope(|| outer(|| wait(1, 1).with_context(Context::current())));
    thread::spawn(|| block_on(task)).join().unwrap();
    recorder.assert_traces(
        "
        context::outer 0ns
          context::wait 0ns n=1
            context::inner 0ns n=1
        ",
    );
}

#[test]
fn a_bare_spawn_is_not_followed() {
    check(
        |_| outer(|| thread::spawn(|| inner(1)).join().unwrap()),
        "context::outer 0ns",
        "",
    );
}

#[test]
fn a_remote_parent_is_given_in_the_same_way() {
    let trace_id = TraceId::from_u128(10).unwrap();
    let remote = SpanContext::remote(trace_id, SpanId::from_u64(11).unwrap(), TraceFlags::SAMPLED);
    let remote = remote.with_trace_state("vendor=1");
    let recorder = Recorder::new();
    recorder.in_scope(|| Context::with_span(remote).in_scope(|| outer(|| inner(1))));
    recorder.assert_traces(
        "
        context::outer 0ns [remote parent 000000000000000b]
          context::inner 0ns n=1
        ",
    );
    for span in recorder.spans().iter() {
        assert_eq!(span.trace_id(), trace_id);
        assert_eq!(span.trace_state(), Some("vendor=1"));
    }
}

#[test]
fn recorders_side_by_side_do_not_see_each_other() {
    let (a, b) = (Recorder::new(), Recorder::new());
    a.in_scope(|| {
        outer(|| {
            b.in_scope(|| inner(2));
            inner(1);
        });
    });
    a.assert_traces(
        "
        context::outer 0ns
          context::inner 0ns n=1
        ",
    );
    b.assert_traces("context::inner 0ns n=2");
}

#[test]
fn outside_of_the_scope_nobody_listens() {
    let recorder = Recorder::new();
    inner(1);
    let mut future = Box::pin(recorder.in_future(wait(2, 1)));
    assert!(poll(future.as_mut()).is_pending());
    inner(3);
    recorder.assert_traces("");
}
