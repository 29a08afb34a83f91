//! The labels of series, rendered once and kept from one page to the next.

use std::ops::Range;

use tachograph::metrics::{Labels, Points, SeriesList};

use super::{names, text};

/// What was rendered for each series of a metric, in the order of the last snapshot.
///
/// Series mostly stay where they are, so the text of each is found by its position; from the first one on that is
/// another than before, all are rendered anew. So what belongs to a series that is gone goes with it.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    series: SeriesList,
    text: String,
    /// Where the text of each series ends.
    ends: Vec<usize>,
}

impl Rendered {
    /// Makes sure that there is a text for each series of these points; `render` writes one.
    pub(super) fn follow<T>(
        &mut self,
        points: &Points<T>,
        mut render: impl FnMut(&mut String, Labels<'_>),
    ) {
        let same = points.series().common_len(&self.series);
        if same < self.ends.len() {
            self.ends.truncate(same);
            self.text.truncate(self.ends.last().copied().unwrap_or(0));
        }
        for point in points.iter().skip(same) {
            render(&mut self.text, point.labels());
            self.ends.push(self.text.len());
        }
        self.series = points.series().clone();
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

/// Writes the labels of series, and keeps what it makes of their keys, which mostly are the same as those before.
#[derive(Debug, Default)]
pub(super) struct Writer {
    keys: Vec<String>,
    /// What stands before each value: `,method="`.
    openings: Vec<String>,
    /// Whether two keys become the same name.
    have_namesakes: bool,
}

impl Writer {
    /// Writes labels with commas between them.
    ///
    /// Values whose keys become the same name share one label, joined by `;` in the order of their keys.
    pub(super) fn write<'a>(
        &mut self,
        page: &mut String,
        labels: impl Iterator<Item = (&'a str, &'a str)>,
    ) {
        let labels: Vec<_> = labels.collect();
        if !labels.iter().map(|(key, _)| *key).eq(self.keys.iter()) {
            self.learn(&labels);
        }
        if self.have_namesakes {
            write_joined(page, &labels);
            return;
        }
        for (opening, (_, value)) in self.openings.iter().zip(labels) {
            page.push_str(opening);
            text::label_value(page, value);
            page.push('"');
        }
    }

    fn learn(&mut self, labels: &[(&str, &str)]) {
        let names: Vec<_> = labels.iter().map(|(key, _)| names::label(key)).collect();
        self.keys = labels.iter().map(|(key, _)| (*key).to_owned()).collect();
        let comma = |at| if at == 0 { "" } else { "," };
        let openings = names.iter().enumerate();
        self.openings = openings
            .map(|(at, name)| format!("{}{name}=\"", comma(at)))
            .collect();
        let mut positions = names.iter().enumerate();
        self.have_namesakes = positions.any(|(at, name)| names[..at].contains(name));
    }
}

fn write_joined(page: &mut String, labels: &[(&str, &str)]) {
    let names: Vec<_> = labels.iter().map(|(key, _)| names::label(key)).collect();
    for (at, name) in names.iter().enumerate() {
        if names[..at].contains(name) {
            continue;
        }
        let mut same: Vec<_> = (at..labels.len())
            .filter(|other| names[*other] == *name)
            .collect();
        same.sort_by_key(|at| labels[*at].0);
        if at > 0 {
            page.push(',');
        }
        page.push_str(name);
        page.push_str("=\"");
        for (position, at) in same.into_iter().enumerate() {
            if position > 0 {
                page.push(';');
            }
            text::label_value(page, labels[at].1);
        }
        page.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tachograph::metrics::Series;

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
            Writer::default().write(&mut page, labels.iter().copied());
            assert_eq!(page, expected);
        }
    }

    #[test]
    fn texts_are_kept_while_series_stay() {
        let [a, b, c] = ["a", "b", "c"].map(|value| Series::new([("k", value)]));
        let mut rendered = Rendered::default();
        let count = std::cell::Cell::new(0);
        let mut writer = Writer::default();
        let mut check = |series: &[&Series], texts: &[&str], renderings: u32| {
            count.set(0);
            let points: Points<()> = series.iter().map(|it| ((*it).clone(), ())).collect();
            rendered.follow(&points, |page, labels| {
                count.set(count.get() + 1);
                writer.write(page, labels);
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
