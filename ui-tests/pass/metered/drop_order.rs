//! Everything is dropped when and in the order in which the plain function drops it.
#![deny(warnings)]

use std::cell::RefCell;
use std::future::{Future, ready};
use std::pin::pin;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};

use tachograph::metered;

thread_local! {
    static DROPPED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

struct D(&'static str);

impl D {
    fn len(&self) -> usize {
        self.0.len()
    }
}

impl Drop for D {
    fn drop(&mut self) {
        DROPPED.with_borrow_mut(|dropped| dropped.push(self.0));
    }
}

fn dropped<T>(run: impl FnOnce() -> T) -> Vec<&'static str> {
    DROPPED.take();
    let returned = run();
    DROPPED.with_borrow_mut(|dropped| dropped.push("returned"));
    drop(returned);
    DROPPED.take()
}

/// The same functions twice: plain, and with the attribute.
macro_rules! functions {
    ($module:ident, $(#[$attribute:meta])?) => {
        mod $module {
            use super::*;

            pub(crate) struct Pair(pub(crate) D, pub(crate) D);

            impl Pair {
                $(#[$attribute])?
                pub(crate) fn half(self, last: D) -> Result<D, ()> {
                    let _local = D("local");
                    drop(last);
                    Ok(self.1)
                }

                $(#[$attribute])?
                pub(crate) async fn half_later(mut self, _: D) -> Result<D, ()> {
                    self.0 = D("replaced");
                    ready(()).await;
                    Ok(self.1)
                }
            }

            $(#[$attribute])?
            pub(crate) fn guarded((a, _): (D, D), _: D, _c: D) -> usize {
                let _local = D("local");
                drop(a);
                D("temporary").len()
            }

            $(#[$attribute])?
            pub(crate) fn parameters((a, _): (D, D), _: D, _c: D, (_, d): (D, D), mut e: D) -> Result<usize, ()> {
                let _local = D("local");
                if a.0.is_empty() {
                    drop(d);
                }
                drop(e);
                e = D("assigned");
                Ok(e.len() + D("temporary").len())
            }

            $(#[$attribute])?
            pub(crate) fn early((a, b): (D, D), give_up: bool) -> Result<D, D> {
                let _local = D("local");
                if give_up {
                    return Err(a);
                }
                Ok(b)
            }

            $(#[$attribute])?
            pub(crate) fn question(a: D, b: Result<D, D>) -> Result<(), D> {
                let _b = b?;
                drop(a);
                Ok(())
            }

            $(#[$attribute])?
            pub(crate) async fn later((a, _): (D, D), _: D, _c: D) -> Result<usize, ()> {
                let _local = D("local");
                ready(()).await;
                drop(a);
                Ok(D("temporary").len())
            }

            $(#[$attribute])?
            pub(crate) async fn waiting((a, _): (D, D), _: D, _c: D) {
                let _local = D("local");
                std::future::pending::<()>().await;
                drop(a);
            }

            /// In the edition 2021 the guard of the lock outlives the locals of the block, but not the parameter.
            $(#[$attribute])?
            pub(crate) fn locked(lock: Mutex<D>, _after: D) -> Result<usize, ()> {
                let _local = D("local");
                Ok(lock.lock().unwrap().len())
            }
        }
    };
}

functions!(plain,);
functions!(annotated, #[metered]);

fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

macro_rules! drops {
    ($module:ident) => {{
        use $module::*;
        let pair = || (D("first"), D("second"));
        [
            dropped(|| Pair(D("first"), D("second")).half(D("last"))),
            dropped(|| poll(Pair(D("first"), D("second")).half_later(D("last")))),
            dropped(|| guarded(pair(), D("b"), D("c"))),
            dropped(|| parameters(pair(), D("b"), D("c"), (D("third"), D("fourth")), D("e"))),
            dropped(|| early(pair(), true)),
            dropped(|| early(pair(), false)),
            dropped(|| question(D("a"), Ok(D("b")))),
            dropped(|| question(D("a"), Err(D("b")))),
            dropped(|| poll(later(pair(), D("b"), D("c")))),
            dropped(|| later(pair(), D("b"), D("c"))),
            dropped(|| poll(waiting(pair(), D("b"), D("c")))),
            dropped(|| locked(Mutex::new(D("inner")), D("after"))),
        ]
    }};
}

pub(crate) fn main() {
    let (plain, annotated) = (drops!(plain), drops!(annotated));
    for (plain, annotated) in plain.into_iter().zip(annotated) {
        assert_eq!(annotated, plain);
    }
}
