//! Attributes as repeated `KeyValue` messages.

use tachograph::{ArrayRef, Attributes, ValueRef};

use super::wire::Writer;

/// Appends attributes as the field with this number.
#[inline]
pub(super) fn write_attributes(writer: &mut Writer, field: u8, attributes: Attributes<'_>) {
    for (key, value) in attributes {
        writer.message::<1>(field, |pair| {
            pair.bytes(1, key.as_bytes());
            pair.message::<1>(2, |any| write_value(any, value));
        });
    }
}

/// Appends the one field that an `AnyValue` has: also a default value says which type it is.
#[inline]
fn write_value(any: &mut Writer, value: ValueRef<'_>) {
    match value {
        ValueRef::String(text) => any.bytes(1, text.as_bytes()),
        ValueRef::Bool(value) => any.bool(2, value),
        ValueRef::I64(value) => any.int(3, value),
        ValueRef::F64(value) => any.double(4, value),
        ValueRef::Array(array) => any.message::<1>(5, |list| write_array(list, array)),
        // A type that this version does not know.
        other => any.bytes(1, other.to_string().as_bytes()),
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
