//! How a call ended, decided by the type of what it returned.

use std::any::type_name;
use std::convert::Infallible;
use std::fmt::{self, Debug, Display};

use crate::semconv;

/// How a call ended that returned.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'r> {
    /// With anything that is not an error.
    Ok,
    /// With an `Err`.
    Error {
        /// The name of the error's type.
        error_type: &'static str,
        /// The error's text, made only when a span records it.
        message: Message<'r>,
    },
}

/// Which text of an error is recorded.
#[derive(Clone, Copy)]
pub enum Message<'r> {
    /// None: it may hold what nobody meant to record.
    None,
    /// The `Display` text.
    Display(&'r dyn Display),
    /// The `Debug` text.
    Debug(&'r dyn Debug),
}

impl Debug for Message<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Message")
    }
}

impl<'r> Outcome<'r> {
    /// Without the error's text.
    #[inline]
    #[must_use]
    pub fn of<E>(error: Option<&'r E>) -> Self {
        Self::new(error, |_| Message::None)
    }

    /// With the error's `Display` text.
    #[inline]
    #[must_use]
    pub fn displayed<E: ErrorMessage>(error: Option<&'r E>) -> Self {
        Self::new(error, |error| Message::Display(error))
    }

    /// With the error's `Debug` text.
    #[inline]
    #[must_use]
    pub fn debugged<E: Debug>(error: Option<&'r E>) -> Self {
        Self::new(error, |error| Message::Debug(error))
    }

    /// Ok or not, as `predicate` says of what the call returned.
    #[inline]
    #[must_use]
    pub fn ok_if<T>(self, returned: &T, predicate: impl FnOnce(&T) -> bool) -> Self {
        match (predicate(returned), self) {
            (true, _) => Self::Ok,
            (false, Self::Ok) => Self::Error {
                error_type: semconv::OTHER,
                message: Message::None,
            },
            (false, error) => error,
        }
    }

    /// An error or not, as `predicate` says of what the call returned.
    #[inline]
    #[must_use]
    pub fn error_if<T>(self, returned: &T, predicate: impl FnOnce(&T) -> bool) -> Self {
        self.ok_if(returned, |returned| !predicate(returned))
    }

    #[inline]
    fn new<E>(error: Option<&'r E>, message: impl FnOnce(&'r E) -> Message<'r>) -> Self {
        match error {
            None => Self::Ok,
            Some(error) => Self::Error {
                error_type: type_name::<E>(),
                message: message(error),
            },
        }
    }
}

impl Message<'_> {
    pub(crate) fn text(self) -> Option<String> {
        match self {
            Self::None => None,
            Self::Display(error) => Some(error.to_string()),
            Self::Debug(error) => Some(format!("{error:?}")),
        }
    }
}

/// An error that `err` can show.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be shown as an error: it has no `Display`",
    label = "no `Display`",
    note = "write `err(Debug)`, or implement `Display`"
)]
pub trait ErrorMessage: Display {}

impl<E: Display> ErrorMessage for E {}

/// What a call returned, to be asked for its error: `Returned(&value).error()`.
///
/// Of a `Result` that is its error. Of anything else [`AnyReturn`] answers, which is found only when the type is not
/// known to be a `Result`, whatever name the code gives to it.
#[derive(Debug)]
pub struct Returned<'r, T>(pub &'r T);

impl<'r, T, E> Returned<'r, Result<T, E>> {
    /// The error, if it is one.
    #[inline]
    #[must_use]
    pub fn error(self) -> Option<&'r E> {
        self.0.as_ref().err()
    }

    /// What it holds. The outcome was judged, but what there is to see is decided by the value.
    #[inline]
    #[must_use]
    pub fn ended(self, _: &Outcome<'_>) -> Ended<'r, T, E> {
        Ended(self.0.as_ref())
    }
}

/// What is asked when a type is not known to be a `Result`.
pub trait AnyReturn<'r, T> {
    /// Never an error.
    fn error(self) -> Option<&'static Infallible>;

    /// The whole, on the side of the outcome.
    fn ended(self, outcome: &Outcome<'_>) -> Ended<'r, T, T>;
}

impl<'r, T> AnyReturn<'r, T> for Returned<'r, T> {
    #[inline]
    fn error(self) -> Option<&'static Infallible> {
        None
    }

    #[inline]
    fn ended(self, outcome: &Outcome<'_>) -> Ended<'r, T, T> {
        Ended(match outcome {
            Outcome::Ok => Ok(self.0),
            Outcome::Error { .. } => Err(self.0),
        })
    }
}

/// What `on_ok` and `on_err` see.
#[derive(Debug)]
pub struct Ended<'r, T, E>(Result<&'r T, &'r E>);

#[expect(
    clippy::return_self_not_must_use,
    reason = "either side may be the last that is asked"
)]
impl<'r, T, E> Ended<'r, T, E> {
    /// Records what is known of a success.
    #[inline]
    pub fn on_ok(self, record: impl FnOnce(&'r T)) -> Self {
        if let Ok(ok) = self.0 {
            record(ok);
        }
        self
    }

    /// Records what is known of a failure.
    #[inline]
    pub fn on_err(self, record: impl FnOnce(&'r E)) -> Self {
        if let Err(err) = self.0 {
            record(err);
        }
        self
    }
}
