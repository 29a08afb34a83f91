//! Attributes from bytes, without a copy.
//!
//! What was not written by this crate is never read, so nothing here can fail; where it would, reading ends.

use std::fmt;
use std::ops::Range;
use std::slice;

use super::{
    ArrayRef, BOOLS, F64, F64S, FALSE, I64, I64S, LONG, List, NUMBERED, TEXT, TEXTS, TRUE,
    ValueRef, WORD, padded,
};
use crate::semconv;
use crate::value::Attribute;

/// Attributes as pairs of a key and a value. The keys are unique.
///
/// It is an iterator that can be copied to read them once more; there is nothing to allocate.
#[derive(Clone)]
pub struct Attributes<'a>(Source<'a>);

#[derive(Clone)]
enum Source<'a> {
    Packed(Cursor<'a>),
    Owned(slice::Iter<'a, Attribute>),
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

    /// So many bytes, of which the first `within` are in a word that was read already, and the padding after them.
    #[inline]
    fn after(&mut self, word: &'a [u8], within: usize, len: usize) -> Option<&'a str> {
        let bytes = word.get(within..within + len)?;
        let read = padded(within + len) - WORD;
        self.bytes = self.bytes.get(read..)?;
        // Checked once more, because it came here as bytes.
        str::from_utf8(bytes).ok()
    }

    #[inline]
    pub(crate) fn text(&mut self) -> Option<&'a str> {
        let from_here = self.bytes;
        let word = self.word()?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the lower half is the length"
        )]
        let len = word as u32 as usize;
        self.after(from_here, 4, len)
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

    /// The type of an attribute, and its key.
    #[inline]
    fn key(&mut self) -> Option<(u8, &'a str)> {
        let from_here = self.bytes;
        let word = self.array()?;
        let key = match word[1] {
            NUMBERED => semconv::NUMBERED[usize::from(word[2])],
            LONG => self.text()?,
            len => self.after(from_here, 2, len.into())?,
        };
        Some((word[0], key))
    }

    #[inline]
    fn value(&mut self, kind: u8) -> Option<ValueRef<'a>> {
        Some(match kind {
            FALSE => ValueRef::Bool(false),
            TRUE => ValueRef::Bool(true),
            I64 => ValueRef::I64(self.word()?.cast_signed()),
            F64 => ValueRef::F64(f64::from_bits(self.word()?)),
            TEXT => ValueRef::String(self.text()?),
            BOOLS | I64S | F64S | TEXTS => ValueRef::Array(self.array_value(kind)?),
            _ => return None,
        })
    }

    fn array_value(&mut self, kind: u8) -> Option<ArrayRef<'a>> {
        let len = usize::try_from(self.word()?).ok()?;
        let start = *self;
        if kind == TEXTS {
            for _ in 0..len {
                self.text()?;
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

/// Where the attribute with this key stands.
pub(crate) fn find(attributes: &[u8], key: &str) -> Option<Range<usize>> {
    let mut cursor = Cursor::new(attributes);
    loop {
        let start = attributes.len() - cursor.len();
        let (kind, found) = cursor.key()?;
        cursor.value(kind)?;
        if found == key {
            return Some(start..attributes.len() - cursor.len());
        }
    }
}

impl<'a> Attributes<'a> {
    /// None.
    #[must_use]
    pub fn none() -> Self {
        Self::packed(&[])
    }

    #[inline]
    pub(crate) fn packed(bytes: &'a [u8]) -> Self {
        Self(Source::Packed(Cursor::new(bytes)))
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
        match &mut self.0 {
            Source::Packed(cursor) => {
                let (kind, key) = cursor.key()?;
                Some((key, cursor.value(kind)?))
            }
            Source::Owned(attributes) => {
                let attribute = attributes.next()?;
                Some((&attribute.key, attribute.value.as_ref()))
            }
        }
    }
}

impl fmt::Debug for Attributes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.clone()).finish()
    }
}
