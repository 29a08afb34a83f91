//! Listening starts and stops while calls are running. One test, because all the process listens or nobody does.

use std::hint::black_box;
use std::iter::Sum;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use tachograph::metrics::{MetricData, Points};
use tachograph::{Registry, collector, listener, metered, traced};
use tachograph_tests::futures::{pending, poll};

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
        assert_eq!(record.body(), Some("7 is too many"));
        assert!(record.span_context().is_none(), "nobody listens to spans");
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
            let _ = black_box(collector::drain(usize::MAX));
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

/// A thread tells of its spans after every 64, when most of them may have been taken.
fn what_was_taken_waits_no_longer() {
    let _ = collector::drain(usize::MAX);
    listener::start();
    thread::spawn(|| {
        (0..63).for_each(|n| _ = race(n));
        assert_eq!(collector::drain(usize::MAX).len(), 63);
        (0..65).for_each(|n| _ = race(n));
        assert_eq!(collector::drain(usize::MAX).len(), 65);
        assert_eq!(collector::waiting(), 0);
    })
    .join()
    .unwrap();
    listener::stop();
}

/// Threads that end before they have 64 spans to tell of leave that to those after them.
fn spans_of_threads_that_come_and_go_are_told_of() {
    let _ = collector::drain(usize::MAX);
    listener::start();
    for n in 0..640 {
        thread::spawn(move || race(n)).join().unwrap();
    }
    let waiting = collector::waiting();
    assert!(waiting > 320, "{waiting} of 640");
    assert_eq!(collector::drain(usize::MAX).len(), 640);
    listener::stop();
}

/// Spans of two threads are taken in small batches, fewer than either thread has.
fn every_thread_has_its_turn() {
    let _ = collector::drain(usize::MAX);
    listener::start();
    thread::scope(|scope| {
        scope.spawn(|| (0..200).for_each(|n| _ = race(n)));
    });
    (0..200).for_each(|_| run(|| {}));
    let mut names = std::collections::BTreeSet::new();
    for _ in 0..45 {
        let batch = collector::drain(4);
        names.extend(batch.iter().map(|span| span.name().to_owned()));
    }
    assert_eq!(names.len(), 2, "{names:?}");
    listener::stop();
}

/// Whatever comes after a mark, and however it is taken, the end of what waited at the mark can be told.
fn a_mark_is_passed_whatever_comes_later() {
    let _ = collector::drain(usize::MAX);
    assert!(collector::mark().is_taken(), "nothing waited");
    listener::start();
    // More than one ring has room for, by a thread that is gone and by one that goes on.
    thread::spawn(|| (0..10).for_each(|n| _ = race(n)))
        .join()
        .unwrap();
    (0..300).for_each(|_| run(|| {}));
    let mut mark = collector::mark();
    let mut taken = 0;
    while !mark.is_taken() {
        run(|| {});
        taken += collector::drain(2).len();
        run(|| {});
        assert!(taken < 10_000, "the mark is never passed");
    }
    assert!(taken >= 310, "{taken} of 310 are not all");
    listener::stop();
}

/// How often the function was counted, with nothing left in flight, and which spans there are.
#[track_caller]
fn check(function: &str, calls: u64, expected_spans: &[&str]) {
    assert_eq!(figures(function), (calls, 0));
    let batch = collector::drain(usize::MAX);
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
