//! A trait of the user's that is called `Future`: its type tells that a call is what makes it.

use std::panic::catch_unwind;
use std::pin::Pin;
use std::time::Duration;

use tachograph::testing::Recorder;
use tachograph::{metered, traced};
use tachograph_tests::check;

trait Future {
    type Output;

    fn step(&mut self) -> Option<Self::Output>;
}

#[derive(Debug)]
struct Machine(u8);

impl Future for Machine {
    type Output = u8;

    fn step(&mut self) -> Option<u8> {
        self.0 = self.0.checked_sub(1)?;
        (self.0 == 0).then_some(7)
    }
}

#[traced(fields(steps))]
#[metered]
fn machine(recorder: &Recorder, steps: u8) -> impl Future<Output = u8> + use<> {
    recorder.clock().advance(Duration::from_secs(2));
    Machine(steps)
}

#[traced]
#[metered]
fn machine_or_none(recorder: &Recorder, steps: u8) -> impl Future<Output = u8> + use<> {
    assert!(steps < 100, "too many");
    recorder.clock().advance(Duration::from_secs(1));
    Machine(steps)
}

#[metered]
fn boxed(steps: u8) -> Pin<Box<dyn Future<Output = u8> + Unpin>> {
    Box::pin(Machine(steps))
}

#[metered]
fn early(steps: u8) -> Pin<Box<dyn Future<Output = u8> + Unpin>> {
    if steps == 0 {
        return Box::pin(Machine(1));
    }
    Box::pin(Machine(steps))
}

#[metered]
fn generic<F: Future>(future: F) -> impl Future<Output = F::Output> {
    future
}

#[test]
fn the_call_that_makes_what_is_no_future_is_measured() {
    check(
        |recorder| {
            let mut made = machine(recorder, 2);
            recorder.clock().advance(Duration::from_secs(60));
            assert_eq!((made.step(), made.step()), (None, Some(7)));
            machine_or_none(recorder, 1).step();
            assert!(boxed(1).step().is_some());
            assert!(early(0).step().is_some());
            assert!(early(1).step().is_some());
            assert!(generic(Machine(1)).step().is_some());
        },
        "
        named_so::machine 2s steps=2
        named_so::machine_or_none 1s
        ",
        "
        function.calls{function=boxed,module=it::futures::named_so,result=ok} +1
        function.calls{function=early,module=it::futures::named_so,result=ok} +2
        function.calls{function=generic,module=it::futures::named_so,result=ok} +1
        function.calls{function=machine,module=it::futures::named_so,result=ok} +1
        function.calls{function=machine_or_none,module=it::futures::named_so,result=ok} +1
        function.calls.duration{function=boxed,module=it::futures::named_so,result=ok} +1 sum 0ns
        function.calls.duration{function=early,module=it::futures::named_so,result=ok} +2 sum 0ns
        function.calls.duration{function=generic,module=it::futures::named_so,result=ok} +1 sum 0ns
        function.calls.duration{function=machine,module=it::futures::named_so,result=ok} +1 sum 2s
        function.calls.duration{function=machine_or_none,module=it::futures::named_so,result=ok} +1 sum 1s
        ",
    );
}

#[traced(fields(steps))]
#[metered]
fn too_many(steps: u8) -> impl Future<Output = u8> + use<> {
    let steps = steps.checked_mul(2).unwrap();
    Machine(steps)
}

#[test]
fn a_panic_that_makes_nothing_is_a_panic() {
    check(
        |_| assert!(catch_unwind(|| too_many(200)).is_err()),
        "named_so::too_many 0ns steps=200 error.type=panic [error]",
        "
        function.calls{function=too_many,module=it::futures::named_so,result=panic} +1
        function.calls.duration{function=too_many,module=it::futures::named_so,result=panic} +1 sum 0ns
        ",
    );
}
