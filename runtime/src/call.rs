//! One call of an annotated function, from its start to its end.

#![expect(
    clippy::inline_always,
    reason = "what starts or ends a call is one function, with nothing passed through memory"
)]

use std::borrow::Borrow;
use std::mem::ManuallyDrop;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;

use pin_project_lite::pin_project;

use crate::clock;
use crate::listen::{self, METRICS, SPANS};
use crate::metrics::{CallResult, Exemplar, FunctionCells, LabelValue, SeriesIndex};
use crate::outcome::{Message, Outcome};
use crate::scope::{self, Scope};
use crate::semconv;
use crate::site::Site;
use crate::trace::{self, Link, OpenSpan, Origin, Parent, Previous, Sampler, SpanContext};
use crate::value::{Attribute, Value};

/// A call of an annotated function, where it stays from its start to its end: in the function's frame, or in its
/// future. Nothing but a tag is written while nobody listens.
#[derive(Debug)]
pub struct Call {
    /// Dropped by hand where the call ends, so that annotated functions look only whether it has.
    live: Option<ManuallyDrop<Live>>,
}

/// What a call must remember to count at its end what it counted at its start, whatever is installed or shut down
/// meanwhile.
#[derive(Debug)]
struct Live {
    site: &'static Site,
    scope: Option<Arc<Scope>>,
    span: Option<OpenSpan>,
    /// Where the thread was before it entered the span.
    previous: Option<Previous>,
    series: SeriesIndex,
    start: u64,
    metered: bool,
    /// Whether the function's histogram will have the call's duration.
    timed: bool,
    /// Code that a panic runs on its way, in a destructor, may still end well.
    was_panicking: bool,
}

/// A call that starts when the future of a function that is not `async` is first polled.
#[derive(Debug)]
pub struct PreparedCall {
    site: &'static Site,
    call: Call,
}

/// Where the span of a call begins, as generated code chooses.
#[derive(Debug, Default)]
pub struct Opening {
    place: Place,
    /// Decides about a new trace.
    sampler: Option<Sampler>,
}

#[derive(Debug, Default)]
enum Place {
    #[default]
    BelowCurrent,
    Root,
    Below(SpanContext),
}

/// What generated code may set before a call starts.
#[derive(Debug)]
pub struct Setup<'a> {
    live: &'a mut Live,
}

/// What generated code may record when a call has returned, while the thread is still in its span.
#[derive(Debug)]
pub struct Closing<'a> {
    live: Option<&'a Live>,
}

/// Runs the body of a function as a call that ends with what it returns.
#[inline]
pub fn call<T>(
    site: &'static Site,
    body: impl FnOnce() -> T,
    outcome: impl for<'r> FnOnce(&'r T) -> Outcome<'r>,
) -> T {
    let mut call = Call::new();
    let mut guard = call.enter(site);
    let returned = body();
    guard.end(|_| outcome(&returned));
    returned
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

fn without_fields<T>(
    outcome: impl for<'r> FnOnce(&'r T) -> Outcome<'r>,
) -> impl for<'r> FnOnce(&'r T, &mut Closing<'_>) -> Outcome<'r> {
    move |returned, _| outcome(returned)
}

impl Call {
    /// A call that has not started.
    #[inline]
    #[must_use]
    pub const fn new() -> Self {
        Self { live: None }
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

    /// Starts the call with labels and fields, which `setup` is asked for if somebody listens.
    #[inline]
    pub fn enter_with(
        &mut self,
        site: &'static Site,
        setup: impl FnOnce(&mut Setup<'_>),
    ) -> CallGuard<'_> {
        self.begin_with(site, setup);
        self.resume()
    }

    /// Starts a call whose body is run later, with labels and fields.
    #[inline]
    pub fn start_with(site: &'static Site, setup: impl FnOnce(&mut Setup<'_>)) -> Self {
        let mut call = Self::new();
        call.begin_with(site, setup);
        call
    }

    /// Starts a call whose body is run later, with a span that begins where `open` says.
    #[inline]
    pub fn open_with(
        site: &'static Site,
        open: impl FnOnce(&mut Opening),
        setup: impl FnOnce(&mut Setup<'_>),
    ) -> Self {
        let mut call = Self::new();
        if let Some(live) = call.begin_open(site, open) {
            setup(&mut Setup { live });
            live.start_after_setup();
        }
        call
    }

    /// Prepares a call with a span that begins where `open` says, wherever the future is polled.
    #[inline]
    pub fn prepare_open_with(
        site: &'static Site,
        open: impl FnOnce(&mut Opening),
        setup: impl FnOnce(&mut Setup<'_>),
    ) -> PreparedCall {
        let mut call = Self::new();
        if let Some(live) = call.begin_open(site, open) {
            setup(&mut Setup { live });
        }
        PreparedCall { site, call }
    }

    #[inline]
    fn begin_open(
        &mut self,
        site: &'static Site,
        open: impl FnOnce(&mut Opening),
    ) -> Option<&mut Live> {
        let listening = listen::listening();
        if listening == 0 {
            return None;
        }
        let mut opening = Opening::default();
        open(&mut opening);
        self.begin_chosen(site, listening, opening)
    }

    /// Records labels and fields for a call that starts when its future is first polled.
    #[inline]
    pub fn prepare_with(site: &'static Site, setup: impl FnOnce(&mut Setup<'_>)) -> PreparedCall {
        let mut call = Self::new();
        let listening = listen::listening();
        if listening != 0
            && let Some(live) = call.begin(site, listening)
        {
            setup(&mut Setup { live });
        }
        PreparedCall { site, call }
    }

    /// Runs the body of a function and ends the call with what it returns.
    #[inline]
    pub fn run<T>(
        self,
        body: impl FnOnce() -> T,
        outcome: impl for<'r> FnOnce(&'r T) -> Outcome<'r>,
    ) -> T {
        self.run_with(body, |returned, _| outcome(returned))
    }

    /// The same, with fields of what it returns.
    #[inline]
    pub fn run_with<T>(
        mut self,
        body: impl FnOnce() -> T,
        outcome: impl for<'r> FnOnce(&'r T, &mut Closing<'_>) -> Outcome<'r>,
    ) -> T {
        let mut guard = self.resume();
        let returned = body();
        guard.end(|closing| outcome(&returned, closing));
        returned
    }

    /// A future that runs the body of an `async fn` and ends the call with what it returns.
    #[inline]
    pub fn run_async<F: Future>(
        self,
        body: F,
        outcome: impl for<'r> FnOnce(&'r F::Output) -> Outcome<'r>,
    ) -> CallFuture<F, impl for<'r> FnOnce(&'r F::Output, &mut Closing<'_>) -> Outcome<'r>> {
        self.run_async_with(body, without_fields(outcome))
    }

    /// The same, with fields of what it returns.
    #[inline]
    pub fn run_async_with<F, O>(self, body: F, outcome: O) -> CallFuture<F, O>
    where
        F: Future,
        O: for<'r> FnOnce(&'r F::Output, &mut Closing<'_>) -> Outcome<'r>,
    {
        CallFuture {
            body,
            state: CallState {
                site: None,
                call: self,
                outcome: Some(outcome),
            },
        }
    }

    #[inline]
    fn begin_with(&mut self, site: &'static Site, setup: impl FnOnce(&mut Setup<'_>)) {
        let listening = listen::listening();
        if listening != 0
            && let Some(live) = self.begin(site, listening)
        {
            setup(&mut Setup { live });
            live.start_after_setup();
        }
    }

    /// Goes on with a call that has begun, on this thread.
    #[inline]
    pub fn resume(&mut self) -> CallGuard<'_> {
        if let Some(live) = &mut self.live {
            live.enter_again();
            CallGuard { call: Some(self) }
        } else {
            CallGuard { call: None }
        }
    }
}

/// What annotated functions call; it is compiled once, in this crate.
impl Call {
    /// Begins a call, starts it and enters it. Whether there is a call.
    #[inline(never)]
    fn enter_new(&mut self, site: &'static Site, listening: usize) -> bool {
        let Some(live) = Live::new(site, listening) else {
            return false;
        };
        let live = self.live.insert(ManuallyDrop::new(live));
        live.start();
        live.enter();
        true
    }

    /// Starts and enters a call whose setup is long over.
    #[inline(never)]
    fn enter_prepared(&mut self) -> CallGuard<'_> {
        if let Some(live) = &mut self.live {
            let span = live.span.take();
            live.span = span.and_then(|span| span.below_current(live.scope.as_deref()));
            live.start();
            live.enter();
        }
        CallGuard { call: Some(self) }
    }

    /// Begins a call that is started after its setup.
    #[inline(never)]
    fn begin(&mut self, site: &'static Site, listening: usize) -> Option<&mut Live> {
        let live = ManuallyDrop::new(Live::new(site, listening)?);
        Some(self.live.insert(live))
    }

    #[cold]
    fn begin_chosen(
        &mut self,
        site: &'static Site,
        listening: usize,
        opening: Opening,
    ) -> Option<&mut Live> {
        let parent = match opening.place {
            Place::BelowCurrent => trace::current_context(),
            Place::Root => None,
            Place::Below(parent) => Some(parent),
        };
        // A call in no span has always one of its own, whatever is current.
        let mut live = trace::in_context(None, || Live::new(site, listening))?;
        if let Some(span) = &mut live.span {
            *span = OpenSpan::chosen(parent.as_ref(), opening.sampler, live.scope.as_deref());
        }
        Some(self.live.insert(ManuallyDrop::new(live)))
    }

    /// Leaves a call that goes on later.
    #[inline(never)]
    fn suspend(&mut self) {
        if let Some(live) = &mut self.live {
            live.leave();
        }
    }

    #[inline(never)]
    fn end(&mut self, ending: Ending<'_>) {
        if let Some(live) = &mut self.live {
            live.end(ending);
        }
        self.release();
    }

    /// Drops what the call owns.
    #[inline(always)]
    fn release(&mut self) {
        if let Some(live) = &mut self.live {
            (live.scope, live.span, live.previous) = (None, None, None);
        }
        self.live = None;
    }

    /// Drops a call that never ended, because its setup panicked or its future was not polled.
    #[cold]
    fn abandon(&mut self) {
        self.release();
    }
}

impl Drop for Call {
    #[inline]
    fn drop(&mut self) {
        if self.live.is_some() {
            self.abandon();
        }
    }
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

impl Default for Call {
    fn default() -> Self {
        Self::new()
    }
}

impl Opening {
    /// Below this span, or as a new trace where it names none.
    pub fn parent<P: Parent + ?Sized>(&mut self, parent: &P) {
        self.place = parent.span_context().map_or(Place::Root, Place::Below);
    }

    /// As a new trace.
    pub fn root(&mut self) {
        self.place = Place::Root;
    }

    /// A new trace is recorded with this probability.
    pub fn sample(&mut self, ratio: f64) {
        self.sampler = Sampler::ratio(ratio).ok();
    }
}

impl Setup<'_> {
    /// Whether labels are wanted.
    #[inline]
    #[must_use]
    pub fn is_metered(&self) -> bool {
        self.live.metered
    }

    /// Whether fields are wanted.
    #[inline]
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.live.is_recording()
    }

    /// Chooses the series of these labels, in the order of the site's label names.
    pub fn labels(&mut self, labels: &[LabelValue<'_>]) {
        let keyed = self.live.keyed_cells();
        let cells = keyed.as_deref().unwrap_or(&self.live.site.cells);
        self.live.series = cells.index(labels);
    }

    /// Refers to other spans.
    pub fn links<C: Borrow<SpanContext>>(&mut self, contexts: impl IntoIterator<Item = C>) {
        if let Some(span) = &mut self.live.span {
            for context in contexts {
                span.parts().add_link(Link {
                    context: context.borrow().clone(),
                    attributes: Vec::new(),
                });
            }
        }
    }

    /// Records a field.
    pub fn field(&mut self, key: &'static str, value: Value) {
        if let Some(span) = &mut self.live.span {
            span.parts().set_attribute(Attribute::new(key, value));
        }
    }
}

impl Closing<'_> {
    /// Whether fields are wanted.
    #[inline]
    #[must_use]
    pub fn is_recording(&self) -> bool {
        self.live.is_some_and(Live::is_recording)
    }

    /// Records a field.
    pub fn field(&mut self, key: &'static str, value: Value) {
        if self.is_recording() {
            trace::with_parts(|parts| parts.set_attribute(Attribute::new(key, value)));
        }
    }
}

impl Live {
    /// A call that has not started; none if nobody listens to this function.
    #[inline(always)]
    fn new(site: &'static Site, listening: usize) -> Option<Self> {
        site.join();
        let scope = if listen::has_scopes(listening) {
            scope::current()
        } else {
            None
        };
        let signals = if scope.is_some() {
            site.records
        } else {
            site.records & listening
        };
        let metered = signals & METRICS != 0;
        let span = if signals & SPANS == 0 {
            None
        } else {
            OpenSpan::child_of_current(scope.as_deref())
        };
        if !metered && span.is_none() {
            return None;
        }
        Some(Self {
            site,
            scope,
            span,
            previous: None,
            series: SeriesIndex::PLAIN,
            start: 0,
            metered,
            timed: false,
            was_panicking: thread::panicking(),
        })
    }

    #[inline(never)]
    fn start_after_setup(&mut self) {
        self.start();
    }

    #[inline(never)]
    fn enter_again(&mut self) {
        self.enter();
    }

    #[inline(always)]
    fn start(&mut self) {
        if self.metered {
            let keyed = self.keyed_cells();
            let cells = keyed.as_deref().unwrap_or(&self.site.cells);
            let before = cells
                .series(self.series)
                .start(cells.bounds(self.site.metered.buckets));
            self.timed = before & self.site.metered.untimed == 0;
        }
        // Last, so that what happens before is not in the call's time.
        if self.is_timed() {
            self.start = self.now();
        }
    }

    /// The function's cells in the scope that the call began in; they are in the site where there is no scope.
    #[inline(always)]
    fn keyed_cells(&self) -> Option<Arc<FunctionCells>> {
        self.scope
            .as_ref()
            .map(|scope| scope.registry.function(self.site))
    }

    /// Whether anybody will know how long the call took. A span that is not sampled only carries its ids on.
    #[inline]
    fn is_timed(&self) -> bool {
        self.timed || self.is_recording()
    }

    #[inline]
    fn is_recording(&self) -> bool {
        self.span.as_ref().is_some_and(|span| span.ids.is_sampled())
    }

    #[inline]
    fn now(&self) -> u64 {
        match &self.scope {
            None => clock::now(),
            Some(scope) => scope.clock.unix_nanos(),
        }
    }

    #[inline(always)]
    fn enter(&mut self) {
        if let Some(span) = &mut self.span {
            self.previous = Some(span.enter());
        }
    }

    #[inline(always)]
    fn leave(&mut self) {
        if let (Some(span), Some(previous)) = (&mut self.span, self.previous.take()) {
            span.leave(previous);
        }
    }

    fn end(&mut self, ending: Ending<'_>) {
        let end = if self.is_timed() { self.now() } else { 0 };
        if self.metered {
            self.count(self.result(ending), end);
        }
        self.leave();
        self.describe(ending, end);
        if let Some(span) = &mut self.span {
            let (origin, kind) = (Origin::Site(self.site), self.site.span_kind());
            span.finish(origin, kind, self.start, end, self.scope.as_deref());
        }
    }

    /// Whether a panic that began during the call is unwinding.
    fn panics(&self) -> bool {
        thread::panicking() && !self.was_panicking
    }

    #[inline]
    fn result(&self, ending: Ending<'_>) -> CallResult {
        match ending {
            Ending::Returned(Outcome::Error { .. }) => CallResult::Error,
            Ending::Dropped if self.panics() => CallResult::Panic,
            Ending::Returned(Outcome::Ok) | Ending::Dropped => CallResult::Ok,
            Ending::Cancelled => CallResult::Cancelled,
        }
    }

    #[inline]
    fn count(&self, result: CallResult, end: u64) {
        let keyed = self.keyed_cells();
        let cells = keyed.as_deref().unwrap_or(&self.site.cells);
        let bounds = cells.bounds(self.site.metered.buckets);
        let series = cells.series(self.series);
        if !self.timed {
            return series.finish_untimed(bounds, result);
        }
        let nanos = match &self.scope {
            None => clock::nanos_between(self.start, end),
            Some(_) => end.saturating_sub(self.start),
        };
        let ids = match &self.span {
            Some(span) => Some(span.ids),
            None => trace::current(),
        };
        let exemplar = ids.filter(|ids| ids.is_sampled()).map(|ids| {
            move || {
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "a duration of 104 days is still exact"
                )]
                let value = nanos as f64 / 1e9;
                Exemplar {
                    value,
                    unix_nanos: trace::unix_nanos(self.scope.as_deref(), end),
                    trace_id: ids.trace_id,
                    span_id: ids.span_id,
                }
            }
        });
        series.finish(bounds, result, nanos, exemplar);
    }

    /// Tells the span how the call ended.
    #[inline]
    fn describe(&mut self, ending: Ending<'_>, end: u64) {
        let (error_type, message) = match ending {
            Ending::Returned(Outcome::Ok) => return,
            Ending::Dropped if !self.panics() => return,
            Ending::Returned(Outcome::Error {
                error_type,
                message,
            }) => (error_type, message),
            Ending::Dropped => ("panic", Message::None),
            Ending::Cancelled => return self.cancelled(),
        };
        self.failed(error_type, message, end);
    }

    #[cold]
    fn failed(&mut self, error_type: &'static str, message: Message<'_>, end: u64) {
        let unix_nanos = trace::unix_nanos(self.scope.as_deref(), end);
        if let Some(span) = self.span.as_mut().filter(|span| span.ids.is_sampled()) {
            let parts = span.parts();
            parts.fail(error_type, message.text(), unix_nanos);
        }
    }

    #[cold]
    fn cancelled(&mut self) {
        if let Some(span) = self.span.as_mut().filter(|span| span.ids.is_sampled()) {
            let cancelled = Attribute::new(semconv::TACHOGRAPH_CANCELLED, true);
            span.parts().set_attribute(cancelled);
        }
    }
}

/// All the ways in which a call can end.
#[derive(Clone, Copy)]
enum Ending<'r> {
    Returned(Outcome<'r>),
    /// A guard went out of scope, or a panic unwinds through it.
    Dropped,
    Cancelled,
}

/// A running call that ends when this is dropped.
#[derive(Debug)]
#[must_use]
pub struct CallGuard<'a> {
    call: Option<&'a mut Call>,
}

impl CallGuard<'_> {
    #[inline]
    fn end<'r>(&mut self, outcome: impl FnOnce(&mut Closing<'_>) -> Outcome<'r>) {
        if self.call.is_some() {
            // While the guard still has the call: if this panics, that ends the call.
            let live = self.call.as_ref().and_then(|call| call.live.as_deref());
            let outcome = outcome(&mut Closing { live });
            if let Some(call) = self.call.take() {
                call.end(Ending::Returned(outcome));
            }
        }
    }
}

impl Drop for CallGuard<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(call) = self.call.take() {
            call.end(Ending::Dropped);
        }
    }
}

// A guard lives across the user's code; what it holds stays whole when that code panics.
impl UnwindSafe for Call {}
impl RefUnwindSafe for Call {}

pin_project! {
    /// The body of an `async fn` as one call. Dropped before it is done, the call ends as `cancelled`.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub struct CallFuture<F, O> {
        #[pin]
        body: F,
        state: CallState<O>,
    }
}

#[derive(Debug)]
struct CallState<O> {
    /// The site of a call that starts at the first poll.
    site: Option<&'static Site>,
    call: Call,
    outcome: Option<O>,
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
