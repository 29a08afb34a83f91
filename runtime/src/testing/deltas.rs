//! What metrics have changed by, in lines.

use std::collections::HashMap;
use std::time::Duration;

use super::text::quoted_if_needed;
use crate::metrics::{Metric, MetricData, Point, Series, Snapshot};

/// The figures of every series, by metric and series, when they were last written.
#[derive(Debug, Default)]
pub(super) struct Seen(HashMap<(String, u64), Figure>);

/// What one series stands at: a counter has a count, a gauge a sum, a histogram both.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Figure {
    count: i64,
    sum: f64,
}

impl Seen {
    /// The text that [`Recorder::metric_deltas`](super::Recorder::metric_deltas) describes.
    pub(super) fn write_changes(&mut self, snapshot: &Snapshot) -> String {
        let mut text = String::new();
        for metric in &snapshot.metrics {
            let mut lines = figures(&metric.data)
                .into_iter()
                .filter_map(|(series, figure)| self.line(metric, series, figure))
                .collect::<Vec<_>>();
            lines.sort_unstable();
            text.extend(lines);
        }
        text
    }

    fn line(&mut self, metric: &Metric, series: &Series, now: Figure) -> Option<String> {
        let name = &metric.descriptor.name;
        let before = self.0.insert((name.to_string(), series.id), now);
        let change = change(metric, before, now)?;
        Some(format!("{name}{} {change}\n", labels(series)))
    }
}

fn figures(data: &MetricData) -> Vec<(&Series, Figure)> {
    fn each<T>(points: &[Point<T>], figure: impl Fn(&T) -> (i64, f64)) -> Vec<(&Series, Figure)> {
        let figures = points.iter().map(|point| {
            let (count, sum) = figure(&point.value);
            (&*point.series, Figure { count, sum })
        });
        figures.collect()
    }

    match data {
        MetricData::Counter(points) => each(points, |value| (value.cast_signed(), 0.0)),
        MetricData::UpDownCounter(points) => each(points, |value| (*value, 0.0)),
        MetricData::Gauge(points) => each(points, |value| (0, *value)),
        MetricData::Histogram(points) => {
            each(points, |value| (value.count().cast_signed(), value.sum))
        }
        MetricData::ExponentialHistogram(points) => {
            each(points, |value| (value.count().cast_signed(), value.sum))
        }
    }
}

fn change(metric: &Metric, before: Option<Figure>, now: Figure) -> Option<String> {
    let Figure { count, sum } = before.unwrap_or_default();
    let (count, sum) = (now.count - count, now.sum - sum);
    match &metric.data {
        MetricData::Gauge(_) => (before != Some(now)).then(|| format!("= {}", now.sum)),
        _ if count == 0 => None,
        MetricData::Counter(_) | MetricData::UpDownCounter(_) => Some(format!("{count:+}")),
        MetricData::Histogram(_) | MetricData::ExponentialHistogram(_) => {
            let sum = amount(sum, &metric.descriptor.unit);
            Some(format!("{count:+} sum {sum}"))
        }
    }
}

/// A sum without the noise of floating-point subtraction: to nine places, or for seconds to the nanosecond.
fn amount(sum: f64, unit: &str) -> String {
    match Duration::try_from_secs_f64(sum) {
        Ok(duration) if unit == "s" => format!("{duration:?}"),
        _ => ((sum * 1e9).round() / 1e9).to_string(),
    }
}

fn labels(series: &Series) -> String {
    if series.labels.is_empty() {
        return String::new();
    }
    let labels = series.labels.iter();
    let labels = labels.map(|(key, value)| format!("{key}={}", quoted_if_needed(value)));
    format!("{{{}}}", labels.collect::<Vec<_>>().join(","))
}
