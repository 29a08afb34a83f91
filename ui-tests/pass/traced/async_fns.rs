//! Futures that borrow, recurse, give up early, never end, and stay `Send`.
#![deny(warnings)]

use std::cell::Cell;
use std::future::{ready, Future};
use std::pin::{pin, Pin};
use std::task::{Context, Poll, Waker};

use tachograph::testing::Recorder;
use tachograph::traced;

#[traced]
async fn longest<'a>(first: &'a str, second: &'a str) -> &'a str {
    ready(()).await;
    if first.len() < second.len() {
        return second;
    }
    first
}

#[traced(err)]
async fn push(list: &mut Vec<u8>, text: &str) -> Result<(), std::num::ParseIntError> {
    list.push(text.parse()?);
    Ok(ready(()).await)
}

#[traced]
async fn hidden(n: u8) -> impl Fn(u8) -> u8 {
    ready(()).await;
    move |m| n + m
}

#[traced]
async fn nested(n: u8) -> Result<impl Iterator<Item = u8>, ()> {
    ready(Ok(0..n)).await
}

#[traced]
fn countdown(n: u8) -> Pin<Box<dyn Future<Output = u8> + Send>> {
    #[traced]
    async fn step(n: u8) -> u8 {
        if n == 0 {
            0
        } else {
            countdown(n - 1).await
        }
    }
    Box::pin(step(n))
}

#[traced]
async fn forever(mut polls: u8) -> ! {
    loop {
        polls = polls.wrapping_add(1);
        std::future::pending::<u8>().await;
    }
}

#[traced]
async fn unit() {}

#[traced]
async fn dynamic() -> Result<Box<dyn Fn() -> u8 + Send>, ()> {
    ready(()).await;
    Ok(Box::new(|| 7))
}

/// `Send`, but not `Sync`: no reference to it may live across an `.await`.
struct Counter(Cell<u8>);

impl Counter {
    #[traced(fields(start = self.0.get()))]
    async fn count(self, (by, _): (u8, u8)) -> Result<u8, ()> {
        ready(()).await;
        self.0.set(self.0.get() + by);
        Ok(self.0.get())
    }

    #[traced]
    async fn reset(&mut self, to: &u8) -> Result<&mut Cell<u8>, ()> {
        ready(()).await;
        self.0 = Cell::new(*to);
        Ok(&mut self.0)
    }
}

fn poll<F: Future>(future: F) -> Poll<F::Output> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

fn done<F: Future + Send>(future: F) -> F::Output {
    match poll(future) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("still pending"),
    }
}

fn main() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        assert_eq!(done(longest("a", "bc")), "bc");
        let mut list = Vec::new();
        assert_eq!(done(push(&mut list, "1")), Ok(()));
        assert!(done(push(&mut list, "x")).is_err());
        assert_eq!(list, [1]);
        assert_eq!(done(hidden(1))(2), 3);
        assert_eq!(done(nested(2)).unwrap().count(), 2);
        assert_eq!(done(countdown(2)), 0);
        done(unit());
        assert_eq!(done(dynamic()).unwrap()(), 7);
        let mut counter = Counter(Cell::new(1));
        assert_eq!(done(counter.reset(&4)).map(|cell| cell.get()), Ok(4));
        assert_eq!(done(counter.count((2, 0))), Ok(6));
        assert!(poll(forever(0)).is_pending());
        drop(forever(0));
    });
    let traces = recorder.traces();
    assert_eq!(traces.matches("forever").count(), 1, "{traces}");
    assert!(traces.contains("tachograph.cancelled=true"), "{traces}");
    assert!(traces.contains("start=4"), "{traces}");
    assert!(traces.contains("invalid digit"), "{traces}");
}
