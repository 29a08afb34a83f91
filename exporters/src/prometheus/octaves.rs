//! Exponential histograms as Prometheus' text can show them: over buckets that end at powers of two.

use std::iter;
use std::sync::Arc;

use tachograph::metrics::{ExponentialHistogramValue, HistogramValue, Points};

/// The bounds of all exponential histograms of one metric.
///
/// Around each value that any of them ever had there are two powers of two, and those between them all are there as
/// well. So all series of a metric have the same `le`, as sums over them need it, and one that was on a page is on
/// every further one.
///
/// What `le` promises holds to the last digit, but for one case: a negative value that is itself a power of two counts
/// one bucket too high, because OpenTelemetry's buckets have their far end and not the near one, on either side of
/// zero.
#[derive(Debug, Default)]
pub(super) struct Octaves {
    bounds: Arc<[f64]>,
}

/// Powers of two are left out where two values are further apart than 32 of them: nothing is missed between a value and
/// infinity, for example, but a thousand series.
const MAX_RATIO: f64 = 4_294_967_296.0;

impl Octaves {
    /// The same histograms over buckets that have these bounds, with those that are new.
    pub(super) fn explicit(
        &mut self,
        points: &Points<ExponentialHistogramValue>,
    ) -> Points<HistogramValue> {
        let octaves = points.map(|value| {
            let mut value = value.clone();
            value.downscale(0);
            value
        });
        self.add_ends(
            octaves
                .values()
                .flat_map(ExponentialHistogramValue::buckets),
        );
        octaves.map(|value| self.histogram(value))
    }

    fn add_ends(&mut self, buckets: impl Iterator<Item = (f64, f64, u64)>) {
        // Both zeros become the same one.
        let ends = buckets.flat_map(|(lower, upper, _)| [lower + 0.0, upper + 0.0]);
        let mut new: Vec<_> = ends
            .filter(|end| {
                end.is_finite()
                    && self
                        .bounds
                        .binary_search_by(|bound| bound.total_cmp(end))
                        .is_err()
            })
            .collect();
        if new.is_empty() {
            return;
        }
        new.extend_from_slice(&self.bounds);
        new.sort_by(f64::total_cmp);
        new.dedup();
        self.bounds = without_gaps(&new).into();
    }

    fn histogram(&self, value: &ExponentialHistogramValue) -> HistogramValue {
        let bucket = |number: f64| self.bounds.partition_point(|bound| *bound < number);
        let mut counts = vec![0; self.bounds.len() + 1];
        for (_, upper, count) in value.buckets() {
            counts[bucket(upper)] += count;
        }
        let exemplars = value.exemplars();
        let exemplars = exemplars.map(|exemplar| (bucket(exemplar.value), *exemplar));
        HistogramValue::new(Arc::clone(&self.bounds), counts, value.sum()).with_exemplars(exemplars)
    }
}

/// Powers of two, in order, with those between them.
fn without_gaps(ends: &[f64]) -> Vec<f64> {
    let mut bounds = Vec::new();
    for (end, next) in ends.iter().zip(ends[1..].iter().chain([&f64::INFINITY])) {
        let factor = if *end > 0.0 { 2.0 } else { 0.5 };
        let is_near = (1.0 / MAX_RATIO..=MAX_RATIO).contains(&(next / end));
        let between = iter::successors(Some(end * factor), |bound| Some(bound * factor))
            .take_while(|bound| is_near && bound < next);
        bounds.push(*end);
        bounds.extend(between);
    }
    bounds
}

#[cfg(test)]
#[expect(clippy::float_cmp, reason = "bounds are exact")]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use tachograph::Registry;
    use tachograph::metrics::{ExponentialHistogram, MetricData};

    /// Records values, some at a time, and looks at what the page would have after each time.
    fn check(times: &[&[f64]], expected: &[(&[f64], &[u64])]) {
        let registry = Registry::new();
        let histogram = registry.histogram("h").with_exponential_buckets();
        let histogram = histogram.build().unwrap();
        let mut octaves = Octaves::default();
        for (values, (bounds, counts)) in times.iter().zip(expected) {
            let explicit = record(&registry, &histogram, &mut octaves, values);
            assert_eq!((explicit.bounds(), explicit.counts()), (*bounds, *counts));
        }
    }

    fn record(
        registry: &Registry,
        histogram: &ExponentialHistogram,
        octaves: &mut Octaves,
        values: &[f64],
    ) -> HistogramValue {
        for value in values {
            histogram.record(*value);
        }
        let snapshot = registry.snapshot();
        let data = snapshot.metric("h").unwrap().data();
        let MetricData::ExponentialHistogram(points) = data else {
            panic!("an exponential histogram, not {data:?}");
        };
        octaves.explicit(points).values().next().unwrap().clone()
    }

    #[test]
    fn bounds_are_powers_of_two_around_the_values() {
        check(
            &[&[], &[0.3], &[0.5, 3.0], &[0.0, -5.0], &[]],
            &[
                (&[], &[0]),
                (&[0.25, 0.5], &[0, 1, 0]),
                (&[0.25, 0.5, 1.0, 2.0, 4.0], &[0, 2, 0, 0, 1, 0]),
                (
                    &[-8.0, -4.0, 0.0, 0.25, 0.5, 1.0, 2.0, 4.0],
                    &[0, 1, 1, 0, 2, 0, 0, 1, 0],
                ),
                (
                    &[-8.0, -4.0, 0.0, 0.25, 0.5, 1.0, 2.0, 4.0],
                    &[0, 1, 1, 0, 2, 0, 0, 1, 0],
                ),
            ],
        );
        check(
            &[&[-9.0, -1.5]],
            &[(&[-16.0, -8.0, -4.0, -2.0, -1.0], &[0, 1, 0, 0, 1, 0])],
        );
    }

    #[test]
    fn wide_gaps_stay_open() {
        let top = 2_f64.powi(1_023);
        check(
            &[&[0.75, f64::INFINITY]],
            &[(&[0.5, 1.0, top], &[0, 1, 0, 1])],
        );
        let (near, far) = (2_f64.powi(33), 2_f64.powi(34));
        check(
            &[&[0.75, 1.5 * near]],
            &[(&[0.5, 1.0, near, far], &[0, 1, 0, 1, 0])],
        );
    }

    fn values() -> impl Strategy<Value = Vec<f64>> {
        let powers = (-40..40).prop_map(|exponent| 2_f64.powi(exponent));
        let value = prop_oneof![0.0..9.0, -9.0..9.0, 1e-9..1e9, powers, any::<f64>()];
        prop::collection::vec(value, 0..20)
    }

    proptest! {
        #[test]
        fn bounds_stay_and_counts_are_exact(times in prop::collection::vec(values(), 1..5)) {
            let registry = Registry::new();
            let histogram = registry.histogram("h").with_exponential_buckets().build().unwrap();
            let mut octaves = Octaves::default();
            let (mut all, mut before) = (Vec::new(), Vec::new());
            for values in times {
                let explicit = record(&registry, &histogram, &mut octaves, &values);
                all.extend(values.into_iter().filter(|value| !value.is_nan()));
                prop_assert!(before.iter().all(|bound| explicit.bounds().contains(bound)));
                prop_assert!(explicit.bounds().is_sorted_by(|a, b| a < b));
                prop_assert_eq!(explicit.count(), all.len() as u64);
                let mut count = 0;
                for (bound, counted) in explicit.bounds().iter().zip(explicit.counts()) {
                    count += counted;
                    // Negative powers of two are in the bucket above.
                    let is_within = |value: &&f64| *value < bound || (*value == bound && *bound >= 0.0);
                    let within = all.iter().filter(is_within).count();
                    prop_assert_eq!(count, within as u64, "{}", bound);
                }
                before = explicit.bounds().to_vec();
            }
        }
    }
}
