//! Names of the user's that generated code must not see, and generated names that the user must not see.
#![no_implicit_prelude]
#![deny(warnings)]
#![forbid(unsafe_code)]
#![allow(dead_code)]

use ::std::prelude::v1::derive;
use ::std::{assert_eq, println};
use ::tachograph::{metered, traced};

mod core {}
mod std {}
mod tachograph {}

#[derive(Debug, PartialEq)]
enum Result<T> {
    Ok(T),
    Err,
}

#[derive(Debug, PartialEq)]
struct Outcome;
struct Site;
struct Call;
struct Copy;
struct Fn;

macro_rules! site {
    () => {};
}
macro_rules! outcome {
    () => {};
}
site!();
outcome!();

#[::tachograph::metered(labels(flag = call == 1))]
#[::tachograph::traced(fields(call, _guard, result))]
fn locals(call: u8, _guard: u8, result: u8, argument1: u8) -> ::std::result::Result<u8, Outcome> {
    ::std::result::Result::Ok(call + _guard + result + argument1)
}

#[metered]
#[traced(fields(call))]
fn guarded(call: u8) -> u8 {
    const SITE: u8 = 1;
    let _guard = 2;
    call + _guard + SITE
}

#[metered]
fn destructured(argument1: u8, (a, b): (u8, u8)) -> Result<u8> {
    if a == b {
        Result::Err
    } else {
        Result::Ok(argument1 + a + b)
    }
}

#[traced]
async fn later(result: u8, call: u8) -> Result<u8> {
    if call == 0 {
        return Result::Err;
    }
    Result::Ok(result + call)
}

fn main() {
    assert_eq!(locals(1, 2, 3, 4), ::std::result::Result::Ok(10));
    assert_eq!(guarded(1), 4);
    assert_eq!(destructured(1, (2, 3)), Result::Ok(6));
    let mut later = ::std::pin::pin!(later(1, 2));
    let mut cx = ::std::task::Context::from_waker(::std::task::Waker::noop());
    let polled = ::std::future::Future::poll(later.as_mut(), &mut cx);
    assert_eq!(polled, ::std::task::Poll::Ready(Result::Ok(3)));
    println!("ok");
}
