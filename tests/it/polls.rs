//! `enter_on_poll`: each poll of a future is a span of its own.

use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::time::Duration;

use async_trait::async_trait;
use tachograph::testing::Recorder;
use tachograph::trace::{Sampler, Span, SpanContext};
use tachograph::{metered, traced};
use tachograph_tests::check;
use tachograph_tests::futures::{block_on, pending, poll};

type Fetched = Result<u8, String>;

#[traced]
fn step() {}

async fn fetch(turns: u32, n: u8) -> Fetched {
    for _ in 0..turns {
        step();
        pending(1).await;
    }
    if n == 0 { Err("nothing".into()) } else { Ok(n) }
}

#[traced(enter_on_poll, fields(n), on_ok(got = *ok), err(level = "warn"))]
#[metered]
async fn asynchronous(turns: u32, n: u8) -> Fetched {
    fetch(turns, n).await
}

#[traced(enter_on_poll, fields(n), on_ok(got = *ok), err(level = "warn"))]
#[metered]
fn opaque(turns: u32, n: u8) -> impl Future<Output = Fetched> + Send {
    fetch(turns, n)
}

#[traced(enter_on_poll, fields(n), on_ok(got = *ok), err(level = "warn"))]
#[metered]
fn boxed(turns: u32, n: u8) -> Pin<Box<dyn Future<Output = Fetched> + Send>> {
    if turns == 7 {
        return Box::pin(async { Ok(7) });
    }
    Box::pin(fetch(turns, n))
}

struct Client;

// Its `sample` is for those that begin a trace.
#[traced(sample = 0.0)]
impl Client {
    #[traced(enter_on_poll)]
    async fn polled() {}

    fn called() {}
}

#[async_trait]
trait Fetch {
    async fn fetched(&self, turns: u32, n: u8) -> Fetched;
}

#[async_trait]
impl Fetch for Client {
    #[traced(enter_on_poll, fields(n), on_ok(got = *ok), err(level = "warn"))]
    #[metered]
    async fn fetched(&self, turns: u32, n: u8) -> Fetched {
        fetch(turns, n).await
    }
}

/// Polls under different spans, fails, and drops half-way a future of one function, whose spans are called `name`.
#[track_caller]
fn check_polls<F: Future<Output = Fetched>>(
    name: &str,
    function: &str,
    make: impl Fn(u32, u8) -> F,
) {
    let calls = |recorder: &Recorder| {
        let wait = |millis| recorder.clock().advance(Duration::from_millis(millis));
        drop(make(1, 1));
        let mut future = Box::pin(make(2, 1));
        wait(1);
        for turn in ["first", "second", "third"] {
            Span::start(turn).in_scope(|| {
                wait(1);
                let _ = poll(future.as_mut());
            });
            // Nobody polls.
            wait(100);
        }
        assert!(block_on(make(0, 0)).is_err());
        wait(1);

        let mut dropped = Box::pin(make(1, 2));
        assert!(poll(dropped.as_mut()).is_pending());
        wait(5);
        drop(dropped);
    };
    let traces = format!(
        "
        first 1ms
          {name} 0ns n=1
            polls::step 0ns
        second 1ms
          {name} 0ns
            polls::step 0ns
        third 1ms
          {name} 0ns got=1
        {name} 0ns n=0 error.type=alloc::string::String [error: nothing]
          * exception +0ns exception.type=alloc::string::String exception.message=nothing
        {name} 0ns n=2
          polls::step 0ns
        "
    );
    let label = format!("function={function},module=it::polls");
    let metrics = format!(
        "
        function.calls{{{label},result=cancelled}} +1
        function.calls{{{label},result=error}} +1
        function.calls{{{label},result=ok}} +1
        function.calls.duration{{{label},result=cancelled}} +1 sum 5ms
        function.calls.duration{{{label},result=error}} +1 sum 0ns
        function.calls.duration{{{label},result=ok}} +1 sum 202ms
        "
    );
    check(calls, &traces, &metrics);
}

#[test]
fn each_poll_is_a_span_below_the_one_that_is_current_then() {
    check_polls("polls::asynchronous", "asynchronous", asynchronous);
    check_polls("polls::opaque", "opaque", opaque);
    check_polls("polls::boxed", "boxed", boxed);
    check_polls("Client::fetched", "Client::fetched", |turns, n| {
        Client.fetched(turns, n)
    });
}

#[traced(enter_on_poll)]
async fn slow(recorder: &Recorder) {
    recorder.clock().advance(Duration::from_millis(2));
    pending(1).await;
    recorder.clock().advance(Duration::from_millis(3));
}

#[test]
fn a_span_is_as_long_as_its_poll() {
    check(
        |recorder| {
            let mut future = Box::pin(slow(recorder));
            assert!(poll(future.as_mut()).is_pending());
            recorder.clock().advance(Duration::from_secs(1));
            assert!(poll(future.as_mut()).is_ready());
        },
        "
        polls::slow 2ms
        polls::slow 3ms
        ",
        "",
    );
}

#[test]
fn an_error_is_logged_from_the_last_poll() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        let _ = block_on(opaque(2, 0));
    });
    recorder.assert_logs(
        "WARN it::polls::opaque: nothing error.type=alloc::string::String [in polls::opaque]",
    );
    assert_eq!(
        recorder
            .log_records()
            .iter()
            .next()
            .unwrap()
            .span_id()
            .unwrap(),
        recorder.spans().iter().last().unwrap().span_id()
    );
}

#[traced(enter_on_poll)]
async fn panics() {
    pending(1).await;
    panic!("on purpose");
}

#[test]
fn a_panic_belongs_to_the_poll_that_it_unwinds_through() {
    check(
        |_| {
            let calls = AssertUnwindSafe(|| block_on(panics()));
            assert!(catch_unwind(calls).is_err());
        },
        "
        polls::panics 0ns
        polls::panics 0ns error.type=panic [error]
        ",
        "",
    );
}

#[test]
fn each_poll_is_sampled_as_its_parent_is() {
    check(
        |recorder| {
            let mut future = Box::pin(asynchronous(1, 3));
            let mut opaque = Box::pin(opaque(1, 3));
            recorder.set_sampler(Sampler::ALWAYS_OFF);
            Span::start("around").in_scope(|| {
                assert!(poll(future.as_mut()).is_pending());
                assert!(poll(opaque.as_mut()).is_pending());
            });
            recorder.set_sampler(Sampler::ALWAYS_ON);
            assert!(poll(future.as_mut()).is_ready());
            assert!(poll(opaque.as_mut()).is_ready());
        },
        "
        polls::asynchronous 0ns got=3
        polls::opaque 0ns got=3
        ",
        "
        function.calls{function=asynchronous,module=it::polls,result=ok} +1
        function.calls{function=opaque,module=it::polls,result=ok} +1
        function.calls.duration{function=asynchronous,module=it::polls,result=ok} +1 sum 0ns
        function.calls.duration{function=opaque,module=it::polls,result=ok} +1 sum 0ns
        ",
    );
}

#[traced(enter_on_poll)]
async fn quiet() {
    pending(1).await;
}

#[test]
fn a_first_poll_that_is_not_sampled_says_nothing_of_the_next() {
    check(
        |recorder| {
            let mut future = Box::pin(quiet());
            recorder.set_sampler(Sampler::ALWAYS_OFF);
            Span::start("around").in_scope(|| assert!(poll(future.as_mut()).is_pending()));
            recorder.set_sampler(Sampler::ALWAYS_ON);
            assert!(poll(future.as_mut()).is_ready());
        },
        "polls::quiet 0ns",
        "",
    );
}

#[traced(enter_on_poll, links = links)]
fn linked(links: &[SpanContext], turns: u32) -> impl Future<Output = ()> + use<> {
    pending(turns)
}

#[traced(links = links)]
fn linked_once(links: &[SpanContext], turns: u32) -> impl Future<Output = ()> + use<> {
    pending(turns)
}

#[test]
fn links_stay_with_the_first_poll() {
    check(
        |recorder| {
            let refill = Span::start("refill");
            let links = [refill.context().unwrap()];
            block_on(linked(&links, 1));
            recorder.clock().advance(Duration::from_millis(1));
            block_on(linked_once(&links, 1));
            refill.end();
        },
        "
        polls::linked 0ns
          -> refill
        polls::linked 0ns
        refill 1ms
        polls::linked_once 0ns
          -> refill
        ",
        "",
    );
}

#[test]
fn the_sample_of_a_block_is_not_about_polls() {
    check(
        |_| {
            block_on(Client::polled());
            Client::called();
        },
        "Client::polled 0ns",
        "",
    );
}
