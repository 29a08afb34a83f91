//! Lists of values, as an attribute holds them.

use std::borrow::Cow;
use std::fmt;
use std::slice;

use super::Cursor;
use crate::value::Array;

/// A list of values that all have one type, to be looked at.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ArrayRef<'a> {
    /// A list of `true` and `false`.
    Bool(List<'a, bool>),
    /// A list of signed integers.
    I64(List<'a, i64>),
    /// A list of floating-point numbers.
    F64(List<'a, f64>),
    /// A list of texts.
    String(List<'a, &'a str>),
}

/// The values of a list, as an iterator.
#[derive(Clone)]
pub struct List<'a, T: Element<'a>> {
    values: Values<'a, T>,
}

#[derive(Clone)]
enum Values<'a, T: Element<'a>> {
    Owned(slice::Iter<'a, T::Owned>),
    Packed { cursor: Cursor<'a>, left: usize },
}

/// What lists are made of: `bool`, `i64`, `f64` and `&str`.
pub trait Element<'a>: Copy + fmt::Debug + PartialEq + sealed::Sealed<'a> + 'a {}

mod sealed {
    use super::Cursor;

    /// What only this crate knows of an element.
    pub trait Sealed<'a>: Sized {
        /// As an `Array` has it.
        type Owned: Clone + 'a;

        fn of(owned: &'a Self::Owned) -> Self;

        fn read(cursor: &mut Cursor<'a>) -> Option<Self>;
    }
}

macro_rules! elements {
    ($($element:ty, $owned:ty => |$value:ident| $of:expr, |$cursor:ident| $read:expr;)*) => {$(
        impl<'a> Element<'a> for $element {}

        impl<'a> sealed::Sealed<'a> for $element {
            type Owned = $owned;

            #[inline]
            fn of($value: &'a $owned) -> Self {
                $of
            }

            #[inline]
            fn read($cursor: &mut Cursor<'a>) -> Option<Self> {
                $read
            }
        }
    )*};
}

elements! {
    bool, bool => |value| *value, |cursor| cursor.word().map(|word| word != 0);
    i64, i64 => |value| *value, |cursor| cursor.word().map(u64::cast_signed);
    f64, f64 => |value| *value, |cursor| cursor.word().map(f64::from_bits);
    &'a str, Cow<'static, str> => |value| value, |cursor| cursor.text();
}

impl<'a, T: Element<'a>> List<'a, T> {
    pub(super) fn packed(cursor: Cursor<'a>, left: usize) -> Self {
        Self {
            values: Values::Packed { cursor, left },
        }
    }

    fn owned(values: &'a [T::Owned]) -> Self {
        Self {
            values: Values::Owned(values.iter()),
        }
    }
}

impl<'a> ArrayRef<'a> {
    pub(super) fn of(array: &'a Array) -> Self {
        match array {
            Array::Bool(values) => Self::Bool(List::owned(values)),
            Array::I64(values) => Self::I64(List::owned(values)),
            Array::F64(values) => Self::F64(List::owned(values)),
            Array::String(values) => Self::String(List::owned(values)),
        }
    }

    pub(super) fn into_owned(self) -> Array {
        match self {
            Self::Bool(list) => Array::Bool(list.collect()),
            Self::I64(list) => Array::I64(list.collect()),
            Self::F64(list) => Array::F64(list.collect()),
            Self::String(list) => Array::String(list.map(|text| text.to_owned().into()).collect()),
        }
    }
}

impl<'a, T: Element<'a>> Iterator for List<'a, T> {
    type Item = T;

    #[inline]
    fn next(&mut self) -> Option<T> {
        match &mut self.values {
            Values::Owned(values) => values.next().map(T::of),
            Values::Packed { cursor, left } => {
                *left = left.checked_sub(1)?;
                T::read(cursor)
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let len = match &self.values {
            Values::Owned(values) => values.len(),
            Values::Packed { left, .. } => *left,
        };
        (len, Some(len))
    }
}

impl<'a, T: Element<'a>> ExactSizeIterator for List<'a, T> {}

impl<'a, T: Element<'a>> PartialEq for List<'a, T> {
    fn eq(&self, other: &Self) -> bool {
        self.clone().eq(other.clone())
    }
}

impl<'a, T: Element<'a>> fmt::Debug for List<'a, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}
