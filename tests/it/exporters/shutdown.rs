//! A shutdown ends within its bound and says what was lost, wherever it is called and whatever the backend does.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, mpsc};
use std::time::{Duration, Instant};

use tachograph::trace::Span;
use tachograph_exporters::{FlushError, Jaeger, Signal, Telemetry};
use tachograph_tests::collector::{Answer, Collector};
use tachograph_tests::futures::poll;
use tachograph_tests::{Nowhere, alone};
use tokio::runtime;

use super::{FOR_EVER, PATIENCE, Protocol, call, sending, sending_to};

const BOUND: Duration = Duration::from_millis(500);

/// Fails unless the shutdown was cut short, and has counted the two spans that were not acknowledged.
///
/// Whatever does not heed its bound waits for ever, because requests have all the time in the world.
#[track_caller]
fn assert_cut_short(result: &Result<tachograph_exporters::Dropped, FlushError>) {
    let Err(FlushError::TimedOut { dropped, .. }) = result else {
        panic!("the backend says nothing, but {result:?}");
    };
    let spans = dropped.iter().filter(|loss| loss.signal == Signal::Traces);
    assert_eq!(spans.map(|loss| loss.items).sum::<u64>(), 2, "{dropped}");
}

fn silent() -> (Collector, Telemetry) {
    let collector = Collector::start([Answer::AcceptThenSilence]);
    let telemetry = sending_to(&collector, Protocol::Http).install().unwrap();
    call(0);
    (collector, telemetry)
}

/// An endpoint for Jaeger's Thrift.
fn thrift(nowhere: &Nowhere) -> String {
    format!("http://{}/api/traces", nowhere.address())
}

fn multi_thread() -> runtime::Runtime {
    runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

fn current_thread() -> runtime::Runtime {
    runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

#[test]
fn from_sync_code() {
    alone(&[], || {
        let (_collector, telemetry) = silent();
        assert_cut_short(&telemetry.shutdown(BOUND));
    });
}

#[test]
fn from_async_code() {
    alone(&[], || {
        for runtime in [multi_thread(), current_thread()] {
            let (_collector, telemetry) = silent();
            assert_cut_short(&runtime.block_on(telemetry.shutdown_async(BOUND)));

            // The blocking one works there too.
            let (_collector, telemetry) = silent();
            assert_cut_short(&runtime.block_on(async { telemetry.shutdown(BOUND) }));
        }
    });
}

#[test]
fn from_drop() {
    alone(&[], || {
        for runtime in [multi_thread(), current_thread()] {
            let collector = Collector::start([]);
            runtime.block_on(async {
                let _telemetry = sending_to(&collector, Protocol::Grpc).install().unwrap();
                call(0);
            });
            assert_eq!(collector.received().spans().count(), 2);
        }
    });
}

#[test]
fn with_the_backend_in_the_same_runtime() {
    alone(&[], || {
        for (runtime, protocol) in [
            (multi_thread(), Protocol::Http),
            (current_thread(), Protocol::Grpc),
        ] {
            let collector = Collector::start_in(runtime.handle(), []);
            let dropped = runtime.block_on(async {
                let telemetry = sending_to(&collector, protocol).install().unwrap();
                call(0);
                telemetry.shutdown_async(PATIENCE).await.unwrap()
            });
            assert!(dropped.is_empty(), "{dropped}");
            assert_eq!(collector.received().spans().count(), 2);
        }
    });
}

/// The backend cannot answer, because its only thread waits for the shutdown: it takes its time, and no more.
#[test]
fn with_a_backend_that_it_blocks() {
    alone(&[], || {
        let runtime = current_thread();
        let collector = Collector::start_in(runtime.handle(), []);
        let telemetry = sending_to(&collector, Protocol::Http).install().unwrap();
        call(0);
        assert_cut_short(&runtime.block_on(async { telemetry.shutdown(BOUND) }));
    });
}

#[test]
fn telemetry_can_be_installed_again_afterwards() {
    alone(&[], || {
        for n in 1..=2 {
            let collector = Collector::start([]);
            let telemetry = sending_to(&collector, Protocol::Http).install().unwrap();
            let twice = sending_to(&collector, Protocol::Http).install();
            assert!(twice.is_err(), "two telemetries at a time");
            call(n);
            let dropped = telemetry.shutdown(PATIENCE).unwrap();
            assert!(dropped.is_empty(), "{dropped}");
            assert_eq!(collector.received().spans().count(), 2);
        }
    });
}

#[test]
fn a_shutdown_that_nobody_waits_for_ends_before_the_next_telemetry() {
    alone(&[], || {
        let (_silent, telemetry) = silent();
        let mut shutdown = Box::pin(telemetry.shutdown_async(BOUND));
        assert!(poll(shutdown.as_mut()).is_pending());
        drop(shutdown);

        let collector = Collector::start([]);
        let telemetry = sending_to(&collector, Protocol::Http).install().unwrap();
        call(1);
        let dropped = telemetry.shutdown(PATIENCE).unwrap();
        assert!(dropped.is_empty(), "{dropped}");
        assert_eq!(collector.received().spans().count(), 2);
    });
}

#[test]
fn a_shutdown_that_is_never_polled_blocks_nobody() {
    alone(&[], || {
        // In its drop, telemetry would wait for five seconds.
        let begin = Instant::now();
        for _ in 0..4 {
            let (_silent, telemetry) = silent();
            drop(telemetry.shutdown_async(Duration::ZERO));
        }
        assert!(begin.elapsed() < Duration::from_secs(20), "{begin:?}");
    });
}

#[test]
fn a_span_that_ends_after_the_shutdown_is_told_of_as_dropped() {
    alone(&[], || {
        let collector = Collector::start([]);
        let install = || sending_to(&collector, Protocol::Http).install().unwrap();
        let telemetry = install();
        let late = Span::start("late");
        telemetry.shutdown(PATIENCE).unwrap();
        late.end();
        let dropped = install().shutdown(PATIENCE).unwrap();
        let expected = "dropped: 1 span of collector (unsent at shutdown)";
        assert_eq!(dropped.to_string(), expected);
        assert_eq!(collector.received().spans().count(), 0);
    });
}

#[test]
fn two_backends_of_one_kind_are_told_apart() {
    alone(&[], || {
        let nowhere = Nowhere::new();
        let endpoint = thrift(&nowhere);
        let jaeger = || Jaeger::http(&endpoint).timeout(FOR_EVER);
        let builder = sending(jaeger()).export(jaeger());
        let telemetry = builder.export(jaeger().named("backup")).install();
        let telemetry = telemetry.unwrap();
        call(0);
        let ended = current_thread().block_on(telemetry.shutdown_async(BOUND));
        let Err(FlushError::TimedOut { dropped, .. }) = ended else {
            panic!("nobody is there");
        };
        let expected = "dropped: 2 spans of jaeger_http (unsent at shutdown), 2 spans of jaeger_http_2 \
                        (unsent at shutdown), 2 spans of backup (unsent at shutdown)";
        assert_eq!(dropped.to_string(), expected);
    });
}

/// The exporters' thread waits in a callback: nobody can ask it, and what it has not sent is told of all the same.
#[test]
fn a_thread_that_does_not_answer_hides_nothing() {
    static IS_TIME: AtomicBool = AtomicBool::new(false);
    alone(&[], || {
        let nowhere = Nowhere::new();
        let collector = Collector::start([Answer::Held; 4]);
        let (is_held_up, held_up) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let released = Mutex::new(Some(released));
        let telemetry = sending_to(&collector, Protocol::Http)
            .export(Jaeger::http(thrift(&nowhere)))
            .batch_size(2)
            .on_error(move |_| {
                if IS_TIME.load(Ordering::Relaxed)
                    && let Some(released) = released.lock().unwrap().take()
                {
                    is_held_up.send(()).unwrap();
                    let _ = released.recv();
                }
            })
            .install()
            .unwrap();
        // One batch in hand, and others in the queues.
        for n in 0..3 {
            call(n);
        }
        while collector.received().attempts.is_empty() {
            let _ = telemetry.force_flush(Duration::from_millis(10));
        }
        IS_TIME.store(true, Ordering::Relaxed);
        held_up.recv_timeout(PATIENCE).unwrap();
        // These stay in the collector.
        for n in 0..100 {
            call(n);
        }

        let error = telemetry.shutdown(BOUND).unwrap_err();
        let FlushError::TimedOut { dropped, .. } = &error else {
            panic!("{error}");
        };
        let lost = |exporter, signal| {
            let losses = dropped.iter();
            let of_it = losses.filter(|loss| (&*loss.exporter, loss.signal) == (exporter, signal));
            of_it.map(|loss| loss.items).sum::<u64>()
        };
        let spans = 2 * 103;
        assert_eq!(lost("otlp_http", Signal::Traces), spans, "{dropped}");
        assert_eq!(lost("jaeger_http", Signal::Traces), spans, "{dropped}");
        assert!(lost("otlp_http", Signal::Metrics) > 0, "{dropped}");

        // Once it goes on it ends.
        drop(release);
        let telemetry = sending_to(&collector, Protocol::Http).install();
        telemetry.unwrap().shutdown(PATIENCE).unwrap();
    });
}
