//! What the pages in JSON share.

use std::io::Write;

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use serde::ser::{Serialize, Serializer};
use tachograph::{ArrayRef, ValueRef};

use super::body;

/// A page in JSON, laid out for people, which `write` makes while it is sent, on a thread for blocking work.
///
/// A large page takes milliseconds; the exporters' own thread, which sends and answers `/health` meanwhile, does not wait for
/// that. And no page is in memory as a whole, however slowly somebody reads it.
pub(super) fn answer(
    write: impl FnOnce(Writer<'_>) -> Result<(), serde_json::Error> + Send + 'static,
) -> Response {
    let body = body::written(move |to| {
        write(Writer(to))?;
        to.write_all(b"\n")
    });
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

/// Where a page is written to, once.
pub(super) struct Writer<'a>(&'a mut dyn Write);

impl Writer<'_> {
    pub(super) fn write(self, page: &impl Serialize) -> Result<(), serde_json::Error> {
        serde_json::to_writer_pretty(self.0, page)
    }
}

/// The items of a list, each made when its turn comes.
pub(super) struct List<I>(pub(super) I);

impl<I: Iterator<Item: Serialize> + Clone> Serialize for List<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

/// Attributes as an object.
pub(super) fn attributes<'a, S: Serializer>(
    attributes: impl Iterator<Item = (&'a str, ValueRef<'a>)>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(attributes.map(|(key, value)| (key, Typed(value))))
}

/// An attribute's value in JSON's types.
struct Typed<'a>(ValueRef<'a>);

/// A number, or text where JSON has no number for it.
struct Number(f64);

impl Serialize for Typed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            ValueRef::Bool(value) => serializer.serialize_bool(*value),
            ValueRef::I64(value) => serializer.serialize_i64(*value),
            ValueRef::F64(value) => Number(*value).serialize(serializer),
            ValueRef::String(value) => serializer.serialize_str(value),
            ValueRef::Array(array) => match array {
                ArrayRef::Bool(values) => serializer.collect_seq(values.clone()),
                ArrayRef::I64(values) => serializer.collect_seq(values.clone()),
                ArrayRef::F64(values) => serializer.collect_seq(values.clone().map(Number)),
                ArrayRef::String(values) => serializer.collect_seq(values.clone()),
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
    use tachograph::Value;

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
            assert_eq!(serde_json::to_string(&Typed(value.as_ref())).unwrap(), json);
        }
    }
}
