//! Instrumentation for Rust functions: `#[metered]` counts and times calls, `#[traced]` makes spans of them.
//!
//! A library depends on this crate alone. Until an application installs telemetry (with `tachograph-exporters`), an
//! annotated call adds a relaxed load and a branch.

mod call;
mod captured;
mod clock;
#[cfg(feature = "metrics")]
mod facade;
mod listed;
mod listen;
mod objective;
mod outcome;
mod resource;
#[cfg_attr(
    not(feature = "testing"),
    expect(dead_code, unreachable_pub, reason = "only recorders open scopes")
)]
mod scope;
mod sensitive;
mod site;
mod sync;
mod value;

pub mod collector;
pub mod logs;
pub mod metrics;
pub mod registry;
pub mod semconv;
#[cfg(feature = "testing")]
pub mod testing;
pub mod trace;

#[doc(hidden)]
pub mod __private;

pub use listed::sites;
pub use metrics::{Label, LabelSet};
pub use objective::{LatencyObjective, Objective};
pub use outcome::ErrorType;
pub use registry::Registry;
pub use resource::Resource;
pub use sensitive::Sensitive;
pub use site::Site;
pub use tachograph_macros::{ErrorType, Label, LabelSet, metered, traced};
pub use value::{Array, Attribute, Key, ToValue, Value};

/// Starts and stops listening: for exporters, which install telemetry for a whole program.
pub mod listener {
    use std::sync::Arc;

    use crate::listen;
    use crate::logs::{LogRecord, listener};

    /// From now on calls of annotated functions count and make spans.
    pub fn start() {
        listen::start(listen::METRICS | listen::SPANS);
    }

    /// From now on `on_record` is given each log record, on the thread that makes it.
    ///
    /// It may panic, which is as if it had returned. What it calls may make log records; those are given to nobody.
    pub fn start_logs(on_record: impl Fn(&LogRecord) + Send + Sync + 'static) {
        listener::set(Some(Arc::new(on_record)));
        listen::start(listen::LOGS);
    }

    /// From now on calls do nothing of that. A call that is running still ends as it began, but makes no log record.
    pub fn stop() {
        listen::stop(listen::METRICS | listen::SPANS | listen::LOGS);
        listener::set(None);
    }
}
