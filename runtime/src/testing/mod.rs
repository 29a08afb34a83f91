//! Recorders for tests: what the code under test counts and traces, as text that reads well and is always the same.
//!
//! A [`Recorder`] has a registry, spans, log records, a clock and a sampler of its own. Nothing global is touched, so
//! tests run side by side, and two of them never see each other.
//!
//! ```
//! use std::time::Duration;
//! use tachograph::testing::Recorder;
//! use tachograph::{metered, traced};
//!
//! struct Orders;
//!
//! impl Orders {
//!     #[traced(fields(order.id = id), err)]
//!     #[metered]
//!     fn place(&self, id: u32, pay: impl FnOnce() -> Result<(), String>) -> Result<(), String> {
//!         pay()
//!     }
//! }
//!
//! # fn main() {
//! let recorder = Recorder::new();
//! let declined = recorder.in_scope(|| {
//!     Orders.place(7, || {
//!         recorder.clock().advance(Duration::from_millis(12));
//!         Err("card declined".into())
//!     })
//! });
//!
//! assert!(declined.is_err());
//! recorder.assert_traces(
//!     r#"
//!     Orders::place 12ms order.id=7 error.type=alloc::string::String [error: card declined]
//!       * exception +12ms exception.type=alloc::string::String exception.message="card declined"
//!     "#,
//! );
//! # let deltas = recorder.metric_deltas();
//! # assert!(deltas.starts_with("function.calls{function=Orders::place,module="), "{deltas}");
//! # assert!(deltas.ends_with("result=error} +1 sum 12ms\n"), "{deltas}");
//! # }
//! ```
//!
//! Calls and `.await` stay in the scope by themselves. Other threads and tasks are in it only if they are given the
//! [`Context`]: through [`Context::in_scope`] and [`FutureExt::with_context`](crate::trace::FutureExt::with_context).
//! A bare `spawn` is not followed.

mod deltas;
mod logs;
mod text;
mod tree;

use std::sync::{Arc, Mutex, PoisonError};

use crate::logs::LogBatch;
use crate::registry::Registry;
pub use crate::scope::ManualClock;
use crate::scope::Scope;
use crate::trace::{Context, Sampler, SpanBatch, WithContext};
use deltas::Seen;

/// Gathers what is recorded within its scope, and nothing else.
#[derive(Debug)]
pub struct Recorder {
    scope: Arc<Scope>,
    seen: Mutex<Seen>,
}

impl Recorder {
    /// A recorder that has seen nothing. It samples every trace, and its clock stands still.
    #[must_use]
    pub fn new() -> Self {
        Self {
            scope: Scope::open(),
            seen: Mutex::default(),
        }
    }

    /// Runs `body` in this scope and outside of all spans, and goes back to where the thread was, even if it panics.
    pub fn in_scope<T>(&self, body: impl FnOnce() -> T) -> T {
        Context::of_scope(Arc::clone(&self.scope)).in_scope(body)
    }

    /// A future that runs `future` in this scope, on whichever threads it is polled.
    ///
    /// ```
    /// # use tachograph::testing::Recorder;
    /// # use tachograph::trace::Span;
    /// # use std::{future::Future, pin::pin, task::{Context, Poll, Waker}};
    /// # fn block_on<T>(future: impl Future<Output = T>) -> T {
    /// #     let Poll::Ready(done) = pin!(future).poll(&mut Context::from_waker(Waker::noop())) else { panic!() };
    /// #     done
    /// # }
    /// async fn handle() {
    ///     Span::start("handle").end();
    /// }
    ///
    /// let recorder = Recorder::new();
    /// block_on(recorder.in_future(handle()));
    /// assert_eq!(recorder.traces(), "handle 0ns\n");
    /// ```
    pub fn in_future<F: Future>(&self, future: F) -> WithContext<F> {
        WithContext::new(future, Context::of_scope(Arc::clone(&self.scope)))
    }

    /// The clock that times everything in this scope; it stands still until it is advanced.
    #[must_use]
    pub fn clock(&self) -> &ManualClock {
        &self.scope.clock
    }

    /// The metrics of this scope.
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.scope.registry
    }

    /// Decides anew which traces that begin from now on are recorded.
    pub fn set_sampler(&self, sampler: Sampler) {
        self.scope.set_sampler(sampler);
    }

    /// All spans that have ended, in the order of their ends.
    #[must_use]
    pub fn spans(&self) -> SpanBatch {
        self.scope.lock_spans().clone()
    }

    /// All spans that have ended, as an indented tree with a line for each span, event and link.
    ///
    /// ```text
    /// GET /orders (server) 12ms http.response.status_code=500 [error]
    ///   orders::place 12ms order.id=7
    ///     * cache.miss +2ms key=price
    ///     -> refill key="a b"
    /// ```
    ///
    /// A span has its name, its kind unless it is internal, its duration, its attributes and its status unless nobody
    /// set one. An event (`*`) has the time since the start of its span. A link (`->`) has the name of the other span,
    /// or its ids if it is not among those recorded. Texts stand in quotes where they could be taken for something
    /// else: `"7"` is a string, `7` a number. Where the code stands (`code.*`) is left out.
    ///
    /// Siblings are sorted by their start, and those that start at the same time by their end. So the text is always
    /// the same if the clock is advanced between things that happen on several threads.
    #[must_use]
    pub fn traces(&self) -> String {
        tree::write(&self.spans())
    }

    /// All log records that were made, in their order.
    #[must_use]
    pub fn log_records(&self) -> LogBatch {
        self.scope.lock_logs().clone()
    }

    /// All log records that were made, in their order, with a line for each.
    ///
    /// ```text
    /// WARN shop::orders::place: card declined error.type=shop::Declined [in orders::place]
    /// INFO shop::orders::refund: error.type=_OTHER
    /// ```
    ///
    /// A record has its severity, the full path of the function, its target in parentheses if that is not the module,
    /// the body if there is one, its attributes, and the name of the span it was made in if that was recorded and has
    /// ended.
    #[must_use]
    pub fn logs(&self) -> String {
        logs::write(&self.log_records(), &self.spans())
    }

    /// What the metrics of this scope have changed by since this was last called, with a line for each series.
    ///
    /// ```text
    /// function.calls{function=place,module=shop::orders,result=ok} +2
    /// function.calls.duration{function=place,module=shop::orders,result=ok} +2 sum 24ms
    /// function.calls.in_flight{function=wait,module=shop::orders} -1
    /// pool.size = 8
    /// ```
    ///
    /// A histogram has the number of values and their sum, a gauge its new value. Series that did not change are left
    /// out. The lines are sorted by metric, then by labels.
    #[must_use]
    pub fn metric_deltas(&self) -> String {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.write_changes(&self.registry().snapshot())
    }

    /// Compares [`Recorder::traces`] with `expected`, which may be indented as a whole.
    ///
    /// # Panics
    ///
    /// When they differ. The message shows both.
    #[track_caller]
    pub fn assert_traces(&self, expected: &str) {
        text::assert_same("traces", &self.traces(), expected);
    }

    /// Compares [`Recorder::logs`] with `expected`, which may be indented as a whole.
    ///
    /// # Panics
    ///
    /// When they differ. The message shows both.
    #[track_caller]
    pub fn assert_logs(&self, expected: &str) {
        text::assert_same("logs", &self.logs(), expected);
    }

    /// Compares [`Recorder::metric_deltas`] with `expected`, which may be indented as a whole.
    ///
    /// ```
    /// # use tachograph::testing::Recorder;
    /// let recorder = Recorder::new();
    /// recorder.assert_metric_deltas("");
    /// ```
    ///
    /// # Panics
    ///
    /// When they differ. The message shows both.
    #[track_caller]
    pub fn assert_metric_deltas(&self, expected: &str) {
        text::assert_same("metric deltas", &self.metric_deltas(), expected);
    }
}

impl Default for Recorder {
    fn default() -> Self {
        Self::new()
    }
}
