//! One call of an annotated function, from its start to its end.

#![expect(
    clippy::inline_always,
    reason = "what starts or ends a call is one function, with nothing passed through memory"
)]

mod ending;
mod future;
mod guard;
mod lean;
mod live;
mod returning;
mod setup;
mod spanned;
mod spare;
mod told;

pub use future::{CallFuture, FutureCall, call_async};
pub use guard::CallGuard;
pub use returning::{AnyCall, AnyMade, Kind, Made, MakingCall, Returning, returning};
pub use setup::{Closing, Opening, Setup};

use std::mem::{self, ManuallyDrop};
use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::inside;
use crate::listen::{METRICS, SPANS};
use crate::outcome::Outcome;
use crate::site::Site;
use crate::trace::{self, OpenSpan};
use crate::{listed, listen, lost};
use ending::Ending;
use guard::Running;
use lean::Lean;
use live::Live;
use spanned::Spanned;

/// A call of an annotated function, where it stays from its start to its end: in the function's frame, or in a box of
/// its future's. Nothing but a tag is written while nobody listens.
#[derive(Debug)]
pub struct Call {
    state: State,
}

/// What a call remembers.
#[derive(Debug)]
enum State {
    /// Nothing: it has not started, or is over, or nobody listens.
    Idle,
    Lean(Lean),
    // The others are dropped by hand where the call ends, so that annotated functions look only whether it has.
    Spanned(ManuallyDrop<Spanned>),
    Full(ManuallyDrop<Live>),
}

/// Runs the body of a function as a call, and ends it with what `outcome` says of the result.
#[inline]
pub fn call<T, O>(site: &'static Site, body: impl FnOnce() -> T, outcome: O) -> T
where
    O: for<'r> FnOnce(&'r T, &mut Closing<'_>) -> Outcome<'r>,
{
    let mut call = Call::new();
    call.start_plainly(site);
    call.around(body, outcome)
}

impl Call {
    /// A call that has not started.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Self { state: State::Idle }
    }

    /// Starts the call; it ends when the guard is dropped: as `ok`, or as `panic` when that is what drops it.
    #[inline]
    pub fn enter(&mut self, site: &'static Site) -> CallGuard<'_> {
        let listening = listen::listening();
        if listening != 0 && self.enter_new(site, listening) {
            CallGuard { call: Some(self) }
        } else {
            CallGuard { call: None }
        }
    }

    /// The same with labels and fields, which `setup` is asked for if somebody listens.
    #[inline]
    pub fn enter_with(
        &mut self,
        site: &'static Site,
        setup: impl FnOnce(&mut Setup<'_>),
    ) -> CallGuard<'_> {
        self.start_with(site, setup);
        CallGuard {
            call: self.has_begun().then_some(self),
        }
    }

    /// Starts a call with labels and fields. The thread is in its span from here on, so [`Call::run`] comes next.
    #[inline]
    pub fn start(site: &'static Site, setup: impl FnOnce(&mut Setup<'_>)) -> Self {
        let mut call = Self::new();
        call.start_with(site, setup);
        call
    }

    /// Runs the body of a function, and ends the call with what `outcome` says of the result.
    #[inline]
    pub fn run<T, O>(mut self, body: impl FnOnce() -> T, outcome: O) -> T
    where
        O: for<'r> FnOnce(&'r T, &mut Closing<'_>) -> Outcome<'r>,
    {
        self.around(body, outcome)
    }

    /// The same where the call stays.
    #[inline(always)]
    fn around<T, O>(&mut self, body: impl FnOnce() -> T, outcome: O) -> T
    where
        O: for<'r> FnOnce(&'r T, &mut Closing<'_>) -> Outcome<'r>,
    {
        let mut running = self.running();
        let returned = body();
        if let Some(mut closing) = running.closing() {
            let outcome = outcome(&returned, &mut closing);
            running.end(outcome);
        }
        returned
    }

    #[inline]
    fn start_plainly(&mut self, site: &'static Site) {
        let listening = listen::listening();
        if listening != 0 {
            self.enter_new(site, listening);
        }
    }

    #[inline]
    fn start_with(&mut self, site: &'static Site, setup: impl FnOnce(&mut Setup<'_>)) {
        let listening = listen::listening();
        if listening != 0
            && let Some(live) = self.begin(site, listening)
        {
            setup(&mut Setup { live });
            live.start_and_enter();
        }
    }

    /// The call while its body runs, if there is one.
    #[inline]
    fn running(&mut self) -> Running<'_> {
        Running {
            call: self.has_begun().then_some(self),
        }
    }

    /// Goes on with a call that has started, on this thread.
    #[inline]
    fn resume(&mut self) -> Running<'_> {
        match &mut self.state {
            State::Spanned(spanned) => spanned.resume(),
            State::Full(live) => live.enter_again(),
            State::Idle | State::Lean(_) => {}
        }
        self.running()
    }
}

/// What annotated functions call; it is compiled once, in this crate.
impl Call {
    /// Begins a call, starts it and enters it. Whether there is a call.
    #[inline(never)]
    fn enter_new(&mut self, site: &'static Site, listening: usize) -> bool {
        if inside::is_inside() {
            return false;
        }
        listed::join(site);
        if site.is_lean(listening) {
            self.state = State::Lean(Lean::start(site));
            return true;
        }
        self.enter_spanned(site, listening)
    }

    #[inline(never)]
    fn enter_spanned(&mut self, site: &'static Site, listening: usize) -> bool {
        let Some(signals) = site.spanned(listening) else {
            return self.enter_full(site, listening);
        };
        let parent = trace::current();
        if let Some(span) = OpenSpan::plain(parent) {
            let spanned = Spanned::start(site, signals, span);
            self.state = State::Spanned(ManuallyDrop::new(spanned));
            return true;
        }
        if parent.is_silent() && signals == SPANS {
            return false;
        }
        self.enter_full(site, listening)
    }

    #[inline(never)]
    fn enter_full(&mut self, site: &'static Site, listening: usize) -> bool {
        let Some(live) = Live::new(site, listening) else {
            return false;
        };
        if live.is_lean() {
            self.state = State::Lean(Lean::start(site));
            return true;
        }
        let live = self.begin_full(live);
        live.start();
        live.enter();
        true
    }

    /// Starts and enters a call whose setup is long over.
    #[inline(never)]
    fn enter_prepared(&mut self) {
        if let State::Full(live) = &mut self.state {
            let span = live.span.take();
            live.span = span.and_then(|span| span.below_current(live.scope.as_deref()));
            live.start();
            live.enter_poll();
        }
    }

    /// Begins a call that is started after its setup.
    #[inline(never)]
    fn begin(&mut self, site: &'static Site, listening: usize) -> Option<&mut Live> {
        if inside::is_inside() {
            return None;
        }
        listed::join(site);
        let signals = site.switches.on_or_more(listening);
        if signals > listen::ALL || site.records_without_span(signals) || site.opens_spans() {
            return self.begin_anyhow(site, listening);
        }
        let metered = signals & METRICS != 0;
        if signals & SPANS != 0 {
            let parent = trace::current();
            if let Some(span) = OpenSpan::plain(parent) {
                return Some(self.begin_full(Live::with(site, None, Some(span), metered)));
            }
            if !parent.is_silent() {
                return self.begin_anyhow(site, listening);
            }
        }
        // Nobody listens to this function, or there is only something to count.
        metered.then(|| self.begin_full(Live::with(site, None, None, true)))
    }

    /// The same for calls in scopes, in traces that come from elsewhere, and whatever else is seldom.
    #[inline(never)]
    fn begin_anyhow(&mut self, site: &'static Site, listening: usize) -> Option<&mut Live> {
        let live = if site.opens_spans() {
            // A call in no span has always one of its own, whatever is current.
            trace::in_no_span(|| Live::new(site, listening))
        } else {
            Live::new(site, listening)
        };
        Some(self.begin_full(live?))
    }

    #[inline(always)]
    fn begin_full(&mut self, live: Live) -> &mut Live {
        self.state = State::Full(ManuallyDrop::new(live));
        match &mut self.state {
            State::Full(live) => live,
            _ => unreachable!("the call has just begun"),
        }
    }

    /// Leaves a call that goes on later.
    #[inline(never)]
    fn suspend(&mut self) {
        match &mut self.state {
            State::Spanned(spanned) => spanned.suspend(),
            State::Full(live) => live.suspend(),
            State::Idle | State::Lean(_) => {}
        }
    }

    /// Ends a call that has returned what is no error: most calls of most programs.
    #[inline(never)]
    fn end_well(&mut self) {
        self.end_as(Ending::Returned(Outcome::Ok));
    }

    /// Ends a call whose guard went out of scope.
    #[inline(never)]
    fn end_left(&mut self) {
        self.end_as(Ending::Left);
    }

    /// Ends a call that has failed, or was cancelled.
    #[cold]
    #[inline(never)]
    fn end_badly(&mut self, ending: Ending<'_>) {
        self.end_as(ending);
    }

    #[inline(always)]
    fn end_as(&mut self, ending: Ending<'_>) {
        match &mut self.state {
            State::Lean(lean) => {
                let lean = *lean;
                self.state = State::Idle;
                lean.end(ending);
            }
            State::Spanned(spanned) => {
                if spanned.end(ending) {
                    self.release();
                } else {
                    self.end_full(ending);
                }
            }
            State::Full(_) => self.end_full(ending),
            State::Idle => {}
        }
    }

    #[inline(never)]
    fn end_full(&mut self, ending: Ending<'_>) {
        if let Some(live) = self.full() {
            live.end(ending);
        }
        self.release();
    }

    #[inline]
    fn has_begun(&self) -> bool {
        !matches!(self.state, State::Idle)
    }

    /// What a call has that does more than to count, with room for all that may be said of it.
    fn full(&mut self) -> Option<&mut Live> {
        if matches!(self.state, State::Spanned(_))
            && let State::Spanned(spanned) = mem::replace(&mut self.state, State::Idle)
        {
            self.begin_full(ManuallyDrop::into_inner(spanned).into_live());
        }
        self.closing()?.live
    }

    /// What there is to record of a result. Calls without labels and fields have nothing, and are asked for nothing.
    #[inline]
    fn closing(&mut self) -> Option<Closing<'_>> {
        let (site, live) = match &mut self.state {
            State::Idle => return None,
            State::Lean(lean) => (lean.site, None),
            State::Spanned(spanned) => (spanned.site, None),
            State::Full(live) => (live.site, Some(&mut **live)),
        };
        Some(Closing { site, live })
    }

    /// Counts what was lost when an error was asked of what type it is.
    fn settle(&mut self) {
        if let Some(closing) = self.closing() {
            let scope = closing.live.and_then(|live| live.scope.clone());
            lost::settle(closing.site, scope.as_deref());
        }
    }

    /// Drops what the call owns.
    #[inline(always)]
    fn release(&mut self) {
        match &mut self.state {
            State::Spanned(spanned) => spanned.release(),
            State::Full(live) => (live.scope, live.span, live.entry) = (None, None, None),
            State::Idle | State::Lean(_) => {}
        }
        self.state = State::Idle;
    }

    /// Drops a call that never ended, because its setup panicked.
    #[cold]
    fn abandon(&mut self) {
        self.release();
    }
}

impl Drop for Call {
    #[inline]
    fn drop(&mut self) {
        if self.has_begun() {
            self.abandon();
        }
    }
}

impl Default for Call {
    fn default() -> Self {
        Self::new()
    }
}

// A guard lives across the user's code; what it holds stays whole when that code panics.
impl UnwindSafe for Call {}
impl RefUnwindSafe for Call {}
