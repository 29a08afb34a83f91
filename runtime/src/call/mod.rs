//! One call of an annotated function, from its start to its end.

#![expect(
    clippy::inline_always,
    reason = "what starts or ends a call is one function, with nothing passed through memory"
)]

mod ending;
mod full;
mod future;
mod guard;
mod lean;
mod returning;
mod setup;
mod silent;
mod spare;
mod told;

pub use future::{CallFuture, FutureCall, call_async};
pub use guard::CallGuard;
pub use returning::{AnyCall, AnyMade, Kind, Made, MakingCall, Returning, returning};
pub use setup::{Closing, Opening, Setup};

use std::mem::ManuallyDrop;
use std::panic::{RefUnwindSafe, UnwindSafe};

use crate::inside;
use crate::listen::{METRICS, SPANS};
use crate::outcome::Outcome;
use crate::site::Site;
use crate::trace::{self, Ids, OpenSpan, Sampler};
use crate::{listed, listen, lost};
use ending::Ending;
use full::Full;
use guard::Running;
use lean::Lean;
use silent::Silent;

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
    Silent(Silent),
    // Dropped by hand where the call ends, so that annotated functions look only whether it has.
    Full(ManuallyDrop<Full>),
}

/// Where a call begins, and so what there is to record of it.
enum Place {
    /// In a span below this one, which is recorded on this thread.
    Below(Ids),
    /// In a span that is the root of a new trace.
    Root,
    /// In no span of its own: it is only counted.
    NoSpan,
    /// Nobody listens to it there.
    Nowhere,
    /// In a scope, in a trace that comes from elsewhere, or wherever else is seldom.
    Unusual,
}

impl Place {
    #[inline(always)]
    fn of(site: &'static Site, listening: usize) -> Self {
        let signals = site.switches.on_or_more(listening);
        if signals > listen::ALL || site.opens_spans() {
            return Self::Unusual;
        }
        if signals & SPANS != 0 {
            let parent = trace::current();
            if parent.is_plain_parent() {
                return Self::Below(parent);
            }
            if parent.is_nothing() {
                return Self::Root;
            }
            if !parent.is_silent() {
                return Self::Unusual;
            }
        }
        if site.records_without_span(signals) {
            Self::Unusual
        } else if signals & METRICS != 0 {
            Self::NoSpan
        } else {
            Self::Nowhere
        }
    }
}

/// Runs the body of a function as a call, and ends it with what `outcome` says of the result.
#[inline]
pub fn call<T, O>(site: &'static Site, body: impl FnOnce() -> T, outcome: O) -> T
where
    O: for<'r> FnOnce(&'r T, &mut Closing<'_>) -> Outcome<'r>,
{
    let mut call = Call::new();
    call.start_plainly(site);
    call.run(body, outcome)
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
        self.start(site, setup);
        CallGuard {
            call: self.has_begun().then_some(self),
        }
    }

    /// Starts a call with labels and fields. The thread is in its span from here on, so [`Call::run`] comes next.
    #[inline]
    pub fn start(&mut self, site: &'static Site, setup: impl FnOnce(&mut Setup<'_>)) -> &mut Self {
        let listening = listen::listening();
        if listening != 0 && self.begin(site, listening) {
            setup(&mut Setup { call: self });
            self.start_after_setup();
        }
        self
    }

    /// Runs the body of a function, and ends the call with what `outcome` says of the result.
    #[inline(always)]
    pub fn run<T, O>(&mut self, body: impl FnOnce() -> T, outcome: O) -> T
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
            State::Full(full) => full.resume(),
            State::Silent(silent) => silent.resume(),
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
            self.state = State::Lean(Lean::started(site));
            return true;
        }
        self.enter_full(site, listening)
    }

    #[inline(never)]
    fn enter_full(&mut self, site: &'static Site, listening: usize) -> bool {
        match Place::of(site, listening) {
            Place::Below(parent) => {
                let metered = site.is_counted(listening);
                if let Some(full) = self.begin_in(site, metered, || OpenSpan::below(parent)) {
                    full.start_and_enter();
                }
                true
            }
            Place::Nowhere => false,
            Place::NoSpan if site.counts_plainly() => {
                self.state = State::Lean(Lean::started(site));
                true
            }
            Place::Root => self.enter_root(site, listening),
            Place::NoSpan | Place::Unusual => self.enter_otherwise(site, listening),
        }
    }

    #[inline(never)]
    fn enter_root(&mut self, site: &'static Site, listening: usize) -> bool {
        let ids = Ids::root(Sampler::installed());
        let metered = site.is_counted(listening);
        if !ids.is_recording() && !metered && site.counts_plainly() {
            self.state = State::Silent(Silent::start(site, ids));
            return true;
        }
        if let Some(full) = self.begin_in(site, metered, || OpenSpan::with_ids(ids)) {
            full.start_and_enter();
        }
        true
    }

    #[inline(never)]
    fn enter_otherwise(&mut self, site: &'static Site, listening: usize) -> bool {
        match self.begin_otherwise(site, listening) {
            None => return false,
            Some(full) if full.is_lean() => self.state = State::Lean(Lean::started(site)),
            Some(full) => full.start_and_enter(),
        }
        true
    }

    /// Begins a call that is started after its setup. Whether there is a call.
    #[inline(never)]
    fn begin(&mut self, site: &'static Site, listening: usize) -> bool {
        if inside::is_inside() {
            return false;
        }
        listed::join(site);
        if site.is_lean(listening) {
            self.state = State::Lean(Lean::new(site));
            return true;
        }
        self.begin_full(site, listening)
    }

    #[inline(never)]
    fn begin_full(&mut self, site: &'static Site, listening: usize) -> bool {
        let metered = site.is_counted(listening);
        let full = match Place::of(site, listening) {
            Place::Below(parent) => self.begin_in(site, metered, || OpenSpan::below(parent)),
            Place::Root => self.begin_in(site, metered, || {
                OpenSpan::with_ids(Ids::root(Sampler::installed()))
            }),
            Place::NoSpan if site.counts_plainly() => {
                self.state = State::Lean(Lean::new(site));
                return true;
            }
            Place::NoSpan => self.keep(Full::new(site, true)),
            Place::Nowhere => None,
            Place::Unusual => self.begin_otherwise(site, listening),
        };
        full.is_some()
    }

    /// Starts and enters a call whose setup is over.
    #[inline(never)]
    fn start_after_setup(&mut self) {
        match &mut self.state {
            State::Lean(lean) => lean.start(),
            State::Full(full) => full.start_and_enter(),
            State::Idle | State::Silent(_) => {}
        }
    }

    /// Starts a call whose setup is over, and whose span is entered when it is polled.
    #[inline(never)]
    fn start_before_poll(&mut self) {
        match &mut self.state {
            State::Lean(lean) => lean.start(),
            State::Full(full) => full.start(),
            State::Idle | State::Silent(_) => {}
        }
    }

    #[inline(always)]
    fn begin_in(
        &mut self,
        site: &'static Site,
        metered: bool,
        span: impl FnOnce() -> OpenSpan,
    ) -> Option<&mut Full> {
        let full = self.keep(Full::new(site, metered))?;
        // Made after the call, so that it is written where it stays.
        full.span = Some(span());
        Some(full)
    }

    #[inline(never)]
    fn begin_otherwise(&mut self, site: &'static Site, listening: usize) -> Option<&mut Full> {
        let full = if site.opens_spans() {
            // A call in no span has always one of its own, whatever is current.
            trace::in_no_span(|| Full::unusual(site, listening))
        } else {
            Full::unusual(site, listening)
        };
        self.keep(full?)
    }

    #[inline(always)]
    fn keep(&mut self, full: Full) -> Option<&mut Full> {
        self.state = State::Full(ManuallyDrop::new(full));
        match &mut self.state {
            State::Full(full) => Some(full),
            _ => None,
        }
    }

    /// Starts and enters a call whose setup is long over.
    #[inline(never)]
    fn enter_prepared(&mut self) {
        match &mut self.state {
            State::Lean(lean) => lean.start(),
            State::Full(full) => full.start_prepared(),
            State::Idle | State::Silent(_) => {}
        }
    }

    /// Leaves a call that goes on later.
    #[inline(never)]
    fn suspend(&mut self) {
        match &mut self.state {
            State::Full(full) => full.suspend(),
            State::Silent(silent) => silent.suspend(),
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
            State::Lean(lean) => lean.end(ending),
            State::Silent(silent) => silent.end(),
            State::Full(full) => full.end(ending),
            State::Idle => {}
        }
        self.release();
    }

    /// What there is to tell of a call that does more than to count.
    #[inline]
    fn full(&mut self) -> Option<&mut Full> {
        match &mut self.state {
            State::Full(full) => Some(full),
            _ => None,
        }
    }

    #[inline]
    fn has_begun(&self) -> bool {
        !matches!(self.state, State::Idle)
    }

    /// What there is to record of a result. Calls that only count have nothing, and are asked for nothing.
    #[inline]
    fn closing(&mut self) -> Option<Closing<'_>> {
        match &mut self.state {
            State::Idle => None,
            State::Lean(Lean { site, .. }) | State::Silent(Silent { site, .. }) => {
                Some(Closing { site, call: None })
            }
            State::Full(full) => Some(Closing {
                site: full.site,
                call: Some(full),
            }),
        }
    }

    /// Counts what was lost when an error was asked of what type it is.
    fn settle(&mut self) {
        if let Some(closing) = self.closing() {
            let scope = closing.call.and_then(|call| call.scope.clone());
            lost::settle(closing.site, scope.as_deref());
        }
    }

    /// Drops what the call owns.
    #[inline(always)]
    fn release(&mut self) {
        if let State::Full(full) = &mut self.state {
            full.release();
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
