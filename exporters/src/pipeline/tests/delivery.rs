//! How long what a backend does not take waits for it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Answer::{Later, Slowly, Take, TakeAllBut};
use super::{BOUNDS, Backend, Batch, Harness, State, World, delivery};
use crate::pipeline::inbox::Room;
use crate::pipeline::lane::Bounds;
use crate::pipeline::sink::Delivery;
use crate::pipeline::verdict::Outcome;

const SECOND: Duration = Duration::from_secs(1);

fn after(seconds: u32) -> super::Answer {
    Later {
        after: Some(seconds * SECOND),
    }
}

#[tokio::test(start_paused = true)]
async fn a_backend_that_wants_to_be_left_alone_loses_nothing() {
    // Longer than all attempts to send a request may take, or a batch.
    for seconds in [7, 20, 100] {
        let backend = Backend::new([after(seconds)]);
        let harness = Harness::new(&backend, 1);
        harness.lane.offer(&Arc::new(Batch(2)));
        harness.lane.settled().await;
        let later = u128::from(seconds) * 1_000;
        assert_eq!(backend.times(), [0, later, later]);
        assert_eq!(harness.figures(), "exported=2 failed=1 retried=1");
    }
}

#[tokio::test(start_paused = true)]
async fn a_backend_that_asks_for_hours_is_asked_again_in_minutes() {
    let backend = Backend::new([after(3_600)]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(1)));
    harness.lane.settled().await;
    assert_eq!(backend.times(), [0, 120_000]);
    assert_eq!(harness.figures(), "exported=1 failed=1 retried=1");
}

#[tokio::test(start_paused = true)]
async fn a_backend_that_asks_for_no_pause_gets_one() {
    let backend = Backend::new([after(0); 4]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(1)));
    harness.lane.settled().await;
    assert_eq!(backend.times(), [0, 250, 500, 750, 1_000]);
}

#[tokio::test(start_paused = true)]
async fn what_is_too_old_is_dropped() {
    let begin = Instant::now();
    let backend = Backend::always(after(60));
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(1)));
    harness.lane.settled().await;
    assert_eq!(backend.times(), [0, 60_000, 120_000, 180_000, 240_000]);
    assert_eq!(begin.elapsed(), 240 * SECOND, "the next time is too late");
    assert_eq!(harness.figures(), "dropped(timed_out)=1 failed=5 retried=4");
    assert_eq!(harness.outcomes(), [Outcome::Lost]);
    let dropped = "test dropped 1 span: says the script";
    assert_eq!(harness.errors().last().unwrap(), dropped);
}

#[tokio::test(start_paused = true)]
async fn a_dead_backend_is_asked_now_and_then_by_one_request() {
    let dead = Backend::always(Later { after: None });
    let four = Delivery {
        max_in_flight: 4,
        ..delivery()
    };
    let harness = Harness::open(&dead, 1, four, BOUNDS, &World::new());
    harness.lane.offer(&Arc::new(Batch(4)));
    harness.lane.settled().await;
    // Six attempts of each, and then of one at a time, after pauses of up to half a minute.
    let attempts = dead.times().len();
    assert!((60..240).contains(&attempts), "{attempts}");
    assert!(
        harness
            .figures()
            .starts_with("dropped(timed_out)=4 failed="),
        "{}",
        harness.figures()
    );
}

#[tokio::test(start_paused = true)]
async fn however_many_requests_may_be_under_way_a_lane_is_open_at_once() {
    for max_in_flight in [0, usize::MAX] {
        let backend = Backend::new([]);
        let all = Delivery {
            max_in_flight,
            ..delivery()
        };
        let harness = Harness::open(&backend, 1, all, BOUNDS, &World::new());
        harness.lane.offer(&Arc::new(Batch(4)));
        harness.lane.settled().await;
        assert_eq!(harness.figures(), "exported=4");
    }
}

#[tokio::test(start_paused = true)]
async fn a_backend_that_is_back_gets_all() {
    let dead = vec![Later { after: None }; 12];
    let backend = Backend::new(dead);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(4)));
    harness.lane.settled().await;
    assert_eq!(harness.figures(), "exported=4 failed=12 retried=12");
    assert_eq!(harness.outcomes(), [Outcome::Taken; 4]);
}

#[tokio::test(start_paused = true)]
async fn all_signals_wait_for_a_backend_that_wants_to_be_left_alone() {
    let backend = Backend::new([after(30)]);
    let world = World::new();
    let spans = Harness::open(&backend, 1, delivery(), BOUNDS, &world);
    let metrics = Harness::open(&backend, 1, delivery(), BOUNDS, &world);
    spans.lane.offer(&Arc::new(Batch(1)));
    sleep(SECOND).await;
    metrics.lane.offer(&Arc::new(State));
    spans.lane.settled().await;
    metrics.lane.settled().await;
    assert_eq!(backend.times(), [0, 30_000, 30_000]);
    // Another exporter may have an account of its own.
    let other = Backend::new([]);
    let harness = Harness::new(&other, 1);
    harness.lane.offer(&Arc::new(Batch(1)));
    harness.lane.settled().await;
    assert_eq!(other.times(), [0]);
}

#[tokio::test(start_paused = true)]
async fn who_tries_again_waits_for_a_backend_that_another_was_told_to_leave_alone() {
    let backend = Backend::new([Later { after: None }, after(30)]);
    let two = Delivery {
        max_in_flight: 2,
        ..delivery()
    };
    let harness = Harness::open(&backend, 1, two, BOUNDS, &World::new());
    harness.lane.offer(&Arc::new(Batch(2)));
    harness.lane.settled().await;
    assert_eq!(backend.times(), [0, 0, 30_000, 30_000]);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_that_cannot_wait_says_so_at_once() {
    let begin = Instant::now();
    let backend = Backend::new([after(60)]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(3)));
    sleep(SECOND).await;
    harness.world.circuits.end_at(Instant::now() + 5 * SECOND);
    harness.lane.settled().await;
    assert_eq!(begin.elapsed(), SECOND);
    assert_eq!(harness.figures(), "dropped(shutdown)=3 failed=1");

    // One that can wait does.
    let backend = Backend::new([after(60)]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(1)));
    sleep(57 * SECOND).await;
    harness.world.circuits.end_at(Instant::now() + 5 * SECOND);
    harness.lane.settled().await;
    assert_eq!(harness.figures(), "exported=1 failed=1 retried=1");
}

#[tokio::test(start_paused = true)]
async fn what_a_backend_has_of_a_request_is_not_sent_again() {
    let backend = Backend::new([TakeAllBut { rest: 2 }]);
    let harness = Harness::new(&backend, 3);
    harness.lane.offer(&Arc::new(Batch(3)));
    harness.lane.settled().await;
    assert_eq!(backend.items(), [3, 2]);
    assert_eq!(harness.figures(), "exported=3 failed=1 retried=1");
}

/// What becomes of a minute of 20,000 spans each second, when each answer takes 50 ms.
async fn minute_of_spans(max_in_flight: usize) -> String {
    let backend = Backend::always(Slowly(50 * Duration::from_millis(1)));
    let delivery = Delivery {
        max_in_flight,
        ..delivery()
    };
    let bounds = Bounds {
        inbox: Room {
            items: 65_536,
            bytes: usize::MAX,
        },
        outbox: Room {
            items: 2_048,
            bytes: usize::MAX,
        },
        ..BOUNDS
    };
    let harness = Harness::open(&backend, 500, delivery, bounds, &World::new());
    let mut ticks = tokio::time::interval(Duration::from_millis(25));
    for _ in 0..60 * 40 {
        ticks.tick().await;
        harness.lane.offer(&Arc::new(Batch(500)));
    }
    harness.lane.settled().await;
    harness.figures()
}

#[tokio::test(start_paused = true)]
async fn throughput_is_not_bound_by_the_time_that_an_answer_takes() {
    let default = Delivery::default().max_in_flight;
    assert_eq!(minute_of_spans(default).await, "exported=1200000");
    let one_by_one = minute_of_spans(1).await;
    assert!(
        one_by_one.starts_with("dropped(queue_full)="),
        "{one_by_one}"
    );
}

#[tokio::test(start_paused = true)]
async fn snapshots_go_one_by_one() {
    let backend = Backend::always(Slowly(SECOND));
    let four = Delivery {
        max_in_flight: 4,
        ..delivery()
    };
    let harness = Harness::open(&backend, 1, four, BOUNDS, &World::new());
    for _ in 0..3 {
        harness.lane.offer(&Arc::new(State));
        sleep(SECOND / 4).await;
    }
    harness.lane.settled().await;
    assert_eq!(backend.times(), [0, 1_000]);
    assert_eq!(harness.figures(), "exported=2");

    let spans = Backend::new([Slowly(SECOND), Take]);
    let harness = Harness::open(&spans, 1, four, BOUNDS, &World::new());
    harness.lane.offer(&Arc::new(Batch(2)));
    harness.lane.settled().await;
    assert_eq!(spans.times(), [0, 0]);
}
