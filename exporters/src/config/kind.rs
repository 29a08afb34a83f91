//! Kinds of values that options have: how they are written, read and checked.

use std::str::FromStr;
use std::time::Duration;

use percent_encoding::percent_decode_str;

/// Values of type `T`, as they are written.
pub(crate) struct Kind<T: 'static> {
    read: Read<T>,
    /// What is wrong with a value of the right type, if anything.
    check: fn(&T) -> Result<(), String>,
    /// A value that code gave, for an error; `***` for texts, because a secret may stand in any by mistake.
    show: fn(&T) -> String,
    /// What the tables say of the values.
    #[cfg_attr(
        not(test),
        allow(dead_code, reason = "a test writes it into the tables")
    )]
    values: &'static str,
}

enum Read<T: 'static> {
    /// An error says what to write instead, and nothing of what was written.
    With(fn(&str) -> Result<T, String>),
    /// One of these words, in any case.
    OneOf(&'static [(&'static str, T)]),
}

impl<T: Clone> Kind<T> {
    /// The value that was written, which is there if there is more than white space.
    pub(crate) fn read(&self, written: &str) -> Result<T, String> {
        let value = match self.read {
            Read::With(read) => read(written)?,
            Read::OneOf(choices) => one_of(choices, written.trim())?,
        };
        self.check(&value)?;
        Ok(value)
    }

    pub(crate) fn check(&self, value: &T) -> Result<(), String> {
        (self.check)(value)
    }

    pub(crate) fn show(&self, value: &T) -> String {
        (self.show)(value)
    }

    /// One of these words.
    pub(crate) const fn choice(choices: &'static [(&'static str, T)]) -> Self {
        Self {
            read: Read::OneOf(choices),
            check: |_| Ok(()),
            show: hidden,
            values: "",
        }
    }
}

#[cfg(test)]
impl<T> Kind<T> {
    /// What the tables say of the values.
    pub(crate) fn values(&self) -> String {
        match self.read {
            Read::With(_) => self.values.to_owned(),
            Read::OneOf(choices) => alternatives(choices),
        }
    }
}

/// A text without white space around it.
pub(crate) const TEXT: Kind<String> = Kind {
    read: Read::With(|text| Ok(text.trim().to_owned())),
    check: |_| Ok(()),
    show: hidden,
    values: "",
};

/// A text with the white space around it.
#[cfg(feature = "jaeger")]
pub(crate) const VERBATIM: Kind<String> = Kind {
    read: Read::With(|text| Ok(text.to_owned())),
    values: "taken as it is",
    ..TEXT
};

/// A whole number.
pub(crate) const NUMBER: Kind<u32> = Kind {
    read: Read::With(|text| parsed(text, "write a whole number, neither negative nor too large")),
    check: |_| Ok(()),
    show: u32::to_string,
    values: "number",
};

/// How many there are; none is possible.
pub(crate) const COUNT: Kind<usize> = Kind {
    read: Read::With(|text| parsed(text, "write a whole number that is not negative")),
    check: |_| Ok(()),
    show: usize::to_string,
    values: "number",
};

/// A whole number above zero.
pub(crate) const POSITIVE: Kind<usize> = Kind {
    read: Read::With(|text| parsed(text, "write a whole number above zero")),
    check: |number| above_zero(*number > 0),
    show: usize::to_string,
    values: "number above 0",
};

/// A share.
pub(crate) const RATIO: Kind<f64> = Kind {
    read: Read::With(|text| parsed(text, "write a number between 0 and 1")),
    check: |ratio| match ratio {
        0.0..=1.0 => Ok(()),
        _ => Err(format!(
            "a ratio lies between 0 and 1, but this one is {ratio}"
        )),
    },
    show: f64::to_string,
    values: "number from 0 to 1",
};

/// A port of this machine.
pub(crate) const OWN_PORT: Kind<u16> = Kind {
    read: Read::With(|text| parsed(text, "write a port up to 65535, or 0 for any that is free")),
    check: |_| Ok(()),
    show: u16::to_string,
    values: "port, 0 for any",
};

/// A port of another machine.
#[cfg(feature = "jaeger")]
pub(crate) const PORT: Kind<u16> = Kind {
    read: Read::With(|text| parsed(text, "write a port from 1 to 65535")),
    check: |port| match port {
        0 => Err("write a port from 1 to 65535".to_owned()),
        _ => Ok(()),
    },
    show: u16::to_string,
    values: "port",
};

/// A time between two events, above zero; written in milliseconds.
pub(crate) const INTERVAL: Kind<Duration> = Kind {
    read: Read::With(|text| {
        let millis = parsed(text, "write a whole number of milliseconds above zero")?;
        Ok(Duration::from_millis(millis))
    }),
    check: |interval| above_zero(!interval.is_zero()),
    show: |interval| format!("{interval:?}"),
    values: "ms",
};

/// A bound above zero. In milliseconds zero is none; code writes [`Duration::MAX`].
pub(crate) const TIMEOUT: Kind<Duration> = Kind {
    read: Read::With(|text| {
        let reason = "write a whole number of milliseconds, or 0 for no bound";
        Ok(match parsed(text, reason)? {
            0 => Duration::MAX,
            millis => Duration::from_millis(millis),
        })
    }),
    values: "ms, 0 for no bound",
    ..INTERVAL
};

/// Whether something is so.
pub(crate) const FLAG: Kind<bool> = Kind::choice(&[("true", true), ("false", false)]);

/// Words between commas, in small letters.
pub(crate) const WORDS: Kind<Vec<String>> = Kind {
    read: Read::With(|text| {
        let words = text.split(',').map(|word| word.trim().to_ascii_lowercase());
        Ok(words.filter(|word| !word.is_empty()).collect())
    }),
    check: |_| Ok(()),
    show: hidden,
    values: "words between commas",
};

/// `key=value` between commas, percent-encoded. One mistake spoils all.
pub(crate) const PAIRS: Kind<Vec<(String, String)>> = Kind {
    read: Read::With(|text| {
        let members = text.split(',').filter(|member| !member.trim().is_empty());
        members.map(pair).collect()
    }),
    check: |_| Ok(()),
    show: hidden,
    values: "`key=value` between commas, percent-encoded",
};

/// What is shown of a value that is not.
pub(super) fn hidden<T>(_: &T) -> String {
    "***".to_owned()
}

fn parsed<T: FromStr>(text: &str, reason: &str) -> Result<T, String> {
    text.trim().parse().map_err(|_| reason.to_owned())
}

fn above_zero(is_above: bool) -> Result<(), String> {
    let reason = || "it must be above zero".to_owned();
    is_above.then_some(()).ok_or_else(reason)
}

fn one_of<T: Clone>(choices: &[(&str, T)], written: &str) -> Result<T, String> {
    let mut known = choices.iter();
    let known = known.find(|(word, _)| word.eq_ignore_ascii_case(written));
    let meaning = known.map(|(_, meaning)| meaning.clone());
    meaning.ok_or_else(|| format!("write one of {}", alternatives(choices)))
}

fn alternatives<T>(choices: &[(&str, T)]) -> String {
    let words = choices.iter().map(|(word, _)| format!("`{word}`"));
    words.collect::<Vec<_>>().join(", ")
}

/// One of the pairs, by the rules of <https://www.w3.org/TR/baggage/#header-content> without properties.
fn pair(member: &str) -> Result<(String, String), String> {
    let (key, value) = member
        .split_once('=')
        .ok_or("write `key=value` pairs with commas between them")?;
    let (key, value) = (decoded(key)?, decoded(value)?);
    if key.is_empty() {
        return Err("a key is empty".to_owned());
    }
    Ok((key, value))
}

/// White space that is meant is encoded, so what stands around a text is not.
fn decoded(text: &str) -> Result<String, String> {
    let text = text.trim_matches([' ', '\t']);
    let is_encoding = |rest: &str| {
        let digits = rest.as_bytes().get(..2);
        digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
    };
    if !text.split('%').skip(1).all(is_encoding) {
        return Err("write `%25` for a percent sign that encodes nothing".to_owned());
    }
    let decoded = percent_decode_str(text).decode_utf8();
    let decoded = decoded.map_err(|_| "a percent-encoded text is not valid UTF-8")?;
    Ok(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<T: Clone + PartialEq + std::fmt::Debug>(
        kind: &Kind<T>,
        written: &str,
        expected: Result<T, &str>,
    ) {
        let expected = expected.map_err(str::to_owned);
        assert_eq!(kind.read(written), expected, "{written}");
    }

    #[test]
    fn numbers_and_times() {
        check(&NUMBER, " 7 ", Ok(7));
        let reason = "write a whole number, neither negative nor too large";
        check(&NUMBER, "-7", Err(reason));
        check(&POSITIVE, "0", Err("it must be above zero"));
        check(&POSITIVE, "a", Err("write a whole number above zero"));
        check(&RATIO, "0.5", Ok(0.5));
        let reason = "a ratio lies between 0 and 1, but this one is 1.5";
        check(&RATIO, "1.5", Err(reason));
        check(&OWN_PORT, "0", Ok(0));
        check(&INTERVAL, "250", Ok(Duration::from_millis(250)));
        let reason = "write a whole number of milliseconds above zero";
        check(&INTERVAL, "5m", Err(reason));
        check(&TIMEOUT, "0", Ok(Duration::MAX));
        let reason = "write a whole number of milliseconds, or 0 for no bound";
        check(&TIMEOUT, "10s", Err(reason));
    }

    #[test]
    fn words() {
        check(&FLAG, "TRUE ", Ok(true));
        check(&FLAG, "1", Err("write one of `true`, `false`"));
        let expected = ["otlp", "jaeger"].map(str::to_owned);
        check(&WORDS, "otlp, Jaeger,", Ok(expected.to_vec()));
    }

    #[test]
    fn pairs() {
        let owned = |pairs: &[(&str, &str)]| {
            let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
            pairs.iter().map(owned).collect::<Vec<_>>()
        };
        let expected = owned(&[("a", "1"), ("b", "x y=z"), ("c", " d")]);
        check(&PAIRS, "a=1, b = x%20y=z ,c=%20d", Ok(expected));
        let reason = "write `key=value` pairs with commas between them";
        check(&PAIRS, "a=1,secret", Err(reason));
        let reason = "a percent-encoded text is not valid UTF-8";
        check(&PAIRS, "a=%FF", Err(reason));
        check(&PAIRS, "=1", Err("a key is empty"));
        let reason = "write `%25` for a percent sign that encodes nothing";
        for written in ["a=100%", "a=%zz", "a=%2"] {
            check(&PAIRS, written, Err(reason));
        }
    }
}
