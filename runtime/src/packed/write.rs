//! Attributes to bytes.

use super::{
    ArrayRef, BOOLS, F64, F64S, FALSE, I64, I64S, LONG, MAX_SHORT_KEY, NUMBERED, TEXT, TEXTS, TRUE,
    ValueRef, WORD, padded,
};
use crate::semconv;

/// A key as it is written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum KeyForm<'a> {
    Text(&'a str),
    /// Its place in [`semconv::NUMBERED`].
    Numbered(u8),
}

impl KeyForm<'_> {
    /// The key itself.
    pub(crate) fn as_str(&self) -> &str {
        match *self {
            KeyForm::Text(text) => text,
            KeyForm::Numbered(number) => semconv::NUMBERED[usize::from(number)],
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

/// Appends one attribute.
#[inline]
pub(crate) fn put_attribute(out: &mut Vec<u8>, key: KeyForm<'_>, value: ValueRef<'_>) {
    match value {
        ValueRef::Bool(false) => put_key(out, FALSE, key),
        ValueRef::Bool(true) => put_key(out, TRUE, key),
        ValueRef::I64(number) => {
            put_key(out, I64, key);
            put_word(out, number.cast_unsigned());
        }
        ValueRef::F64(number) => {
            put_key(out, F64, key);
            put_word(out, number.to_bits());
        }
        ValueRef::String(text) => {
            put_key(out, TEXT, key);
            put_text(out, text);
        }
        ValueRef::Array(array) => put_array(out, key, array),
    }
}

fn put_array(out: &mut Vec<u8>, key: KeyForm<'_>, array: ArrayRef<'_>) {
    match array {
        ArrayRef::Bool(list) => {
            put_key(out, BOOLS, key);
            put_list(out, list, |out, value| put_word(out, value.into()));
        }
        ArrayRef::I64(list) => {
            put_key(out, I64S, key);
            put_list(out, list, |out, value| put_word(out, value.cast_unsigned()));
        }
        ArrayRef::F64(list) => {
            put_key(out, F64S, key);
            put_list(out, list, |out, value| put_word(out, value.to_bits()));
        }
        ArrayRef::String(list) => {
            put_key(out, TEXTS, key);
            put_list(out, list, put_text);
        }
    }
}

/// Appends a list, which has fewer than 2³² values: more do not fit into a record.
fn put_list<T>(
    out: &mut Vec<u8>,
    list: impl ExactSizeIterator<Item = T>,
    put: impl Fn(&mut Vec<u8>, T),
) {
    put_word(out, list.len() as u64 & u64::from(u32::MAX));
    list.for_each(|value| put(out, value));
}

#[inline]
fn put_key(out: &mut Vec<u8>, kind: u8, key: KeyForm<'_>) {
    let mut word = [0; WORD];
    word[0] = kind;
    match key {
        KeyForm::Numbered(number) => {
            (word[1], word[2]) = (NUMBERED, number);
            out.extend_from_slice(&word);
        }
        KeyForm::Text(text) if text.len() <= MAX_SHORT_KEY => {
            let len = text.len();
            word[1] = len.to_le_bytes()[0];
            put_after(out, word, 2, text.as_bytes());
        }
        KeyForm::Text(text) => {
            word[1] = LONG;
            out.extend_from_slice(&word);
            put_text(out, text);
        }
    }
}

/// Appends a text. One of 4 GiB or more, which no record has room for, becomes empty.
#[inline]
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    let (len, text) = match u32::try_from(text.len()) {
        Ok(len) => (len, text),
        Err(_) => (0, ""),
    };
    let mut word = [0; WORD];
    word[..4].copy_from_slice(&len.to_le_bytes());
    put_after(out, word, 4, text.as_bytes());
}

/// Appends a word that is filled up to `at`, and bytes after that, padded.
#[inline]
fn put_after(out: &mut Vec<u8>, mut word: [u8; WORD], at: usize, bytes: &[u8]) {
    let space = WORD - at;
    if let Some((first, rest)) = bytes.split_at_checked(space) {
        word[at..].copy_from_slice(first);
        out.extend_from_slice(&word);
        put_padded(out, rest);
    } else {
        word[at..at + bytes.len()].copy_from_slice(bytes);
        out.extend_from_slice(&word);
    }
}

/// Appends bytes, and zeros up to a whole word.
#[inline]
fn put_padded(out: &mut Vec<u8>, bytes: &[u8]) {
    out.extend_from_slice(bytes);
    let len = out.len();
    out.resize(len + padded(bytes.len()) - bytes.len(), 0);
}

/// Appends a number.
#[inline]
pub(crate) fn put_word(out: &mut Vec<u8>, word: u64) {
    out.extend_from_slice(&word.to_le_bytes());
}
