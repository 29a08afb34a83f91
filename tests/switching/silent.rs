//! Calls in traces that are not recorded, outside of scopes.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;

use tachograph::trace::{Context, Sampler, SpanContext};
use tachograph::{listener, traced};
use tachograph_tests::futures::{pending, poll};

use super::SPANS;

#[traced]
fn outer<T>(body: impl FnOnce() -> T) -> T {
    body()
}

#[traced]
fn failing(fails: bool) -> Result<SpanContext, String> {
    let here = current().expect("a call is in a span");
    if fails { Err(String::new()) } else { Ok(here) }
}

#[traced]
async fn waiting() -> [Option<SpanContext>; 3] {
    let first = current();
    pending(1).await;
    [first, current(), outer(current)]
}

fn current() -> Option<SpanContext> {
    Context::current().span().cloned()
}

pub(super) fn calls_of_traces_that_are_not_recorded() {
    Sampler::ALWAYS_OFF.install();
    listener::start();

    // Each is a trace of its own, and those below are in it.
    let [one, other] = [(); 2].map(|()| failing(false).unwrap());
    assert!(!one.flags.is_sampled());
    assert_ne!(one.trace_id, other.trace_id);
    let (here, below) = outer(|| (current(), failing(false)));
    assert_eq!(here, below.ok());
    assert!(here.is_some());

    // The thread is in no span afterwards, however the call ends.
    assert!(failing(true).is_err());
    let panicked = catch_unwind(AssertUnwindSafe(|| outer(|| panic!("on purpose"))));
    assert!(panicked.is_err());
    assert_eq!(current(), None);

    // A future is in the same span at each poll, and in none between.
    let mut future = pin!(waiting());
    assert!(poll(future.as_mut()).is_pending());
    assert_eq!(current(), None);
    let polled = outer(|| poll(future.as_mut()));
    let std::task::Poll::Ready([first, second, below]) = polled else {
        panic!("it waits once");
    };
    assert!(first.is_some());
    assert_eq!((&first, &first), (&second, &below));
    let mut dropped = Box::pin(waiting());
    assert!(poll(dropped.as_mut()).is_pending());
    drop(dropped);
    assert_eq!(current(), None);

    listener::stop();
    Sampler::default().install();
    assert!(SPANS.drain(usize::MAX).is_empty());
}
