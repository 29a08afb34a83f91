//! The labels of series, rendered once and kept from one page to the next.

use std::ops::Range;
use std::sync::Arc;

use tachograph::metrics::Series;

use super::{names, text};

/// What was rendered for each series of a metric, in the order of the last snapshot.
///
/// Series mostly stay where they are, so the text of each is found by its position and checked by its `Arc`; from the
/// first one that differs on, all are rendered anew. So what belongs to a series that is gone goes with it.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    series: Vec<Arc<Series>>,
    text: String,
    /// Where the text of each series ends.
    ends: Vec<usize>,
}

impl Rendered {
    /// Makes sure that there is a text for each of these series; `render` writes one.
    pub(super) fn follow<'a>(
        &mut self,
        series: impl Iterator<Item = &'a Arc<Series>> + Clone,
        render: impl Fn(&mut String, &Series),
    ) {
        let pairs = self.series.iter().zip(series.clone());
        let same = pairs
            .take_while(|(known, series)| Arc::ptr_eq(known, series))
            .count();
        self.series.truncate(same);
        self.ends.truncate(same);
        self.text.truncate(self.ends.last().copied().unwrap_or(0));
        for series in series.skip(same) {
            render(&mut self.text, series);
            self.series.push(Arc::clone(series));
            self.ends.push(self.text.len());
        }
    }

    /// The texts, in the order of the series.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let range: Range<usize> = start..*end;
            start = *end;
            &self.text[range]
        })
    }
}

/// Writes labels with commas between them.
///
/// Values whose keys become the same name share one label, joined by `;` in the order of their keys.
pub(super) fn write<K: AsRef<str>, V: AsRef<str>>(page: &mut String, labels: &[(K, V)]) {
    let names: Vec<_> = labels
        .iter()
        .map(|(key, _)| names::label(key.as_ref()))
        .collect();
    for (at, name) in names.iter().enumerate() {
        if names[..at].contains(name) {
            continue;
        }
        let mut same: Vec<_> = (at..labels.len())
            .filter(|other| names[*other] == *name)
            .collect();
        same.sort_by_key(|at| labels[*at].0.as_ref());
        if at > 0 {
            page.push(',');
        }
        page.push_str(name);
        page.push_str("=\"");
        for (position, at) in same.into_iter().enumerate() {
            if position > 0 {
                page.push(';');
            }
            text::label_value(page, labels[at].1.as_ref());
        }
        page.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_become_the_same_name_share_a_label() {
        let cases: [(&[(&str, &str)], &str); 4] = [
            (&[], ""),
            (
                &[("function", "pay"), ("result", "ok")],
                r#"function="pay",result="ok""#,
            ),
            (
                &[
                    ("a_b", "last"),
                    ("x", "y"),
                    ("a-b", "first"),
                    ("a.b", "second"),
                ],
                r#"a_b="first;second;last",x="y""#,
            ),
            (&[("path", r"C:\")], r#"path="C:\\""#),
        ];
        for (labels, expected) in cases {
            let mut page = String::new();
            write(&mut page, labels);
            assert_eq!(page, expected);
        }
    }

    #[test]
    fn texts_are_kept_while_series_stay() {
        let [a, b, c] = ["a", "b", "c"].map(|value| Series::new([("k".into(), value.into())]));
        let mut rendered = Rendered::default();
        let count = std::cell::Cell::new(0);
        let mut check = |series: &[&Arc<Series>], texts: &[&str], renderings: u32| {
            count.set(0);
            rendered.follow(series.iter().copied(), |page, series| {
                count.set(count.get() + 1);
                write(page, &series.labels);
            });
            assert_eq!(rendered.texts().collect::<Vec<_>>(), texts);
            assert_eq!(count.get(), renderings);
        };
        check(&[&a, &b], &["k=\"a\"", "k=\"b\""], 2);
        check(&[&a, &b], &["k=\"a\"", "k=\"b\""], 0);
        check(&[&a, &b, &c], &["k=\"a\"", "k=\"b\"", "k=\"c\""], 1);
        check(&[&a, &c], &["k=\"a\"", "k=\"c\""], 1);
        check(&[&a], &["k=\"a\""], 0);
        check(&[], &[], 0);
    }
}
