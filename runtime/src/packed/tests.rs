//! Whatever is written is read back.

use std::borrow::Cow;

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Attributes, KeyForm, Supplements, find, put_attribute, put_supplement};
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
            let known = find(&bytes, &attribute.key).expect("it was written");
            let first = Attributes::packed(&bytes[known]).next().expect("an attribute");
            prop_assert_eq!(first.0, &*attribute.key);
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
