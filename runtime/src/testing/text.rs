//! Texts to compare: how values are written, and how an indented expectation is read.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::packed::{Attributes, ValueRef};

/// Fails with both texts in full, so that the actual one can be taken over.
#[track_caller]
pub(super) fn assert_same(what: &str, actual: &str, expected: &str) {
    let expected = without_indentation(expected);
    assert!(
        actual == expected,
        "the {what} differ\n\nexpected:\n{expected}\nactual:\n{actual}"
    );
}

/// Takes away the empty lines around a text, and the indentation that all its lines share.
fn without_indentation(text: &str) -> String {
    let lines = text.lines().map(str::trim_end);
    let indentation = lines
        .clone()
        .filter(|line| !line.is_empty())
        .map(|line| line.len() - line.trim_start().len())
        .min()
        .unwrap_or_default();
    let mut plain = String::new();
    for line in lines {
        plain.push_str(line.get(indentation..).unwrap_or_default());
        plain.push('\n');
    }
    match plain.trim_matches('\n') {
        "" => String::new(),
        text => format!("{text}\n"),
    }
}

/// Writes ` key=value` for each attribute.
pub(super) fn write_attributes(out: &mut String, attributes: Attributes<'_>) {
    for (key, value) in attributes {
        let value = match value {
            ValueRef::String(text)
                if text.parse::<f64>().is_ok() || text.parse::<bool>().is_ok() =>
            {
                format!("{text:?}").into()
            }
            ValueRef::String(text) => quoted_if_needed(text),
            // Unlike its `Display` text this one tells 7.0 from 7.
            ValueRef::F64(number) => format!("{number:?}").into(),
            value => value.to_string().into(),
        };
        let _ = write!(out, " {key}={value}");
    }
}

/// The text, in quotes if it is empty or holds what could be taken for its end.
pub(super) fn quoted_if_needed(text: &str) -> Cow<'_, str> {
    let is_plain = |c: char| !c.is_whitespace() && !c.is_control() && !r#""',=[]{}"#.contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.into()
    } else {
        format!("{text:?}").into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Attribute;

    #[test]
    fn an_expectation_may_be_indented_as_a_whole() {
        let text = "\n      a 1ms\n\n        b 2ms  \n    ";
        assert_eq!(without_indentation(text), "a 1ms\n\n  b 2ms\n");
        assert_eq!(without_indentation("a\n  b\n"), "a\n  b\n");
        assert_eq!(without_indentation("a"), "a\n");
        assert_eq!(without_indentation(" \n  \n"), "");
    }

    #[test]
    fn values_of_different_types_look_different() {
        let mut out = String::new();
        let attributes = [
            Attribute::new("a", 7),
            Attribute::new("b", 7.0),
            Attribute::new("c", "7"),
            Attribute::new("d", true),
            Attribute::new("e", "true"),
            Attribute::new("f", "two words"),
            Attribute::new("g", ""),
            Attribute::new("h", "alloc::vec::Vec<u8>"),
            Attribute::new("i", vec![1_i64, 2]),
        ];
        write_attributes(&mut out, Attributes::from(&attributes[..]));
        assert_eq!(
            out,
            r#" a=7 b=7.0 c="7" d=true e="true" f="two words" g="" h=alloc::vec::Vec<u8> i=[1, 2]"#
        );
    }
}
