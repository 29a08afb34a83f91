//! Attributes as repeated `KeyValue` messages.

use tachograph::{ArrayRef, Attributes, ValueBytes};

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

/// Appends one attribute. Nearly all are so short that each length in it is one byte, and then they are known before
/// anything is written.
#[inline(always)]
#[expect(clippy::inline_always, reason = "values stay in registers")]
fn write_attribute(writer: &mut Writer, field: u8, key: &[u8], value: ValueBytes<'_>) {
    // The `AnyValue` with its tag and length, but for a text.
    let mut any = [VALUE, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let mut text = &[][..];
    let len = match &value {
        ValueBytes::I64(number) => {
            any[2] = INT;
            1 + put_number(&mut any, 3, number.cast_unsigned())
        }
        ValueBytes::Bool(value) => {
            (any[2], any[3]) = (BOOL, (*value).into());
            2
        }
        ValueBytes::F64(number) => {
            any[2] = DOUBLE;
            any[3..11].copy_from_slice(&number.to_bits().to_le_bytes());
            9
        }
        ValueBytes::String(bytes) if bytes.len() < SHORT => {
            (any[2], any[3]) = (STRING, length(bytes.len()));
            text = bytes;
            2
        }
        _ => SHORT,
    };
    let any_len = len + text.len();
    let pair_len = 2 + key.len() + 2 + any_len;
    if pair_len >= SHORT {
        return write_long(writer, field, key, value);
    }
    any[1] = length(any_len);
    writer.reserve(2 + pair_len + any.len());
    writer.extend(&[bytes_tag(field), length(pair_len), KEY, length(key.len())]);
    writer.extend(key);
    writer.extend_partly(&any, 2 + len);
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
