//! What `args` and `ret` record of a value that nobody described: its own type where a span knows it, or its `Debug`
//! text.

use std::fmt::Debug;

use crate::value::{self, ToValue, Value};

/// A value to be recorded as its type allows.
///
/// The method of the first trait that fits is called: it takes a reference more for each further one.
#[derive(Debug)]
pub struct Captured<'a, T: ?Sized>(pub &'a T);

/// Of types that a span can record as they are.
pub trait CapturedByValue {
    /// The value.
    fn __captured(&self) -> Value;
}

impl<T: ToValue + ?Sized> CapturedByValue for &&Captured<'_, T> {
    fn __captured(&self) -> Value {
        self.0.to_value()
    }
}

/// Of all other types with `Debug`.
pub trait CapturedByDebug {
    /// The text.
    fn __captured(&self) -> Value;
}

impl<T: Debug + ?Sized> CapturedByDebug for &Captured<'_, T> {
    fn __captured(&self) -> Value {
        value::debug(self.0)
    }
}

/// Of what is left, so that the compiler says what to write.
pub trait CapturedByNothing {
    /// What is recorded.
    type Value: ?Sized;

    /// Never called.
    fn __captured(&self) -> Value
    where
        Self::Value: Capturable;
}

impl<T: ?Sized> CapturedByNothing for Captured<'_, T> {
    type Value = T;

    fn __captured(&self) -> Value
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
