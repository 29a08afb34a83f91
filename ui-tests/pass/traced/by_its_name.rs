//! Functions that return what their signature calls a `Future`, and whose bodies do not say what it is: the type tells.
#![deny(warnings)]

use std::error::Error;
use std::future::{ready, Future, IntoFuture};
use std::num::ParseIntError;
use std::pin::{pin, Pin};
use std::task::{Context, Poll, Waker};

use tachograph::testing::Recorder;
use tachograph::{metered, traced};

trait Gate: Sync {
    fn once(&self) -> impl Future<Output = u8> + Send;

    #[traced]
    #[metered]
    fn again(&self) -> impl Future<Output = u8> + Send {
        self.once()
    }
}

impl Gate for u8 {
    fn once(&self) -> impl Future<Output = u8> + Send {
        ready(*self)
    }
}

#[traced]
fn given<F: Future<Output = u8> + Send>(future: F) -> impl Future<Output = u8> + Send {
    future
}

#[metered]
fn converted<F: IntoFuture<Output = u8>>(future: F) -> impl Future<Output = u8> {
    future.into_future()
}

#[traced(fields(n), err)]
fn recursive(n: u8) -> Pin<Box<dyn Future<Output = Result<u8, Box<dyn Error + Send>>> + Send>> {
    match n {
        0 => Box::pin(ready(Ok(4))),
        n => recursive(n - 1),
    }
}

#[traced]
fn either(n: u8) -> impl Future<Output = u8> + Send {
    if n == 0 {
        ready(5)
    } else {
        ready(n)
    }
}

async fn parse(text: &str) -> Result<u8, ParseIntError> {
    ready(text).await.parse()
}

#[traced(err)]
#[metered(on_ok(large = *ok > 4))]
fn parsed(text: &str) -> impl Future<Output = Result<u8, ParseIntError>> + Send + '_ {
    parse(text)
}

#[metered(on_ok(large = *ok > 500))]
fn known_from_the_signature(small: u8) -> impl Future<Output = u64> {
    ready(small.into())
}

fn done<F: Future + Send>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => unreachable!(),
    }
}

fn main() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        assert_eq!(done(1.again()), 1);
        assert_eq!(done(given(ready(2))), 2);
        assert_eq!(done(converted(ready(3))), 3);
        assert_eq!(done(recursive(1)).unwrap(), 4);
        assert_eq!(done(either(0)), 5);
        assert!(done(parsed("six")).is_err());
        assert_eq!(done(known_from_the_signature(7)), 7);
    });
    let spans = recorder.traces();
    for name in ["Gate::again", "given", "recursive", "either", "parsed"] {
        assert!(spans.contains(name), "{name} in\n{spans}");
    }
}
