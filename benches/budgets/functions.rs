//! What is called: the same functions once bare and once under each contender's attributes.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

macro_rules! functions {
    ($(#[doc = $doc:literal])* $name:ident: $(#[$attribute:meta])*) => {
        $(#[doc = $doc])*
        pub(crate) mod $name {
            use std::hint::black_box;
            use std::pin::pin;

            use super::{finish, suspend};

            $(#[$attribute])*
            #[inline(never)]
            pub(crate) fn leaf(n: u64) -> u64 {
                black_box(n)
            }

            $(#[$attribute])*
            pub(crate) async fn suspending_leaf(n: u64) -> u64 {
                suspend().await;
                black_box(n)
            }

            $(#[$attribute])*
            #[inline(never)]
            pub(crate) fn parent(children: u64) {
                for n in 0..children {
                    black_box(leaf(n));
                }
            }

            $(#[$attribute])*
            #[inline(never)]
            pub(crate) fn suspending_parent(children: u64) {
                for n in 0..children {
                    black_box(finish(pin!(suspending_leaf(n))));
                }
            }
        }
    };
}

functions!(bare:);
functions!(traced: #[tachograph::traced]);
functions!(both: #[tachograph::traced] #[tachograph::metered]);
functions!(instrumented: #[tracing::instrument(skip_all)]);
functions!(fastraced: #[fastrace::trace]);

/// Functions whose spans have four integers of their arguments. fastrace's are text, as it has no others.
pub(crate) mod integers {
    use std::hint::black_box;

    #[tachograph::traced(fields(a = n, b = n, c = n, d = n))]
    #[inline(never)]
    fn traced(n: u64) -> u64 {
        black_box(n)
    }

    #[fastrace::trace(properties = { "a": "{n}", "b": "{n}", "c": "{n}", "d": "{n}" })]
    #[inline(never)]
    fn fastraced(n: u64) -> u64 {
        black_box(n)
    }

    #[tracing::instrument(skip_all, fields(a = n, b = n, c = n, d = n))]
    #[inline(never)]
    fn instrumented(n: u64) -> u64 {
        black_box(n)
    }

    #[tachograph::traced]
    pub(crate) fn traced_parent(children: u64) {
        (0..children).for_each(|n| _ = black_box(traced(n)));
    }

    #[fastrace::trace]
    pub(crate) fn fastraced_parent(children: u64) {
        (0..children).for_each(|n| _ = black_box(fastraced(n)));
    }

    #[tracing::instrument(skip_all)]
    pub(crate) fn instrumented_parent(children: u64) {
        (0..children).for_each(|n| _ = black_box(instrumented(n)));
    }
}

/// Calls `body` in a new trace of fastrace, whose attribute makes children only.
pub(crate) fn fastrace_root(sampled: bool, body: impl FnOnce()) {
    use fastrace::prelude::{Span, SpanContext};

    let root = Span::root("parent", SpanContext::random().sampled(sampled));
    let _inside = root.set_local_parent();
    body();
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
pub(crate) fn finish<F: Future>(mut future: Pin<&mut F>) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
