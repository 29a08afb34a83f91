//! One call of an annotated function, from its start to its end.

use std::panic::{RefUnwindSafe, UnwindSafe};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::thread;

use pin_project_lite::pin_project;

use crate::clock;
use crate::listen::{self, METRICS, SPANS};
use crate::metrics::{CallResult, Exemplar, FunctionCells, LabelValue, SeriesIndex};
use crate::outcome::Outcome;
use crate::scope::{self, Scope};
use crate::semconv;
use crate::site::Site;
use crate::trace::{self, OpenSpan, Origin, Previous};
use crate::value::{Attribute, Value};

/// A call that has begun; empty when nobody listens.
#[derive(Debug)]
#[must_use]
pub struct Call {
    live: Option<Live>,
}

/// What a call must remember to count at its end what it counted at its start, whatever is installed or shut down
/// meanwhile.
#[derive(Debug)]
struct Live {
    site: &'static Site,
    scope: Option<Arc<Scope>>,
    span: Option<OpenSpan>,
    series: SeriesIndex,
    start: u64,
    metered: bool,
}

/// What generated code may set before a call starts.
#[derive(Debug)]
pub struct Setup<'a> {
    live: &'a mut Live,
}

impl Call {
    /// Starts a call.
    #[inline]
    pub fn start(site: &'static Site) -> Self {
        Self::start_with(site, |_| {})
    }

    /// Starts a call with labels and fields, which `setup` is asked for if somebody listens.
    #[inline]
    pub fn start_with(site: &'static Site, setup: impl FnOnce(&mut Setup<'_>)) -> Self {
        let listening = listen::listening();
        if listening == 0 {
            return Self { live: None };
        }
        let mut live = Live::begin(site, listening);
        if let Some(live) = &mut live {
            setup(&mut Setup { live });
            live.start();
        }
        Self { live }
    }

    /// Ends the call when the guard is dropped: as `ok`, or as `panic` when that is what drops it.
    #[inline]
    pub fn guard(mut self) -> CallGuard {
        CallGuard {
            previous: self.live.as_mut().and_then(Live::enter),
            // Code that a panic runs on its way, in a destructor, may still end well.
            was_panicking: self.live.is_some() && thread::panicking(),
            live: self.live,
        }
    }

    /// Runs the body of a function and ends the call with what it returns.
    #[inline]
    pub fn run<T>(
        self,
        body: impl FnOnce() -> T,
        outcome: impl for<'r> FnOnce(&'r T) -> Outcome<'r>,
    ) -> T {
        let mut guard = self.guard();
        let returned = body();
        if guard.live.is_some() {
            guard.end(outcome(&returned));
        }
        returned
    }

    /// A future that runs the body of an `async fn` and ends the call with what it returns.
    #[inline]
    pub fn run_async<F, O>(self, body: F, outcome: O) -> CallFuture<F, O>
    where
        F: Future,
        O: for<'r> FnOnce(&'r F::Output) -> Outcome<'r>,
    {
        CallFuture {
            body,
            state: CallState {
                live: self.live,
                outcome: Some(outcome),
            },
        }
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
        self.live.span.as_ref().is_some_and(|span| span.ids.sampled)
    }

    /// Chooses the series of these labels, in the order of the site's label names.
    pub fn labels(&mut self, labels: &[LabelValue]) {
        self.live.series = self.live.cells(|cells| cells.index(labels));
    }

    /// Records a field.
    pub fn field(&mut self, key: &'static str, value: Value) {
        if let Some(span) = &mut self.live.span {
            span.parts().set_attribute(Attribute::new(key, value));
        }
    }
}

impl Live {
    #[inline]
    fn begin(site: &'static Site, listening: usize) -> Option<Self> {
        site.join();
        if listen::has_scopes(listening)
            && let Some(scope) = scope::current()
        {
            return Self::begin_in(site, site.records, Some(scope));
        }
        Self::begin_in(site, site.records & listening, None)
    }

    #[inline]
    fn begin_in(site: &'static Site, signals: usize, scope: Option<Arc<Scope>>) -> Option<Self> {
        let span = if signals & SPANS != 0 {
            OpenSpan::child_of_current(scope.as_deref())
        } else {
            None
        };
        let metered = signals & METRICS != 0;
        (metered || span.is_some()).then(|| Self {
            site,
            scope,
            span,
            series: SeriesIndex::PLAIN,
            start: 0,
            metered,
        })
    }

    #[inline]
    fn start(&mut self) {
        if self.metered {
            let (buckets, series) = (self.site.metered.buckets, self.series);
            self.cells(|cells| cells.series(series).start(cells.bounds(buckets)));
        }
        // Last, so that what happens before is not in the call's time.
        self.start = self.now();
    }

    #[inline]
    fn now(&self) -> u64 {
        match &self.scope {
            None => clock::now(),
            Some(scope) => scope.clock.unix_nanos(),
        }
    }

    /// The cells of the function, in the scope that the call began in.
    #[inline]
    fn cells<T>(&self, read: impl FnOnce(&FunctionCells) -> T) -> T {
        match &self.scope {
            None => read(&self.site.cells),
            Some(scope) => read(&scope.registry.function(self.site)),
        }
    }

    #[inline]
    fn enter(&mut self) -> Option<Previous> {
        self.span.as_mut().map(OpenSpan::enter)
    }

    #[inline]
    fn leave(&mut self, previous: Option<Previous>) {
        if let (Some(span), Some(previous)) = (&mut self.span, previous) {
            span.leave(previous);
        }
    }

    /// Ends the call. A thread that is still in its span leaves it for `previous`.
    #[inline]
    fn end(mut self, ending: Ending<'_>, previous: Option<Previous>) {
        let end = self.now();
        if self.metered {
            self.count(ending.result(), end);
        }
        self.leave(previous);
        if let Some(mut span) = self.span.take() {
            if span.ids.sampled {
                self.describe(&mut span, ending, end);
            }
            let (origin, kind) = (Origin::Site(self.site), self.site.span_kind());
            span.finish(origin, kind, self.start, end, self.scope.as_deref());
        }
    }

    #[inline]
    fn count(&self, result: CallResult, end: u64) {
        let nanos = match &self.scope {
            None => clock::nanos_between(self.start, end),
            Some(_) => end.saturating_sub(self.start),
        };
        let ids = match &self.span {
            Some(span) => Some(span.ids),
            None => trace::current(),
        };
        let exemplar = ids.filter(|ids| ids.sampled).map(|ids| {
            move || {
                #[expect(
                    clippy::cast_precision_loss,
                    reason = "a duration of 104 days is still exact"
                )]
                let value = nanos as f64 / 1e9;
                Some(Exemplar {
                    value,
                    unix_nanos: trace::unix_nanos(self.scope.as_deref(), end),
                    trace_id: ids.trace_id,
                    span_id: ids.span_id,
                })
            }
        });
        let (buckets, series) = (self.site.metered.buckets, self.series);
        self.cells(|cells| {
            cells
                .series(series)
                .finish(cells.bounds(buckets), result, nanos, exemplar)
        });
    }

    /// Tells the span how the call ended.
    #[inline]
    fn describe(&self, span: &mut OpenSpan, ending: Ending<'_>, end: u64) {
        let (error_type, message) = match ending {
            Ending::Returned(Outcome::Ok) => return,
            Ending::Returned(Outcome::Error {
                error_type,
                message,
            }) => (error_type, message.text()),
            Ending::Panicked => ("panic", None),
            Ending::Cancelled => {
                span.parts()
                    .set_attribute(Attribute::new(semconv::TACHOGRAPH_CANCELLED, true));
                return;
            }
        };
        span.parts().fail(
            error_type,
            message,
            trace::unix_nanos(self.scope.as_deref(), end),
        );
    }
}

/// All the ways in which a call can end.
#[derive(Clone, Copy)]
enum Ending<'r> {
    Returned(Outcome<'r>),
    Panicked,
    Cancelled,
}

impl Ending<'_> {
    fn result(self) -> CallResult {
        match self {
            Self::Returned(Outcome::Ok) => CallResult::Ok,
            Self::Returned(Outcome::Error { .. }) => CallResult::Error,
            Self::Panicked => CallResult::Panic,
            Self::Cancelled => CallResult::Cancelled,
        }
    }
}

/// A call that ends when this is dropped.
#[derive(Debug)]
#[must_use]
pub struct CallGuard {
    live: Option<Live>,
    previous: Option<Previous>,
    was_panicking: bool,
}

impl CallGuard {
    #[inline]
    fn end(&mut self, outcome: Outcome<'_>) {
        if let Some(live) = self.live.take() {
            live.end(Ending::Returned(outcome), self.previous.take());
        }
    }
}

impl Drop for CallGuard {
    #[inline]
    fn drop(&mut self) {
        if let Some(live) = self.live.take() {
            let panicked = thread::panicking() && !self.was_panicking;
            let ending = if panicked {
                Ending::Panicked
            } else {
                Ending::Returned(Outcome::Ok)
            };
            live.end(ending, self.previous.take());
        }
    }
}

// A guard lives across the user's code; what it holds stays whole when that code panics.
impl UnwindSafe for CallGuard {}
impl RefUnwindSafe for CallGuard {}

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
    live: Option<Live>,
    outcome: Option<O>,
}

impl<F, O> Future for CallFuture<F, O>
where
    F: Future,
    O: for<'r> FnOnce(&'r F::Output) -> Outcome<'r>,
{
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        if this.state.live.is_none() {
            return this.body.poll(cx);
        }
        // While the body is polled the call lives in a guard, which ends it as `panic` if the body unwinds.
        let mut guard = Call {
            live: this.state.live.take(),
        }
        .guard();
        match this.body.poll(cx) {
            Poll::Pending => {
                if let Some(mut live) = guard.live.take() {
                    live.leave(guard.previous.take());
                    this.state.live = Some(live);
                }
                Poll::Pending
            }
            Poll::Ready(returned) => {
                if let Some(outcome) = this.state.outcome.take() {
                    guard.end(outcome(&returned));
                }
                Poll::Ready(returned)
            }
        }
    }
}

impl<O> Drop for CallState<O> {
    #[inline]
    fn drop(&mut self) {
        if let Some(live) = self.live.take() {
            live.end(Ending::Cancelled, None);
        }
    }
}
