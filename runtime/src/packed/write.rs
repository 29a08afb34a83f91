//! Attributes to bytes.

use super::{
    ArrayRef, BOOLS, F64, F64S, FALSE, FIELD, I64, I64S, KEY_AT, KeyForm, LEN_AT, LONG,
    MAX_SHORT_KEY, NUMBERED, SHORT, SHORT_AT, TEXT, TEXT_AT, TEXTS, TRUE, ValueRef, WORD,
};

/// Appends one attribute.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "a number goes from its variable to the bytes"
)]
pub(crate) fn put_attribute(out: &mut Vec<u8>, key: KeyForm<'_>, value: ValueRef<'_>) {
    match value {
        ValueRef::Bool(false) => put_key(out, FALSE, key),
        ValueRef::Bool(true) => put_key(out, TRUE, key),
        ValueRef::I64(number) => put_integer(out, key, number),
        ValueRef::F64(number) => put_number(out, F64, key, number.to_bits()),
        ValueRef::String(text) => put_text_value(out, key, text),
        ValueRef::Array(array) => put_array(out, key, array),
    }
}

/// The only word of a field whose integer is short; none if it is not, or if its index is too large.
#[inline]
pub(crate) fn short_field(index: usize, number: i64) -> Option<u64> {
    let index = u8::try_from(index).ok()?;
    let shifted = number << SHORT_AT;
    (shifted >> SHORT_AT == number).then(|| field_word(SHORT, index) | shifted.cast_unsigned())
}

fn put_integer(out: &mut Vec<u8>, key: KeyForm<'_>, number: i64) {
    let short = match key {
        KeyForm::Field(index, _) => short_field(index.into(), number),
        KeyForm::Text(_) | KeyForm::Numbered(_) => None,
    };
    match short {
        Some(word) => put_word(out, word),
        None => put_number(out, I64, key, number.cast_unsigned()),
    }
}

#[inline]
fn put_text_value(out: &mut Vec<u8>, key: KeyForm<'_>, text: &str) {
    if let KeyForm::Field(index, _) = key {
        let (len, bytes) = bounded(text);
        put_word(out, field_word(TEXT, index) | u64::from(len) << LEN_AT);
        put_rest(out, bytes, 0);
    } else {
        put_key(out, TEXT, key);
        put_text(out, text);
    }
}

/// Appends an attribute whose value is one word, with a short key at once.
#[inline]
fn put_number(out: &mut Vec<u8>, kind: u8, key: KeyForm<'_>, number: u64) {
    match key {
        KeyForm::Text(text) if text.len() <= WORD - KEY_AT => {
            let mut words = [0; 2 * WORD];
            let (first, second) = words.split_at_mut(WORD);
            first.copy_from_slice(&key_word(kind, text.as_bytes()).to_le_bytes());
            second.copy_from_slice(&number.to_le_bytes());
            out.extend_from_slice(&words);
        }
        key => {
            put_key(out, kind, key);
            put_word(out, number);
        }
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
    match key {
        KeyForm::Numbered(number) => {
            let number = u64::from(number) << 16;
            put_word(out, u64::from(kind) | u64::from(NUMBERED) << 8 | number);
        }
        KeyForm::Text(text) if text.len() <= MAX_SHORT_KEY => {
            let bytes = text.as_bytes();
            put_word(out, key_word(kind, bytes));
            put_rest(out, bytes, WORD - KEY_AT);
        }
        KeyForm::Text(text) => {
            put_word(out, u64::from(kind) | u64::from(LONG) << 8);
            put_text(out, text);
        }
        KeyForm::Field(index, _) => put_word(out, field_word(kind, index)),
    }
}

/// The word of a field, without what else may be in it.
#[inline]
fn field_word(kind: u8, index: u8) -> u64 {
    u64::from(kind | FIELD) | u64::from(index) << 8
}

/// The first word of an attribute with a key of at most [`MAX_SHORT_KEY`] bytes.
#[inline]
fn key_word(kind: u8, key: &[u8]) -> u64 {
    let len = (key.len() as u64) << 8;
    u64::from(kind) | len | first_bytes(key) << (8 * KEY_AT)
}

/// A text and its length. One of 4 GiB or more, which no record has room for, becomes empty.
#[inline]
fn bounded(text: &str) -> (u32, &[u8]) {
    match u32::try_from(text.len()) {
        Ok(len) => (len, text.as_bytes()),
        Err(_) => (0, &[]),
    }
}

/// Appends a text.
#[inline]
pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    let (len, bytes) = bounded(text);
    put_word(out, u64::from(len) | first_bytes(bytes) << (8 * TEXT_AT));
    put_rest(out, bytes, WORD - TEXT_AT);
}

/// As many of the first bytes as a word has, in their order, and zeros after them.
#[inline]
fn first_bytes(bytes: &[u8]) -> u64 {
    match bytes.first_chunk() {
        Some(word) => u64::from_le_bytes(*word),
        None => short_word(bytes),
    }
}

/// Fewer bytes than a word has, and zeros after them.
#[inline]
fn short_word(bytes: &[u8]) -> u64 {
    let backwards = bytes.iter().rev();
    backwards.fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Appends what comes after the first bytes, and zeros up to a whole word.
#[inline]
fn put_rest(out: &mut Vec<u8>, bytes: &[u8], from: usize) {
    let Some(rest) = bytes.get(from..) else {
        return;
    };
    let (words, last) = rest.as_chunks::<WORD>();
    out.extend_from_slice(words.as_flattened());
    if !last.is_empty() {
        let last = match bytes.last_chunk() {
            // Quicker than one byte after the other.
            Some(word) => u64::from_le_bytes(*word) >> (8 * (WORD - last.len())),
            None => short_word(last),
        };
        put_word(out, last);
    }
}

/// Appends a number.
#[inline]
pub(crate) fn put_word(out: &mut Vec<u8>, word: u64) {
    out.extend_from_slice(&word.to_le_bytes());
}
