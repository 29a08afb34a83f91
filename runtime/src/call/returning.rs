//! Functions that say they return a `Future`, which may be a trait of the user's: the type of what they return decides
//! whether a call is the life of a future, or the run of the function that makes something.

use std::marker::PhantomData;
use std::pin::Pin;

use super::{Call, CallFuture, Closing, FutureCall, Setup};
use crate::outcome::Outcome;
use crate::site::Site;

/// One of both kinds of call, before it is known what the function returns.
pub trait AnyCall: Sized {
    /// The call of a function that begins now.
    fn begin(site: &'static Site) -> Self;

    /// The same with labels and fields.
    fn begin_with(site: &'static Site, setup: impl FnOnce(&mut Setup<'_>)) -> Self;
}

impl AnyCall for FutureCall {
    #[inline]
    fn begin(site: &'static Site) -> Self {
        Self::new(site)
    }

    #[inline]
    fn begin_with(site: &'static Site, setup: impl FnOnce(&mut Setup<'_>)) -> Self {
        Self::prepare(site, setup)
    }
}

/// The run of a function that makes what is no future. Dropped before it has made anything, it ends as a panic.
#[derive(Debug)]
pub struct MakingCall(Call);

impl AnyCall for MakingCall {
    #[inline]
    fn begin(site: &'static Site) -> Self {
        let mut call = Call::new();
        call.start_plainly(site);
        Self(call)
    }

    #[inline]
    fn begin_with(site: &'static Site, setup: impl FnOnce(&mut Setup<'_>)) -> Self {
        let mut call = Call::new();
        call.start(site, setup);
        Self(call)
    }
}

impl Drop for MakingCall {
    #[inline]
    fn drop(&mut self) {
        drop(self.0.running());
    }
}

/// Which kind of call it is.
#[derive(Debug)]
pub struct Kind<C>(PhantomData<C>);

/// What a function returns, to be asked what its call is: `Made(&future).__call()`.
///
/// [`AnyMade`] answers for what is not known to be a future.
#[derive(Debug)]
pub struct Made<'m, M>(pub &'m M);

impl<M: Future> Made<'_, M> {
    /// The life of the future.
    #[inline]
    #[must_use]
    pub fn __call(self) -> Kind<FutureCall> {
        Kind(PhantomData)
    }
}

/// What is asked when a type is not known to be a future.
pub trait AnyMade {
    /// The run of the function.
    fn __call(self) -> Kind<MakingCall>;
}

impl<M> AnyMade for Made<'_, M> {
    #[inline]
    fn __call(self) -> Kind<MakingCall> {
        Kind(PhantomData)
    }
}

/// Finds out of which kind a call is.
#[doc(hidden)]
#[macro_export]
macro_rules! __kind {
    ($made:expr) => {{
        #[allow(unused_imports)]
        use $crate::__private::AnyMade as _;
        $crate::__private::Made($made).__call()
    }};
}

/// What a function returns, with its call.
#[derive(Debug)]
pub struct Returning<C, M> {
    call: C,
    made: M,
}

/// Holds a call beside what its function returns, by whose type `kind` tells what the call is.
#[inline]
pub fn returning<C: AnyCall, M>(
    call: C,
    made: M,
    kind: impl FnOnce(&M) -> Kind<C>,
) -> Returning<C, M> {
    let _ = kind(&made);
    Returning { call, made }
}

impl<M: Future> Returning<FutureCall, M> {
    /// Says what the future comes to.
    #[inline]
    #[must_use]
    pub fn output_is<T>(self) -> Self
    where
        M: Future<Output = T>,
    {
        self
    }

    /// The future as a call.
    #[inline]
    pub fn run<O>(self, outcome: O) -> CallFuture<M, O>
    where
        O: for<'r> FnOnce(&'r M::Output, &mut Closing<'_>) -> Outcome<'r>,
    {
        self.call.run(self.made, outcome)
    }

    /// The same, where the function's own box would be.
    pub fn boxed<O>(self, outcome: O) -> Pin<Box<CallFuture<M, O>>>
    where
        O: for<'r> FnOnce(&'r M::Output, &mut Closing<'_>) -> Outcome<'r>,
    {
        Box::pin(self.run(outcome))
    }
}

impl<M> Returning<MakingCall, M> {
    /// Says nothing: it is not this that the call comes to.
    #[inline]
    #[must_use]
    pub fn output_is<T>(self) -> Self {
        self
    }

    /// What was made; the call is over.
    #[inline]
    pub fn run<O>(mut self, outcome: O) -> M
    where
        O: for<'r> FnOnce(&'r M, &mut Closing<'_>) -> Outcome<'r>,
    {
        self.call.0.run(|| self.made, outcome)
    }

    /// The same: what was made is in its box.
    #[inline]
    pub fn boxed<O>(self, outcome: O) -> M
    where
        O: for<'r> FnOnce(&'r M, &mut Closing<'_>) -> Outcome<'r>,
    {
        self.run(outcome)
    }
}
