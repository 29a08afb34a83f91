//! Whatever is written is read back.

use std::borrow::Cow;

use proptest::collection::vec;
use proptest::prelude::*;

use super::{
    Attributes, KeyForm, Supplements, ValueRef, WORD, find, put_attribute, put_supplement,
};
use crate::value::{Array, Attribute, Value};

fn texts() -> impl Strategy<Value = Cow<'static, str>> {
    prop_oneof![
        ".{0,20}".prop_map(Cow::Owned),
        // Around the longest key whose length is in its first word.
        (245_usize..260).prop_map(|len| "k".repeat(len).into()),
    ]
}

/// No NaN, which is not equal to itself; the exporters' tests compare those by their bits.
fn numbers() -> impl Strategy<Value = f64> {
    proptest::num::f64::NORMAL | proptest::num::f64::INFINITE | proptest::num::f64::ZERO
}

fn values() -> impl Strategy<Value = Value> {
    prop_oneof![
        texts().prop_map(Value::String),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::I64),
        numbers().prop_map(Value::F64),
        vec(texts(), 0..5).prop_map(|list| Value::Array(Box::new(Array::String(list)))),
        vec(any::<bool>(), 0..20).prop_map(|list| Value::Array(Box::new(Array::Bool(list)))),
        vec(any::<i64>(), 0..5).prop_map(|list| Value::Array(Box::new(Array::I64(list)))),
        vec(numbers(), 0..5).prop_map(|list| Value::Array(Box::new(Array::F64(list)))),
    ]
}

fn attributes() -> impl Strategy<Value = Vec<Attribute>> {
    let attribute = (texts(), values()).prop_map(|(key, value)| Attribute::new(key, value));
    vec(attribute, 0..8)
}

const FIELDS: &[&str] = &["tier", "order.id", "items", "gift"];

#[test]
fn integers_of_fields_take_a_word_unless_they_are_long() {
    let longest = (1 << 47) - 1;
    for (number, words) in [
        (0, 1),
        (-1, 1),
        (longest, 1),
        (!longest, 1),
        (longest + 1, 2),
        (!longest - 1, 2),
    ] {
        let mut bytes = Vec::new();
        put_attribute(&mut bytes, KeyForm::field(FIELDS, 3), ValueRef::I64(number));
        assert_eq!(bytes.len(), words * WORD, "{number}");
        let read = Attributes::with_fields(&bytes, FIELDS).next();
        assert_eq!(read, Some(("gift", ValueRef::I64(number))));
    }
}

#[test]
fn more_fields_than_an_index_can_tell_apart_have_their_keys() {
    let keys: Vec<&'static str> = (0..300).map(|n| &*n.to_string().leak()).collect();
    let keys: &'static [&'static str] = keys.leak();
    let mut bytes = Vec::new();
    for index in [255, 256, 299] {
        put_attribute(
            &mut bytes,
            KeyForm::field(keys, index),
            ValueRef::Bool(true),
        );
    }
    let read = Attributes::with_fields(&bytes, keys).map(|(key, _)| key);
    assert_eq!(read.collect::<Vec<_>>(), ["255", "256", "299"]);
}

proptest! {
    #[test]
    fn attributes_are_read_as_they_were_written(written in attributes()) {
        let mut bytes = Vec::new();
        for attribute in &written {
            put_attribute(&mut bytes, KeyForm::Text(&attribute.key), attribute.value.as_ref());
        }
        let read = Attributes::packed(&bytes);
        let owned = read.clone().map(|(key, value)| Attribute::new(key.to_owned(), value.into_owned()));
        prop_assert_eq!(owned.collect::<Vec<_>>(), written.clone());
        prop_assert!(read.eq(Attributes::from(&*written)));
        for attribute in &written {
            let key = KeyForm::Text(&attribute.key);
            let known = find(&bytes, key, &[]).expect("it was written");
            let first = Attributes::packed(&bytes[known]).next().expect("an attribute");
            prop_assert_eq!(first.0, &*attribute.key);
        }
    }

    #[test]
    fn fields_are_read_as_they_were_written(written in vec((0..FIELDS.len(), values()), 0..8)) {
        let mut bytes = Vec::new();
        for (index, value) in &written {
            put_attribute(&mut bytes, KeyForm::field(FIELDS, *index), value.as_ref());
        }
        let read = Attributes::with_fields(&bytes, FIELDS);
        let read = read.map(|(key, value)| (key, value.into_owned()));
        let expected = written.iter().map(|(index, value)| (FIELDS[*index], value.clone()));
        prop_assert_eq!(read.collect::<Vec<_>>(), expected.collect::<Vec<_>>());
        for (index, _) in &written {
            // By its index and by its key.
            let by_index = find(&bytes, KeyForm::field(FIELDS, *index), FIELDS);
            prop_assert_eq!(&by_index, &find(&bytes, KeyForm::Text(FIELDS[*index]), FIELDS));
            let first = Attributes::with_fields(&bytes[by_index.expect("it was written")], FIELDS).next();
            prop_assert_eq!(first.expect("an attribute").0, FIELDS[*index]);
        }
    }

    #[test]
    fn supplements_are_read_as_they_were_written(written in vec((1_u8..9, vec(any::<u8>(), 0..40)), 0..6)) {
        let mut bytes = Vec::new();
        for (kind, supplement) in &written {
            put_supplement(&mut bytes, *kind, |out| out.extend_from_slice(supplement));
        }
        let read = Supplements::new(&bytes).map(|supplement| (supplement.kind, supplement.bytes.to_vec()));
        prop_assert_eq!(read.collect::<Vec<_>>(), written);
    }
}
