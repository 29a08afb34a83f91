//! What is called: small functions, bare and annotated.

use std::future::poll_fn;
use std::hint::black_box;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use tachograph::{Label, metered, traced};

/// An error that never comes up.
#[derive(Debug)]
pub(crate) struct Failure;

#[derive(Clone, Copy, Label)]
pub(crate) enum Tier {
    Free,
    Paid,
    Trial,
}

impl Tier {
    pub(crate) fn of(n: u64) -> Self {
        match n % 3 {
            0 => Self::Free,
            1 => Self::Paid,
            _ => Self::Trial,
        }
    }
}

/// The same function under different attributes.
macro_rules! functions {
    ($($(#[$attribute:meta])* $name:ident;)*) => {
        $(
            $(#[$attribute])*
            #[inline(never)]
            #[allow(clippy::unnecessary_wraps, reason = "one signature for all")]
            pub(crate) fn $name(n: u64) -> Result<u64, Failure> {
                Ok(black_box(n))
            }
        )*
    };
}

functions! {
    bare;
    #[traced] #[metered] both;
    #[metered] counted;
    #[metered(duration(sample = 64))] sampled;
    #[traced] spanned;
}

#[traced(fields(a = n, b = n, c = n, d = n))]
#[inline(never)]
pub(crate) fn with_integers(n: u64) -> Result<u64, Failure> {
    Ok(black_box(n))
}

/// With the arguments of [`labelled`] and without its attribute.
#[inline(never)]
#[expect(clippy::unnecessary_wraps, reason = "as the annotated function")]
pub(crate) fn bare_labelled(n: u64, tier: Tier, cached: bool) -> Result<u64, Failure> {
    _ = black_box((tier, cached));
    Ok(black_box(n))
}

#[metered(labels(tier = tier, cached = cached))]
#[inline(never)]
pub(crate) fn labelled(n: u64, tier: Tier, cached: bool) -> Result<u64, Failure> {
    _ = black_box((tier, cached));
    Ok(black_box(n))
}

/// With the arguments of [`bounded`] and without its attribute.
#[inline(never)]
#[expect(clippy::unnecessary_wraps, reason = "as the annotated function")]
pub(crate) fn bare_bounded(n: u64, user: &str) -> Result<u64, Failure> {
    _ = black_box(user);
    Ok(black_box(n))
}

#[metered(labels(user(user, max = 100)))]
#[inline(never)]
pub(crate) fn bounded(n: u64, user: &str) -> Result<u64, Failure> {
    _ = black_box(user);
    Ok(black_box(n))
}

pub(crate) async fn bare_async(n: u64) -> u64 {
    suspend().await;
    black_box(n)
}

#[traced]
pub(crate) async fn spanned_async(n: u64) -> u64 {
    suspend().await;
    black_box(n)
}

#[metered]
pub(crate) async fn counted_async(n: u64) -> u64 {
    suspend().await;
    black_box(n)
}

#[traced]
#[metered]
pub(crate) async fn both_async(n: u64) -> u64 {
    suspend().await;
    black_box(n)
}

#[traced(fields(tier = "paid", items = 3, gift = true, region = "eu-central-1"))]
pub(crate) fn with_attributes(n: u64) -> u64 {
    black_box(n)
}

/// Comes back when it is polled again.
async fn suspend() {
    let mut polled = false;
    poll_fn(|_| {
        if std::mem::replace(&mut polled, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// Polls until the future is done.
#[inline(never)]
pub(crate) fn finish<F: Future>(mut future: Pin<&mut F>) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
