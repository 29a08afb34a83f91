//! Functions of which clippy says what it says without attributes: `just lint` is what asserts it.

use std::future::{Ready, ready};

use tachograph::{metered, traced};
use tachograph_tests::futures::block_on;

#[path = "../../ui-tests/pass/fused/every_option.rs"]
mod every_option;

trait Fold<T, U> {
    fn fold(&mut self, run: U, next: T) -> Result<U, (U, U)>;
}

struct Runs;

impl<T: PartialEq> Fold<T, (usize, T)> for Runs {
    // A type that a trait prescribes is nobody's fault, however complex it is.
    #[traced]
    #[metered]
    fn fold(
        &mut self,
        (length, of): (usize, T),
        next: T,
    ) -> Result<(usize, T), ((usize, T), (usize, T))> {
        if of == next {
            Ok((length + 1, of))
        } else {
            Err(((length, of), (1, next)))
        }
    }
}

// What is wrong with a function and what is wrong in it is heard of: an expectation that is not met is a warning.
#[traced]
#[metered]
#[expect(clippy::trivially_copy_pass_by_ref, clippy::len_zero)]
fn checked(bytes: &[u8], least: &u8) -> Result<u8, u8> {
    if bytes.len() == 0 {
        return Err(*least);
    }
    Ok(bytes[0])
}

#[traced]
#[expect(clippy::inline_always, clippy::len_zero)]
#[inline(always)]
async fn checked_later(bytes: &[u8]) -> Result<u8, u8> {
    if bytes.len() == 0 {
        return Err(0);
    }
    Ok(ready(bytes[0]).await)
}

// An expectation of a parameter comes true where it was written or where the body finds it, and is met in both.
#[traced(fields(more))]
#[metered]
fn unused(
    #[expect(unused_variables)] (one, two): (u8, u8),
    #[expect(unused_mut)] mut more: u8,
    #[expect(non_snake_case)] Most: u8,
) -> Result<u8, u8> {
    if more == Most { Ok(more) } else { Err(Most) }
}

// A future that a function returns is not awaited in it.
#[traced]
#[metered]
async fn later_still() -> Ready<u8> {
    ready(ready(7)).await
}

#[traced]
#[metered]
async fn opaque_and_later_still() -> impl Future<Output = u8> {
    ready(ready(7)).await
}

// An empty body is a question to the compiler, and uses no parameter.
#[traced]
#[metered]
fn assert_send<T: Send>() {}

// A parameter that is seen only when the call has ended is used.
#[traced(on_ok(turn = turn))]
#[metered(on_ok(last = last))]
fn ended(turn: u32, last: bool) -> u8 {
    7
}

// Parameters that move into a closure keep their names, which is nobody's shadowing.
#[warn(clippy::shadow_same)]
#[traced]
#[metered]
fn moved(one: u8, mut two: u8) -> Result<u8, u8> {
    two += one;
    if two > 3 { Ok(two) } else { Err(two) }
}

#[test]
fn they_do_what_they_did() {
    assert_send::<Runs>();
    assert_eq!(Runs.fold((1, 'a'), 'a'), Ok((2, 'a')));
    assert_eq!(Runs.fold((1, 'a'), 'b'), Err(((1, 'a'), (1, 'b'))));
    assert_eq!(ended(3, true), 7);
    assert_eq!(unused((1, 2), 3, 3), Ok(3));
    assert_eq!(moved(1, 3), Ok(4));
    assert_eq!(checked(&[], &1), Err(1));
    assert_eq!(block_on(checked_later(&[2])), Ok(2));
    assert_eq!(block_on(async { later_still().await.await }), 7);
    assert_eq!(block_on(async { opaque_and_later_still().await.await }), 7);
}

#[test]
fn every_option_is_heard_of_by_no_lint() {
    every_option::main();
}
