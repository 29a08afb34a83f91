//! What `error.type` says: the name of the error's type, or what the error says of itself.

use tachograph::{ErrorType, traced};
use tachograph_tests::check;

#[derive(Debug, ErrorType)]
#[error_type(rename_all = "snake_case")]
enum Refused {
    OutOfStock,
    #[error_type(transparent)]
    Payment(Declined),
}

#[derive(Debug, ErrorType)]
struct Declined;

type Placed = Result<(), Refused>;

#[traced]
fn place(error: Refused) -> Placed {
    Err(error)
}

#[traced]
fn generic<E>(error: E) -> Result<(), E> {
    Err(error)
}

#[traced]
fn classified<E: ErrorType>(error: E) -> Result<(), E> {
    Err(error)
}

#[test]
fn an_error_may_say_of_what_type_it_is() {
    check(
        |_| {
            let _ = place(Refused::OutOfStock);
            let _ = place(Refused::Payment(Declined));
            let _ = generic(Declined);
            let _ = classified(Declined);
        },
        "
        error_types::place 0ns error.type=out_of_stock [error]
        error_types::place 0ns error.type=Declined [error]
        error_types::generic 0ns error.type=it::error_types::Declined [error]
        error_types::classified 0ns error.type=Declined [error]
        ",
        "",
    );
}
