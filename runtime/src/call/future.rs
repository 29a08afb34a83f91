//! Calls of `async fn` and of functions that return a future: the call is the life of the future.

use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::live::Ending;
use super::{Call, Closing};
use crate::outcome::Outcome;
use crate::site::Site;

/// A call that starts when the future of a function that is not `async` is first polled.
#[derive(Debug)]
pub struct PreparedCall {
    pub(super) site: &'static Site,
    pub(super) call: Call,
}

/// Makes the body of an `async fn` a call that starts when it is first polled and ends with what it returns.
#[inline]
pub fn call_async<F: Future>(
    site: &'static Site,
    body: F,
    outcome: impl for<'r> FnOnce(&'r F::Output) -> Outcome<'r>,
) -> CallFuture<F, impl for<'r> FnOnce(&'r F::Output, &mut Closing<'_>) -> Outcome<'r>> {
    CallFuture {
        body,
        state: CallState {
            site: Some(site),
            call: Call::new(),
            outcome: Some(without_fields(outcome)),
        },
    }
}

pub(super) fn without_fields<T>(
    outcome: impl for<'r> FnOnce(&'r T) -> Outcome<'r>,
) -> impl for<'r> FnOnce(&'r T, &mut Closing<'_>) -> Outcome<'r> {
    move |returned, _| outcome(returned)
}

impl PreparedCall {
    /// A future that runs the one that a function returned, and ends the call with what comes of it.
    #[inline]
    pub fn run_async<F: Future>(
        self,
        body: F,
        outcome: impl for<'r> FnOnce(&'r F::Output) -> Outcome<'r>,
    ) -> CallFuture<F, impl for<'r> FnOnce(&'r F::Output, &mut Closing<'_>) -> Outcome<'r>> {
        self.run_async_with(body, without_fields(outcome))
    }

    /// The same, with fields of what comes of it.
    #[inline]
    pub fn run_async_with<F, O>(self, body: F, outcome: O) -> CallFuture<F, O>
    where
        F: Future,
        O: for<'r> FnOnce(&'r F::Output, &mut Closing<'_>) -> Outcome<'r>,
    {
        CallFuture {
            body,
            state: CallState {
                site: Some(self.site),
                call: self.call,
                outcome: Some(outcome),
            },
        }
    }
}

pin_project! {
    /// The body of an `async fn` as one call. Dropped before it is done, the call ends as `cancelled`.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct CallFuture<F, O> {
        #[pin]
        pub(super) body: F,
        pub(super) state: CallState<O>,
    }
}

#[derive(Debug)]
pub(super) struct CallState<O> {
    /// The site of a call that starts at the first poll.
    pub(super) site: Option<&'static Site>,
    pub(super) call: Call,
    pub(super) outcome: Option<O>,
}

impl<F, O> Future for CallFuture<F, O>
where
    F: Future,
    O: for<'r> FnOnce(&'r F::Output, &mut Closing<'_>) -> Outcome<'r>,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let state = this.state;
        // If the body unwinds, the guard ends the call as `panic`.
        let mut guard = match state.site.take() {
            Some(_) if state.call.live.is_some() => state.call.enter_prepared(),
            Some(site) => state.call.enter(site),
            None => state.call.resume(),
        };
        let polled = this.body.poll(cx);
        match &polled {
            Poll::Pending => {
                if let Some(call) = guard.call.take() {
                    call.suspend();
                }
            }
            Poll::Ready(returned) => {
                if let Some(outcome) = state.outcome.take() {
                    guard.end(|closing| outcome(returned, closing));
                }
            }
        }
        polled
    }
}

impl<O> Drop for CallState<O> {
    #[inline]
    fn drop(&mut self) {
        // With its site the call has not started.
        if self.call.live.is_some() && self.site.is_none() {
            self.call.end(Ending::Cancelled);
        }
    }
}
