//! Keys of attributes, as they are written and as they are read.

use crate::semconv;

/// The keys that a function lists, of which records have the index.
pub(crate) type FieldList = &'static [&'static str];

/// A key as it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum KeyForm<'a> {
    Text(&'a str),
    /// Its place in [`semconv::NUMBERED`].
    Numbered(u8),
    /// Its index in the list of the function whose span this is.
    Field(u8, FieldList),
}

impl KeyForm<'_> {
    /// The key with this index in a list. Records have no index beyond 255.
    #[inline]
    pub(crate) fn field(fields: FieldList, index: usize) -> KeyForm<'static> {
        match u8::try_from(index) {
            Ok(index) => KeyForm::Field(index, fields),
            Err(_) => KeyForm::Text(fields[index]),
        }
    }

    /// The same key by its index, if it is in the list.
    pub(crate) fn listed(self, fields: FieldList) -> Self {
        let place = fields.iter().position(|key| *key == self.as_str());
        place.map_or(self, |index| Self::field(fields, index))
    }

    /// The key itself.
    #[inline]
    pub(crate) fn as_str(&self) -> &str {
        match *self {
            KeyForm::Text(text) => text,
            KeyForm::Numbered(number) => semconv::NUMBERED[usize::from(number)],
            KeyForm::Field(index, fields) => fields[usize::from(index)],
        }
    }
}

/// A key as a record has it; see [`SpanData::keyed_attributes`](crate::trace::SpanData::keyed_attributes).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyRef<'a> {
    /// Its index in the list of the span's function, [`Site::fields`](crate::Site::field_keys).
    Field(usize),
    /// The key itself, in UTF-8.
    Text(&'a [u8]),
}

impl<'a> KeyRef<'a> {
    /// The key itself; none if the list is too short.
    #[inline]
    pub(crate) fn bytes(self, fields: FieldList) -> Option<&'a [u8]> {
        match self {
            Self::Field(index) => fields.get(index).map(|key| key.as_bytes()),
            Self::Text(text) => Some(text),
        }
    }
}

/// A key that has a number; for use in constants, where one without fails to compile.
pub(crate) const fn numbered(key: &str) -> KeyForm<'static> {
    let mut number = 0;
    loop {
        if is_same(semconv::NUMBERED[number as usize], key) {
            return KeyForm::Numbered(number);
        }
        number += 1;
    }
}

const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    if one.len() != other.len() {
        return false;
    }
    let mut at = 0;
    while at < one.len() {
        if one[at] != other[at] {
            return false;
        }
        at += 1;
    }
    true
}
