//! The labels of series, rendered once and kept from one page to the next.

use std::collections::HashSet;
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
    /// Where the text of each series ends. It is empty for one that has the labels of an earlier one.
    ends: Vec<usize>,
}

impl Rendered {
    /// Makes sure that there is a text for each series of these points; `render` writes one. Says whether that was to do
    /// for any.
    pub(super) fn follow<T>(
        &mut self,
        points: &Points<T>,
        mut render: impl FnMut(&mut String, Labels<'_>),
    ) -> bool {
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
        same < self.ends.len()
    }

    /// Leaves series without a text that have the text of an earlier one. Says whether there is one.
    pub(super) fn silence_twins(&mut self) -> bool {
        let mut seen = HashSet::new();
        let (mut text, mut ends) = (String::with_capacity(self.text.len()), Vec::new());
        for each in self.texts() {
            if seen.insert(each) {
                text.push_str(each);
            }
            ends.push(text.len());
        }
        let has_twins = text.len() < self.text.len();
        (self.text, self.ends) = (text, ends);
        has_twins
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
    keys: Option<Vec<String>>,
    columns: Vec<Column>,
    /// Whether two keys become the same name.
    have_namesakes: bool,
    /// Whether a key became another name, of this series or an earlier one.
    have_renamed: bool,
    /// Whether different labels may have been written alike.
    may_have_twins: bool,
}

/// One label of a line.
#[derive(Debug)]
struct Column {
    /// What stands before its value: `,method="`.
    opening: String,
    /// Which of the labels has the value.
    at: usize,
}

impl Writer {
    /// Writes labels with commas between them; by name, if a key becomes another name.
    ///
    /// Values whose keys become the same name share one label, joined by `;` in the order of their keys.
    pub(super) fn write<'a>(
        &mut self,
        page: &mut String,
        labels: impl Iterator<Item = (&'a str, &'a str)>,
    ) {
        let labels: Vec<_> = labels.collect();
        let keys = self.keys.iter().flatten();
        if self.keys.is_none() || !labels.iter().map(|(key, _)| *key).eq(keys) {
            self.learn(&labels);
        }
        if self.have_namesakes {
            write_joined(page, &labels);
            return;
        }
        for column in &self.columns {
            let (_, value) = labels[column.at];
            page.push_str(&column.opening);
            text::label_value(page, value);
            page.push('"');
            self.may_have_twins |= value.contains(text::ZERO);
        }
    }

    /// Whether two series that differ may have been written alike.
    pub(super) fn may_have_twins(&self) -> bool {
        self.may_have_twins
    }

    fn learn(&mut self, labels: &[(&str, &str)]) {
        let names: Vec<_> = labels.iter().map(|(key, _)| names::label(key)).collect();
        self.have_renamed |= names.iter().zip(labels).any(|(name, (key, _))| name != key);
        let mut order: Vec<_> = (0..names.len()).collect();
        if self.have_renamed {
            order.sort_by_key(|at| &names[*at]);
        }
        self.have_namesakes = order.windows(2).any(|two| names[two[0]] == names[two[1]]);
        // With the same keys each time, other values make other lines.
        self.may_have_twins |= self.have_namesakes || (self.have_renamed && self.keys.is_some());
        let column = |(position, at): (usize, usize)| Column {
            opening: format!("{}{}=\"", if position == 0 { "" } else { "," }, names[at]),
            at,
        };
        self.columns = order.into_iter().enumerate().map(column).collect();
        self.keys = Some(labels.iter().map(|(key, _)| (*key).to_owned()).collect());
    }
}

fn write_joined(page: &mut String, labels: &[(&str, &str)]) {
    let mut labels: Vec<_> = labels
        .iter()
        .map(|(key, value)| (names::label(key), *key, *value))
        .collect();
    labels.sort();
    for (position, namesakes) in labels.chunk_by(|a, b| a.0 == b.0).enumerate() {
        if position > 0 {
            page.push(',');
        }
        page.push_str(&namesakes[0].0);
        page.push_str("=\"");
        for (at, (.., value)) in namesakes.iter().enumerate() {
            if at > 0 {
                page.push(';');
            }
            text::label_value(page, value);
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
