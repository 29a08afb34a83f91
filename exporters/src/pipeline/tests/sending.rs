//! What becomes of requests, and of the time that they have.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::Answer::{Later, Panic, Refuse, Say, Slowly, Take, TakeSome};
use super::{Answer, Backend, Batch, Harness};

/// What becomes of a batch of 3 items in 3 requests, and what is heard of it.
async fn check(
    script: impl IntoIterator<Item = Answer>,
    figures: &str,
    errors: &[&str],
) -> Backend {
    let backend = Backend::new(script);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(3)));
    harness.lane.settled().await;
    assert_eq!(harness.figures(), figures);
    assert_eq!(harness.errors(), errors);
    backend
}

#[tokio::test(start_paused = true)]
async fn taken_refused_and_partly_taken() {
    check([], "exported=3", &[]).await;
    let refused = "test dropped 1 span: says the script";
    check(
        [Refuse],
        "dropped(rejected)=1 exported=2 failed=1",
        &[refused],
    )
    .await;
    let some = TakeSome { rejected: 1 };
    check([Take, some], "dropped(rejected)=1 exported=2", &[refused]).await;
    let said = "test hears from the backend of traces: use gzip";
    check([Say("use gzip")], "exported=3", &[said]).await;
}

#[tokio::test(start_paused = true)]
async fn an_exporter_survives_its_panics() {
    let panicked = "test dropped 2 spans: it panicked";
    let backend = Backend::new([Take, Panic]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(3)));
    harness.lane.offer(&Arc::new(Batch(1)));
    harness.lane.settled().await;
    assert_eq!(harness.figures(), "dropped(panicked)=2 exported=2");
    assert_eq!(harness.errors(), [panicked]);
}

#[tokio::test(start_paused = true)]
async fn what_no_request_can_carry_is_dropped() {
    let backend = Backend::new([]);
    let harness = Harness::new(&backend, 2);
    harness.lane.offer(&Arc::new(Batch(3)));
    harness.lane.settled().await;
    assert_eq!(harness.figures(), "dropped(too_large)=1 exported=2");
    assert_eq!(backend.items(), [2]);
}

#[tokio::test(start_paused = true)]
async fn pauses_between_attempts_double_and_vary() {
    let later = Later { after: None };
    let retrying = "test cannot send traces now and tries again: says the script";
    let script = vec![later; 3];
    let backend = check(script, "exported=3 failed=3 retried=3", &[retrying; 3]).await;
    let times = backend.times();
    let pauses = times.windows(2).map(|pair| pair[1] - pair[0]);
    let pauses = pauses.take(3).collect::<Vec<_>>();
    for (pause, least) in pauses.iter().zip([250, 500, 1_000]) {
        assert!((least..=2 * least + 1).contains(pause), "{pauses:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_backend_says_when_to_come_back() {
    let after = Some(Duration::from_secs(7));
    let backend = Backend::new([Later { after }]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(1)));
    harness.lane.settled().await;
    assert_eq!(backend.times(), [0, 7_000]);

    // Longer than a request may take: it is given up, and the next one waits all the same.
    let after = Some(Duration::from_secs(20));
    let backend = Backend::new([Later { after }]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(2)));
    harness.lane.settled().await;
    assert_eq!(backend.times(), [0, 20_000]);
    assert_eq!(
        harness.figures(),
        "dropped(timed_out)=1 exported=1 failed=1"
    );

    // Longer than a batch may take: that is given up in its time, and so is the next one.
    let begin = Instant::now();
    let after = Some(Duration::from_secs(3_600));
    let backend = Backend::new([Later { after }]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(3)));
    harness.lane.offer(&Arc::new(Batch(1)));
    harness.lane.settled().await;
    assert_eq!(backend.times(), [0]);
    assert_eq!(begin.elapsed(), Duration::from_secs(2 * 30));
    assert_eq!(harness.figures(), "dropped(timed_out)=4 failed=1");
}

#[tokio::test(start_paused = true)]
async fn attempts_end_with_the_time_for_a_request() {
    let begin = Instant::now();
    let dropped = "test dropped 1 span: no answer within 10s";
    let slowly = Slowly(Duration::from_secs(60));
    check(
        [slowly],
        "dropped(timed_out)=1 exported=2 failed=1",
        &[dropped],
    )
    .await;
    assert_eq!(begin.elapsed(), Duration::from_secs(10));

    // Nobody there: attempts go on for about as long.
    let backend = Backend::new(vec![Later { after: None }; 100]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(1)));
    harness.lane.settled().await;
    let times = backend.times();
    assert!(
        (4..10).contains(&times.len()) && times[times.len() - 1] < 10_000,
        "{times:?}"
    );
    assert!(
        harness
            .figures()
            .starts_with("dropped(timed_out)=1 failed=")
    );
}

#[tokio::test(start_paused = true)]
async fn a_batch_has_its_time_however_many_requests_it_is() {
    let begin = Instant::now();
    let backend = Backend::new(vec![Slowly(Duration::from_secs(9)); 4]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(4)));
    harness.lane.settled().await;
    assert_eq!(
        harness.figures(),
        "dropped(timed_out)=1 exported=3 failed=1"
    );
    assert_eq!(begin.elapsed(), Duration::from_secs(30));
}
