//! How much room the calls of annotated functions take: in nested futures, and on the stack.

use std::cell::RefCell;
use std::future::ready;
use std::hint::black_box;
use std::pin::pin;
use std::ptr;

use tachograph::testing::Recorder;
use tachograph_tests::futures::poll;

thread_local! {
    /// Where the stack ended at each level.
    static ENDS: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
}

#[inline(never)]
fn note() {
    let here = 0_u8;
    let end = ptr::from_ref(black_box(&here)).addr();
    ENDS.with_borrow_mut(|ends| ends.push(end));
}

/// Bytes of stack that one level takes, on average without the first.
fn bytes_a_level(run: impl FnOnce()) -> usize {
    ENDS.take();
    run();
    let ends = ENDS.take();
    let ([_, second, ..], [.., last]) = (&ends[..], &ends[..]) else {
        panic!("{} levels are too few", ends.len());
    };
    (second - last) / (ends.len() - 2)
}

macro_rules! nested {
    ({ $($attribute:tt)* } $function:ident $inner:ident $($rest:ident)*) => {
        $($attribute)*
        pub(super) async fn $function(argument: [u8; 64]) -> u8 {
            note();
            $inner(argument).await
        }

        nested!({ $($attribute)* } $inner $($rest)*);
    };
    ({ $($attribute:tt)* } $last:ident) => {
        $($attribute)*
        pub(super) async fn $last(argument: [u8; 64]) -> u8 {
            note();
            ready(()).await;
            argument[0]
        }
    };
}

macro_rules! levels {
    ($module:ident: $($attribute:tt)*) => {
        mod $module {
            use super::{black_box, note, poll, pin, ready, bytes_a_level};

            nested!({ $($attribute)* } thirteen twelve eleven ten nine eight seven six five four three two one);

            $($attribute)*
            fn down(levels: u8) -> u8 {
                note();
                if levels == 0 { 0 } else { black_box(down(levels - 1)) + 1 }
            }

            $($attribute)*
            fn down_or_fail(levels: u8) -> Result<u8, String> {
                note();
                Ok(if levels == 0 { 0 } else { black_box(down_or_fail(levels - 1)?) + 1 })
            }

            /// Bytes of a future that is 4, 8 and 13 levels deep.
            pub(super) fn futures() -> [usize; 3] {
                let argument = [0; 64];
                [
                    size_of_val(&four(argument)),
                    size_of_val(&eight(argument)),
                    size_of_val(&thirteen(argument)),
                ]
            }

            /// Bytes of stack a level: of a function, of one that can fail, and of a future that is polled.
            pub(super) fn stack() -> [usize; 3] {
                [
                    bytes_a_level(|| _ = black_box(down(20))),
                    bytes_a_level(|| _ = black_box(down_or_fail(20))),
                    bytes_a_level(|| _ = poll(pin!(thirteen([0; 64])))),
                ]
            }
        }
    };
}

levels!(plain:);
levels!(metered: #[tachograph::metered]);
levels!(both: #[tachograph::metered] #[tachograph::traced]);
levels!(fields: #[tachograph::metered] #[tachograph::traced(fields(level = 1))]);

/// No figure is above its bound.
#[track_caller]
fn check_bounds(figures: [usize; 3], bounds: [usize; 3], plain: [usize; 3]) {
    let within = figures
        .iter()
        .zip(bounds)
        .all(|(figure, bound)| *figure <= bound);
    assert!(
        within,
        "{figures:?} bytes, at most {bounds:?}, and {plain:?} without attributes"
    );
}

#[test]
fn a_nested_future_grows_by_little_for_each_level() {
    check_bounds(both::futures(), [740, 1_410, 2_250], plain::futures());
}

#[test]
fn a_second_attribute_takes_no_room_in_a_future() {
    assert_eq!(both::futures(), metered::futures());
    assert_eq!(fields::futures(), both::futures());
}

/// The bounds are a tenth over what a build without optimizations takes.
#[test]
fn a_call_takes_little_of_the_stack() {
    let plain = plain::stack();
    check_bounds(metered::stack(), [280, 650, 5_900], plain);
    check_bounds(both::stack(), [280, 650, 5_900], plain);
    check_bounds(fields::stack(), [280, 650, 5_900], plain);
    let heard = Recorder::new().in_scope(both::stack);
    assert_eq!(heard, both::stack(), "whether somebody listens");
}
