//! Calls of `async fn` and of functions that return a future: the call is the life of the future.

use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use super::ending::Ending;
use super::guard::Running;
use super::{Call, Closing, Setup, spare};
use crate::listen;
use crate::outcome::Outcome;
use crate::site::Site;

/// The call of a future, as wide as two pointers: nested futures hold one each.
#[derive(Debug)]
pub struct FutureCall(State);

#[derive(Debug)]
enum State {
    /// Starts at the first poll, if somebody listens then.
    Unpolled(&'static Site),
    /// Starts at the first poll, with labels and fields that are recorded already.
    Prepared(Box<Call>),
    Started(Box<Call>),
    /// Nobody listened when it would have started.
    Unheard,
}

/// Makes the body of an `async fn` a call, which starts at the first poll and ends with what `outcome` says of the result.
#[inline]
pub fn call_async<F, O>(site: &'static Site, body: F, outcome: O) -> CallFuture<F, O>
where
    F: Future,
    O: for<'r> FnOnce(&'r F::Output, &mut Closing<'_>) -> Outcome<'r>,
{
    FutureCall::new(site).run(body, outcome)
}

/// A call in a box, set up and not started; none if nobody listens.
#[inline]
fn set_up(
    site: &'static Site,
    setup: impl FnOnce(&mut Setup<'_>),
    then: impl FnOnce(&mut Call),
) -> Option<Box<Call>> {
    let listening = listen::listening();
    if listening == 0 {
        return None;
    }
    let mut boxed = spare::take();
    if boxed.begin(site, listening) {
        setup(&mut Setup { call: &mut boxed });
        then(&mut boxed);
        return Some(boxed);
    }
    spare::give_back(boxed);
    None
}

impl FutureCall {
    /// A call that starts when its future is first polled.
    #[inline]
    pub(super) const fn new(site: &'static Site) -> Self {
        Self(State::Unpolled(site))
    }

    /// Starts a call with labels and fields, whose future is polled at once.
    #[inline]
    pub fn start(site: &'static Site, setup: impl FnOnce(&mut Setup<'_>)) -> Self {
        Self(set_up(site, setup, Call::start_before_poll).map_or(State::Unheard, State::Started))
    }

    /// Records labels and fields for a call that starts when its future is first polled.
    #[inline]
    pub fn prepare(site: &'static Site, setup: impl FnOnce(&mut Setup<'_>)) -> Self {
        Self(set_up(site, setup, |_| {}).map_or(State::Unpolled(site), State::Prepared))
    }

    /// A future that runs `body`, and ends the call with what `outcome` says of the result.
    #[inline]
    pub fn run<F, O>(self, body: F, outcome: O) -> CallFuture<F, O>
    where
        F: Future,
        O: for<'r> FnOnce(&'r F::Output, &mut Closing<'_>) -> Outcome<'r>,
    {
        CallFuture {
            body,
            call: self,
            outcome: Some(outcome),
        }
    }

    /// Goes on with the call on this thread, or starts it.
    #[inline]
    fn enter(&mut self) -> Running<'_> {
        match self.0 {
            State::Unheard => Running { call: None },
            State::Unpolled(_) if listen::listening() == 0 => {
                // There is nothing in it to drop, which the compiler does not know.
                mem::forget(mem::replace(&mut self.0, State::Unheard));
                Running { call: None }
            }
            _ => self.enter_heard(),
        }
    }

    /// The same where somebody listens.
    #[inline(never)]
    fn enter_heard(&mut self) -> Running<'_> {
        let starts = !matches!(self.0, State::Started(_));
        if starts {
            self.start_at_poll();
        }
        let State::Started(call) = &mut self.0 else {
            return Running { call: None };
        };
        if starts {
            Running { call: Some(call) }
        } else {
            call.resume()
        }
    }

    #[inline]
    fn start_at_poll(&mut self) {
        match mem::replace(&mut self.0, State::Unheard) {
            State::Unpolled(site) => {
                let listening = listen::listening();
                if listening != 0 {
                    self.start_new(site, listening);
                }
            }
            State::Prepared(call) => self.start_prepared(call),
            started_or_unheard => self.0 = started_or_unheard,
        }
    }

    #[inline(never)]
    fn start_new(&mut self, site: &'static Site, listening: usize) {
        let mut call = spare::take();
        if call.enter_new(site, listening) {
            self.0 = State::Started(call);
        } else {
            spare::give_back(call);
        }
    }

    #[inline(never)]
    fn start_prepared(&mut self, mut call: Box<Call>) {
        call.enter_prepared();
        self.0 = State::Started(call);
    }

    /// Ends a call whose future is dropped before it is done.
    #[inline(never)]
    fn finish(&mut self) {
        match mem::replace(&mut self.0, State::Unheard) {
            State::Started(mut call) => {
                if call.has_begun() {
                    call.end_badly(Ending::Cancelled);
                }
                spare::give_back(call);
            }
            State::Prepared(mut call) => {
                call.release();
                spare::give_back(call);
            }
            State::Unpolled(_) | State::Unheard => {}
        }
    }
}

impl Drop for FutureCall {
    #[inline]
    fn drop(&mut self) {
        if matches!(self.0, State::Started(_) | State::Prepared(_)) {
            self.finish();
        }
    }
}

pin_project! {
    /// The body of an `async fn` as one call. Dropped before it is done, the call ends as `cancelled`.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct CallFuture<F, O> {
        #[pin]
        body: F,
        call: FutureCall,
        outcome: Option<O>,
    }
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
        let mut running = this.call.enter();
        let polled = this.body.poll(cx);
        match &polled {
            Poll::Pending => {
                if let Some(call) = running.take() {
                    call.suspend();
                }
            }
            Poll::Ready(returned) => {
                if let Some(mut closing) = running.closing()
                    && let Some(outcome) = this.outcome.take()
                {
                    let outcome = outcome(returned, &mut closing);
                    running.end(outcome);
                }
            }
        }
        polled
    }
}
