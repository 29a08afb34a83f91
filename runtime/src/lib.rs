//! Instrumentation for Rust functions: `#[metered]` counts and times calls, `#[traced]` makes spans of them.
//!
//! A library depends on this crate alone. Until an application installs telemetry (with `tachograph-exporters`), an
//! annotated call adds a relaxed load and a branch.

mod call;
mod captured;
mod caught;
mod clock;
mod error_type;
#[cfg(feature = "metrics")]
mod facade;
mod inside;
mod listed;
mod listen;
mod lost;
mod objective;
mod outcome;
mod packed;
mod random;
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
pub mod listener;
pub mod logs;
pub mod metrics;
pub mod registry;
pub mod semconv;
#[cfg(feature = "testing")]
pub mod testing;
pub mod trace;

#[doc(hidden)]
pub mod __private;

pub use error_type::ErrorType;
pub use listed::sites;
pub use metrics::{Label, LabelSet};
pub use objective::{LatencyObjective, Objective};
pub use packed::{ArrayRef, Attributes, KeyRef, List, ValueBytes, ValueRef};
#[doc(hidden)]
pub use registry::OWN_COUNTERS;
pub use registry::Registry;
pub use resource::Resource;
pub use sensitive::Sensitive;
pub use site::Site;
pub use tachograph_macros::{ErrorType, Label, LabelSet, metered, traced};
pub use value::{Array, Attribute, Key, ToValue, Value};
