//! How calls end: as `ok`, `error`, `panic` or `cancelled`; a future never polled is no call.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;

use tachograph::testing::Recorder;
use tachograph::{metered, traced};
use tachograph_tests::check;
use tachograph_tests::futures::{block_on, pending, poll};

#[derive(Debug)]
struct Declined {
    code: u8,
}

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "declined with code {}", self.code)
    }
}

type Receipt = Result<u32, Declined>;

#[traced]
#[metered]
fn pay(code: u8) -> Receipt {
    if code == 0 {
        Ok(7)
    } else {
        Err(Declined { code })
    }
}

#[test]
fn an_error_is_known_by_its_type_even_behind_an_alias() {
    check(
        |_| {
            assert_eq!(pay(0).unwrap(), 7);
            assert_eq!(pay(5).unwrap_err().code, 5);
        },
        "
        outcomes::pay 0ns
        outcomes::pay 0ns error.type=it::outcomes::Declined [error]
        ",
        "
        function.calls{function=pay,module=it::outcomes,result=error} +1
        function.calls{function=pay,module=it::outcomes,result=ok} +1
        function.calls.duration{function=pay,module=it::outcomes,result=error} +1 sum 0ns
        function.calls.duration{function=pay,module=it::outcomes,result=ok} +1 sum 0ns
        ",
    );
}

#[traced(err)]
fn pay_and_say(code: u8) -> Receipt {
    pay_quietly(code)
}

#[traced(err(Debug))]
fn pay_and_debug(code: u8) -> Receipt {
    pay_quietly(code)
}

fn pay_quietly(code: u8) -> Receipt {
    Err(Declined { code })
}

#[test]
fn the_message_of_an_error_is_recorded_only_on_demand() {
    check(
        |recorder| {
            let _ = pay_and_say(5);
            recorder.clock().advance(std::time::Duration::from_nanos(1));
            let _ = pay_and_debug(6);
        },
        r#"
        outcomes::pay_and_say 0ns error.type=it::outcomes::Declined [error: declined with code 5]
          * exception +0ns exception.type=it::outcomes::Declined exception.message="declined with code 5"
        outcomes::pay_and_debug 0ns error.type=it::outcomes::Declined [error: Declined { code: 6 }]
          * exception +0ns exception.type=it::outcomes::Declined exception.message="Declined { code: 6 }"
        "#,
        "",
    );
}

#[derive(Debug)]
struct Unspeakable;

impl fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("no text");
    }
}

#[traced(err)]
#[metered]
fn fail_badly() -> Result<(), Unspeakable> {
    Err(Unspeakable)
}

#[traced(err)]
#[metered]
async fn fail_badly_later() -> Result<(), Unspeakable> {
    Err(Unspeakable)
}

#[test]
fn an_error_whose_text_panics_is_an_error_without_text() {
    check(
        |_| {
            assert!(fail_badly().is_err());
            assert!(block_on(fail_badly_later()).is_err());
        },
        "
        outcomes::fail_badly 0ns error.type=it::outcomes::Unspeakable [error]
        outcomes::fail_badly_later 0ns error.type=it::outcomes::Unspeakable [error]
        ",
        "
        function.calls{function=fail_badly,module=it::outcomes,result=error} +1
        function.calls{function=fail_badly_later,module=it::outcomes,result=error} +1
        function.calls.duration{function=fail_badly,module=it::outcomes,result=error} +1 sum 0ns
        function.calls.duration{function=fail_badly_later,module=it::outcomes,result=error} +1 sum 0ns
        tachograph.values.lost{function=fail_badly,module=it::outcomes,cause=panic} +1
        tachograph.values.lost{function=fail_badly_later,module=it::outcomes,cause=panic} +1
        ",
    );
}

#[metered]
fn generic<T>(value: T) -> T {
    value
}

#[metered]
fn opaque() -> impl fmt::Debug {
    pay_quietly(1)
}

#[test]
fn a_generic_or_opaque_result_counts_as_ok() {
    check(
        |_| {
            let _ = generic(pay_quietly(1));
            let _ = opaque();
        },
        "",
        "
        function.calls{function=generic,module=it::outcomes,result=ok} +1
        function.calls{function=opaque,module=it::outcomes,result=ok} +1
        function.calls.duration{function=generic,module=it::outcomes,result=ok} +1 sum 0ns
        function.calls.duration{function=opaque,module=it::outcomes,result=ok} +1 sum 0ns
        ",
    );
}

#[traced]
#[metered]
fn tear(recorder: &Recorder) {
    recorder.assert_metric_deltas("function.calls.in_flight{function=tear,module=it::outcomes} +1");
    panic!("out of paper");
}

#[test]
fn a_panic_is_counted_and_leaves_nothing_in_flight() {
    check(
        |recorder| {
            let torn = catch_unwind(AssertUnwindSafe(|| tear(recorder)));
            let message = *torn.unwrap_err().downcast::<&str>().unwrap();
            assert_eq!(message, "out of paper");
        },
        "outcomes::tear 0ns error.type=panic [error]",
        "
        function.calls{function=tear,module=it::outcomes,result=panic} +1
        function.calls.duration{function=tear,module=it::outcomes,result=panic} +1 sum 0ns
        function.calls.in_flight{function=tear,module=it::outcomes} -1
        ",
    );
}

#[metered]
fn clean_up() {}

#[test]
fn a_call_from_a_destructor_during_a_panic_ends_well() {
    struct CleanUp;

    impl Drop for CleanUp {
        fn drop(&mut self) {
            clean_up();
        }
    }

    check(
        |_| {
            let torn = catch_unwind(|| {
                let _clean_up = CleanUp;
                panic!("out of paper");
            });
            assert!(torn.is_err());
        },
        "",
        "
        function.calls{function=clean_up,module=it::outcomes,result=ok} +1
        function.calls.duration{function=clean_up,module=it::outcomes,result=ok} +1 sum 0ns
        ",
    );
}

#[metered]
fn clean_up_badly() -> Result<(), String> {
    panic!("out of soap");
}

#[metered]
fn clean_up_worse() {
    panic!("out of soap");
}

/// Calls a function that panics from a destructor, while another panic is on its way.
fn panic_within_a_panic(clean_up: fn()) {
    struct CleanUp(fn());

    impl Drop for CleanUp {
        fn drop(&mut self) {
            assert!(catch_unwind(self.0).is_err());
        }
    }

    let torn = catch_unwind(|| {
        let _clean_up = CleanUp(clean_up);
        panic!("out of paper");
    });
    assert!(torn.is_err());
}

#[test]
fn a_panic_in_a_destructor_during_a_panic_is_one() {
    check(
        |_| panic_within_a_panic(|| drop(clean_up_badly())),
        "",
        "
        function.calls{function=clean_up_badly,module=it::outcomes,result=panic} +1
        function.calls.duration{function=clean_up_badly,module=it::outcomes,result=panic} +1 sum 0ns
        ",
    );
}

/// A guard can only ask whether the thread panics, which it did before. So it counts what it knows of most such calls.
#[test]
fn a_guard_does_not_see_a_panic_beside_another() {
    check(
        |_| panic_within_a_panic(clean_up_worse),
        "",
        "
        function.calls{function=clean_up_worse,module=it::outcomes,result=ok} +1
        function.calls.duration{function=clean_up_worse,module=it::outcomes,result=ok} +1 sum 0ns
        ",
    );
}

#[traced(err)]
#[metered]
async fn wait(turns: u32, code: u8) -> Receipt {
    pending(turns).await;
    assert_ne!(code, 99, "out of paper");
    pay_later(code)
}

fn pay_later(code: u8) -> Receipt {
    if code == 0 {
        Ok(7)
    } else {
        Err(Declined { code })
    }
}

#[test]
fn a_future_ends_with_what_it_returns() {
    check(
        |_| {
            assert!(block_on(wait(2, 0)).is_ok());
            assert!(block_on(wait(2, 5)).is_err());
        },
        r#"
        outcomes::wait 0ns
        outcomes::wait 0ns error.type=it::outcomes::Declined [error: declined with code 5]
          * exception +0ns exception.type=it::outcomes::Declined exception.message="declined with code 5"
        "#,
        "
        function.calls{function=wait,module=it::outcomes,result=error} +1
        function.calls{function=wait,module=it::outcomes,result=ok} +1
        function.calls.duration{function=wait,module=it::outcomes,result=error} +1 sum 0ns
        function.calls.duration{function=wait,module=it::outcomes,result=ok} +1 sum 0ns
        ",
    );
}

#[test]
fn a_future_that_is_dropped_half_way_is_cancelled() {
    check(
        |recorder| {
            let mut future = Box::pin(wait(2, 0));
            assert!(poll(future.as_mut()).is_pending());
            recorder.assert_metric_deltas(
                "function.calls.in_flight{function=wait,module=it::outcomes} +1",
            );
            recorder.clock().advance(std::time::Duration::from_secs(3));
        },
        "outcomes::wait 3s tachograph.cancelled=true",
        "
        function.calls{function=wait,module=it::outcomes,result=cancelled} +1
        function.calls.duration{function=wait,module=it::outcomes,result=cancelled} +1 sum 3s
        function.calls.in_flight{function=wait,module=it::outcomes} -1
        ",
    );
}

#[test]
fn a_future_that_panics_is_a_panic() {
    check(
        |_| {
            let torn = catch_unwind(|| block_on(wait(1, 99)));
            assert!(torn.is_err());
        },
        "outcomes::wait 0ns error.type=panic [error]",
        "
        function.calls{function=wait,module=it::outcomes,result=panic} +1
        function.calls.duration{function=wait,module=it::outcomes,result=panic} +1 sum 0ns
        ",
    );
}

#[test]
fn a_future_that_is_never_polled_is_no_call() {
    check(|_| drop(wait(1, 0)), "", "");
}

#[test]
fn a_call_begins_at_the_first_poll() {
    check(
        |recorder| {
            let mut future = pin!(wait(1, 0));
            recorder.clock().advance(std::time::Duration::from_secs(60));
            assert!(poll(future.as_mut()).is_pending());
            recorder
                .clock()
                .advance(std::time::Duration::from_millis(5));
            assert!(poll(future.as_mut()).is_ready());
        },
        "outcomes::wait 5ms",
        "
        function.calls{function=wait,module=it::outcomes,result=ok} +1
        function.calls.duration{function=wait,module=it::outcomes,result=ok} +1 sum 5ms
        ",
    );
}
