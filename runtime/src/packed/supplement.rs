//! What few records have, after their attributes.

use super::{Cursor, WORD, padded, put_word};

/// One thing beyond the attributes: a type, which each signal gives a meaning, and bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Supplement<'a> {
    pub(crate) kind: u8,
    pub(crate) bytes: &'a [u8],
}

impl<'a> Supplement<'a> {
    /// The bytes as text.
    pub(crate) fn text(self) -> &'a str {
        str::from_utf8(self.bytes).unwrap_or_default()
    }
}

/// All that a record has beyond its attributes.
#[derive(Clone, Debug)]
pub(crate) struct Supplements<'a>(Cursor<'a>);

impl<'a> Supplements<'a> {
    #[inline]
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(Cursor::new(bytes))
    }

    /// The first of this type.
    #[inline]
    pub(crate) fn get(&self, kind: u8) -> Option<Supplement<'a>> {
        self.clone().find(|supplement| supplement.kind == kind)
    }
}

impl<'a> Iterator for Supplements<'a> {
    type Item = Supplement<'a>;

    #[inline]
    fn next(&mut self) -> Option<Supplement<'a>> {
        let word = self.0.word()?;
        let len = usize::try_from(word >> 32).ok()?;
        Some(Supplement {
            kind: word.to_le_bytes()[0],
            bytes: self.0.bytes(len)?,
        })
    }
}

/// Appends one whose bytes `write` appends. One of 4 GiB or more, which no record has room for, is left out.
pub(crate) fn put_supplement(out: &mut Vec<u8>, kind: u8, write: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    put_word(out, 0);
    write(out);
    let written = out.len() - start - WORD;
    let Ok(len) = u32::try_from(written) else {
        return out.truncate(start);
    };
    out.resize(start + WORD + padded(written), 0);
    let head = u64::from(kind) | u64::from(len) << 32;
    out[start..start + WORD].copy_from_slice(&head.to_le_bytes());
}
