//! From the cells of annotated functions to metrics that exporters read.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::cells::{FunctionCells, SeriesLabels, Values};
use super::durations::FunctionBuckets;
use super::series::SeriesLabel;
use super::shared::{SUFFIXES, SharedMetrics, Shown};
use crate::listed;
use crate::metrics::snapshot::Metric;
use crate::semconv;
use crate::site::Site;

/// What has no series of its own, or no value of its own.
pub(crate) enum Overflow<'a> {
    /// Calls beyond a metric's limit on series.
    Series { metric: &'a str },
    /// Calls with a value that a bounded label does not tell apart.
    Label {
        function: &'a str,
        module: &'a str,
        label: &'a str,
    },
}

/// The metrics of these functions: calls by result, their durations, how many are running, and how many were within
/// their objective.
///
/// Their series began at `start_unix_nanos`, or later. `overflowed` is told how many calls the limits left out.
pub(crate) fn publish(
    mut functions: Vec<(&'static Site, &FunctionCells)>,
    start_unix_nanos: u64,
    form: FunctionBuckets,
    mut overflowed: impl FnMut(Overflow<'_>, u64),
) -> Vec<Metric> {
    // Those with the same names follow each other, in the order of their lines.
    functions.sort_by_key(|(site, _)| (site.module(), site.function(), site.location().line()));
    let mut all = BTreeMap::<_, SharedMetrics<'_>>::new();
    let mut left_out = BTreeMap::<_, u64>::new();
    for (site, cells) in functions {
        let metrics = all.entry(site.metric_prefix()).or_default();
        metrics.describe(site);
        for (side, position, calls) in cells.left_out() {
            let label = site.metered.names(side)[position];
            *left_out
                .entry((site.function(), site.module(), label))
                .or_default() += calls;
        }
        let readings = cells.read();
        let beyond = readings
            .iter()
            .filter(|it| it.labels.are_beyond_the_limit());
        metrics.overflowed += beyond.map(|it| it.figures.ended()).sum::<u64>();
        let shown = readings.into_iter().map(|reading| Shown {
            published: reading
                .series
                .published(start_unix_nanos, || series_labels(site, reading.labels)),
            figures: reading.figures,
            buckets: site.metered.buckets,
            latency_nanos: site.metered.latency_nanos,
            bounds: cells.bounds(&site.metered),
            shows_in_flight: site.metered.in_flight,
        });
        metrics.add(site, shown);
    }
    for (prefix, metrics) in &all {
        let metric = &format!("{prefix}.calls");
        overflowed(Overflow::Series { metric }, metrics.overflowed);
    }
    for ((function, module, label), calls) in left_out {
        let label = Overflow::Label {
            function,
            module,
            label,
        };
        overflowed(label, calls);
    }
    all.into_iter()
        .flat_map(|(prefix, metrics)| metrics.into_metrics(prefix, form))
        .collect()
}

/// The function whose metrics have this name, in upper or lower case.
pub(crate) fn owner(name: &str) -> Option<&'static Site> {
    let is_ours = |prefix: &str| {
        name.split_at_checked(prefix.len())
            .is_some_and(|(start, rest)| {
                start.eq_ignore_ascii_case(prefix)
                    && SUFFIXES
                        .iter()
                        .any(|suffix| rest.eq_ignore_ascii_case(suffix))
            })
    };
    let mut sites = listed::sites().into_iter();
    sites.find(|site| site.is_metered() && is_ours(site.metric_prefix()))
}

/// `function` and `module`, then the labels that the attribute names.
fn series_labels(site: &'static Site, labels: SeriesLabels<'_>) -> Vec<SeriesLabel> {
    let borrowed =
        |(key, value): (&'static str, &'static str)| (Cow::Borrowed(key), Cow::Borrowed(value));
    let mut all = vec![
        borrowed(("function", site.function())),
        borrowed(("module", site.module())),
    ];
    all.extend(site.metered.fixed_labels.iter().copied().map(borrowed));
    let start = labels.start.map(|values| (None, values));
    let end = labels.end.map(|(side, values)| (Some(side), values));
    for (side, values) in start.into_iter().chain(end) {
        match values {
            Values::Overflow => all.push(borrowed((semconv::OTEL_METRIC_OVERFLOW, "true"))),
            Values::Of(columns, number) => {
                let names = site.metered.names(side).iter().copied().map(Cow::Borrowed);
                let known = names.zip(columns.texts(number));
                // An end without a label has it left out, and an empty one means the same to readers.
                all.extend(known.filter(|(_, text)| side.is_none() || !text.is_empty()));
            }
        }
    }
    all
}
