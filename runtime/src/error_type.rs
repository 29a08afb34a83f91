//! Of what type an error is: what `error.type` says of it.

use std::any::type_name;

use crate::{caught, semconv};

/// An error that says of what type it is, in few words: the attribute `error.type` of spans.
///
/// Without it that is the name of the error's Rust type. Derive it to tell the variants of an enum apart. The text must
/// be one of few, so it holds nothing of what the error carries.
///
/// It is found by the type that a function returns, so code that is generic over its error sees only the type's name,
/// unless it asks for `E: ErrorType`.
///
/// ```
/// use tachograph::ErrorType;
///
/// enum PaymentError {
///     Declined,
///     Status(u16),
/// }
///
/// impl ErrorType for PaymentError {
///     fn error_type(&self) -> &'static str {
///         match self {
///             Self::Declined => "declined",
///             Self::Status(500..) => "server_error",
///             Self::Status(_) => "client_error",
///         }
///     }
/// }
/// # assert_eq!(PaymentError::Status(503).error_type(), "server_error");
/// # _ = PaymentError::Declined;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say of what type it is",
    label = "no `ErrorType`",
    note = "add `#[derive(ErrorType)]` to it, or drop `transparent`"
)]
pub trait ErrorType {
    /// One of few texts: `timeout`.
    fn error_type(&self) -> &'static str;
}

impl<E: ErrorType + ?Sized> ErrorType for &E {
    fn error_type(&self) -> &'static str {
        (**self).error_type()
    }
}

impl<E: ErrorType + ?Sized> ErrorType for Box<E> {
    fn error_type(&self) -> &'static str {
        (**self).error_type()
    }
}

/// An error, if there is one, to be asked for its type: `Classified(error).__error_type()`.
///
/// [`AnyError`] answers where the type is not known to implement [`ErrorType`].
#[derive(Debug)]
pub struct Classified<'r, E>(pub Option<&'r E>);

impl<E: ErrorType> Classified<'_, E> {
    /// What the error says of itself.
    #[inline]
    #[must_use]
    pub fn __error_type(self) -> &'static str {
        self.0.map_or("", |error| {
            caught::caught_by_reference(|| error.error_type()).unwrap_or(semconv::OTHER)
        })
    }
}

/// What is asked when an error is not known to say of what type it is.
pub trait AnyError {
    /// The name of the error's Rust type.
    fn __error_type(self) -> &'static str;
}

impl<E> AnyError for Classified<'_, E> {
    #[inline]
    fn __error_type(self) -> &'static str {
        type_name::<E>()
    }
}
