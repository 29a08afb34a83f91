//! What both formats write alike: numbers, escaped text, times.

use std::fmt::Write;

use super::Format;

/// Writes an integer.
pub(super) fn integer(page: &mut String, number: impl itoa::Integer) {
    page.push_str(itoa::Buffer::new().format(number));
}

/// Writes a floating-point number with as many digits as it takes to read the same number again.
pub(super) fn float(page: &mut String, number: f64) {
    if number.is_finite() {
        page.push_str(zmij::Buffer::new().format_finite(number));
    } else if number.is_nan() {
        page.push_str("NaN");
    } else {
        page.push_str(if number > 0.0 { "+Inf" } else { "-Inf" });
    }
}

/// A bucket's bound as the value of its label `le`.
///
/// OpenMetrics asks for what Go prints, with `.0` after whole numbers. The text format gets the same, so that a series
/// does not become another one when a scraper changes the format.
pub(super) fn bound(bound: f64) -> String {
    let scientific = format!("{bound:e}");
    let parts = scientific.split_once('e');
    match parts.and_then(|(digits, exponent)| Some((digits, exponent.parse::<i32>().ok()?))) {
        Some((digits, exponent)) if !(-4..6).contains(&exponent) => {
            format!("{digits}e{exponent:+03}")
        }
        _ => format!("{bound:?}"),
    }
}

/// Writes the value of a label, to stand between quotes.
pub(super) fn label_value(page: &mut String, value: &str) {
    escaped(page, value, true);
}

/// Writes the text of a `# HELP` line. Only OpenMetrics escapes quotes there.
pub(super) fn help(page: &mut String, help: &str, format: Format) {
    escaped(page, help, format == Format::OpenMetrics);
}

/// What Prometheus takes for the end of the page, so that it refuses all of it.
pub(super) const ZERO: char = '\0';

fn escaped(page: &mut String, text: &str, quotes: bool) {
    let is_special = |byte| matches!(byte, b'\\' | b'\n' | b'"' | b'\0');
    if !text.bytes().any(is_special) {
        // Nearly always.
        page.push_str(text);
        return;
    }
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '\n', '"', ZERO]) {
        page.push_str(&rest[..at]);
        page.push_str(match rest.as_bytes()[at] {
            b'\\' => r"\\",
            b'\n' => r"\n",
            b'"' if quotes => r#"\""#,
            b'"' => "\"",
            // `ZERO`.
            _ => "\u{fffd}",
        });
        rest = &rest[at + 1..];
    }
    page.push_str(rest);
}

/// Writes a moment in seconds since the Unix epoch, to the millisecond, which is all that Prometheus keeps.
pub(super) fn unix_seconds(page: &mut String, unix_nanos: u64) {
    let millis = unix_nanos / 1_000_000;
    let _ = write!(page, "{}.{:03}", millis / 1_000, millis % 1_000);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut String)) -> String {
        let mut page = String::new();
        write(&mut page);
        page
    }

    #[test]
    fn floats() {
        let cases = [
            (0.0, "0.0"),
            (1.0, "1.0"),
            (0.1 + 0.2, "0.30000000000000004"),
            (-2.5, "-2.5"),
            (1e300, "1e+300"),
            (f64::NAN, "NaN"),
            (f64::INFINITY, "+Inf"),
            (f64::NEG_INFINITY, "-Inf"),
        ];
        for (number, expected) in cases {
            assert_eq!(written(|page| float(page, number)), expected);
        }
    }

    /// The examples of the OpenMetrics specification under "Canonical Numbers".
    #[test]
    fn bounds() {
        let cases = [
            (0.0, "0.0"),
            (0.001, "0.001"),
            (0.95, "0.95"),
            (1.7, "1.7"),
            (10.0, "10.0"),
            (1e-10, "1e-10"),
            (1e-9, "1e-09"),
            (1e-5, "1e-05"),
            (0.0001, "0.0001"),
            (100_000.0, "100000.0"),
            (1e6, "1e+06"),
            (1_234_567.0, "1.234567e+06"),
            (1e10, "1e+10"),
            (-2.5, "-2.5"),
        ];
        for (number, expected) in cases {
            assert_eq!(bound(number), expected);
        }
    }

    #[test]
    fn escapes() {
        let text = "C:\\temp \"quoted\"\nnext\0";
        assert_eq!(
            written(|page| label_value(page, text)),
            "C:\\\\temp \\\"quoted\\\"\\nnext\u{fffd}"
        );
        assert_eq!(
            written(|page| help(page, text, Format::OpenMetrics)),
            "C:\\\\temp \\\"quoted\\\"\\nnext\u{fffd}"
        );
        assert_eq!(
            written(|page| help(page, text, Format::Text)),
            "C:\\\\temp \"quoted\"\\nnext\u{fffd}"
        );
    }

    #[test]
    fn times() {
        assert_eq!(
            written(|page| unix_seconds(page, 1_700_000_000_007_999_999)),
            "1700000000.007"
        );
    }
}
