//! What tasks of the pipeline have in common: their panics, and moments that the clock may not know.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// After a panic a task is given so much time before it begins anew.
const RESTART_AFTER: Duration = Duration::from_secs(1);

/// The moment after so much time; in thirty years if that is beyond the clock.
pub(super) fn later(from: Instant, time: Duration) -> Instant {
    const LONG: Duration = Duration::from_secs(30 * 365 * 24 * 60 * 60);
    from.checked_add(time).unwrap_or(from + LONG)
}

/// Polls a future so that its panics stay here.
pub(super) async fn caught<T>(future: impl Future<Output = T>) -> std::thread::Result<T> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
            Ok(Poll::Pending) => Poll::Pending,
            Err(panic) => Poll::Ready(Err(panic)),
        }
    })
    .await
}

/// Runs a task that never ends, and anew whenever it panics.
pub(super) async fn restarted<F: Future<Output = ()>>(task: impl Fn() -> F, on_panic: impl Fn()) {
    while caught(task()).await.is_err() {
        on_panic();
        sleep(RESTART_AFTER).await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_task_that_panics_begins_anew() {
        let (begun, panics) = (AtomicU32::new(0), AtomicU32::new(0));
        let task = || async {
            assert!(begun.fetch_add(1, Ordering::Relaxed) == 2, "on purpose");
        };
        let on_panic = || {
            panics.fetch_add(1, Ordering::Relaxed);
        };
        restarted(task, on_panic).await;
        assert_eq!(begun.into_inner(), 3);
        assert_eq!(panics.into_inner(), 2);
    }
}
