//! What `args` and `ret` record of a value that nobody described: its own type where a span knows it, or its `Debug`
//! text.

use std::fmt::Debug;

use crate::value::{self, FieldValue, ToValue};

/// A value to be recorded as its type allows.
///
/// The method of the first trait that fits is called: it takes a reference more for each further one.
#[derive(Debug)]
pub struct Captured<'a, T: ?Sized>(pub &'a T);

/// Of types that a span can record as they are.
pub trait CapturedByValue<'a> {
    /// The value.
    fn __captured(&self) -> FieldValue<'a>;
}

impl<'a, T: ToValue + ?Sized> CapturedByValue<'a> for &&Captured<'a, T> {
    #[inline]
    fn __captured(&self) -> FieldValue<'a> {
        value::value(self.0)
    }
}

/// Of all other types with `Debug`.
pub trait CapturedByDebug<'a> {
    /// The text.
    fn __captured(&self) -> FieldValue<'a>;
}

impl<'a, T: Debug + ?Sized> CapturedByDebug<'a> for &Captured<'a, T> {
    fn __captured(&self) -> FieldValue<'a> {
        value::debug(self.0)
    }
}

/// Of what is left, so that the compiler says what to write.
pub trait CapturedByNothing {
    /// What is recorded.
    type Value: ?Sized;

    /// Never called.
    fn __captured(&self) -> FieldValue<'static>
    where
        Self::Value: Capturable;
}

impl<T: ?Sized> CapturedByNothing for Captured<'_, T> {
    type Value = T;

    fn __captured(&self) -> FieldValue<'static>
    where
        T: Capturable,
    {
        unreachable!("nothing is recorded of a type that has neither `ToValue` nor `Debug`")
    }
}

/// A type that `args` and `ret` can record.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be recorded as a field",
    label = "neither a bool, number or string, nor `Debug`",
    note = "leave it out with `skip(x)`, or name what to record: `fields(x = x.id())`, `on_ok(x = ok.id())`"
)]
pub trait Capturable {}

/// A value by its own type, or else as its `Debug` text.
#[doc(hidden)]
#[macro_export]
macro_rules! __captured {
    ($value:expr) => {{
        #[allow(unused_imports)]
        use $crate::__private::{
            CapturedByDebug as _, CapturedByNothing as _, CapturedByValue as _,
        };
        (&&&$crate::__private::Captured($value)).__captured()
    }};
}
