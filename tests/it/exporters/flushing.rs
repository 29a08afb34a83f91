//! A flush waits for what was recorded before it, and for nothing else.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tachograph::traced;
use tachograph_tests::alone;
use tachograph_tests::collector::{Answer, Collector};

use super::{PATIENCE, Protocol, call, sending_to};

#[traced]
fn quick() {}

#[test]
fn under_a_load_that_never_ends() {
    alone(&[], || {
        let collector = Collector::start([]);
        let telemetry = sending_to(&collector, Protocol::Http).install().unwrap();
        let is_over = AtomicBool::new(false);
        let flushed = thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    while !is_over.load(Ordering::Relaxed) {
                        quick();
                    }
                });
            }
            drop(collector.wait_until(|received| received.spans().next().is_some()));
            let flushed = telemetry.force_flush(PATIENCE);
            is_over.store(true, Ordering::Relaxed);
            flushed
        });
        flushed.unwrap();
    });
}

#[test]
fn behind_what_a_backend_has_not_taken_yet() {
    alone(&[], || {
        let collector = Collector::start([Answer::Held]);
        let telemetry = sending_to(&collector, Protocol::Http).batch_size(2);
        let telemetry = telemetry.install().unwrap();
        call(0);
        thread::scope(|scope| {
            let flushed = scope.spawn(|| telemetry.force_flush(PATIENCE));
            drop(collector.wait_until(|received| received.attempts.len() == 1));
            call(1);
            collector.release();
            flushed.join().unwrap().unwrap();
        });
        let dropped = telemetry.force_flush(PATIENCE).unwrap();
        assert!(dropped.is_empty(), "{dropped}");
        assert_eq!(collector.received().spans().count(), 4);
    });
}
