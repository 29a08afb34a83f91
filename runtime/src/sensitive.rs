//! Values that nobody may read in telemetry.

use std::fmt;

use crate::packed::ValueRef;
use crate::value::{FieldValue, ToValue, Value};

/// A value that every output shows as `***`: fields, `Display` and `Debug`.
///
/// ```
/// use tachograph::{Sensitive, traced};
///
/// #[traced(fields(user, password = Sensitive(password)))]
/// fn log_in(user: &str, password: String) -> bool {
///     password.len() > 3
/// }
///
/// assert!(log_in("ada", "swordfish".into()));
/// assert_eq!(format!("{:?}", Sensitive("swordfish")), "***");
/// assert_eq!(Sensitive("swordfish").0.len(), 9);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sensitive<T: ?Sized>(pub T);

const HIDDEN: &str = "***";

impl<T: ?Sized> fmt::Debug for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl<T: ?Sized> fmt::Display for Sensitive<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

impl<T: ?Sized> ToValue for Sensitive<T> {
    fn to_value(&self) -> Value {
        HIDDEN.into()
    }

    fn value_ref(&self) -> Option<ValueRef<'_>> {
        Some(ValueRef::String(HIDDEN))
    }
}

impl<T> From<T> for Sensitive<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}

/// Warns where a captured name looks like a secret: macros have no other way on stable Rust.
#[deprecated(note = "its name looks like a secret, and it is recorded as it is: \
                     write `x = Sensitive(x)`, leave it out, or give it another name")]
#[inline]
#[must_use]
pub fn looks_like_a_secret(value: FieldValue<'_>) -> FieldValue<'_> {
    value
}
