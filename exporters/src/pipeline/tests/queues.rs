//! What waits, for how long, and what is lost of it.

use std::sync::Arc;
use std::time::Duration;

use tachograph::Registry;
use tachograph::trace::Span;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};
use tracing::level_filters::LevelFilter;

use super::Answer::{Refuse, Slowly};
use super::{Backend, Batch, Harness, State};
use crate::dropped::Dropped;
use crate::pipeline::feed::SpanFeed;
use crate::pipeline::tally::SelfMetrics;
use crate::report::Reporter;

#[tokio::test(start_paused = true)]
async fn a_full_queue_drops_what_comes_and_says_so() {
    let backend = Backend::new([Slowly(Duration::from_secs(1))]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(1)));
    tokio::task::yield_now().await;
    for _ in 0..3 {
        harness.lane.offer(&Arc::new(Batch(2)));
    }
    assert!(!harness.lane.has_room(1));
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
    tokio::task::yield_now().await;
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
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(3)));
    harness.lane.offer(&Arc::new(Batch(1)));
    tokio::task::yield_now().await;
    harness.task.abort();
    assert!(harness.task.await.unwrap_err().is_cancelled());
    harness.lane.abandon(0);
    let losses = harness.lane.tally().drops().losses().collect();
    assert_eq!(
        Dropped { losses }.to_string(),
        "dropped: 4 spans of test (unsent at shutdown)"
    );
}

/// While threads record batches leave before the delay is over; what is left of the last one waits for it.
///
/// Called by the only test here for which the process listens.
async fn check_delay() {
    const DELAY: Duration = Duration::from_secs(5);
    let backend = Backend::new([]);
    let room = Arc::new(Notify::new());
    let harness = Harness::with_room(&backend, 1, &room);
    let reporter = Arc::new(Reporter::new(None, LevelFilter::OFF));
    let self_metrics = SelfMetrics::new(&Registry::new(), reporter).unwrap();
    let lanes = vec![Arc::clone(&harness.lane)];
    let feed = SpanFeed::new(lanes, 3, room, None, &self_metrics).unwrap();
    let task = tokio::spawn(Arc::clone(&feed).run(DELAY));
    let record = |spans| {
        tachograph::listener::start();
        (0..spans).for_each(|_| Span::start("span").end());
        tachograph::listener::stop();
    };
    let begin = Instant::now();
    for round in 1..=2 {
        // So many that the thread tells of some.
        record(200);
        sleep(DELAY / 10).await;
        let sent = backend.items().len();
        assert!(
            (round * 200 - 100..=round * 200).contains(&sent),
            "{sent} in round {round}"
        );
    }
    sleep(DELAY * 2).await;
    assert_eq!(backend.items().len(), 400);
    let last = Duration::from_millis(u64::try_from(*backend.times().last().unwrap()).unwrap());
    assert!(
        (DELAY..DELAY * 2).contains(&last),
        "{last:?} of {:?}",
        begin.elapsed()
    );
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
}

/// Fails unless a burst of 40 spans through two lanes ends in these figures, when one of them takes so long for each 2.
///
/// The only test here for which the process listens: it takes spans from the collector that all have in common.
async fn check_burst(time: Duration, figures: &str) {
    let (slow, quick) = (Backend::new(vec![Slowly(time); 20]), Backend::new([]));
    let room = Arc::new(Notify::new());
    let lanes = [&slow, &quick].map(|backend| Harness::with_room(backend, 2, &room));
    let feed = SpanFeed::new(
        lanes.iter().map(|lane| Arc::clone(&lane.lane)).collect(),
        2,
        room,
        None,
        &SelfMetrics::new(
            &Registry::new(),
            Arc::new(Reporter::new(None, LevelFilter::OFF)),
        )
        .unwrap(),
    )
    .unwrap();
    tachograph::listener::start();
    (0..40).for_each(|_| Span::start("burst").end());
    tachograph::listener::stop();
    feed.drain().await;
    feed.settled().await;
    assert_eq!(lanes[0].figures(), figures);
    assert_eq!(lanes[1].figures(), "exported=40");
}

#[tokio::test(start_paused = true)]
async fn spans_that_come_quickly() {
    // A burst waits a moment for the slower of two.
    check_burst(Duration::from_millis(90), "exported=40").await;
    // What makes no use of the moment loses what it has no room for.
    let lost = "dropped(queue_full)=34 exported=6";
    check_burst(Duration::from_millis(110), lost).await;
    check_delay().await;
}

#[tokio::test(start_paused = true)]
async fn what_a_lane_holds_can_be_told_at_any_time() {
    let backend = Backend::new([Refuse, Slowly(Duration::from_secs(9))]);
    let harness = Harness::new(&backend, 1);
    let by_now = || {
        let losses = harness.lane.tally().losses_by_now();
        Dropped { losses }.to_string()
    };
    assert_eq!(by_now(), "nothing was dropped");
    harness.lane.offer(&Arc::new(Batch(2)));
    harness.lane.offer(&Arc::new(Batch(2)));
    assert_eq!(by_now(), "dropped: 4 spans of test (unsent at shutdown)");
    tokio::task::yield_now().await;
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
    let losses = harness.lane.tally().losses_by_now();
    assert_eq!(
        Dropped { losses }.to_string(),
        "dropped: 1 data point of test (unsent at shutdown)"
    );
}
