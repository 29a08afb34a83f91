//! Attributes as repeated `KeyValue` messages.

use tachograph::trace::SpanData;
use tachograph::{ArrayRef, Attributes, KeyRef, ValueBytes};

use super::wire::{Writer, bytes_tag, fixed64_tag, put_number, varint_tag};

const KEY: u8 = bytes_tag(1);
const VALUE: u8 = bytes_tag(2);
// The fields of `AnyValue`, which has one of them: also a default value says which type it is.
const STRING: u8 = bytes_tag(1);
const BOOL: u8 = varint_tag(2);
const INT: u8 = varint_tag(3);
const DOUBLE: u8 = fixed64_tag(4);

/// Messages shorter than this have a length of one byte.
const SHORT: usize = 0x80;

/// Appends attributes as the field with this number.
#[inline(never)]
pub(super) fn write_attributes(writer: &mut Writer, field: u8, attributes: Attributes<'_>) {
    for (key, value) in attributes.bytes() {
        write_attribute(writer, field, key, value);
    }
}

/// All of an attribute that comes before the length of its value, encoded once for each field of a function.
#[derive(Debug)]
pub(super) struct EncodedKey {
    key: &'static [u8],
    /// The attribute's tag, room for its length, the key, and the value's tag.
    bytes: [u8; MAX_KEY],
    /// None if there is no room for the key.
    len: Option<usize>,
}

/// Most keys have room in so many bytes, which are copied as a whole.
const MAX_KEY: usize = 32;
/// The longest value with its length, or of a text with that alone.
const MAX_VALUE: usize = 12;

impl EncodedKey {
    /// A key of attributes that are the field with this number.
    pub(super) fn new(field: u8, key: &'static str) -> Self {
        let key = key.as_bytes();
        let mut bytes = [0; MAX_KEY];
        let len = (5 + key.len() <= MAX_KEY).then(|| {
            bytes[..4].copy_from_slice(&[bytes_tag(field), 0, KEY, length(key.len())]);
            bytes[4..4 + key.len()].copy_from_slice(key);
            bytes[4 + key.len()] = VALUE;
            5 + key.len()
        });
        Self { key, bytes, len }
    }
}

/// Appends the attributes of a span of the function whose fields have these keys.
#[inline(never)]
pub(super) fn write_keyed_attributes(
    writer: &mut Writer,
    field: u8,
    keys: &[EncodedKey],
    span: SpanData<'_>,
) {
    for (key, value) in span.keyed_attributes() {
        match key {
            KeyRef::Text(key) => write_attribute(writer, field, key, value),
            KeyRef::Field(index) => {
                if let Some(key) = keys.get(index) {
                    write_field(writer, field, key, value);
                }
            }
            // A kind of keys that this version does not know.
            _ => {}
        }
    }
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "values stay in registers")]
fn write_field(writer: &mut Writer, field: u8, key: &EncodedKey, value: ValueBytes<'_>) {
    let (any, len, text) = short_value(&value);
    let end = len + text.len();
    match key.len {
        Some(before) if before + 1 + end < SHORT => {
            let mut bytes = [0; MAX_KEY + MAX_VALUE];
            bytes[..MAX_KEY].copy_from_slice(&key.bytes);
            bytes[1] = length(before - 2 + 1 + end);
            bytes[before..before + MAX_VALUE].copy_from_slice(&any);
            writer.extend_partly(&bytes, before + 1 + len);
            if !text.is_empty() {
                writer.extend(text);
            }
        }
        _ => write_long(writer, field, key.key, value),
    }
}

/// The length of a value and the value, but for a text; how many bytes the latter has, or too many; and the text.
#[inline(always)]
#[expect(clippy::inline_always, reason = "values stay in registers")]
fn short_value<'a>(value: &ValueBytes<'a>) -> ([u8; MAX_VALUE], usize, &'a [u8]) {
    let mut any = [0; MAX_VALUE];
    let mut text = &[][..];
    let len = match value {
        ValueBytes::I64(number) => {
            any[1] = INT;
            1 + put_number(&mut any, 2, number.cast_unsigned())
        }
        ValueBytes::Bool(value) => {
            (any[1], any[2]) = (BOOL, (*value).into());
            2
        }
        ValueBytes::F64(number) => {
            any[1] = DOUBLE;
            any[2..10].copy_from_slice(&number.to_bits().to_le_bytes());
            9
        }
        ValueBytes::String(bytes) if bytes.len() < SHORT => {
            (any[1], any[2]) = (STRING, length(bytes.len()));
            text = bytes;
            2
        }
        _ => SHORT,
    };
    any[0] = length(len + text.len());
    (any, len, text)
}

/// Appends one attribute. Nearly all are so short that each length in it is one byte, and then they are known before
/// anything is written.
#[inline(always)]
#[expect(clippy::inline_always, reason = "values stay in registers")]
fn write_attribute(writer: &mut Writer, field: u8, key: &[u8], value: ValueBytes<'_>) {
    let (any, len, text) = short_value(&value);
    let pair_len = 2 + key.len() + 2 + len + text.len();
    if pair_len >= SHORT {
        return write_long(writer, field, key, value);
    }
    writer.reserve(2 + pair_len + any.len());
    writer.extend(&[bytes_tag(field), length(pair_len), KEY, length(key.len())]);
    writer.extend(key);
    writer.extend(&[VALUE]);
    writer.extend_partly(&any, 1 + len);
    if !text.is_empty() {
        writer.extend(text);
    }
}

/// A length that is known to be less than [`SHORT`].
#[inline]
fn length(len: usize) -> u8 {
    len.to_le_bytes()[0]
}

#[cold]
fn write_long(writer: &mut Writer, field: u8, key: &[u8], value: ValueBytes<'_>) {
    writer.message::<1>(field, |pair| {
        pair.bytes(1, key);
        pair.message::<1>(2, |any| write_value(any, value));
    });
}

fn write_value(any: &mut Writer, value: ValueBytes<'_>) {
    match value {
        ValueBytes::String(text) => any.bytes(1, text),
        ValueBytes::Bool(value) => any.bool(2, value),
        ValueBytes::I64(value) => any.int(3, value),
        ValueBytes::F64(value) => any.double(4, value),
        ValueBytes::Array(array) => any.message::<1>(5, |list| write_array(list, array)),
        // A type that this version does not know.
        other => any.bytes(1, format!("{other:?}").as_bytes()),
    }
}

fn write_array(list: &mut Writer, array: ArrayRef<'_>) {
    match array {
        ArrayRef::String(texts) => {
            write_each(list, texts, |any, text| any.bytes(1, text.as_bytes()));
        }
        ArrayRef::Bool(values) => write_each(list, values, |any, value| any.bool(2, value)),
        ArrayRef::I64(values) => write_each(list, values, |any, value| any.int(3, value)),
        ArrayRef::F64(values) => write_each(list, values, |any, value| any.double(4, value)),
        // A type that this version does not know.
        _ => {}
    }
}

fn write_each<T>(
    list: &mut Writer,
    values: impl Iterator<Item = T>,
    write: impl Fn(&mut Writer, T),
) {
    for value in values {
        list.message::<1>(1, |any| write(any, value));
    }
}
