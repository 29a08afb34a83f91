//! What metrics have changed by, in lines.

use std::collections::HashMap;
use std::time::Duration;

use super::text::quoted_if_needed;
use crate::metrics::{Labels, Metric, MetricData, Points, Snapshot};

/// The figures of every series when they were last written, by the metric with the labels and by the series' start.
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
        for metric in snapshot.metrics() {
            let mut lines = figures(metric)
                .into_iter()
                .filter_map(|(series, figure)| self.line(metric, series, figure))
                .collect::<Vec<_>>();
            lines.sort_unstable();
            text.extend(lines);
        }
        text
    }

    fn line(&mut self, metric: &Metric, series: (String, u64), now: Figure) -> Option<String> {
        let name = series.0.clone();
        let before = self.0.insert(series, now);
        let change = change(metric, before, now)?;
        Some(format!("{name} {change}\n"))
    }
}

fn figures(metric: &Metric) -> Vec<((String, u64), Figure)> {
    fn each<T>(
        name: &str,
        points: &Points<T>,
        figure: impl Fn(&T) -> (i64, f64),
    ) -> Vec<((String, u64), Figure)> {
        let figures = points.iter().map(|point| {
            let (count, sum) = figure(point.value());
            let series = format!("{name}{}", labels(point.labels()));
            ((series, point.start_unix_nanos()), Figure { count, sum })
        });
        figures.collect()
    }

    let name = metric.name();
    match metric.data() {
        MetricData::Counter(points) => each(name, points, |value| (value.cast_signed(), 0.0)),
        MetricData::CounterF64(points) => each(name, points, |value| (0, *value)),
        MetricData::UpDownCounter(points) => each(name, points, |value| (*value, 0.0)),
        MetricData::Gauge(points) => each(name, points, |value| (0, *value)),
        MetricData::Histogram(points) => each(name, points, |value| {
            (value.count().cast_signed(), value.sum())
        }),
        MetricData::ExponentialHistogram(points) => each(name, points, |value| {
            (value.count().cast_signed(), value.sum())
        }),
    }
}

fn change(metric: &Metric, before: Option<Figure>, now: Figure) -> Option<String> {
    let Figure { count, sum } = before.unwrap_or_default();
    let (count, sum) = (now.count - count, now.sum - sum);
    match metric.data() {
        MetricData::Gauge(_) => (before != Some(now)).then(|| format!("= {}", now.sum)),
        MetricData::CounterF64(_) => {
            (sum != 0.0).then(|| format!("+{}", amount(sum, metric.unit())))
        }
        _ if count == 0 => None,
        MetricData::Counter(_) | MetricData::UpDownCounter(_) => Some(format!("{count:+}")),
        MetricData::Histogram(_) | MetricData::ExponentialHistogram(_) => {
            let sum = amount(sum, metric.unit());
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

fn labels(labels: Labels<'_>) -> String {
    let labels: Vec<_> = labels
        .map(|(key, value)| format!("{key}={}", quoted_if_needed(value)))
        .collect();
    if labels.is_empty() {
        String::new()
    } else {
        format!("{{{}}}", labels.join(","))
    }
}
