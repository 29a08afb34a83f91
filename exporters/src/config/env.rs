//! How environment variables are read, the same for all of them.
//!
//! The rules are those of
//! <https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/>: an empty value is none, and
//! what makes no sense is ignored with a warning.

use std::cell::RefCell;
use std::ffi::OsString;
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::percent_decode_str;

use crate::error::ExportError;

/// The environment and what had to be ignored in it.
pub(crate) struct Env<'a> {
    lookup: &'a dyn Fn(&str) -> Option<OsString>,
    ignored: RefCell<Vec<ExportError>>,
}

impl<'a> Env<'a> {
    pub(crate) fn new(lookup: &'a dyn Fn(&str) -> Option<OsString>) -> Self {
        Self {
            lookup,
            ignored: RefCell::default(),
        }
    }

    /// What had to be ignored so far.
    pub(crate) fn into_ignored(self) -> Vec<ExportError> {
        self.ignored.into_inner()
    }

    /// Says that a variable is ignored, and why.
    pub(crate) fn ignore(&self, name: &str, value: &str, reason: impl Into<String>) {
        let error = ExportError::Ignored {
            option: name.to_owned(),
            value: value.to_owned(),
            reason: reason.into(),
        };
        let mut ignored = self.ignored.borrow_mut();
        // Variables for all signals are read once for each.
        if !ignored.contains(&error) {
            ignored.push(error);
        }
    }

    /// Says that what code asks for has no effect, and why.
    #[cfg(feature = "_http")]
    pub(crate) fn without_effect(&self, option: &'static str, reason: &'static str) {
        let error = ExportError::WithoutEffect { option, reason };
        self.ignored.borrow_mut().push(error);
    }

    /// A text that is not empty, without white space around it.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let value = (self.lookup)(name)?;
        let Ok(value) = value.into_string() else {
            self.ignore(name, "***", "it is not valid UTF-8");
            return None;
        };
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    /// A whole number.
    pub(crate) fn number<T: FromStr>(&self, name: &str) -> Option<T> {
        self.parsed(name, |value| {
            value
                .parse()
                .map_err(|_| "write a whole number, neither negative nor too large".to_owned())
        })
    }

    /// A port of another machine.
    #[cfg(feature = "jaeger")]
    pub(crate) fn port(&self, name: &str) -> Option<u16> {
        self.parsed(name, |value| match value.parse() {
            Ok(port) if port > 0 => Ok(port),
            _ => Err("write a port from 1 to 65535".to_owned()),
        })
    }

    /// A whole number above zero.
    pub(crate) fn positive(&self, name: &str) -> Option<usize> {
        self.parsed(name, |value| match value.parse() {
            Ok(number) if number > 0 => Ok(number),
            _ => Err("write a whole number above zero".to_owned()),
        })
    }

    /// A time between two events in milliseconds, above zero.
    pub(crate) fn interval(&self, name: &str) -> Option<Duration> {
        self.parsed(name, |value| match value.parse() {
            Ok(millis) if millis > 0 => Ok(Duration::from_millis(millis)),
            _ => Err("write a whole number of milliseconds above zero".to_owned()),
        })
    }

    /// A bound in milliseconds; zero is none.
    pub(crate) fn timeout(&self, name: &str) -> Option<Duration> {
        self.parsed(name, |value| match value.parse() {
            Ok(0) => Ok(Duration::MAX),
            Ok(millis) => Ok(Duration::from_millis(millis)),
            Err(_) => Err("write a whole number of milliseconds, or 0 for no bound".to_owned()),
        })
    }

    /// `true` or `false`, in any case; anything else is `false` with a warning.
    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        let value = self.text(name)?;
        if !value.eq_ignore_ascii_case("true") && !value.eq_ignore_ascii_case("false") {
            self.ignore(name, &value, "write `true` or `false`");
        }
        Some(value.eq_ignore_ascii_case("true"))
    }

    /// One of these words, in any case.
    pub(crate) fn choice<T: Copy>(&self, name: &str, choices: &[(&str, T)]) -> Option<T> {
        self.parsed(name, |value| {
            let known = choices
                .iter()
                .find(|(word, _)| word.eq_ignore_ascii_case(value));
            known.map(|(_, meaning)| *meaning).ok_or_else(|| {
                let words = choices.iter().map(|(word, _)| format!("`{word}`"));
                format!("write one of {}", words.collect::<Vec<_>>().join(", "))
            })
        })
    }

    /// Words between commas.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<String>> {
        let value = self.text(name)?;
        let words = value
            .split(',')
            .map(|word| word.trim().to_ascii_lowercase());
        Some(words.filter(|word| !word.is_empty()).collect())
    }

    /// `key=value` between commas, percent-decoded. One mistake spoils all; values do not show in the warning.
    pub(crate) fn pairs(&self, name: &str) -> Option<Vec<(String, String)>> {
        let value = self.text(name)?;
        let members = value.split(',').filter(|member| !member.trim().is_empty());
        match members.map(pair).collect() {
            Ok(pairs) => Some(pairs),
            Err(reason) => {
                self.ignore(name, "***", reason);
                None
            }
        }
    }

    /// What `parse` makes of a text; its error is the reason to ignore it.
    pub(crate) fn parsed<T>(
        &self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.text(name)?;
        let parsed = parse(&value);
        parsed
            .map_err(|reason| self.ignore(name, &value, reason))
            .ok()
    }
}

fn pair(member: &str) -> Result<(String, String), String> {
    let (key, value) = member
        .split_once('=')
        .ok_or("write `key=value` pairs with commas between them")?;
    let decode = |text: &str| {
        let decoded = percent_decode_str(text.trim()).decode_utf8();
        decoded
            .map(String::from)
            .map_err(|_| "a percent-encoded text is not valid UTF-8")
    };
    let (key, value) = (decode(key)?, decode(value)?);
    if key.is_empty() {
        return Err("a key is empty".to_owned());
    }
    Ok((key, value))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Calls `read` with an environment of these variables, and returns what it did and what was ignored.
    pub(crate) fn with_env<T>(
        variables: &[(&str, &str)],
        read: impl FnOnce(&Env<'_>) -> T,
    ) -> (T, Vec<String>) {
        let lookup = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(*value))
        };
        let env = Env::new(&lookup);
        let read = read(&env);
        let ignored = env.into_ignored();
        (read, ignored.iter().map(ToString::to_string).collect())
    }

    #[track_caller]
    fn check<T: PartialEq + std::fmt::Debug>(
        value: &str,
        read: impl FnOnce(&Env<'_>) -> Option<T>,
        expected: Option<T>,
        warnings: &[&str],
    ) {
        let (read, ignored) = with_env(&[("X", value)], read);
        assert_eq!((value, read), (value, expected));
        assert_eq!(ignored, warnings, "{value}");
    }

    #[test]
    fn an_empty_value_is_none() {
        check("", |env| env.text("X"), None, &[]);
        check("  ", |env| env.number::<u32>("X"), None, &[]);
        check("", |env| env.flag("X"), None, &[]);
        check(" a ", |env| env.text("X"), Some("a".to_owned()), &[]);
    }

    #[test]
    fn a_variable_that_is_read_twice_is_told_of_once() {
        let ((), ignored) = with_env(&[("X", "a")], |env| {
            assert_eq!([(); 2].map(|()| env.number::<u32>("X")), [None; 2]);
        });
        assert_eq!(ignored.len(), 1, "{ignored:?}");
    }

    #[test]
    fn numbers() {
        check("7", |env| env.number::<u32>("X"), Some(7), &[]);
        let warning = "X=`-7` is ignored: write a whole number, neither negative nor too large";
        check("-7", |env| env.number::<u32>("X"), None, &[warning]);
        let warning = "X=`0` is ignored: write a whole number above zero";
        check("0", |env| env.positive("X"), None, &[warning]);
        check(
            "250",
            |env| env.interval("X"),
            Some(Duration::from_millis(250)),
            &[],
        );
        check("0", |env| env.timeout("X"), Some(Duration::MAX), &[]);
        let warning = "X=`5m` is ignored: write a whole number of milliseconds above zero";
        check("5m", |env| env.interval("X"), None, &[warning]);
        let warning = "X=`10s` is ignored: write a whole number of milliseconds, or 0 for no bound";
        check("10s", |env| env.timeout("X"), None, &[warning]);
    }

    #[test]
    fn flags_and_choices() {
        check("TRUE", |env| env.flag("X"), Some(true), &[]);
        check("false", |env| env.flag("X"), Some(false), &[]);
        let warning = "X=`1` is ignored: write `true` or `false`";
        check("1", |env| env.flag("X"), Some(false), &[warning]);
        let choices = [("gzip", true), ("none", false)];
        check("GZip", |env| env.choice("X", &choices), Some(true), &[]);
        let warning = "X=`br` is ignored: write one of `gzip`, `none`";
        check("br", |env| env.choice("X", &choices), None, &[warning]);
    }

    #[test]
    fn lists_and_pairs() {
        check(
            "otlp, Jaeger,",
            |env| env.list("X"),
            Some(vec!["otlp".to_owned(), "jaeger".to_owned()]),
            &[],
        );
        let pairs = |pairs: &[(&str, &str)]| {
            let owned = pairs
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            Some(owned.collect::<Vec<_>>())
        };
        check(
            "a=1, b = x%20y=z ,",
            |env| env.pairs("X"),
            pairs(&[("a", "1"), ("b", "x y=z")]),
            &[],
        );
        let warning = "X=`***` is ignored: write `key=value` pairs with commas between them";
        check("a=1,secret", |env| env.pairs("X"), None, &[warning]);
        let warning = "X=`***` is ignored: a percent-encoded text is not valid UTF-8";
        check("a=%FF", |env| env.pairs("X"), None, &[warning]);
        check(
            "=1",
            |env| env.pairs("X"),
            None,
            &["X=`***` is ignored: a key is empty"],
        );
    }
}
