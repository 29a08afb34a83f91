//! Futures that go forward by one poll at a time.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

/// A future that is pending for so many polls.
pub async fn pending(polls: u32) {
    let mut left = polls;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Polls a future once.
pub fn poll<F: Future + ?Sized>(future: Pin<&mut F>) -> Poll<F::Output> {
    future.poll(&mut Context::from_waker(Waker::noop()))
}

/// Polls a future until it is ready.
///
/// # Panics
///
/// When it is not ready after a thousand polls.
pub fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    for _ in 0..1_000 {
        if let Poll::Ready(output) = poll(future.as_mut()) {
            return output;
        }
    }
    panic!("the future is still pending after 1,000 polls");
}

/// Polls two futures in turn until both are ready.
///
/// # Panics
///
/// When they are not ready after a thousand polls.
pub fn in_turn(a: impl Future<Output = ()>, b: impl Future<Output = ()>) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut a_is_ready, mut b_is_ready) = (false, false);
    for _ in 0..1_000 {
        a_is_ready = a_is_ready || poll(a.as_mut()).is_ready();
        b_is_ready = b_is_ready || poll(b.as_mut()).is_ready();
        if a_is_ready && b_is_ready {
            return;
        }
    }
    panic!("the futures are still pending after 1,000 polls");
}
