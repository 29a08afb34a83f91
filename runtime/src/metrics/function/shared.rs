//! The metrics that functions with one prefix share.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::collections::hash_map::{Entry, HashMap};
use std::sync::{Mutex, PoisonError};

use super::durations::{Durations, FunctionBuckets, within_objective};
use super::figures::FunctionFigures;
use super::series::{CallResult, PublishedSeries};
use crate::metrics::bounds::{DurationBounds, DurationBuckets};
use crate::metrics::snapshot::{Descriptor, Metric, MetricData, Series, Texts};
use crate::site::Site;

/// What follows the prefix in the names of the metrics.
pub(super) const SUFFIXES: [&str; 4] = [
    ".calls",
    ".calls.duration",
    ".calls.in_flight",
    ".calls.within_objective",
];

/// What the metrics of all functions with one prefix are made of.
#[derive(Default)]
pub(super) struct SharedMetrics<'a> {
    doc: &'static str,
    shown: Vec<Shown<'a>>,
    pub(super) overflowed: u64,
    /// Module and name of the function that was added last.
    last: Option<(&'static str, &'static str)>,
    /// Whether two functions have the same: methods of two traits for one type, for example.
    has_namesakes: bool,
}

/// What one series of a function shows.
pub(super) struct Shown<'a> {
    pub(super) published: &'a PublishedSeries,
    pub(super) figures: FunctionFigures,
    pub(super) buckets: DurationBuckets,
    pub(super) bounds: &'a DurationBounds,
    /// The objective for the latency of calls; zero if there is none.
    pub(super) latency_nanos: u64,
    pub(super) shows_in_flight: bool,
}

/// The points of the metrics.
#[derive(Default)]
struct Points {
    calls: Vec<(Series, u64)>,
    durations: Vec<(Series, Durations)>,
    in_flight: Vec<(Series, i64)>,
    within_objective: Vec<(Series, u64)>,
}

impl<'a> SharedMetrics<'a> {
    /// Metrics with a prefix of their own are described by the first of the functions that has documentation.
    pub(super) fn describe(&mut self, site: &'static Site) {
        if !site.metered.prefix.is_empty() && self.doc.is_empty() {
            self.doc = site.doc_comment();
        }
    }

    /// Adds the series of a function. Functions with the same names follow each other.
    pub(super) fn add(&mut self, site: &'static Site, shown: impl Iterator<Item = Shown<'a>>) {
        let names = (site.module(), site.function());
        self.has_namesakes |= self.last.replace(names) == Some(names);
        let first = self.shown.len();
        self.shown.extend(shown);
        if site.metered.has_end_labels() {
            let own = self.shown.split_off(first);
            self.shown.append(&mut merged(own));
        }
    }

    pub(super) fn into_metrics(self, name: &'static str, form: FunctionBuckets) -> Vec<Metric> {
        let shown = if self.has_namesakes {
            merged(self.shown)
        } else {
            self.shown
        };
        let mut points = Points::default();
        for shown in shown {
            points.add(shown, form);
        }
        let [calls, duration, in_flight, within_objective] = descriptors(name, self.doc);
        let mut metrics = vec![
            Metric::new(
                calls,
                MetricData::Counter(points.calls.into_iter().collect()),
            ),
            Metric::new(duration, Durations::data(points.durations)),
        ];
        if !points.in_flight.is_empty() {
            let data = MetricData::UpDownCounter(points.in_flight.into_iter().collect());
            metrics.push(Metric::new(in_flight, data));
        }
        if !points.within_objective.is_empty() {
            let data = MetricData::Counter(points.within_objective.into_iter().collect());
            metrics.push(Metric::new(within_objective, data));
        }
        metrics
    }
}

impl Points {
    fn add(&mut self, shown: Shown<'_>, form: FunctionBuckets) {
        let Shown {
            published,
            figures,
            buckets,
            bounds,
            latency_nanos,
            ..
        } = shown;
        // Where calls only end, what never happened is nothing to wait for.
        let is_start = figures.in_flight.is_some();
        for (result, figures) in CallResult::ALL.into_iter().zip(figures.results) {
            // A rate needs the zero before the first failure; the other results are rare enough to appear when they do.
            let is_expected = is_start && matches!(result, CallResult::Ok | CallResult::Error);
            let ended = figures.ended();
            if ended == 0 && !is_expected {
                continue;
            }
            let series = published.of(result);
            self.calls.push((series.clone(), ended));
            if latency_nanos > 0 {
                let within = within_objective(&figures, buckets, bounds, latency_nanos);
                self.within_objective.push((series.clone(), within));
            }
            if figures.timed() > 0 || is_start && result == CallResult::Ok {
                let durations = Durations::new(figures, buckets, bounds, form);
                self.durations.push((series.clone(), durations));
            }
        }
        if let Some(running) = figures.in_flight.filter(|_| shown.shows_in_flight) {
            self.in_flight.push((published.running.clone(), running));
        }
    }
}

/// Adds up the series that have the same labels, as the first one of them.
fn merged(all: Vec<Shown<'_>>) -> Vec<Shown<'_>> {
    let mut merged: Vec<Shown<'_>> = Vec::with_capacity(all.len());
    let mut places = HashMap::<&Texts, usize>::new();
    for this in all {
        match places.entry(this.published.running.texts()) {
            Entry::Vacant(new) => {
                new.insert(merged.len());
                merged.push(this);
            }
            Entry::Occupied(place) => merged[*place.get()].merge(this),
        }
    }
    merged
}

impl Shown<'_> {
    fn merge(&mut self, other: Self) {
        if self.latency_nanos != other.latency_nanos {
            // They have no objective together.
            self.latency_nanos = 0;
            if self.buckets == DurationBuckets::Default {
                self.bounds = DurationBounds::shown();
            }
        }
        self.figures.add(other.figures);
        self.shows_in_flight |= other.shows_in_flight;
    }
}

/// The names, descriptions and units of the metrics with a prefix, which stay the same from snapshot to snapshot.
fn descriptors(prefix: &'static str, doc: &'static str) -> [Descriptor; SUFFIXES.len()] {
    type Known = BTreeMap<(&'static str, &'static str), [Descriptor; SUFFIXES.len()]>;
    static KNOWN: Mutex<Known> = Mutex::new(BTreeMap::new());

    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    let descriptors = known.entry((prefix, doc)).or_insert_with(|| {
        let descriptor = |suffix: usize, shared: &'static str, unit: &'static str| {
            let description = if doc.is_empty() { shared } else { doc };
            let name = Cow::Owned(format!("{prefix}{}", SUFFIXES[suffix]));
            Descriptor::new(name, description, unit)
        };
        [
            descriptor(
                0,
                "Calls of annotated functions that have ended, by result.",
                "{call}",
            ),
            descriptor(
                1,
                "How long calls of annotated functions took, by result.",
                "s",
            ),
            descriptor(
                2,
                "Calls of annotated functions that are running now.",
                "{call}",
            ),
            descriptor(
                3,
                "Timed calls of annotated functions that took no longer than their objective, by result.",
                "{call}",
            ),
        ]
    });
    descriptors.clone()
}
