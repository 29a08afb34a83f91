//! Whether what attributes say of their functions goes together.

use crate::metrics::bounds::DurationBuckets;
use crate::metrics::error::{BuildError, Declaration};
use crate::metrics::function::BUCKETS;
use crate::metrics::rules::{FUNCTION_LABELS, MAX_METRIC_PREFIX};
use crate::metrics::spec::{check_bounds, check_labels, check_name};
use crate::site::Site;

/// Whether the metrics of annotated functions can be told apart: their names, labels and buckets.
pub(crate) fn check_functions(sites: &[&'static Site]) -> Result<(), BuildError> {
    for (index, site) in sites.iter().enumerate() {
        let declaration = Declaration::Code(site.location());
        let prefix = site.metric_prefix();
        check_name(prefix, &declaration)?;
        if prefix.len() > MAX_METRIC_PREFIX {
            // Names are ASCII.
            return Err(BuildError::InvalidName {
                name: prefix.to_owned(),
                declaration,
                suggestion: prefix[..MAX_METRIC_PREFIX].to_owned(),
            });
        }
        if let DurationBuckets::Explicit(bounds) = site.metered.buckets {
            check_bounds(bounds, prefix, &declaration)?;
            if bounds.len() >= BUCKETS {
                return Err(BuildError::InvalidBounds {
                    name: prefix.to_owned(),
                    declaration,
                    problem: format!("a function has less than {BUCKETS} buckets"),
                });
            }
        }
        let mut labels = FUNCTION_LABELS.to_vec();
        labels.extend(site.metered.fixed_labels.iter().map(|(label, _)| label));
        labels.extend(site.metered.labels);
        for end_labels in site.metered.end_labels {
            check_labels(&[&labels, end_labels].concat(), prefix, &declaration)?;
        }
        let rival = sites[..index].iter().find(|known| {
            known.metric_prefix().eq_ignore_ascii_case(prefix)
                && (known.metric_prefix() != prefix
                    || known.metered.buckets != site.metered.buckets)
        });
        if let Some(known) = rival {
            let describe = |site: &Site| {
                let buckets = match site.metered.buckets {
                    DurationBuckets::Default => "the default buckets".to_owned(),
                    DurationBuckets::Explicit(bounds) => format!("the buckets {bounds:?}"),
                    DurationBuckets::Exponential => "exponential buckets".to_owned(),
                };
                let name = site.metric_prefix();
                // Said where it is the only difference.
                let spelt = if name == prefix {
                    String::new()
                } else {
                    format!("`{name}` ")
                };
                format!("the metrics {spelt}of `{}` with {buckets}", site.path())
            };
            return Err(BuildError::Conflict {
                name: prefix.to_owned(),
                this: describe(site),
                here: declaration,
                that: describe(known),
                there: Declaration::Code(known.location()),
            });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::function::shared::SUFFIXES;

    #[track_caller]
    fn check(sites: &[&'static Site], expected: &str) {
        let message = check_functions(sites).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }

    #[test]
    fn functions_of_one_prefix_have_the_same_buckets() {
        static ONE: Site = Site::new(|| {}).prefixed("shop").buckets(&[0.1, 1.0]);
        static SAME: Site = Site::new(|| {}).prefixed("shop").buckets(&[0.1, 1.0]);
        static OTHER: Site = Site::new(|| {}).prefixed("shop").buckets(&[0.1]);
        static CASE: Site = Site::new(|| {}).prefixed("Shop").buckets(&[0.1, 1.0]);
        static GROWING: Site = Site::new(|| {}).prefixed("shop").exponential_buckets();
        static SHARED: Site = Site::new(|| {});
        assert_eq!(check_functions(&[&ONE, &SAME, &SHARED]), Ok(()));
        let there = ONE.location().line();
        check(&[&ONE, &SAME, &OTHER], "with the buckets [0.1] at ");
        check(
            &[&ONE, &OTHER],
            &format!("with the buckets [0.1, 1.0] at {}:{there}: ", file!()),
        );
        check(&[&ONE, &CASE], "`Shop` is the metrics of ");
        check(&[&ONE, &CASE], ", but the metrics `shop` of ");
        check(&[&ONE, &GROWING], "with exponential buckets at ");
    }

    #[test]
    fn the_longest_name_of_a_metric_is_within_the_limit() {
        const LONGEST: [u8; MAX_METRIC_PREFIX + 1] = [b'x'; MAX_METRIC_PREFIX + 1];
        const fn name(len: usize) -> &'static str {
            match str::from_utf8(LONGEST.split_at(len).0) {
                Ok(name) => name,
                Err(_) => "",
            }
        }
        static LONG: Site = Site::new(|| {}).prefixed(name(MAX_METRIC_PREFIX));
        static TOO_LONG: Site = Site::new(|| {}).prefixed(name(MAX_METRIC_PREFIX + 1));
        for suffix in SUFFIXES {
            check_name(
                &format!("{}{suffix}", LONG.metric_prefix()),
                &Declaration::Code(LONG.location()),
            )
            .unwrap();
        }
        assert_eq!(check_functions(&[&LONG]), Ok(()));
        check(
            &[&TOO_LONG],
            &format!("write `{}`", name(MAX_METRIC_PREFIX)),
        );
    }

    #[test]
    fn functions_have_good_names_labels_and_buckets() {
        static NAME: Site = Site::new(|| {}).prefixed("shop checkout");
        static LABEL: Site = Site::new(|| {}).labels(&["result"]);
        static BUCKETS: Site = Site::new(|| {}).prefixed("shop").buckets(&[1.0, 1.0]);
        check(&[&NAME], "write `shop_checkout`");
        check(&[&LABEL], "the label `result` of `function`");
        check(&[&BUCKETS], "but 1 follows 1");
    }
}
