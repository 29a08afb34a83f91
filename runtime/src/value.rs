//! Attributes: the typed key-value pairs that spans, events, links and resources carry.

use std::borrow::Cow;
use std::fmt;

use crate::caught;
use crate::packed::ValueRef;

/// The name of an attribute, for example `http.response.status_code`.
pub type Key = Cow<'static, str>;

/// One key with its value.
///
/// ```
/// use tachograph::Attribute;
///
/// let attribute = Attribute::new("order.items", 3);
/// assert_eq!(attribute.to_string(), "order.items=3");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// What the value means, in dots: `order.id`.
    pub key: Key,
    /// The value, in one of OpenTelemetry's types.
    pub value: Value,
}

impl Attribute {
    /// Pairs `key` with `value`.
    pub fn new(key: impl Into<Key>, value: impl Into<Value>) -> Self {
        Self {
            key: key.into(),
            value: value.into(),
        }
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key, self.value)
    }
}

/// An attribute's value, in the types OpenTelemetry knows.
///
/// Integers that do not fit an `i64` become their decimal text, so no value is ever wrong.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A signed integer.
    I64(i64),
    /// A floating-point number; infinities and NaN are allowed.
    F64(f64),
    /// Text; a `&'static str` is kept without a copy.
    String(Cow<'static, str>),
    /// Several values of one type.
    Array(Box<Array>),
}

/// A list of values that all have one type, as OpenTelemetry asks.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Array {
    /// A list of `true` and `false`.
    Bool(Vec<bool>),
    /// A list of signed integers.
    I64(Vec<i64>),
    /// A list of floating-point numbers.
    F64(Vec<f64>),
    /// A list of texts.
    String(Vec<Cow<'static, str>>),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::I64(value) => value.fmt(f),
            Self::F64(value) => value.fmt(f),
            Self::String(value) => value.fmt(f),
            Self::Array(array) => match &**array {
                Array::Bool(values) => fmt::Debug::fmt(values, f),
                Array::I64(values) => fmt::Debug::fmt(values, f),
                Array::F64(values) => fmt::Debug::fmt(values, f),
                Array::String(values) => fmt::Debug::fmt(values, f),
            },
        }
    }
}

/// A value that a span can record as it is: `fields(x)` and `fields(x = expr)` need it.
///
/// Numbers stay numbers. For any other type write `x = %expr` to record its `Display` text, `x = ?expr` for its
/// `Debug` text, or implement this trait.
///
/// ```
/// use tachograph::{ToValue, Value};
///
/// struct OrderId(u32);
///
/// impl ToValue for OrderId {
///     fn to_value(&self) -> Value {
///         i64::from(self.0).into()
///     }
/// }
///
/// assert_eq!(OrderId(7).to_value(), Value::I64(7));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be recorded as a field",
    label = "not a bool, number or string",
    note = "write `x = ?expr` for its `Debug` text, `x = %expr` for its `Display` text, \
            name a part such as `x = expr.id()`, or implement `tachograph::ToValue`"
)]
pub trait ToValue {
    /// The value to record.
    fn to_value(&self) -> Value;

    /// The same where it need not be made, because the value has it: text, or a number. It is asked for first.
    ///
    /// ```
    /// use tachograph::{ToValue, Value, ValueRef};
    ///
    /// struct Isbn(String);
    ///
    /// impl ToValue for Isbn {
    ///     fn to_value(&self) -> Value {
    ///         self.0.to_value()
    ///     }
    ///
    ///     fn value_ref(&self) -> Option<ValueRef<'_>> {
    ///         Some(ValueRef::String(&self.0))
    ///     }
    /// }
    /// ```
    #[inline]
    fn value_ref(&self) -> Option<ValueRef<'_>> {
        None
    }
}

macro_rules! values {
    ($($from:ty => |$value:ident| $to:expr $(, $as_ref:expr)?;)*) => {$(
        impl From<$from> for Value {
            #[inline]
            fn from($value: $from) -> Self {
                $to
            }
        }

        impl ToValue for $from {
            fn to_value(&self) -> Value {
                Value::from(self.clone())
            }

            $(
                #[inline]
                fn value_ref(&self) -> Option<ValueRef<'_>> {
                    let $value = self;
                    $as_ref
                }
            )?
        }
    )*};
}

values! {
    bool => |value| Self::Bool(value), Some(ValueRef::Bool(*value));
    i8 => |value| Self::I64(value.into()), integer(*value);
    i16 => |value| Self::I64(value.into()), integer(*value);
    i32 => |value| Self::I64(value.into()), integer(*value);
    i64 => |value| Self::I64(value), integer(*value);
    u8 => |value| Self::I64(value.into()), integer(*value);
    u16 => |value| Self::I64(value.into()), integer(*value);
    u32 => |value| Self::I64(value.into()), integer(*value);
    u64 => |value| i64::try_from(value).map_or_else(|_| value.to_string().into(), Self::I64), integer(*value);
    i128 => |value| i64::try_from(value).map_or_else(|_| value.to_string().into(), Self::I64), integer(*value);
    u128 => |value| i64::try_from(value).map_or_else(|_| value.to_string().into(), Self::I64), integer(*value);
    isize => |value| i64::try_from(value).map_or_else(|_| value.to_string().into(), Self::I64), integer(*value);
    usize => |value| i64::try_from(value).map_or_else(|_| value.to_string().into(), Self::I64), integer(*value);
    f32 => |value| Self::F64(value.into()), Some(ValueRef::F64((*value).into()));
    f64 => |value| Self::F64(value), Some(ValueRef::F64(*value));
    char => |value| Self::String(value.to_string().into());
    String => |value| Self::String(value.into()), Some(ValueRef::String(value));
    Vec<bool> => |value| Self::Array(Box::new(Array::Bool(value)));
    Vec<i64> => |value| Self::Array(Box::new(Array::I64(value)));
    Vec<f64> => |value| Self::Array(Box::new(Array::F64(value)));
    Vec<String> => |value| Self::Array(Box::new(Array::String(value.into_iter().map(Cow::Owned).collect())));
}

/// An integer that an attribute can have.
#[inline]
fn integer<'v>(value: impl TryInto<i64>) -> Option<ValueRef<'v>> {
    value.try_into().ok().map(ValueRef::I64)
}

impl From<Cow<'static, str>> for Value {
    fn from(value: Cow<'static, str>) -> Self {
        Self::String(value)
    }
}

impl From<Vec<Cow<'static, str>>> for Value {
    fn from(value: Vec<Cow<'static, str>>) -> Self {
        Self::Array(Box::new(Array::String(value)))
    }
}

impl From<&'static str> for Value {
    fn from(value: &'static str) -> Self {
        Self::String(Cow::Borrowed(value))
    }
}

impl ToValue for str {
    fn to_value(&self) -> Value {
        Value::String(Cow::Owned(self.to_owned()))
    }

    #[inline]
    fn value_ref(&self) -> Option<ValueRef<'_>> {
        Some(ValueRef::String(self))
    }
}

// For text of any lifetime: `args` goes by the type of a parameter, and nobody would see that it lives too short.
impl ToValue for Cow<'_, str> {
    fn to_value(&self) -> Value {
        str::to_value(self)
    }

    #[inline]
    fn value_ref(&self) -> Option<ValueRef<'_>> {
        Some(ValueRef::String(self))
    }
}

impl ToValue for Vec<Cow<'_, str>> {
    fn to_value(&self) -> Value {
        let texts = self
            .iter()
            .map(|text| Cow::Owned(text.clone().into_owned()));
        Value::from(texts.collect::<Vec<_>>())
    }
}

impl ToValue for Value {
    fn to_value(&self) -> Value {
        self.clone()
    }

    #[inline]
    fn value_ref(&self) -> Option<ValueRef<'_>> {
        Some(self.as_ref())
    }
}

impl<T: ToValue + ?Sized> ToValue for &T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }

    #[inline]
    fn value_ref(&self) -> Option<ValueRef<'_>> {
        (**self).value_ref()
    }
}

impl<T: ToValue + ?Sized> ToValue for &mut T {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }

    #[inline]
    fn value_ref(&self) -> Option<ValueRef<'_>> {
        (**self).value_ref()
    }
}

impl<T: ToValue + ?Sized> ToValue for Box<T> {
    fn to_value(&self) -> Value {
        (**self).to_value()
    }

    #[inline]
    fn value_ref(&self) -> Option<ValueRef<'_>> {
        (**self).value_ref()
    }
}

/// The value of a field on its way to the span.
#[derive(Debug)]
pub enum FieldValue<'v> {
    /// As the user's value has it.
    Ref(ValueRef<'v>),
    /// Made of the user's value.
    Owned(Value),
}

/// A field as its own type.
#[inline]
pub fn value<T: ToValue + ?Sized>(value: &T) -> FieldValue<'_> {
    match value.value_ref() {
        Some(value) => FieldValue::Ref(value),
        None => FieldValue::Owned(value.to_value()),
    }
}

/// A field as its `Display` text.
pub fn display<'v, T: fmt::Display + ?Sized>(value: &T) -> FieldValue<'v> {
    text(format_args!("{value}"))
}

/// A field as its `Debug` text.
pub fn debug<'v, T: fmt::Debug + ?Sized>(value: &T) -> FieldValue<'v> {
    text(format_args!("{value:?}"))
}

fn text<'v>(text: fmt::Arguments<'_>) -> FieldValue<'v> {
    FieldValue::Owned(Value::String(caught::text(text).0.into()))
}

/// Sets one attribute in a list of unique keys: the last value wins, an empty key is left out.
pub(crate) fn set(attributes: &mut Vec<Attribute>, attribute: Attribute) {
    match attributes
        .iter_mut()
        .find(|known| known.key == attribute.key)
    {
        Some(known) => known.value = attribute.value,
        None if attribute.key.is_empty() => {}
        None => attributes.push(attribute),
    }
}
