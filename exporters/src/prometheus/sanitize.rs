//! Names and keys in the letters that Prometheus' data model has:
//! <https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels>.

/// A metric's name, with an underscore for each letter that cannot be in one.
pub(super) fn sanitize_metric_name(name: &str) -> String {
    sanitized(name, |letter| letter == ':')
}

/// A label's key, with an underscore for each letter that cannot be in one.
pub(super) fn sanitize_label_key(key: &str) -> String {
    sanitized(key, |_| false)
}

fn sanitized(text: &str, is_also_allowed: impl Fn(char) -> bool) -> String {
    let sanitized = text.char_indices().map(|(at, letter)| match letter {
        'a'..='z' | 'A'..='Z' | '_' => letter,
        '0'..='9' if at > 0 => letter,
        _ if is_also_allowed(letter) => letter,
        _ => '_',
    });
    sanitized.collect()
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::formatting;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn another_exporter_makes_the_same_of_them(text in "[a-c0-9_:. é%-]{0,12}|.{0,12}") {
            prop_assert_eq!(sanitize_metric_name(&text), formatting::sanitize_metric_name(&text));
            prop_assert_eq!(sanitize_label_key(&text), formatting::sanitize_label_key(&text));
        }
    }
}
