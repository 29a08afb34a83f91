//! Errors of every shape, in code that hides the names they could be confused with.

#![deny(warnings)]
#![no_implicit_prelude]

use ::std::primitive::{str, u8};
use ::tachograph::{ErrorType, metered, traced};

#[derive(ErrorType)]
#[error_type(crate = ::tachograph)]
enum Error<T> {
    Unit,
    Tuple(u8, T),
    Named {
        #[allow(dead_code)]
        value: T,
    },
    #[error_type(transparent)]
    Inner {
        inner: Inner,
    },
}

#[derive(ErrorType)]
#[error_type(rename = "inner")]
struct Inner;

#[derive(ErrorType)]
enum Never {}

#[traced]
#[metered]
fn fails(tuple: bool) -> ::std::result::Result<(), Error<u8>> {
    ::std::result::Result::Err(if tuple {
        Error::Tuple(1, 2)
    } else {
        Error::Inner { inner: Inner }
    })
}

fn text(error: Error<u8>) -> &'static str {
    if let Error::Tuple(a, b) = &error {
        let _ = (a, b);
    }
    error.error_type()
}

fn main() {
    let _ = fails(true).is_ok() || fails(false).is_ok();
    ::std::assert_eq!(text(Error::Unit), "Error::Unit");
    ::std::assert_eq!(text(Error::Tuple(1, 2)), "Error::Tuple");
    ::std::assert_eq!(text(Error::Named { value: 1 }), "Error::Named");
    ::std::assert_eq!(text(Error::Inner { inner: Inner }), "inner");
    let _ = |never: &Never| never.error_type();
}
