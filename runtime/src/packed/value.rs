//! Values to be looked at.

use std::fmt;

use super::ArrayRef;
use crate::value::Value;

/// An attribute's value as a span, a log record or a [`Resource`](crate::Resource) holds it. Nothing is allocated to read it
/// or to clone it.
///
/// ```
/// use tachograph::{Value, ValueRef};
///
/// let value = Value::from("paid");
/// assert_eq!(value.as_ref(), ValueRef::String("paid"));
/// assert_eq!(value.as_ref().to_string(), "paid");
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ValueRef<'a> {
    /// `true` or `false`.
    Bool(bool),
    /// A signed integer.
    I64(i64),
    /// A floating-point number; infinities and NaN are allowed.
    F64(f64),
    /// Text.
    String(&'a str),
    /// Several values of one type.
    Array(ArrayRef<'a>),
}

impl ValueRef<'_> {
    /// The same value, to be kept.
    #[must_use]
    pub fn into_owned(self) -> Value {
        match self {
            Self::Bool(value) => Value::Bool(value),
            Self::I64(value) => Value::I64(value),
            Self::F64(value) => Value::F64(value),
            Self::String(text) => Value::String(text.to_owned().into()),
            Self::Array(array) => Value::Array(Box::new(array.into_owned())),
        }
    }
}

impl Value {
    /// The value, to be looked at.
    #[inline]
    #[must_use]
    pub fn as_ref(&self) -> ValueRef<'_> {
        match self {
            Self::Bool(value) => ValueRef::Bool(*value),
            Self::I64(value) => ValueRef::I64(*value),
            Self::F64(value) => ValueRef::F64(*value),
            Self::String(text) => ValueRef::String(text),
            Self::Array(array) => ValueRef::Array(ArrayRef::of(array)),
        }
    }
}

impl<'a> From<&'a Value> for ValueRef<'a> {
    fn from(value: &'a Value) -> Self {
        value.as_ref()
    }
}

impl fmt::Display for ValueRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::I64(value) => value.fmt(f),
            Self::F64(value) => value.fmt(f),
            Self::String(value) => value.fmt(f),
            Self::Array(array) => match array {
                ArrayRef::Bool(values) => fmt::Debug::fmt(values, f),
                ArrayRef::I64(values) => fmt::Debug::fmt(values, f),
                ArrayRef::F64(values) => fmt::Debug::fmt(values, f),
                ArrayRef::String(values) => fmt::Debug::fmt(values, f),
            },
        }
    }
}
