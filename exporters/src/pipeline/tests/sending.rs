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
    // Backends may count what nobody sent.
    for rejected in [1, 1_000] {
        let why = "says the script";
        let some = TakeSome { rejected, why };
        check([Take, some], "dropped(rejected)=1 exported=2", &[refused]).await;
    }
    let silent = TakeSome {
        rejected: 1,
        why: "",
    };
    let unexplained = "test dropped 1 span: the backend does not say why";
    check([silent], "dropped(rejected)=1 exported=2", &[unexplained]).await;
    let said = "test hears from the backend of traces: use gzip";
    check([Say("use gzip")], "exported=3", &[said]).await;
}

#[tokio::test(start_paused = true)]
async fn an_exporter_survives_its_panics() {
    let panicked = "test dropped 1 span: it panicked";
    let backend = Backend::new([Take, Panic]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(3)));
    harness.lane.offer(&Arc::new(Batch(1)));
    harness.lane.settled().await;
    assert_eq!(harness.figures(), "dropped(panicked)=1 exported=3");
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
    // The backend is given a pause then.
    let elapsed = begin.elapsed();
    let expected = Duration::from_secs(12)..=Duration::from_secs(15);
    assert!(expected.contains(&elapsed), "{elapsed:?}");
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
