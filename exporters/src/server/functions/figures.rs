//! The figures of functions: what their series add up to.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use tachograph::Site;
use tachograph::metrics::{MetricData, Point, Points, Snapshot};

/// The figures of a metered function since telemetry began, over all its series.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Figures {
    calls: Calls,
    /// `null` where the gauge is left out.
    in_flight: Option<i64>,
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

/// The figures of all functions at one moment.
pub(super) struct AllFigures<'a>(HashMap<Key<'a>, Sums>);

/// The prefix of its metrics, the name of a function and its module.
type Key<'a> = (&'a str, &'a str, &'a str);

/// What the series of one function add up to.
///
/// Functions of one name in one module (methods of two traits, say) have the same labels, so they share their sums.
#[derive(Debug, Default)]
struct Sums {
    calls: Calls,
    in_flight: i64,
    /// In seconds.
    duration: f64,
    buckets: Buckets,
    /// Whether their ends are as close to each other as those of exponential histograms.
    is_exponential: bool,
}

/// How many durations there are in each bucket, by its ends as bits: those of numbers that are not negative have the
/// order of the numbers. All series of a function have the same buckets.
type Buckets = BTreeMap<[u64; 2], u64>;

impl<'a> AllFigures<'a> {
    pub(super) fn read(snapshot: &'a Snapshot) -> Self {
        let mut all = HashMap::<_, Sums>::new();
        for metric in snapshot.metrics() {
            let name = metric.name();
            match metric.data() {
                MetricData::Counter(points) => {
                    for (key, point) in keyed(name, ".calls", points) {
                        let calls = &mut all.entry(key).or_default().calls;
                        match point.label("result").unwrap_or_default() {
                            "ok" => calls.ok += *point.value(),
                            "error" => calls.error += *point.value(),
                            "panic" => calls.panic += *point.value(),
                            "cancelled" => calls.cancelled += *point.value(),
                            _ => {}
                        }
                    }
                }
                MetricData::UpDownCounter(points) => {
                    for (key, point) in keyed(name, ".calls.in_flight", points) {
                        all.entry(key).or_default().in_flight += *point.value();
                    }
                }
                MetricData::Histogram(points) => {
                    for (key, point) in keyed(name, ".calls.duration", points) {
                        let sums = all.entry(key).or_default();
                        sums.add(point.value().sum(), point.value().buckets());
                    }
                }
                MetricData::ExponentialHistogram(points) => {
                    for (key, point) in keyed(name, ".calls.duration", points) {
                        let sums = all.entry(key).or_default();
                        sums.is_exponential = true;
                        sums.add(point.value().sum(), point.value().buckets());
                    }
                }
                _ => {}
            }
        }
        Self(all)
    }

    /// Those of a function; all are zero before its first call.
    pub(super) fn of(&self, site: &'static Site) -> Figures {
        let key = (site.metric_prefix(), site.function(), site.module());
        let none = Sums::default();
        let sums = self.0.get(&key).unwrap_or(&none);
        sums.figures(site.shows_in_flight())
    }
}

impl Sums {
    fn add(&mut self, duration: f64, buckets: impl Iterator<Item = (f64, f64, u64)>) {
        self.duration += duration;
        for (lower, upper, count) in buckets.filter(|(.., count)| *count > 0) {
            let ends = [lower.max(0.0), upper].map(f64::to_bits);
            *self.buckets.entry(ends).or_default() += count;
        }
    }

    fn figures(&self, shows_in_flight: bool) -> Figures {
        let count: u64 = self.buckets.values().sum();
        let percentile = |share| {
            let [lower, upper, within] = bucket_of(&self.buckets, share * float(count))?;
            Some(if self.is_exponential {
                middle(lower, upper)
            } else {
                interpolated(lower, upper, within)
            })
        };
        Figures {
            calls: self.calls,
            in_flight: shows_in_flight.then_some(self.in_flight),
            duration_seconds: Durations {
                mean: (count > 0).then(|| self.duration / float(count)),
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
    points: &'a Points<T>,
) -> impl Iterator<Item = (Key<'a>, Point<'a, T>)> {
    let prefix = name.strip_suffix(suffix).into_iter();
    prefix.flat_map(|prefix| {
        points.iter().map(move |point| {
            let label = |key| point.label(key).unwrap_or_default();
            ((prefix, label("function"), label("module")), point)
        })
    })
}

/// The ends of the bucket up to which there are as many values as `rank` says, and what share of its own ones that takes.
fn bucket_of(buckets: &Buckets, rank: f64) -> Option<[f64; 3]> {
    let mut below = 0;
    for (ends, count) in buckets {
        if float(below + count) >= rank {
            let [lower, upper] = ends.map(f64::from_bits);
            return Some([lower, upper, (rank - float(below)) / float(*count)]);
        }
        below += count;
    }
    None
}

/// As Prometheus' `histogram_quantile` estimates it: values are evenly spread over their bucket, and those beyond the
/// last bound lie there.
fn interpolated(lower: f64, upper: f64, share: f64) -> f64 {
    if upper.is_finite() {
        lower + (upper - lower) * share
    } else {
        lower
    }
}

/// What is as many times the lower end as the upper end is of it, to the two digits that such a bucket carries: no value
/// in it is more than 4.5 % away.
fn middle(lower: f64, upper: f64) -> f64 {
    let middle = (lower * upper).sqrt();
    format!("{middle:.1e}").parse().unwrap_or(middle)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use tachograph::metrics::{ExponentialHistogramValue, HistogramValue};

    fn add(sums: &mut Sums, counts: &[u64]) {
        let histogram = HistogramValue::new([0.1, 0.2, 1.0], counts, 3.0);
        sums.add(histogram.sum(), histogram.buckets());
    }

    #[track_caller]
    fn check(sums: &Sums, share: f64, expected: f64) {
        let count: u64 = sums.buckets.values().sum();
        let [lower, upper, within] = bucket_of(&sums.buckets, share * float(count)).unwrap();
        let quantile = if sums.is_exponential {
            middle(lower, upper)
        } else {
            interpolated(lower, upper, within)
        };
        assert!(
            (quantile - expected).abs() < 1e-9,
            "{sums:?} {share}: {quantile}"
        );
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
            let mut sums = Sums::default();
            add(&mut sums, counts);
            check(&sums, share, expected);
        }
    }

    #[test]
    fn percentiles_of_exponential_buckets() {
        let mut sums = Sums {
            is_exponential: true,
            ..Sums::default()
        };
        let durations = ExponentialHistogramValue::new(3).with_zero_count(1);
        let durations = durations.with_positive([(-24, 2), (0, 1)]);
        sums.add(2.0, durations.buckets());
        sums.add(2.0, durations.buckets());
        check(&sums, 0.25, 0.0);
        // From 0.125 to 0.1363, and from 1 to 1.0905: no digit is shown that no cell has.
        check(&sums, 0.5, 0.13);
        check(&sums, 0.75, 0.13);
        check(&sums, 1.0, 1.0);
        assert_eq!(sums.figures(true).duration_seconds.mean, Some(0.5));
    }

    #[test]
    fn series_of_a_function_add_up() {
        let mut sums = Sums::default();
        assert_eq!(sums.figures(true).duration_seconds.mean, None);
        add(&mut sums, &[0; 4]);
        assert_eq!(sums.figures(true).duration_seconds.p99, None);
        sums = Sums::default();
        add(&mut sums, &[5, 0, 0, 0]);
        add(&mut sums, &[0, 5, 0, 0]);
        let duration = sums.figures(true).duration_seconds;
        assert_eq!((duration.mean, duration.p50), (Some(0.6), Some(0.1)));
    }
}
