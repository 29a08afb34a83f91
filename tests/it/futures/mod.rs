//! Functions that return a future, traits with `async fn` among them: a call is the life of the future.

mod named_so;
mod traits;

use std::cell::Cell;
use std::error::Error;
use std::fmt;
use std::future::{Future, ready};
use std::pin::Pin;
use std::time::Duration;

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, LocalBoxFuture};
use tachograph::testing::Recorder;
use tachograph::{metered, traced};
use tachograph_tests::check;
use tachograph_tests::futures::{block_on, pending, poll};

#[derive(Debug)]
struct Closed(u8);

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "closed since {}", self.0)
    }
}

type Opened = Result<u8, Closed>;
type Boxed<'a> = Pin<Box<dyn Future<Output = Opened> + Send + 'a>>;

async fn open(turns: u32, hour: u8) -> Opened {
    pending(turns).await;
    if hour < 18 { Ok(hour) } else { Err(Closed(18)) }
}

thread_local! {
    static MADE: Cell<u32> = const { Cell::new(0) };
}

#[traced(err, fields(hour))]
#[metered]
fn opaque(turns: u32, hour: u8) -> impl Future<Output = Opened> + Send {
    MADE.set(MADE.get() + 1);
    open(turns, hour)
}

#[traced(err, fields(hour))]
#[metered]
fn boxed<'a>(turns: &[u32], hour: u8) -> Pin<Box<dyn Future<Output = Opened> + Send + 'a>> {
    let turns = turns[0];
    MADE.set(MADE.get() + 1);
    Box::pin(async move { open(turns, hour).await })
}

#[traced(err, fields(hour))]
#[metered]
fn early(turns: u32, hour: u8) -> Pin<Box<dyn Future<Output = Opened> + Send>> {
    MADE.set(MADE.get() + 1);
    if hour == 0 {
        return Box::pin(ready(Err(Closed(0))));
    }
    match hour {
        1 => Box::pin(ready(Ok(1))),
        _ => Box::pin(open(turns, hour)),
    }
}

#[traced(err, fields(hour))]
#[metered]
fn in_a_box_of_futures(turns: u32, hour: u8) -> BoxFuture<'static, Opened> {
    MADE.set(MADE.get() + 1);
    async move { open(turns, hour).await }.boxed()
}

#[traced(err, fields(hour))]
#[metered]
fn early_in_a_box_of_futures(turns: u32, hour: u8) -> LocalBoxFuture<'static, Opened> {
    MADE.set(MADE.get() + 1);
    if hour == 0 {
        return ready(Err(Closed(0))).boxed_local();
    }
    open(turns, hour).boxed_local()
}

/// Makes, polls, drops and completes futures of one function, which is called `name`.
#[track_caller]
fn check_life<F: Future<Output = Opened> + 'static>(name: &str, make: fn(u32, u8) -> F) {
    let traces = format!(
        "
        futures::{name} 0ns hour=9
        futures::{name} 3s hour=10 tachograph.cancelled=true
        futures::{name} 5ms hour=20 error.type=it::futures::Closed [error: closed since 18]
          * exception +5ms exception.type=it::futures::Closed exception.message=\"closed since 18\"
        "
    );
    let label = format!("function={name},module=it::futures");
    let metrics = format!(
        "
        function.calls{{{label},result=cancelled}} +1
        function.calls{{{label},result=error}} +1
        function.calls{{{label},result=ok}} +1
        function.calls.duration{{{label},result=cancelled}} +1 sum 3s
        function.calls.duration{{{label},result=error}} +1 sum 5ms
        function.calls.duration{{{label},result=ok}} +1 sum 0ns
        "
    );
    let calls = |recorder: &Recorder| {
        let before = MADE.get();
        drop(make(0, 8));
        assert_eq!(
            MADE.get(),
            before + 1,
            "statements run when the function is called"
        );

        assert!(block_on(make(2, 9)).is_ok());

        let mut dropped = Box::pin(make(1, 10));
        assert!(poll(dropped.as_mut()).is_pending());
        recorder.clock().advance(Duration::from_secs(3));
        drop(dropped);

        let mut failed = Box::pin(make(1, 20));
        recorder.clock().advance(Duration::from_secs(60));
        assert!(poll(failed.as_mut()).is_pending());
        recorder.clock().advance(Duration::from_millis(5));
        assert!(poll(failed.as_mut()).is_ready());
    };
    check(calls, &traces, &metrics);
}

#[test]
fn the_call_of_a_function_that_returns_a_future_is_the_life_of_the_future() {
    check_life("opaque", opaque);
    check_life("boxed", |turns, hour| boxed(&[turns], hour));
    check_life("early", early);
    check_life("in_a_box_of_futures", in_a_box_of_futures);
    check_life("early_in_a_box_of_futures", early_in_a_box_of_futures);
}

#[test]
fn every_end_of_such_a_function_is_a_call() {
    check(
        |_| {
            let _ = block_on(early(0, 0));
            let _ = block_on(early(0, 1));
        },
        r#"
        futures::early 0ns hour=0 error.type=it::futures::Closed [error: closed since 0]
          * exception +0ns exception.type=it::futures::Closed exception.message="closed since 0"
        futures::early 0ns hour=1
        "#,
        "
        function.calls{function=early,module=it::futures,result=error} +1
        function.calls{function=early,module=it::futures,result=ok} +1
        function.calls.duration{function=early,module=it::futures,result=error} +1 sum 0ns
        function.calls.duration{function=early,module=it::futures,result=ok} +1 sum 0ns
        ",
    );
}

#[traced]
async fn around(future: Boxed<'_>) -> Opened {
    future.await
}

#[test]
fn the_parent_is_where_the_future_is_polled() {
    check(
        |_| {
            let future = boxed(&[0], 9);
            let _ = block_on(around(future));
        },
        "
        futures::around 0ns
          futures::boxed 0ns hour=9
        ",
        "
        function.calls{function=boxed,module=it::futures,result=ok} +1
        function.calls.duration{function=boxed,module=it::futures,result=ok} +1 sum 0ns
        ",
    );
}

#[metered]
#[track_caller]
fn located(turns: u32) -> impl Future<Output = (u32, Opened)> {
    let line = std::panic::Location::caller().line();
    async move { (line, open(turns, 9).await) }
}

#[test]
fn track_caller_is_kept() {
    let (line, _) = block_on(located(0));
    assert_eq!(line, line!() - 1);
}

#[traced]
fn stream(n: u8) -> impl Iterator<Item = u8> {
    (0..n).inspect(|_| leaf())
}

#[traced]
fn leaf() {}

#[test]
fn of_an_iterator_the_call_that_makes_it_is_measured() {
    check(
        |_| assert_eq!(stream(2).count(), 2),
        "
        futures::stream 0ns
        futures::leaf 0ns
        futures::leaf 0ns
        ",
        "",
    );
}

// What these come to is known from their signatures alone.

#[traced]
fn harmless(text: &str) -> impl Future<Output = Result<&str, Closed>> {
    async move { Ok(text) }
}

#[traced(err)]
#[metered]
fn converted(text: &str) -> impl Future<Output = Result<u8, Box<dyn Error>>> {
    async move {
        let number = text.parse()?;
        Ok(number)
    }
}

#[metered(on_ok(large = *ok > 500))]
fn widened(small: u8) -> impl Future<Output = u64> + Unpin {
    ready(small.into())
}

#[test]
fn an_output_is_what_the_signature_says() {
    check(
        |_| {
            assert_eq!(block_on(harmless("fine")).unwrap(), "fine");
            assert!(block_on(converted("one")).is_err());
            assert_eq!(block_on(widened(7)), 7);
        },
        r#"
        futures::harmless 0ns
        futures::converted 0ns error.type="alloc::boxed::Box<dyn core::error::Error>" [error: invalid digit found in string]
          * exception +0ns exception.type="alloc::boxed::Box<dyn core::error::Error>" exception.message="invalid digit found in string"
        "#,
        "
        function.calls{function=converted,module=it::futures,result=error} +1
        function.calls{function=widened,module=it::futures,result=ok,large=false} +1
        function.calls.duration{function=converted,module=it::futures,result=error} +1 sum 0ns
        function.calls.duration{function=widened,module=it::futures,result=ok,large=false} +1 sum 0ns
        ",
    );
}
