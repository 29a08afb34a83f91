//! `/debug/functions`: every annotated function with its live figures.

use std::collections::HashMap;

use axum::extract::State as Extract;
use axum::response::Response;
use serde::Serialize;
use tachograph::metrics::{HistogramValue, MetricData, Series, Snapshot};
use tachograph::{Site, sites};

use super::{State, json, pages};

#[derive(Serialize)]
struct Page<'a> {
    functions: Vec<Function<'a>>,
}

#[derive(Serialize)]
struct Function<'a> {
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
    #[serde(flatten)]
    figures: Option<Figures>,
}

/// The figures of a metered function since telemetry began, over all its series.
#[derive(Debug, PartialEq, Serialize)]
struct Figures {
    calls: Calls,
    in_flight: i64,
    duration: Duration,
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
struct Duration {
    mean_seconds: Option<f64>,
    p50_seconds: Option<f64>,
    p90_seconds: Option<f64>,
    p99_seconds: Option<f64>,
}

pub(super) async fn page(Extract(state): Extract<State>) -> Response {
    pages::apart(move || {
        let snapshot = state.registry.snapshot();
        let sums = Sums::by_function(&snapshot);
        let function = |site: &&'static Site| Function::new(site, &sums);
        json::answer(&Page {
            functions: sites().iter().map(function).collect(),
        })
    })
    .await
}

impl<'a> Function<'a> {
    fn new(site: &'static Site, sums: &HashMap<(&str, &str), Sums>) -> Self {
        let key = (site.function(), site.module());
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
            span: site.is_traced().then(|| site.span_name_or_path()),
            figures: site.is_metered().then(figures),
        }
    }
}

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
    /// By the labels `function` and `module`.
    fn by_function(snapshot: &Snapshot) -> HashMap<(&str, &str), Self> {
        let mut sums = HashMap::<_, Self>::new();
        for metric in &snapshot.metrics {
            let name = &*metric.descriptor.name;
            match &metric.data {
                MetricData::Counter(points) if name.ends_with(".calls") => {
                    for point in points {
                        let sums = sums.entry(function(&point.series)).or_default();
                        let calls = &mut sums.calls;
                        match label(&point.series, "result") {
                            "ok" => calls.ok += point.value,
                            "error" => calls.error += point.value,
                            "panic" => calls.panic += point.value,
                            "cancelled" => calls.cancelled += point.value,
                            _ => {}
                        }
                    }
                }
                MetricData::UpDownCounter(points) if name.ends_with(".calls.in_flight") => {
                    for point in points {
                        let sums = sums.entry(function(&point.series)).or_default();
                        sums.in_flight += point.value;
                    }
                }
                MetricData::Histogram(points) if name.ends_with(".calls.duration") => {
                    for point in points {
                        let sums = sums.entry(function(&point.series)).or_default();
                        sums.add(&point.value);
                    }
                }
                _ => {}
            }
        }
        sums
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
            duration: Duration {
                mean_seconds: durations.map(|sum| sum.sum / float(sum.count())),
                p50_seconds: percentile(0.5),
                p90_seconds: percentile(0.9),
                p99_seconds: percentile(0.99),
            },
        }
    }
}

fn function(series: &Series) -> (&str, &str) {
    (label(series, "function"), label(series, "module"))
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
        assert_eq!(sums.figures().duration.mean_seconds, None);
        sums.add(&histogram(&[0; 4]));
        assert_eq!(sums.figures().duration.p99_seconds, None);
        sums.add(&histogram(&[5, 0, 0, 0]));
        sums.add(&histogram(&[0, 5, 0, 0]));
        let duration = sums.figures().duration;
        assert_eq!(
            (duration.mean_seconds, duration.p50_seconds),
            (Some(0.9), Some(0.1))
        );
    }
}
