//! The values of one metric, series by series.

use std::fmt;
use std::iter::FusedIterator;
use std::slice;
use std::sync::Arc;

use super::series::{Labels, Series, SeriesRef};

/// The values of all series of one metric, in the order in which the series were made.
///
/// ```
/// use tachograph::metrics::{Points, Series};
///
/// let points = Points::from([
///     (Series::new([("tier", "paid")]), 3),
///     (Series::new([("tier", "free")]), 4),
/// ]);
/// let doubled = points.map(|value| value * 2);
/// let free = doubled.iter().find(|point| point.label("tier") == Some("free"));
/// assert_eq!(free.map(|point| *point.value()), Some(8));
/// ```
#[derive(Clone)]
pub struct Points<T> {
    series: SeriesList,
    values: Vec<T>,
}

/// The series of one metric, for [`common_len`](Self::common_len). Clones share the series.
#[derive(Clone, Default)]
pub struct SeriesList {
    runs: Vec<Arc<dyn Run>>,
}

/// Some series one after the other, however they are kept.
pub(crate) trait Run: Send + Sync {
    fn len(&self) -> usize;

    /// One of them.
    fn series(&self, at: usize) -> SeriesRef<'_>;
}

impl Run for Vec<Series> {
    fn len(&self) -> usize {
        self.len()
    }

    fn series(&self, at: usize) -> SeriesRef<'_> {
        self[at].as_ref()
    }
}

impl<T> Points<T> {
    /// Values of series that are kept elsewhere, in runs that are not empty.
    pub(crate) fn of_runs(runs: Vec<Arc<dyn Run>>, values: Vec<T>) -> Self {
        Self {
            series: SeriesList { runs },
            values,
        }
    }

    /// How many series there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no series.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Each series with its value.
    #[must_use]
    pub fn iter(&self) -> PointsIter<'_, T> {
        PointsIter {
            series: self.series.all(),
            values: self.values.iter(),
        }
    }

    /// The values, in the order of their series.
    #[must_use]
    pub fn values(&self) -> impl ExactSizeIterator<Item = &T> {
        self.values.iter()
    }

    /// The series, in their order.
    #[must_use]
    pub fn series(&self) -> &SeriesList {
        &self.series
    }

    /// The same series with other values.
    #[must_use]
    pub fn map<U>(&self, value: impl FnMut(&T) -> U) -> Points<U> {
        Points {
            series: self.series.clone(),
            values: self.values.iter().map(value).collect(),
        }
    }
}

impl<T> Default for Points<T> {
    fn default() -> Self {
        Self {
            series: SeriesList::default(),
            values: Vec::new(),
        }
    }
}

impl<T> FromIterator<(Series, T)> for Points<T> {
    fn from_iter<I: IntoIterator<Item = (Series, T)>>(points: I) -> Self {
        let (series, values): (Vec<_>, _) = points.into_iter().unzip();
        let mut runs: Vec<Arc<dyn Run>> = Vec::new();
        if !series.is_empty() {
            runs.push(Arc::new(series));
        }
        Self {
            series: SeriesList { runs },
            values,
        }
    }
}

impl<T, const N: usize> From<[(Series, T); N]> for Points<T> {
    fn from(points: [(Series, T); N]) -> Self {
        points.into_iter().collect()
    }
}

impl<'a, T> IntoIterator for &'a Points<T> {
    type Item = Point<'a, T>;
    type IntoIter = PointsIter<'a, T>;

    fn into_iter(self) -> PointsIter<'a, T> {
        self.iter()
    }
}

impl<T: fmt::Debug> fmt::Debug for Points<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let points = self.iter().map(|point| (point.series, point.value));
        f.debug_map().entries(points).finish()
    }
}

impl SeriesList {
    /// With how many series both lists begin: those that are the same, and not only alike.
    ///
    /// An exporter that keeps what it made of a series looks here for how much of that it can use again. It costs
    /// next to nothing as long as no series came or went.
    ///
    /// ```
    /// # let registry = tachograph::Registry::new();
    /// # use tachograph::metrics::{MetricData, SeriesList};
    /// # fn series(registry: &tachograph::Registry) -> SeriesList {
    /// #     match registry.snapshot().metric("placed").unwrap().data() {
    /// #         MetricData::Counter(points) => points.series().clone(),
    /// #         other => panic!("{other:?}"),
    /// #     }
    /// # }
    /// let placed = registry.counter("placed").with_labels(["tier"]).build()?;
    /// placed.get(["paid"]).increment();
    /// let before = series(&registry);
    /// placed.get(["free"]).increment();
    /// let after = series(&registry);
    /// assert_eq!(after.common_len(&before), 1);
    /// # Ok::<(), tachograph::metrics::BuildError>(())
    /// ```
    #[must_use]
    pub fn common_len(&self, other: &Self) -> usize {
        let mut runs = 0;
        let mut len = 0;
        for (own, others) in self.runs.iter().zip(&other.runs) {
            // Runs are never empty, so two at one address are one.
            if !std::ptr::addr_eq(Arc::as_ptr(own), Arc::as_ptr(others)) {
                break;
            }
            runs += 1;
            len += own.len();
        }
        let [rest, others] = [self, other].map(|list| SeriesIter::new(&list.runs[runs..]));
        let same = rest.zip(others).take_while(|(a, b)| a.is(*b));
        len + same.count()
    }

    fn all(&self) -> SeriesIter<'_> {
        SeriesIter::new(&self.runs)
    }
}

impl fmt::Debug for SeriesList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all()).finish()
    }
}

/// The series of some runs.
#[derive(Clone)]
pub(crate) struct SeriesIter<'a> {
    run: Option<&'a dyn Run>,
    at: usize,
    runs: slice::Iter<'a, Arc<dyn Run>>,
}

impl<'a> SeriesIter<'a> {
    fn new(runs: &'a [Arc<dyn Run>]) -> Self {
        let mut runs = runs.iter();
        Self {
            run: runs.next().map(|run| &**run),
            at: 0,
            runs,
        }
    }
}

impl<'a> Iterator for SeriesIter<'a> {
    type Item = SeriesRef<'a>;

    fn next(&mut self) -> Option<SeriesRef<'a>> {
        self.nth(0)
    }

    fn nth(&mut self, mut n: usize) -> Option<SeriesRef<'a>> {
        loop {
            let run = self.run?;
            let left = run.len() - self.at;
            if n < left {
                self.at += n + 1;
                return Some(run.series(self.at - 1));
            }
            n -= left;
            self.run = self.runs.next().map(|run| &**run);
            self.at = 0;
        }
    }
}

/// Each series of a metric with its value; from [`Points::iter`].
///
/// ```
/// use tachograph::metrics::{Points, Series};
///
/// let points = Points::from([
///     (Series::new([("tier", "paid")]), 3),
///     (Series::new([("tier", "free")]), 4),
/// ]);
/// let mut all = points.iter();
/// assert_eq!(all.len(), 2);
/// assert_eq!(all.next().map(|point| *point.value()), Some(3));
/// ```
#[derive(Clone)]
pub struct PointsIter<'a, T> {
    series: SeriesIter<'a>,
    values: slice::Iter<'a, T>,
}

impl<'a, T> Iterator for PointsIter<'a, T> {
    type Item = Point<'a, T>;

    fn next(&mut self) -> Option<Point<'a, T>> {
        self.nth(0)
    }

    fn nth(&mut self, n: usize) -> Option<Point<'a, T>> {
        Some(Point {
            series: self.series.nth(n)?,
            value: self.values.nth(n)?,
        })
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.values.size_hint()
    }
}

impl<T> ExactSizeIterator for PointsIter<'_, T> {}

impl<T> FusedIterator for PointsIter<'_, T> {}

impl<T> fmt::Debug for PointsIter<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.series.clone()).finish()
    }
}

/// One series with its value when the snapshot was taken.
///
/// ```
/// use tachograph::metrics::MetricData;
/// # let registry = tachograph::Registry::new();
///
/// let placed = registry.counter("orders.placed").with_labels(["tier"]).build()?;
/// placed.get(["paid"]).add(3);
/// let snapshot = registry.snapshot();
/// let Some(MetricData::Counter(points)) = snapshot.metric("orders.placed").map(|it| it.data()) else {
///     panic!("no counter");
/// };
/// for point in points {
///     assert_eq!(point.label("tier"), Some("paid"));
///     assert_eq!(*point.value(), 3);
///     assert!(point.start_unix_nanos() <= snapshot.unix_nanos());
/// }
/// # Ok::<(), tachograph::metrics::BuildError>(())
/// ```
#[derive(Debug)]
pub struct Point<'a, T> {
    series: SeriesRef<'a>,
    value: &'a T,
}

impl<'a, T> Point<'a, T> {
    /// The value, cumulative since the series began.
    #[must_use]
    pub fn value(&self) -> &'a T {
        self.value
    }

    /// The labels of the series, in the order in which they were declared.
    #[must_use]
    pub fn labels(&self) -> Labels<'a> {
        self.series.labels()
    }

    /// The value of a label.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&'a str> {
        let mut labels = self.labels();
        labels
            .find(|(known, _)| *known == key)
            .map(|(_, value)| value)
    }

    /// When the series began to count, in nanoseconds since the Unix epoch. One that was removed and made again has
    /// another start.
    #[must_use]
    pub fn start_unix_nanos(&self) -> u64 {
        self.series.start_unix_nanos()
    }
}

impl<T> Clone for Point<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Point<'_, T> {}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(runs: &[&[&Series]]) -> SeriesList {
        let run = |series: &[&Series]| -> Arc<dyn Run> {
            Arc::new(series.iter().copied().cloned().collect::<Vec<_>>())
        };
        SeriesList {
            runs: runs.iter().map(|series| run(series)).collect(),
        }
    }

    #[test]
    fn runs_need_not_agree_to_be_compared() {
        let [a, b, c, twin] = ["a", "b", "c", "a"].map(|value| Series::new([("k", value)]));
        let all = list(&[&[&a], &[&b, &c]]);
        assert_eq!(all.common_len(&all.clone()), 3);
        assert_eq!(all.common_len(&list(&[&[&a, &b], &[&c, &a]])), 3);
        assert_eq!(all.common_len(&list(&[&[&a, &c]])), 1);
        assert_eq!(all.common_len(&list(&[&[&twin, &b, &c]])), 0);
        assert_eq!(all.common_len(&SeriesList::default()), 0);
    }

    #[test]
    fn series_are_found_in_any_run() {
        let [a, b, c] = ["a", "b", "c"].map(|value| Series::new([("k", value)]));
        let all = list(&[&[&a], &[&b, &c]]);
        let text = |series: Option<SeriesRef<'_>>| {
            let (_, value) = series?.labels().next()?;
            Some(value.to_owned())
        };
        for (at, expected) in [Some("a"), Some("b"), Some("c"), None]
            .into_iter()
            .enumerate()
        {
            assert_eq!(text(all.all().nth(at)).as_deref(), expected);
        }
        let mut rest = all.all();
        assert_eq!(text(rest.nth(1)).as_deref(), Some("b"));
        assert_eq!(text(rest.next()).as_deref(), Some("c"));
        assert!(rest.next().is_none());
    }
}
