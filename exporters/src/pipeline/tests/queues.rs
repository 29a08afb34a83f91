//! What waits, for how long, and what is lost of it.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::Answer::{Refuse, Slowly};
use super::{Backend, Batch, Harness, State};
use crate::dropped::Dropped;

#[tokio::test(start_paused = true)]
async fn a_full_queue_drops_what_comes_and_says_so() {
    let backend = Backend::new([Slowly(Duration::from_secs(1))]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(1)));
    sleep(Duration::from_millis(1)).await;
    for _ in 0..3 {
        harness.lane.offer(&Arc::new(Batch(2)));
    }
    assert_eq!(harness.figures(), "dropped(queue_full)=2 queue.size=4");
    harness.lane.settled().await;
    assert_eq!(harness.figures(), "dropped(queue_full)=2 exported=5");
    assert_eq!(
        harness.errors(),
        ["test dropped 2 spans: its queue is full"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_backend_delays_no_other() {
    let begin = Instant::now();
    let (slow, quick) = (
        Backend::new([Slowly(Duration::from_secs(5))]),
        Backend::new([]),
    );
    let (slow_lane, quick_lane) = (Harness::new(&slow, 1), Harness::new(&quick, 1));
    let batch = Arc::new(Batch(1));
    slow_lane.lane.offer(&batch);
    quick_lane.lane.offer(&batch);
    quick_lane.lane.settled().await;
    assert_eq!(begin.elapsed(), Duration::ZERO);
    slow_lane.lane.settled().await;
    assert_eq!(begin.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn the_newest_snapshot_takes_the_place_of_one_that_waits() {
    let backend = Backend::new([Slowly(Duration::from_secs(1))]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(State));
    sleep(Duration::from_millis(1)).await;
    for _ in 0..3 {
        harness.lane.offer(&Arc::new(State));
    }
    assert_eq!(harness.figures(), "queue.size=1");
    harness.lane.settled().await;
    assert_eq!(harness.figures(), "exported=2");
}

#[tokio::test(start_paused = true)]
async fn what_is_cut_off_is_counted() {
    let backend = Backend::new([Slowly(Duration::from_secs(9))]);
    let mut harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(3)));
    harness.lane.offer(&Arc::new(Batch(1)));
    sleep(Duration::from_millis(1)).await;
    harness.tasks.shutdown().await;
    harness.lane.abandon(0);
    let losses = harness.world.self_metrics.losses();
    assert_eq!(
        Dropped { losses }.to_string(),
        "dropped: 4 spans of test (unsent at shutdown)"
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_lane_holds_can_be_told_at_any_time() {
    let backend = Backend::new([Refuse, Slowly(Duration::from_secs(9))]);
    let harness = Harness::new(&backend, 1);
    let by_now = || {
        let losses = harness.world.self_metrics.losses_by_now();
        Dropped { losses }.to_string()
    };
    assert_eq!(by_now(), "nothing was dropped");
    harness.lane.offer(&Arc::new(Batch(2)));
    harness.lane.offer(&Arc::new(Batch(2)));
    assert_eq!(by_now(), "dropped: 4 spans of test (unsent at shutdown)");
    sleep(Duration::from_millis(1)).await;
    let one_is_refused =
        "dropped: 1 span of test (rejected by the backend), 3 spans of test (unsent at shutdown)";
    assert_eq!(by_now(), one_is_refused);
    harness.lane.settled().await;
    let all_else_is_sent = "dropped: 1 span of test (rejected by the backend)";
    assert_eq!(by_now(), all_else_is_sent);
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_that_another_takes_the_place_of_is_not_lost() {
    let backend = Backend::new([Slowly(Duration::from_secs(1))]);
    let harness = Harness::new(&backend, 1);
    for _ in 0..3 {
        harness.lane.offer(&Arc::new(State));
    }
    let losses = harness.world.self_metrics.losses_by_now();
    assert_eq!(
        Dropped { losses }.to_string(),
        "dropped: 1 data point of test (unsent at shutdown)"
    );
}
