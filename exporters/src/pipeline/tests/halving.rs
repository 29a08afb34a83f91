//! Requests that the backend finds too large.

use std::sync::Arc;

use super::Answer::{Take, TakeUpTo};
use super::{Answer, Backend, Batch, Harness};
use crate::pipeline::lane::Bounds;
use crate::pipeline::verdict::Outcome;

/// Fails unless a request of so many items ends in these figures; returns how many items each request had.
async fn check(answer: Answer, items: u64, figures: &str, outcome: Outcome) -> Vec<u64> {
    let backend = Backend::always(answer);
    let bounds = Bounds {
        inbox: super::Room {
            items,
            bytes: usize::MAX,
        },
        ..super::BOUNDS
    };
    let harness = Harness::open(
        &backend,
        items,
        super::delivery(),
        bounds,
        &super::World::new(),
    );
    harness.lane.offer(&Arc::new(Batch(items)));
    harness.lane.settled().await;
    assert_eq!(harness.figures(), figures);
    assert_eq!(harness.outcomes(), [outcome]);
    backend.items()
}

#[tokio::test(start_paused = true)]
async fn what_is_too_large_is_halved_until_it_is_not() {
    let requests = check(
        TakeUpTo { items: 4 },
        10,
        "exported=10 failed=3",
        Outcome::Taken,
    )
    .await;
    assert_eq!(requests, [10, 5, 2, 3, 5, 2, 3]);
}

#[tokio::test(start_paused = true)]
async fn what_is_too_large_alone_is_dropped() {
    let figures = "dropped(too_large)=3 failed=5";
    let requests = check(TakeUpTo { items: 0 }, 3, figures, Outcome::Lost).await;
    assert_eq!(requests, [3, 1, 2, 1, 1]);
}

#[tokio::test(start_paused = true)]
async fn halving_has_an_end() {
    let backend = Backend::always(TakeUpTo { items: 0 });
    let bounds = Bounds {
        inbox: super::Room {
            items: 1 << 20,
            bytes: usize::MAX,
        },
        ..super::BOUNDS
    };
    let world = super::World::new();
    let harness = Harness::open(&backend, 1 << 20, super::delivery(), bounds, &world);
    harness.lane.offer(&Arc::new(Batch(1 << 20)));
    harness.lane.settled().await;
    let requests = backend.items().len();
    assert!((2 * 20..=2 * 20 + 8).contains(&requests), "{requests}");
    let figures = format!("dropped(too_large)={} failed={requests}", 1 << 20);
    assert_eq!(harness.figures(), figures);
}

#[tokio::test(start_paused = true)]
async fn what_is_small_enough_stays_whole() {
    assert_eq!(check(Take, 8, "exported=8", Outcome::Taken).await, [8]);
}
