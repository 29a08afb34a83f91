//! What the pages in JSON share.

use axum::response::{IntoResponse, Response};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::ser::{Serialize, SerializeSeq, Serializer};
use tachograph::{Array, Attribute, Value};

/// A page in JSON, laid out for people.
pub(super) fn answer(page: &impl Serialize) -> Response {
    match serde_json::to_string_pretty(page) {
        Ok(json) => ([(CONTENT_TYPE, "application/json")], json + "\n").into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")).into_response(),
    }
}

/// Attributes as an object.
pub(super) fn attributes<'a, S: Serializer>(
    attributes: impl IntoIterator<Item = &'a Attribute>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let pairs = attributes.into_iter();
    serializer.collect_map(pairs.map(|attribute| (&attribute.key, Typed(&attribute.value))))
}

/// An attribute's value in JSON's types.
struct Typed<'a>(&'a Value);

/// A number, or text where JSON has no number for it.
struct Number(f64);

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Bool(value) => serializer.serialize_bool(*value),
            Value::I64(value) => serializer.serialize_i64(*value),
            Value::F64(value) => Number(*value).serialize(serializer),
            Value::String(value) => serializer.serialize_str(value),
            Value::Array(array) => match &**array {
                Array::Bool(values) => values.serialize(serializer),
                Array::I64(values) => values.serialize(serializer),
                Array::F64(values) => {
                    let mut list = serializer.serialize_seq(Some(values.len()))?;
                    for value in values {
                        list.serialize_element(&Number(*value))?;
                    }
                    list.end()
                }
                Array::String(values) => values.serialize(serializer),
                other => serializer.collect_str(&format_args!("{other:?}")),
            },
            other => serializer.collect_str(other),
        }
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_finite() {
            serializer.serialize_f64(self.0)
        } else {
            serializer.collect_str(&self.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_keep_their_types() {
        let cases: [(Value, &str); 9] = [
            (true.into(), "true"),
            (i64::MIN.into(), "-9223372036854775808"),
            (0.5.into(), "0.5"),
            (f64::NAN.into(), "\"NaN\""),
            (f64::NEG_INFINITY.into(), "\"-inf\""),
            ("\"quoted\"\n".into(), r#""\"quoted\"\n""#),
            (vec![1_i64, 2].into(), "[1,2]"),
            (vec![0.5, f64::INFINITY].into(), r#"[0.5,"inf"]"#),
            (vec!["a".to_owned()].into(), r#"["a"]"#),
        ];
        for (value, json) in cases {
            assert_eq!(serde_json::to_string(&Typed(&value)).unwrap(), json);
        }
    }
}
