//! Listening starts and stops while calls are running. One test, because all the process listens or nobody does.

mod silent;

use std::hint::black_box;
use std::iter::Sum;
use std::pin::Pin;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use tachograph::collector::{Collector, Logs, Spans};
use tachograph::logs::LogRecord;
use tachograph::metrics::{MetricData, Points};
use tachograph::trace::{FinishedSpan, InstrumentationScope, Level};
use tachograph::{Registry, ValueRef, listener, metered, traced};
use tachograph_tests::futures::{pending, poll};

/// Whoever collects the spans of this process.
static SPANS: LazyLock<Collector<Spans>> = LazyLock::new(|| Collector::install().unwrap());

#[traced]
#[metered]
fn run(body: impl FnOnce()) {
    body();
}

#[traced]
#[metered]
async fn wait() {
    pending(1).await;
}

#[traced(enter_on_poll)]
#[metered]
async fn poll_by_poll() {
    pending(9).await;
}

#[traced(err(level = "warn"))]
#[metered]
fn fail(n: u8) -> Result<(), String> {
    if n == 0 {
        Ok(())
    } else {
        Err(format!("{n} is too many"))
    }
}

#[traced]
#[metered]
fn race(n: u64) -> u64 {
    black_box(n)
}

#[test]
fn a_call_counts_at_both_ends_or_at_neither() {
    nothing_is_allocated_while_nobody_listens();
    calls_that_began_before_listening();
    calls_that_end_after_listening();
    polls_after_listening();
    log_records_while_they_are_listened_to();
    threads_that_do_not_care();
    what_was_taken_waits_no_longer();
    spans_of_threads_that_come_and_go_are_told_of();
    every_thread_has_its_turn();
    a_mark_is_passed_whatever_comes_later();
    calls_of_thread_locals_that_are_destroyed();
    what_comes_from_outside();
    log_records_are_collected();
    silent::calls_of_traces_that_are_not_recorded();
}

fn nothing_is_allocated_while_nobody_listens() {
    let allocations = allocation_counter::measure(|| {
        for n in 0..100 {
            run(|| _ = race(n));
        }
    });
    assert_eq!(allocations.count_total, 0, "{allocations:?}");
    check("run", 0, &[]);
}

fn calls_that_began_before_listening() {
    let mut future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(wait());
    run(|| {
        assert!(poll(future.as_mut()).is_pending());
        listener::start();
        assert!(poll(future.as_mut()).is_ready());
    });
    check("run", 0, &[]);
    check("wait", 0, &[]);
    listener::stop();
}

fn calls_that_end_after_listening() {
    let mut future: Pin<Box<dyn Future<Output = ()>>> = Box::pin(wait());
    listener::start();
    run(|| {
        assert!(poll(future.as_mut()).is_pending());
        listener::stop();
        run(|| {});
        assert!(poll(future.as_mut()).is_ready());
    });
    check("run", 1, &["switching::run", "switching::wait"]);
    check("wait", 1, &[]);
}

/// The call goes on as it began, and a poll is a span while somebody listens.
fn polls_after_listening() {
    let mut future = Box::pin(poll_by_poll());
    for listens in [true, false, true] {
        if listens {
            listener::start();
        } else {
            listener::stop();
        }
        assert!(poll(future.as_mut()).is_pending());
    }
    listener::stop();
    drop(future);
    let span = "switching::poll_by_poll";
    check("poll_by_poll", 1, &[span, span]);
}

fn log_records_while_they_are_listened_to() {
    static RECORDS: AtomicUsize = AtomicUsize::new(0);

    let calls = || (fail(7), fail(0));
    let _ = calls();
    listener::start_logs(|record| {
        assert_eq!(record.body_text(), Some("7 is too many"));
        assert!(record.span_id().is_none(), "nobody listens to spans");
        RECORDS.fetch_add(1, Ordering::Relaxed);
    });
    let _ = calls();
    listener::stop();
    let _ = calls();
    assert_eq!(RECORDS.load(Ordering::Relaxed), 1);
    check("fail", 0, &[]);
}

/// Listening starts and stops at random points of calls on four threads.
fn threads_that_do_not_care() {
    let done = AtomicBool::new(false);
    let calls = thread::scope(|scope| {
        let call = || {
            let mut calls = 0;
            while !done.load(Ordering::Relaxed) {
                run(|| _ = race(calls));
                calls += 1;
            }
            calls
        };
        let threads = [(); 4].map(|()| scope.spawn(call));
        for _ in 0..2_000 {
            listener::start();
            let _ = black_box(SPANS.drain(usize::MAX));
            listener::stop();
        }
        done.store(true, Ordering::Relaxed);
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum::<u64>()
    });
    let (counted, in_flight) = figures("race");
    assert!(counted <= calls, "{counted} of {calls} calls");
    assert_eq!(in_flight, 0);
    assert_eq!(figures("run").1, 0);
}

/// A thread tells of its spans after about every 4 KiB, when most of them may have been taken.
fn what_was_taken_waits_no_longer() {
    let _ = SPANS.drain(usize::MAX);
    listener::start();
    thread::spawn(|| {
        (0..63).for_each(|n| _ = race(n));
        assert_eq!(SPANS.drain(usize::MAX).len(), 63);
        (0..65).for_each(|n| _ = race(n));
        assert_eq!(SPANS.drain(usize::MAX).len(), 65);
        assert_eq!(SPANS.waiting(), 0);
    })
    .join()
    .unwrap();
    listener::stop();
}

/// Threads tell at their end of what they have not told before.
fn spans_of_threads_that_come_and_go_are_told_of() {
    let _ = SPANS.drain(usize::MAX);
    listener::start();
    for n in 0..640 {
        thread::spawn(move || race(n)).join().unwrap();
    }
    let waiting = SPANS.waiting();
    // Others may not have told of some that were taken.
    assert!((580..=640).contains(&waiting), "{waiting} of 640");
    assert_eq!(SPANS.drain(usize::MAX).len(), 640);
    listener::stop();
}

/// Spans of two threads are taken in small batches, fewer than either thread has.
fn every_thread_has_its_turn() {
    let _ = SPANS.drain(usize::MAX);
    listener::start();
    thread::scope(|scope| {
        scope.spawn(|| (0..200).for_each(|n| _ = race(n)));
    });
    (0..200).for_each(|_| run(|| {}));
    let mut names = std::collections::BTreeSet::new();
    for _ in 0..45 {
        let batch = SPANS.drain(4);
        names.extend(batch.iter().map(|span| span.name().to_owned()));
    }
    assert_eq!(names.len(), 2, "{names:?}");
    listener::stop();
}

/// Whatever comes after a mark, and however it is taken, the end of what waited at the mark can be told.
fn a_mark_is_passed_whatever_comes_later() {
    let _ = SPANS.drain(usize::MAX);
    assert!(SPANS.mark().is_taken(), "nothing waited");
    listener::start();
    // More than one chunk has room for, by a thread that is gone and by one that goes on.
    thread::spawn(|| (0..10).for_each(|n| _ = race(n)))
        .join()
        .unwrap();
    (0..300).for_each(|_| run(|| {}));
    let mut mark = SPANS.mark();
    let mut taken = 0;
    while !mark.is_taken() {
        run(|| {});
        taken += SPANS.drain(2).len();
        run(|| {});
        assert!(taken < 10_000, "the mark is never passed");
    }
    assert!(taken >= 310, "{taken} of 310 are not all");
    listener::stop();
}

/// Thread-locals are destroyed in an order that nobody knows; what their destructors call is recorded all the same.
fn calls_of_thread_locals_that_are_destroyed() {
    struct Last;

    impl Drop for Last {
        fn drop(&mut self) {
            race(0);
        }
    }

    thread_local! {
        static BEFORE: Last = const { Last };
        static AFTER: Last = const { Last };
    }

    let _ = SPANS.drain(usize::MAX);
    listener::start();
    thread::spawn(|| {
        BEFORE.with(|_| race(0));
        AFTER.with(|_| race(0));
    })
    .join()
    .unwrap();
    listener::stop();
    assert_eq!(SPANS.drain(usize::MAX).len(), 4);
}

fn what_comes_from_outside() {
    let span = || FinishedSpan::new("query", 10, 20).with_attribute("rows", 3);
    span().submit();
    assert!(SPANS.drain(usize::MAX).is_empty(), "nobody listens");
    listener::start();
    span().submit();
    listener::stop();
    let batch = SPANS.drain(usize::MAX);
    let span = batch.iter().next().unwrap();
    assert_eq!((span.name(), batch.len()), ("query", 1));
    assert_eq!((span.start_unix_nanos(), span.end_unix_nanos()), (10, 20));
    assert_eq!(span.attributes().get("rows"), Some(ValueRef::I64(3)));
}

fn log_records_are_collected() {
    let records = Collector::<Logs>::install().unwrap();
    let _ = fail(1);
    listener::collect_logs();
    let _ = (fail(2), fail(0), fail(3));
    thread::spawn(|| {
        let scope = InstrumentationScope::new("kernel").with_version("7");
        let record = LogRecord::new(Level::Info).with_body(vec![1_i64, 2]);
        let record = record.with_event_name("oom").with_target("memory");
        record.with_instrumentation_scope(&scope).submit();
    })
    .join()
    .unwrap();
    listener::stop();
    let _ = fail(4);

    let batch = records.drain(usize::MAX);
    let [second, third, outside] = &batch.iter().collect::<Vec<_>>()[..] else {
        panic!("{batch:?}");
    };
    assert_eq!(second.body_text(), Some("2 is too many"));
    assert_eq!(third.body_text(), Some("3 is too many"));
    assert_eq!(third.severity(), Level::Warn);
    assert_eq!(third.site().unwrap().path(), "switching::fail");
    let error_type = third.attributes().get("error.type");
    assert_eq!(error_type, Some(ValueRef::String("alloc::string::String")));
    assert_eq!(outside.body().unwrap().to_string(), "[1, 2]");
    assert_eq!(
        (outside.target(), outside.event_name()),
        ("memory", Some("oom"))
    );
    let scope = outside.instrumentation_scope().unwrap();
    assert_eq!((scope.name(), scope.version()), ("kernel", "7"));
    assert!(records.drain(usize::MAX).is_empty());
}

/// How often the function was counted, with nothing left in flight, and which spans there are.
#[track_caller]
fn check(function: &str, calls: u64, expected_spans: &[&str]) {
    assert_eq!(figures(function), (calls, 0));
    let batch = SPANS.drain(usize::MAX);
    let mut spans = batch
        .iter()
        .map(|span| span.name().to_owned())
        .collect::<Vec<_>>();
    spans.sort_unstable();
    assert_eq!(spans, expected_spans);
}

/// The calls of a function that have ended, whatever their result, and those in flight.
fn figures(function: &str) -> (u64, i64) {
    let (mut calls, mut in_flight) = (0, 0);
    for metric in Registry::global().snapshot().metrics() {
        match metric.data() {
            MetricData::Counter(points) => calls += sum(points, function),
            MetricData::UpDownCounter(points) => in_flight += sum(points, function),
            _ => {}
        }
    }
    (calls, in_flight)
}

fn sum<T: Copy + Sum>(points: &Points<T>, function: &str) -> T {
    let points = points
        .iter()
        .filter(|point| point.label("function") == Some(function));
    points.map(|point| *point.value()).sum()
}
