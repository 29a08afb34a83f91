//! `/debug/functions`: every annotated function with its live figures.

use std::collections::HashMap;

use axum::extract::State as Extract;
use axum::response::Response;
use serde::Serialize;
use tachograph::metrics::{HistogramValue, MetricData, Point, Series, Snapshot};
use tachograph::{Objective, Site, sites};

use super::{State, answer, json};

#[derive(Serialize)]
struct PageJson<'a> {
    functions: Vec<FunctionJson<'a>>,
}

#[derive(Serialize)]
struct FunctionJson<'a> {
    function: &'a str,
    module: &'a str,
    path: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    doc: &'a str,
    file: &'a str,
    line: u32,
    metered: bool,
    traced: bool,
    /// What its spans are called.
    #[serde(skip_serializing_if = "Option::is_none")]
    span: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    objective: Option<ObjectiveJson>,
    #[serde(flatten)]
    figures: Option<Figures>,
}

/// What its calls shall reach.
#[derive(Serialize)]
struct ObjectiveJson {
    #[serde(skip_serializing_if = "Option::is_none")]
    success_percent: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    latency_percent: Option<f64>,
}

impl ObjectiveJson {
    fn of(site: &Site) -> Option<Self> {
        let Objective {
            success, latency, ..
        } = site.objective();
        (success.is_some() || latency.is_some()).then(|| Self {
            success_percent: success,
            latency_seconds: latency.map(|latency| latency.threshold.as_secs_f64()),
            latency_percent: latency.map(|latency| latency.percent),
        })
    }
}

/// The figures of a metered function since telemetry began, over all its series.
#[derive(Debug, PartialEq, Serialize)]
struct Figures {
    calls: Calls,
    in_flight: i64,
    duration_seconds: Durations,
}

/// How many calls ended, by their result.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
struct Calls {
    ok: u64,
    error: u64,
    panic: u64,
    cancelled: u64,
}

/// How long calls took. Percentiles are estimates from the histogram's buckets; `null` before the first call.
#[derive(Debug, PartialEq, Serialize)]
struct Durations {
    mean: Option<f64>,
    p50: Option<f64>,
    p90: Option<f64>,
    p99: Option<f64>,
}

pub(super) async fn page(Extract(state): Extract<State>) -> Response {
    answer::apart(move || {
        let snapshot = state.registry.snapshot();
        let sums = Sums::by_function(&snapshot);
        let function = |site: &&'static Site| FunctionJson::new(site, &sums);
        json::answer(&PageJson {
            functions: sites().iter().map(function).collect(),
        })
    })
    .await
}

impl FunctionJson<'_> {
    fn new(site: &'static Site, sums: &HashMap<Key<'_>, Sums>) -> Self {
        let key = (site.metric_family(), site.function(), site.module());
        let figures = || {
            sums.get(&key)
                .map_or_else(|| Sums::default().figures(), Sums::figures)
        };
        Self {
            function: site.function(),
            module: site.module(),
            path: site.path(),
            doc: site.doc_comment(),
            file: site.location().file(),
            line: site.location().line(),
            metered: site.is_metered(),
            traced: site.is_traced(),
            objective: ObjectiveJson::of(site),
            span: site.is_traced().then(|| site.span_name_or_path()),
            figures: site.is_metered().then(figures),
        }
    }
}

/// A metric family, the name of a function and its module.
type Key<'a> = (&'a str, &'a str, &'a str);

/// What the series of one function add up to.
///
/// Functions of one name in one module (methods of two traits, say) have the same labels, so they share their sums.
#[derive(Debug, Default)]
struct Sums {
    calls: Calls,
    in_flight: i64,
    durations: Option<HistogramValue>,
}

impl Sums {
    fn by_function(snapshot: &Snapshot) -> HashMap<Key<'_>, Self> {
        let mut all = HashMap::<_, Self>::new();
        for metric in &snapshot.metrics {
            let name = &*metric.descriptor.name;
            match &metric.data {
                MetricData::Counter(points) => {
                    for (key, point) in keyed(name, ".calls", points) {
                        let calls = &mut all.entry(key).or_default().calls;
                        match label(&point.series, "result") {
                            "ok" => calls.ok += point.value,
                            "error" => calls.error += point.value,
                            "panic" => calls.panic += point.value,
                            "cancelled" => calls.cancelled += point.value,
                            _ => {}
                        }
                    }
                }
                MetricData::UpDownCounter(points) => {
                    for (key, point) in keyed(name, ".calls.in_flight", points) {
                        all.entry(key).or_default().in_flight += point.value;
                    }
                }
                MetricData::Histogram(points) => {
                    for (key, point) in keyed(name, ".calls.duration", points) {
                        all.entry(key).or_default().add(&point.value);
                    }
                }
                _ => {}
            }
        }
        all
    }

    fn add(&mut self, durations: &HistogramValue) {
        match &mut self.durations {
            Some(sum) if sum.bounds == durations.bounds => {
                sum.sum += durations.sum;
                for (sum, count) in sum.counts.iter_mut().zip(&durations.counts) {
                    *sum += count;
                }
            }
            // All series of a function have the same bounds.
            Some(_) => {}
            none => *none = Some(durations.clone()),
        }
    }

    fn figures(&self) -> Figures {
        let durations = self.durations.as_ref().filter(|sum| sum.count() > 0);
        let percentile = |share| durations.and_then(|sum| quantile(sum, share));
        Figures {
            calls: self.calls,
            in_flight: self.in_flight,
            duration_seconds: Durations {
                mean: durations.map(|sum| sum.sum / float(sum.count())),
                p50: percentile(0.5),
                p90: percentile(0.9),
                p99: percentile(0.99),
            },
        }
    }
}

/// The points of a metric with the functions they belong to; none if the metric's name ends otherwise.
fn keyed<'a, T>(
    name: &'a str,
    suffix: &str,
    points: &'a [Point<T>],
) -> impl Iterator<Item = (Key<'a>, &'a Point<T>)> {
    let family = name.strip_suffix(suffix).into_iter();
    family.flat_map(|family| {
        points.iter().map(move |point| {
            let function = label(&point.series, "function");
            ((family, function, label(&point.series, "module")), point)
        })
    })
}

/// The value of a label; empty if there is none.
fn label<'a>(series: &'a Series, key: &str) -> &'a str {
    let mut labels = series.labels.iter();
    labels
        .find(|(known, _)| known == key)
        .map_or("", |(_, value)| value)
}

/// Where this share of the values lies below, as Prometheus' `histogram_quantile` estimates it: values are evenly
/// spread over their bucket, and those beyond the last bound lie there.
fn quantile(histogram: &HistogramValue, share: f64) -> Option<f64> {
    let rank = share * float(histogram.count());
    let mut below = 0;
    let mut lower = 0.0;
    for (upper, count) in histogram.bounds.iter().zip(&histogram.counts) {
        if *count > 0 && float(below + count) >= rank {
            return Some(lower + (upper - lower) * (rank - float(below)) / float(*count));
        }
        below += count;
        lower = *upper;
    }
    histogram.bounds.last().copied()
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(counts: &[u64]) -> HistogramValue {
        HistogramValue::new([0.1, 0.2, 1.0].into(), counts.to_vec(), 3.0, Vec::new())
    }

    #[test]
    fn percentiles() {
        let cases: [(&[u64], f64, f64); 6] = [
            (&[10, 0, 0, 0], 0.5, 0.05),
            (&[5, 5, 0, 0], 0.5, 0.1),
            (&[5, 5, 0, 0], 0.9, 0.18),
            (&[0, 0, 4, 0], 0.25, 0.4),
            (&[1, 0, 0, 1], 0.5, 0.1),
            (&[1, 0, 0, 1], 0.99, 1.0),
        ];
        for (counts, share, expected) in cases {
            let quantile = quantile(&histogram(counts), share).unwrap();
            assert!(
                (quantile - expected).abs() < 1e-9,
                "{counts:?} {share}: {quantile}"
            );
        }
    }

    #[test]
    fn series_of_a_function_add_up() {
        let mut sums = Sums::default();
        assert_eq!(sums.figures().duration_seconds.mean, None);
        sums.add(&histogram(&[0; 4]));
        assert_eq!(sums.figures().duration_seconds.p99, None);
        sums.add(&histogram(&[5, 0, 0, 0]));
        sums.add(&histogram(&[0, 5, 0, 0]));
        let duration = sums.figures().duration_seconds;
        assert_eq!((duration.mean, duration.p50), (Some(0.9), Some(0.1)));
    }
}
