//! From names in dots and UCUM units to names with underscores and unit words.

use std::borrow::Cow;

use super::sanitize::{sanitize_label_key, sanitize_metric_name};

/// UCUM's units as words, and as words for one of them where they are divided by.
const UNITS: [(&str, &str, &str); 33] = [
    ("mo", "months", "month"),
    ("w", "weeks", "week"),
    ("y", "years", "year"),
    ("d", "days", "day"),
    ("h", "hours", "hour"),
    ("min", "minutes", "minute"),
    ("m", "meters", "minute"),
    ("s", "seconds", "second"),
    ("ms", "milliseconds", "millisecond"),
    ("us", "microseconds", "microsecond"),
    ("ns", "nanoseconds", "nanosecond"),
    ("By", "bytes", "byte"),
    ("KiBy", "kibibytes", "kibibyte"),
    ("MiBy", "mebibytes", "mebibyte"),
    ("GiBy", "gibibytes", "gibibyte"),
    ("TiBy", "tibibytes", "tibibyte"),
    ("kBy", "kilobytes", "kilobyte"),
    ("KBy", "kilobytes", "kilobyte"),
    ("MBy", "megabytes", "megabyte"),
    ("GBy", "gigabytes", "gigabyte"),
    ("TBy", "terabytes", "terabyte"),
    ("bit", "bits", "bit"),
    ("V", "volts", "volt"),
    ("A", "amperes", "ampere"),
    ("J", "joules", "joule"),
    ("W", "watts", "watt"),
    ("g", "grams", "gram"),
    ("Cel", "celsius", "celsius"),
    ("Hz", "hertz", "hertz"),
    ("%", "percent", "percent"),
    // A bare number; the word `ratio` that some collectors add is not in the specification.
    ("1", "", ""),
    ("", "", ""),
    ("K", "kelvins", "kelvin"),
];

/// The name of a metric with its unit as a suffix, but without a counter's `_total`, unless it has no other name.
pub(super) fn base(name: &str, unit_words: &str, is_counter: bool) -> String {
    let mut base = collapsed(&sanitize_metric_name(name));
    if is_counter
        && let Some(before) = base.strip_suffix("_total")
        && !before.is_empty()
    {
        base.truncate(before.len());
    }
    if !unit_words.is_empty() && base != unit_words && !ends_with_unit(&base, unit_words) {
        if !base.ends_with('_') {
            base.push('_');
        }
        base.push_str(unit_words);
    }
    base
}

/// Whether a name has these words behind an underscore, as the unit of `OpenMetrics` must stand. A metric may be called as
/// its unit is, and then says it by its name alone.
pub(super) fn ends_with_unit(name: &str, unit_words: &str) -> bool {
    name.strip_suffix(unit_words)
        .is_some_and(|before| before.ends_with('_'))
}

/// A unit in words: `s` is `seconds`, `By/s` is `bytes_per_second`. An annotation such as `{call}` is no unit.
pub(super) fn unit_words(unit: &str) -> String {
    let unit = without_annotations(unit);
    let (unit, per) = unit.split_once('/').unwrap_or((&unit, ""));
    let known = |symbol: &str| UNITS.iter().find(|(known, ..)| *known == symbol);
    let cleaned = |symbol: &str| {
        let name = sanitize_metric_name(&format!("_{symbol}"));
        collapsed(&name).trim_matches('_').to_owned()
    };
    let many = known(unit).map_or_else(|| cleaned(unit), |(_, many, _)| (*many).to_owned());
    let one = known(per).map_or_else(|| cleaned(per), |(_, _, one)| (*one).to_owned());
    match (many.is_empty(), one.is_empty()) {
        (_, true) => many,
        (true, false) => format!("per_{one}"),
        (false, false) => format!("{many}_per_{one}"),
    }
}

/// The name of a label.
///
/// Runs of underscores become one, so none begins with the two that Prometheus keeps for itself. `le` and `quantile`
/// belong to the buckets of histograms and to summaries; Prometheus, too, puts `exported_` before what is taken.
pub(super) fn label(key: &str) -> Cow<'_, str> {
    let name = if is_label(key) {
        Cow::Borrowed(key)
    } else {
        collapsed(&sanitize_label_key(key)).into()
    };
    match &*name {
        taken @ ("le" | "quantile") => format!("exported_{taken}").into(),
        _ => name,
    }
}

/// Whether a key can stay as it is, as most can.
fn is_label(key: &str) -> bool {
    key.starts_with(|first: char| first.is_ascii_alphabetic())
        && key
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        && !key.contains("__")
}

fn without_annotations(unit: &str) -> String {
    let mut depth = 0_u32;
    unit.chars()
        .filter(|letter| {
            depth += u32::from(*letter == '{');
            let keep = depth == 0;
            depth -= u32::from(*letter == '}' && depth > 0);
            keep
        })
        .collect()
}

/// Makes one underscore of each run of them, and of an empty name.
fn collapsed(name: &str) -> String {
    let mut collapsed = String::with_capacity(name.len());
    for letter in name.chars() {
        if letter != '_' || !collapsed.ends_with('_') {
            collapsed.push(letter);
        }
    }
    if collapsed.is_empty() {
        collapsed.push('_');
    }
    collapsed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bases() {
        let cases = [
            ("function.calls", "{call}", true, "function_calls"),
            (
                "function.calls.duration",
                "s",
                false,
                "function_calls_duration_seconds",
            ),
            (
                "function.calls.in_flight",
                "{call}",
                false,
                "function_calls_in_flight",
            ),
            ("http.requests_total", "", true, "http_requests"),
            ("queue_total", "", false, "queue_total"),
            ("_total", "", true, "_total"),
            ("total", "", true, "total"),
            ("cpu.seconds_total", "s", true, "cpu_seconds"),
            ("cpu_total", "s", true, "cpu_seconds"),
            ("seconds", "s", false, "seconds"),
            ("milliseconds", "s", false, "milliseconds_seconds"),
            ("network.io", "By", true, "network_io_bytes"),
            (
                "network.rate",
                "By/s",
                false,
                "network_rate_bytes_per_second",
            ),
            ("jobs", "{job}/s", false, "jobs_per_second"),
            ("a..b--c  d", "", false, "a_b_c_d"),
            ("naïve.größe", "", false, "na_ve_gr_e"),
            ("recorded:sum", "", false, "recorded:sum"),
            ("1st", "", false, "_st"),
            ("trailing.", "s", false, "trailing_seconds"),
            ("", "", false, "_"),
            ("...", "By", false, "_bytes"),
        ];
        for (name, unit, is_counter, expected) in cases {
            assert_eq!(
                base(name, &unit_words(unit), is_counter),
                expected,
                "{name} in {unit}"
            );
        }
    }

    #[test]
    fn units() {
        let cases = [
            ("s", "seconds"),
            ("ms", "milliseconds"),
            ("By", "bytes"),
            ("KiBy", "kibibytes"),
            ("%", "percent"),
            ("Cel", "celsius"),
            ("1", ""),
            ("", ""),
            ("{call}", ""),
            ("{a{b}c}", ""),
            ("{unclosed", ""),
            ("stray}", "stray"),
            ("By{wire}", "bytes"),
            ("By/m", "bytes_per_minute"),
            ("m/s", "meters_per_second"),
            ("1/s", "per_second"),
            ("By/{call}", "bytes"),
            ("furlong", "furlong"),
            ("furlong/mo", "furlong_per_month"),
            ("10^6", "10_6"),
        ];
        for (unit, words) in cases {
            assert_eq!(unit_words(unit), words, "{unit}");
        }
    }

    #[test]
    fn labels() {
        let cases = [
            ("http.method", "http_method"),
            ("result", "result"),
            ("__name__", "_name_"),
            ("a:b", "a_b"),
            ("2nd", "_nd"),
            ("le", "exported_le"),
            ("quantile", "exported_quantile"),
            ("", "_"),
        ];
        for (key, name) in cases {
            assert_eq!(label(key), name, "{key}");
        }
    }
}
