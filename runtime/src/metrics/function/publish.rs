//! From the cells of annotated functions to metrics that exporters read.

use std::borrow::Cow;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use super::cells::{FunctionCells, SeriesLabels, Values};
use super::durations::Durations;
use super::series::{CallResult, FunctionFigures, PublishedSeries, SeriesLabel};
use crate::listed;
use crate::metrics::snapshot::{Descriptor, Metric, MetricData, Series, Texts};
use crate::semconv;
use crate::site::Site;

/// The three metrics of one family.
#[derive(Default)]
struct Family<'a> {
    doc: &'static str,
    figures: Vec<Shown<'a>>,
    overflowed: u64,
    /// Module and name of each function.
    names: HashSet<(&'static str, &'static str)>,
    /// Whether two functions have the same: methods of two traits for one type, for example.
    has_namesakes: bool,
}

/// What one series of a function shows.
struct Shown<'a> {
    published: &'a PublishedSeries,
    figures: FunctionFigures,
    shows_in_flight: bool,
}

/// The points of the three metrics.
#[derive(Default)]
struct Points {
    calls: Vec<(Series, u64)>,
    durations: Vec<(Series, Durations)>,
    in_flight: Vec<(Series, i64)>,
}

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

/// The metrics of these functions: calls by result, their durations, and how many are running.
///
/// Their series began at `start_unix_nanos`. `overflowed` is told how many calls the limits left out.
pub(crate) fn publish<'a>(
    functions: impl Iterator<Item = (&'static Site, &'a FunctionCells)>,
    start_unix_nanos: u64,
    mut overflowed: impl FnMut(Overflow<'_>, u64),
) -> Vec<Metric> {
    let mut families = BTreeMap::<_, Family<'_>>::new();
    let mut left_out = BTreeMap::<_, u64>::new();
    for (site, cells) in functions {
        let family = families.entry(site.metric_family()).or_default();
        if !site.metered.family.is_empty() && family.doc.is_empty() {
            family.doc = site.doc_comment();
        }
        family.has_namesakes |= !family.names.insert((site.module(), site.function()));
        for (side, position, calls) in cells.left_out() {
            let label = site.metered.names(side)[position];
            *left_out
                .entry((site.function(), site.module(), label))
                .or_default() += calls;
        }
        let readings = cells.read(cells.bounds(site.metered.buckets));
        let beyond = readings
            .iter()
            .filter(|it| it.labels.are_beyond_the_limit());
        family.overflowed += beyond.map(|it| it.figures.all_ended()).sum::<u64>();
        let shown = readings.into_iter().map(|reading| Shown {
            published: reading
                .series
                .published(start_unix_nanos, || series_labels(site, reading.labels)),
            figures: reading.figures,
            shows_in_flight: site.metered.in_flight,
        });
        let mut shown: Vec<_> = shown.collect();
        if site.metered.has_end_labels() {
            merge(&mut shown);
        }
        family.figures.append(&mut shown);
    }
    for (name, family) in &families {
        let metric = &format!("{name}.calls");
        overflowed(Overflow::Series { metric }, family.overflowed);
    }
    for ((function, module, label), calls) in left_out {
        let label = Overflow::Label {
            function,
            module,
            label,
        };
        overflowed(label, calls);
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
    let mut sites = listed::sites().into_iter();
    sites.find(|site| site.is_metered() && is_ours(site.metric_family()))
}

impl Family<'_> {
    fn into_metrics(mut self, name: &'static str) -> Vec<Metric> {
        if self.has_namesakes {
            merge(&mut self.figures);
        }
        let mut points = Points::default();
        for shown in self.figures {
            points.add(shown);
        }
        let described = |shared: &'static str| {
            if self.doc.is_empty() {
                shared
            } else {
                self.doc
            }
        };
        let metric = |suffix: &str, description: &'static str, unit: &'static str, data| {
            let name = format!("{name}.{suffix}");
            Metric::new(Descriptor::new(name, described(description), unit), data)
        };
        let mut metrics = vec![
            metric(
                "calls",
                "Calls of annotated functions that have ended, by result.",
                "{call}",
                MetricData::Counter(points.calls.into_iter().collect()),
            ),
            metric(
                "calls.duration",
                "How long calls of annotated functions took, by result.",
                "s",
                Durations::data(points.durations),
            ),
        ];
        if !points.in_flight.is_empty() {
            metrics.push(metric(
                "calls.in_flight",
                "Calls of annotated functions that are running now.",
                "{call}",
                MetricData::UpDownCounter(points.in_flight.into_iter().collect()),
            ));
        }
        metrics
    }
}

impl Points {
    fn add(&mut self, shown: Shown<'_>) {
        let Shown {
            published,
            figures,
            shows_in_flight,
        } = shown;
        // Where calls only end, what never happened is nothing to wait for.
        let is_start = figures.in_flight.is_some();
        let results = CallResult::ALL.into_iter().zip(published);
        for ((result, series), (ended, duration)) in
            results.zip(figures.ended.into_iter().zip(figures.durations))
        {
            // A rate needs the zero before the first failure; the other results are rare enough to appear when they do.
            let is_expected = is_start && matches!(result, CallResult::Ok | CallResult::Error);
            if ended > 0 || is_expected {
                self.calls.push((series.clone(), ended));
            }
            if duration.count() > 0 || is_start && result == CallResult::Ok {
                self.durations.push((series.clone(), duration));
            }
        }
        if let Some(running) = figures.in_flight.filter(|_| shows_in_flight) {
            let series = published[CallResult::ALL.len()].clone();
            self.in_flight.push((series, running));
        }
    }
}

/// Adds up the series that have the same labels, as the first one of them.
fn merge(all: &mut Vec<Shown<'_>>) {
    let mut merged = HashMap::<&Texts, (usize, Shown<'_>)>::new();
    for (position, this) in all.drain(..).enumerate() {
        match merged.entry(this.published[CallResult::ALL.len()].texts()) {
            Entry::Vacant(new) => _ = new.insert((position, this)),
            Entry::Occupied(mut known) => {
                let (_, sum) = known.get_mut();
                sum.figures.add(this.figures);
                sum.shows_in_flight |= this.shows_in_flight;
            }
        }
    }
    let mut merged: Vec<_> = merged.into_values().collect();
    merged.sort_unstable_by_key(|(position, _)| *position);
    all.extend(merged.into_iter().map(|(_, shown)| shown));
}

/// `function` and `module`, then the labels that the attribute names.
fn series_labels(site: &'static Site, labels: SeriesLabels<'_>) -> Vec<SeriesLabel> {
    let borrowed =
        |(key, value): (&'static str, &'static str)| (Cow::Borrowed(key), Cow::Borrowed(value));
    let mut all = vec![
        ("function".into(), Cow::Owned(site.function().to_owned())),
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
