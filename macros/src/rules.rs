//! Which names metrics and labels may have, and how much labels may tell apart.
//!
//! The macros check what is written and the runtime what it is told, by the same rules: this file is in both crates, the
//! same to the letter, and a test compares the two.

/// The longest name of a metric, in bytes:
/// <https://opentelemetry.io/docs/specs/otel/metrics/api/#instrument-name-syntax>.
pub(crate) const MAX_METRIC_NAME: usize = 255;

/// The longest prefix of the names of a function's metrics.
pub(crate) const MAX_METRIC_PREFIX: usize = MAX_METRIC_NAME - ".calls.within_objective".len();

/// A metric, or a function, has at most this many series by default; further ones share the overflow series.
pub(crate) const SERIES_LIMIT: usize = 2_000;

/// The labels that every annotated function has.
pub(crate) const FUNCTION_LABELS: [&str; 3] = ["function", "module", "result"];

/// Whether the name of a metric may begin so.
pub(crate) fn begins_metric_name(c: char) -> bool {
    c.is_ascii_alphabetic()
}

/// Whether a character may stand in the name of a metric.
pub(crate) fn is_in_metric_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/')
}

/// For whom the name of a label is reserved, if it is.
pub(crate) fn label_is_reserved(name: &str) -> Option<&'static str> {
    match name {
        "le" => Some("is reserved for the bounds of histogram buckets"),
        "quantile" => Some("is reserved for the quantiles of summaries"),
        name if name.starts_with("__") => {
            Some("is reserved for Prometheus itself, as all that start with `__`")
        }
        _ => None,
    }
}
