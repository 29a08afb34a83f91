//! Attributes from bytes, without a copy.
//!
//! What was not written by this crate is never read, so nothing here can fail; where it would, reading ends.

use std::fmt;
use std::ops::Range;
use std::slice;

use super::{
    ArrayRef, BOOLS, F64, F64S, FALSE, FIELD, FieldList, I64, I64S, KEY_AT, KeyForm, KeyRef,
    LEN_AT, List, MAX_SHORT_KEY, NUMBERED, SHORT, SHORT_AT, TEXT, TEXT_AT, TEXTS, TRUE, ValueRef,
    WORD, padded,
};
use crate::semconv;
use crate::value::{Attribute, Value};

/// Attributes as pairs of a key and a value. The keys are unique.
///
/// It is an iterator that can be copied to read them once more; there is nothing to allocate.
#[derive(Clone)]
pub struct Attributes<'a>(Source<'a>);

#[derive(Clone)]
enum Source<'a> {
    Packed(Cursor<'a>, FieldList),
    Owned(slice::Iter<'a, Attribute>),
}

/// A value whose text is bytes of UTF-8; see [`Attributes::bytes`].
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ValueBytes<'a> {
    /// `true` or `false`.
    Bool(bool),
    /// A signed integer.
    I64(i64),
    /// A floating-point number; infinities and NaN are allowed.
    F64(f64),
    /// Text.
    String(&'a [u8]),
    /// Several values of one type.
    Array(ArrayRef<'a>),
}

/// What is still to be read.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
}

impl<'a> Cursor<'a> {
    #[inline]
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    /// How many bytes are left.
    #[inline]
    pub(crate) fn len(self) -> usize {
        self.bytes.len()
    }

    #[inline]
    fn array(&mut self) -> Option<[u8; WORD]> {
        let (first, rest) = self.bytes.split_first_chunk()?;
        self.bytes = rest;
        Some(*first)
    }

    #[inline]
    pub(crate) fn word(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }

    #[inline]
    fn text_bytes(&mut self) -> Option<&'a [u8]> {
        let len = self.bytes.first_chunk::<TEXT_AT>()?;
        let len = u32::from_le_bytes(*len) as usize;
        let (text, rest) = self.bytes.split_at_checked(padded(TEXT_AT + len))?;
        self.bytes = rest;
        text.get(TEXT_AT..TEXT_AT + len)
    }

    #[inline]
    pub(crate) fn text(&mut self) -> Option<&'a str> {
        text(self.text_bytes()?)
    }

    /// So many bytes; the padding after them is passed over.
    pub(crate) fn bytes(&mut self, len: usize) -> Option<&'a [u8]> {
        let bytes = self.bytes.get(..len)?;
        self.bytes = self.bytes.get(padded(len)..)?;
        Some(bytes)
    }

    /// All that is left.
    pub(crate) fn rest(self) -> &'a [u8] {
        self.bytes
    }

    /// The next attribute.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "values stay in registers")]
    pub(crate) fn attribute(&mut self) -> Option<(KeyRef<'a>, ValueBytes<'a>)> {
        let word = *self.bytes.first_chunk::<WORD>()?;
        if word[0] & FIELD != 0 {
            let key = KeyRef::Field(usize::from(word[1]));
            return Some((key, self.field(word)?));
        }
        let len = usize::from(word[1]);
        let key = if len > MAX_SHORT_KEY {
            self.unusual_key()?
        } else {
            let (key, rest) = self.bytes.split_at_checked(padded(KEY_AT + len))?;
            self.bytes = rest;
            key.get(KEY_AT..KEY_AT + len)?
        };
        Some((KeyRef::Text(key), self.value(word[0])?))
    }

    /// The value of a field that begins with this word.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "values stay in registers")]
    fn field(&mut self, word: [u8; WORD]) -> Option<ValueBytes<'a>> {
        let number = self.word()?;
        Some(match word[0] & !FIELD {
            SHORT => ValueBytes::I64(number.cast_signed() >> SHORT_AT),
            TEXT => ValueBytes::String(self.bytes(usize::try_from(number >> LEN_AT).ok()?)?),
            kind => self.value(kind)?,
        })
    }

    #[cold]
    fn unusual_key(&mut self) -> Option<&'a [u8]> {
        let word = self.array()?;
        match word[1] {
            NUMBERED => Some(semconv::NUMBERED[usize::from(word[2])].as_bytes()),
            _ => self.text_bytes(),
        }
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "values stay in registers")]
    fn value(&mut self, kind: u8) -> Option<ValueBytes<'a>> {
        Some(match kind {
            FALSE => ValueBytes::Bool(false),
            TRUE => ValueBytes::Bool(true),
            I64 => ValueBytes::I64(self.word()?.cast_signed()),
            F64 => ValueBytes::F64(f64::from_bits(self.word()?)),
            TEXT => ValueBytes::String(self.text_bytes()?),
            BOOLS | I64S | F64S | TEXTS => ValueBytes::Array(self.array_value(kind)?),
            _ => return None,
        })
    }

    #[cold]
    fn array_value(&mut self, kind: u8) -> Option<ArrayRef<'a>> {
        let len = usize::try_from(self.word()?).ok()?;
        let start = *self;
        if kind == TEXTS {
            for _ in 0..len {
                self.text_bytes()?;
            }
        } else {
            self.bytes = self.bytes.get(len * WORD..)?;
        }
        Some(match kind {
            BOOLS => ArrayRef::Bool(List::packed(start, len)),
            I64S => ArrayRef::I64(List::packed(start, len)),
            F64S => ArrayRef::F64(List::packed(start, len)),
            _ => ArrayRef::String(List::packed(start, len)),
        })
    }
}

/// As text, which it is; that is checked once more, because it came here as bytes.
#[inline]
fn text(bytes: &[u8]) -> Option<&str> {
    str::from_utf8(bytes).ok()
}

/// Where the attribute with this key stands.
pub(crate) fn find(attributes: &[u8], key: KeyForm<'_>, fields: FieldList) -> Option<Range<usize>> {
    let mut cursor = Cursor::new(attributes);
    loop {
        let start = attributes.len() - cursor.len();
        let (found, _) = cursor.attribute()?;
        let is_it = match (found, key) {
            (KeyRef::Field(found), KeyForm::Field(index, _)) => found == usize::from(index),
            _ => found.bytes(fields) == Some(key.as_str().as_bytes()),
        };
        if is_it {
            return Some(start..attributes.len() - cursor.len());
        }
    }
}

impl<'a> Source<'a> {
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "values stay in registers")]
    fn next(&mut self) -> Option<(&'a [u8], ValueBytes<'a>)> {
        match self {
            Self::Packed(cursor, fields) => {
                let (key, value) = cursor.attribute()?;
                Some((key.bytes(fields)?, value))
            }
            Self::Owned(attributes) => {
                let Attribute { key, value } = attributes.next()?;
                Some((key.as_bytes(), ValueBytes::of(value)))
            }
        }
    }
}

impl<'a> ValueBytes<'a> {
    fn of(value: &'a Value) -> Self {
        match value.as_ref() {
            ValueRef::Bool(value) => Self::Bool(value),
            ValueRef::I64(value) => Self::I64(value),
            ValueRef::F64(value) => Self::F64(value),
            ValueRef::String(text) => Self::String(text.as_bytes()),
            ValueRef::Array(array) => Self::Array(array),
        }
    }

    #[inline]
    fn into_ref(self) -> Option<ValueRef<'a>> {
        Some(match self {
            Self::Bool(value) => ValueRef::Bool(value),
            Self::I64(value) => ValueRef::I64(value),
            Self::F64(value) => ValueRef::F64(value),
            Self::String(bytes) => ValueRef::String(text(bytes)?),
            Self::Array(array) => ValueRef::Array(array),
        })
    }
}

impl<'a> Attributes<'a> {
    /// None.
    #[must_use]
    pub fn none() -> Self {
        Self::packed(&[])
    }

    /// Those of a record without fields.
    #[inline]
    pub(crate) fn packed(bytes: &'a [u8]) -> Self {
        Self::with_fields(bytes, &[])
    }

    /// Those of a span of the function that lists these fields.
    #[inline]
    pub(crate) fn with_fields(bytes: &'a [u8], fields: FieldList) -> Self {
        Self(Source::Packed(Cursor::new(bytes), fields))
    }

    /// The same, with texts as bytes of UTF-8: for encoders, which copy them and need not look at them.
    ///
    /// ```
    /// use tachograph::trace::{FinishedSpan, SpanBatch};
    /// use tachograph::ValueBytes;
    ///
    /// let batch = SpanBatch::from_iter([FinishedSpan::new("load", 1, 2).with_attribute("tier", "paid")]);
    /// let span = batch.iter().next().unwrap();
    /// let mut attributes = span.attributes().bytes();
    /// assert_eq!(attributes.next(), Some((&b"tier"[..], ValueBytes::String(b"paid"))));
    /// ```
    #[inline]
    pub fn bytes(self) -> impl Iterator<Item = (&'a [u8], ValueBytes<'a>)> {
        let mut source = self.0;
        std::iter::from_fn(move || source.next())
    }

    /// The value of one key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<ValueRef<'a>> {
        let mut attributes = self.clone();
        attributes
            .find(|(known, _)| *known == key)
            .map(|(_, value)| value)
    }
}

impl<'a> From<&'a [Attribute]> for Attributes<'a> {
    fn from(attributes: &'a [Attribute]) -> Self {
        Self(Source::Owned(attributes.iter()))
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, ValueRef<'a>);

    #[inline]
    fn next(&mut self) -> Option<(&'a str, ValueRef<'a>)> {
        if let Source::Owned(attributes) = &mut self.0 {
            let attribute = attributes.next()?;
            return Some((&attribute.key, attribute.value.as_ref()));
        }
        let (key, value) = self.0.next()?;
        Some((text(key)?, value.into_ref()?))
    }
}

impl fmt::Debug for Attributes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.clone()).finish()
    }
}
