//! Constants, statics and types of the user's that are called as variables, and traits for all types, whose methods are
//! called as anything might be.
#![deny(warnings)]
#![allow(non_upper_case_globals, non_camel_case_types)]
#![allow(dead_code)]

use std::future::ready;
use std::pin::{pin, Pin};
use std::task::{Context, Poll, Waker};

use tachograph::testing::Recorder;
use tachograph::{metered, traced, ErrorType, Label};

const call: u8 = 1;
const guard: u8 = 2;
const result: &str = "3";
const argument0: u8 = 4;
static outcome: u8 = 5;
static error: u8 = 6;
static error_type: u8 = 7;
const source: u8 = 8;
const label: &str = "9";
struct opening;
struct caller;
struct closing;

const SITE: &str = "a.site";
const LISTED: &str = "a.list";

trait Anything: Sized {
    fn error(self) -> u8 {
        1
    }
    fn error_type(self) -> u8 {
        2
    }
    fn ended(self, _: u8) -> u8 {
        3
    }
    fn captured(self) -> u8 {
        4
    }
}

impl<T> Anything for T {}

#[derive(Clone, Copy, Label)]
enum Tier {
    Free,
    Paid,
}

#[derive(Debug, ErrorType)]
enum Failed {
    #[error_type(transparent)]
    Inside(Inner),
}

#[derive(Debug, ErrorType)]
struct Inner;

#[traced(name = SITE, fields(n), on_ok(m = ok), err(Debug), parent = none, sample = 1.0)]
#[metered(labels(tier = tier, of(n, max = 3)), on_err(kind = tier))]
fn fallible((n, _m): (u8, u8), tier: Tier) -> Result<u8, Failed> {
    if n == 0 {
        return Err(Failed::Inside(Inner));
    }
    Ok(n + call)
}

#[traced(name = LISTED, args)]
#[metered(caller)]
#[track_caller]
fn guarded(n: u8) -> u8 {
    n + guard
}

#[traced(ret, ok_if = |kept| *kept > 1)]
async fn later((n, _m): (u8, u8)) -> u8 {
    ready(n).await
}

#[traced]
fn plain(argument1: (u8, u8)) -> String {
    argument1.0.to_string() + result
}

/// The user's own.
trait Future {
    type Output;
    fn step(&mut self) -> Option<Self::Output>;
}

struct Machine;

impl Future for Machine {
    type Output = u8;
    fn step(&mut self) -> Option<u8> {
        Some(7)
    }
}

#[traced(ret)]
fn machine() -> impl self::Future<Output = u8> + std::fmt::Debug + use<> {
    Steps
}

#[derive(Debug)]
struct Steps;

impl Future for Steps {
    type Output = u8;
    fn step(&mut self) -> Option<u8> {
        Some(7)
    }
}

#[metered]
fn another() -> impl self::Future<Output = u8> {
    Machine
}

/// By its name alone, as the one of the standard library might be written.
#[metered]
fn by_name() -> impl Future<Output = u8> {
    Machine
}

#[traced]
fn by_name_in_a_box(stuck: bool) -> Pin<Box<dyn Future<Output = u8>>> {
    if stuck {
        return Box::pin(Machine);
    }
    Box::pin(Steps)
}

fn main() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        assert!(fallible((0, 1), Tier::Free).is_err());
        assert_eq!(fallible((3, 1), Tier::Paid).unwrap(), 4);
        assert_eq!(guarded(1), 3);
        assert_eq!(plain((1, 2)), "13");
        let polled = std::future::Future::poll(
            pin!(later((1, 2))),
            &mut Context::from_waker(Waker::noop()),
        );
        assert_eq!(polled, Poll::Ready(1));
        assert_eq!(machine().step(), Some(7));
        assert_eq!(another().step(), Some(7));
        assert_eq!(by_name().step(), Some(7));
        drop((by_name_in_a_box(true), by_name_in_a_box(false)));
    });
    let spans = recorder.traces();
    for name in ["a.site", "a.list", "Inner", "machine", "by_name_in_a_box"] {
        assert!(spans.contains(name), "{name} in\n{spans}");
    }
}
