//! From the cells of annotated functions to metrics that exporters read.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::function::{CallResult, FunctionCells, FunctionSeries, SeriesLabels};
use super::snapshot::{Descriptor, HistogramValue, Label, Metric, MetricData, Point};
use crate::site::{self, Site};

/// The three metrics of one family.
#[derive(Default)]
struct Family {
    doc: &'static str,
    calls: Vec<Point<u64>>,
    durations: Vec<Point<HistogramValue>>,
    in_flight: Vec<Point<i64>>,
    overflowed: u64,
}

/// The metrics of these functions: calls by result, their durations, and how many are running.
///
/// `overflowed` is told how many calls of a family the limit on series left out.
pub(crate) fn publish<'a>(
    functions: impl Iterator<Item = (&'static Site, &'a FunctionCells)>,
    mut overflowed: impl FnMut(&str, u64),
) -> Vec<Metric> {
    let mut families = BTreeMap::<_, Family>::new();
    for (site, cells) in functions {
        let family = families.entry(site.metric_family()).or_default();
        if !site.metered.family.is_empty() && family.doc.is_empty() {
            family.doc = site.doc_comment();
        }
        family.overflowed += cells.overflowed();
        for (labels, series) in cells.all() {
            family.add(site, cells, &labels, series);
        }
    }
    for (name, family) in &families {
        overflowed(&format!("{name}.calls"), family.overflowed);
    }
    families
        .into_iter()
        .flat_map(|(name, family)| family.into_metrics(name))
        .collect()
}

/// The function whose metrics have this name, in upper or lower case.
pub(crate) fn owner(name: &str) -> Option<&'static Site> {
    let is_ours = |family: &str| {
        name.split_at_checked(family.len())
            .is_some_and(|(start, rest)| {
                start.eq_ignore_ascii_case(family)
                    && [".calls", ".calls.duration", ".calls.in_flight"]
                        .iter()
                        .any(|suffix| rest.eq_ignore_ascii_case(suffix))
            })
    };
    let mut sites = site::sites().into_iter();
    sites.find(|site| site.is_metered() && is_ours(site.metric_family()))
}

impl Family {
    fn add(
        &mut self,
        site: &'static Site,
        cells: &FunctionCells,
        labels: &SeriesLabels,
        series: &FunctionSeries,
    ) {
        let published = series.published(|| series_labels(site, labels));
        let figures = series.read(cells.bounds(site.metered.buckets));
        for ((result, duration), series) in CallResult::ALL
            .into_iter()
            .zip(figures.durations)
            .zip(published)
        {
            let ended = duration.count();
            // A rate needs the zero before the first failure; the other results are rare enough to appear when they do.
            if ended > 0 || matches!(result, CallResult::Ok | CallResult::Error) {
                self.calls.push(Point {
                    series: Arc::clone(series),
                    value: ended,
                });
            }
            if ended > 0 || result == CallResult::Ok {
                self.durations.push(Point {
                    series: Arc::clone(series),
                    value: duration,
                });
            }
        }
        self.in_flight.push(Point {
            series: Arc::clone(&published[CallResult::ALL.len()]),
            value: figures.in_flight,
        });
    }

    fn into_metrics(self, name: &'static str) -> [Metric; 3] {
        let described = |shared: &'static str| {
            if self.doc.is_empty() {
                shared
            } else {
                self.doc
            }
        };
        let metric = |suffix: &str, description: &'static str, unit: &'static str, data| Metric {
            descriptor: Arc::new(Descriptor {
                name: Cow::Owned(format!("{name}.{suffix}")),
                description: described(description).into(),
                unit: unit.into(),
            }),
            data,
        };
        [
            metric(
                "calls",
                "Calls of annotated functions that have ended, by result.",
                "{call}",
                MetricData::Counter(self.calls),
            ),
            metric(
                "calls.duration",
                "How long calls of annotated functions took, by result.",
                "s",
                MetricData::Histogram(self.durations),
            ),
            metric(
                "calls.in_flight",
                "Calls of annotated functions that are running now.",
                "{call}",
                MetricData::UpDownCounter(self.in_flight),
            ),
        ]
    }
}

/// `function` and `module`, then the labels that the attribute names.
fn series_labels(site: &'static Site, labels: &SeriesLabels) -> Vec<Label> {
    let borrowed =
        |(key, value): (&'static str, &'static str)| (Cow::Borrowed(key), Cow::Borrowed(value));
    let mut all = vec![
        ("function".into(), Cow::Owned(site.function().to_owned())),
        borrowed(("module", site.module())),
    ];
    all.extend(site.metered.fixed_labels.iter().copied().map(borrowed));
    match labels {
        SeriesLabels::None => {}
        SeriesLabels::Values(values) => {
            all.extend(
                site.metered
                    .labels
                    .iter()
                    .copied()
                    .zip(values.iter().copied())
                    .map(borrowed),
            );
        }
        SeriesLabels::Overflow => all.push(borrowed(("otel.metric.overflow", "true"))),
    }
    all
}
