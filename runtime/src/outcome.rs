//! How a call ended, decided by the type of what it returned.

use std::convert::Infallible;
use std::fmt::{self, Debug, Display};

use crate::caught;

/// How a call ended that returned.
#[derive(Clone, Copy, Debug)]
pub enum Outcome<'r> {
    /// With anything that is not an error.
    Ok,
    /// With an `Err`.
    Error {
        /// The name of the error's type, or what the error says of itself.
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
    pub fn of<E>(error: Option<&'r E>, error_type: &'static str) -> Self {
        Self::new(error, error_type, |_| Message::None)
    }

    /// With the error's `Display` text.
    #[inline]
    #[must_use]
    pub fn displayed<E: ErrorMessage>(error: Option<&'r E>, error_type: &'static str) -> Self {
        Self::new(error, error_type, |error| Message::Display(error))
    }

    /// With the error's `Debug` text.
    #[inline]
    #[must_use]
    pub fn debugged<E: Debug>(error: Option<&'r E>, error_type: &'static str) -> Self {
        Self::new(error, error_type, |error| Message::Debug(error))
    }

    #[inline]
    fn new<E>(
        error: Option<&'r E>,
        error_type: &'static str,
        message: impl FnOnce(&'r E) -> Message<'r>,
    ) -> Self {
        match error {
            None => Self::Ok,
            Some(error) => Self::Error {
                error_type,
                message: message(error),
            },
        }
    }
}

impl Message<'_> {
    /// The text, as far as an error whose code gives up has written it. One whose code panics says nothing: the call is
    /// over, and without the text it would not panic.
    pub(crate) fn text(self) -> Option<String> {
        let (text, told) = match self {
            Self::None => return None,
            Self::Display(error) => caught::text(format_args!("{error}")),
            Self::Debug(error) => caught::text(format_args!("{error:?}")),
        };
        told.then_some(text)
    }
}

/// An error that `err` can show.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be shown as an error: it has no `Display`",
    label = "no `Display`",
    note = "write `err(Debug)` or `err(type)`, or implement `Display`"
)]
pub trait ErrorMessage: Display {}

impl<E: Display> ErrorMessage for E {}

/// What a call returned, to be asked for its error: `Returned(&value).__error()`.
///
/// Of a `Result` that is its error. Of anything else [`AnyReturn`] answers, which is found only when the type is not
/// known to be a `Result`, whatever name the code gives to it. The methods have names that no trait of the user's has, or a
/// trait for all types could answer as well.
#[derive(Debug)]
pub struct Returned<'r, T>(pub &'r T);

impl<'r, T, E> Returned<'r, Result<T, E>> {
    /// The error, if it is one.
    #[inline]
    #[must_use]
    pub fn __error(self) -> Option<&'r E> {
        self.0.as_ref().err()
    }

    /// What it holds. The outcome was judged, but what there is to see is decided by the value.
    #[inline]
    #[must_use]
    pub fn __ended(self, _: &Outcome<'_>) -> Ended<'r, T, E> {
        Ended(self.0.as_ref())
    }
}

/// What is asked when a type is not known to be a `Result`.
pub trait AnyReturn<'r, T> {
    /// Never an error.
    fn __error(self) -> Option<&'static Infallible>;

    /// The whole, on the side of the outcome.
    fn __ended(self, outcome: &Outcome<'_>) -> Ended<'r, T, T>;
}

impl<'r, T> AnyReturn<'r, T> for Returned<'r, T> {
    #[inline]
    fn __error(self) -> Option<&'static Infallible> {
        None
    }

    #[inline]
    fn __ended(self, outcome: &Outcome<'_>) -> Ended<'r, T, T> {
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

/// How a call ended that returned `$result`, with the error's text where it is asked for.
#[doc(hidden)]
#[macro_export]
macro_rules! __outcome {
    ($result:expr) => {
        $crate::__outcome!(@ of, $result)
    };
    ($result:expr, Display) => {
        $crate::__outcome!(@ displayed, $result)
    };
    ($result:expr, Debug) => {
        $crate::__outcome!(@ debugged, $result)
    };
    (@ $how:ident, $result:expr) => {{
        #[allow(unused_imports)]
        use $crate::__private::{AnyError as _, AnyReturn as _};
        let __error = $crate::__private::Returned($result).__error();
        let __type = $crate::__private::Classified(__error).__error_type();
        $crate::__private::Outcome::$how(__error, __type)
    }};
}

/// What a call returned, on the side that is recorded of it.
#[doc(hidden)]
#[macro_export]
macro_rules! __ended {
    ($result:expr, $outcome:expr) => {{
        #[allow(unused_imports)]
        use $crate::__private::AnyReturn as _;
        $crate::__private::Returned($result).__ended($outcome)
    }};
}
