//! All that generated code may call. Not part of the public API: it changes without notice.

pub use linkme;
/// As a block hands them on to its functions.
pub use tachograph_macros::{metered, traced};

pub use crate::call::{
    AnyCall, AnyMade, Call, CallFuture, CallGuard, Closing, FutureCall, Kind, Made, MakingCall,
    Opening, Returning, Setup, call, call_async, returning,
};
pub use crate::captured::{Captured, CapturedByDebug, CapturedByNothing, CapturedByValue};
pub use crate::error_type::{AnyError, Classified, ErrorType};
#[allow(
    unreachable_pub,
    unused_imports,
    reason = "there is nothing where the linker lists no sites"
)]
pub use crate::listed::by_linker::*;
pub use crate::metrics::{
    Label, LabelSet, LabelText, LabelValue, bounded, caller, label, label_text, literal,
};
pub use crate::outcome::{AnyReturn, Ended, Outcome, Returned};
pub use crate::semconv::TACHOGRAPH_RETURN as RETURN;
#[expect(deprecated, reason = "for the warning where it is called")]
pub use crate::sensitive::looks_like_a_secret;
pub use crate::site::Site;
pub use crate::trace::{Level, SpanKind};
pub use crate::value::{ToValue, debug, display, value};
pub use crate::{
    __captured as captured, __ended as ended, __kind as kind, __outcome as outcome, __site as site,
};

use std::pin::Pin;

/// Runs the body of a function that returns a future, and has more than one end.
#[inline]
pub fn made<F>(body: impl FnOnce() -> F) -> F {
    body()
}

/// Says what a future comes to.
#[inline]
pub fn output_is<T, F: Future<Output = T>>(future: F) -> F {
    future
}

/// Puts the future of a call where the function's own would be.
pub fn boxed<F>(future: F) -> Pin<Box<F>> {
    Box::pin(future)
}

/// A parameter that the body of a function left where it was.
#[diagnostic::on_unimplemented(
    message = "`on_ok` and `on_err` cannot see a parameter of type `{Self}`: it is moved into the body of the function",
    label = "not `Copy`",
    note = "name a part of `ok` or `err`, or record it when the call starts, with `fields(..)` or `labels(..)`"
)]
pub trait Kept {}

impl<T: Copy> Kept for T {}

/// Asks of a parameter whether it is still there after the body.
#[inline]
pub fn kept<T: Kept>(_: &T) {}

/// Names the type that an `async` body returns, in a branch that is never taken.
#[must_use]
pub fn unreached<T>() -> T {
    unreachable!("generated code only asks for the type")
}
