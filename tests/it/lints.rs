//! Functions of which clippy says nothing, and must not because of an attribute: `just lint` is what asserts it.

use tachograph::{metered, traced};

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

// An empty body is a question to the compiler, and uses no parameter.
#[traced]
#[metered]
fn assert_send<T: Send>() {}

#[test]
fn they_do_what_they_did() {
    assert_send::<Runs>();
    assert_eq!(Runs.fold((1, 'a'), 'a'), Ok((2, 'a')));
    assert_eq!(Runs.fold((1, 'a'), 'b'), Err(((1, 'a'), (1, 'b'))));
}
