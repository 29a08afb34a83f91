//! Bucket bounds of histograms.

use std::sync::{Arc, LazyLock};

/// Which buckets the durations of a function are counted in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum DurationBuckets {
    /// Eight from one power of two to the next.
    Default,
    /// Those with these upper bounds, in seconds.
    Explicit(&'static [f64]),
    /// Thirty-two from one power of two to the next.
    Exponential,
}

/// Upper bounds of a function's histogram, in seconds for readers and in nanoseconds for the hot path.
#[derive(Debug)]
pub(crate) struct DurationBounds {
    seconds: Arc<[f64]>,
    /// Only of bounds that calls are counted by.
    nanos: Box<[u64]>,
    /// The bucket that ends at the function's objective and nowhere else.
    within_bucket: Option<usize>,
}

/// So many bounds are shown of functions that do not choose their own.
pub(crate) const SHOWN: usize = 13;

/// Those bounds: every second power of two from 2^-21, which is 0.48 microseconds, to 2^3 seconds. All of them end a
/// bucket that calls are counted in.
static SHOWN_SECONDS: [f64; SHOWN] = [
    0.000_000_476_837_158_203_125,
    0.000_001_907_348_632_812_5,
    0.000_007_629_394_531_25,
    0.000_030_517_578_125,
    0.000_122_070_312_5,
    0.000_488_281_25,
    0.001_953_125,
    0.007_812_5,
    0.031_25,
    0.125,
    0.5,
    2.0,
    8.0,
];

/// The bucket among the shown ones of a place among those that calls are counted in.
#[inline]
pub(crate) fn shown_bucket(place: usize) -> usize {
    /// Places from one shown bound to the next.
    const WIDTH: usize = 16;
    /// The places up to the lowest bound, less those of one such bucket.
    const BELOW: usize = 56;
    (place.saturating_sub(BELOW) / WIDTH).min(SHOWN)
}

impl DurationBounds {
    /// Those of functions with these buckets, and with an objective for their latency if it is not zero.
    pub(crate) fn new(buckets: DurationBuckets, latency_nanos: u64) -> Self {
        match buckets {
            DurationBuckets::Explicit(own) => Self {
                seconds: own.into(),
                nanos: own.iter().map(|bound| nanos(*bound)).collect(),
                within_bucket: None,
            },
            DurationBuckets::Default => {
                let mut seconds = SHOWN_SECONDS.to_vec();
                let mut within_bucket = None;
                if latency_nanos > 0 {
                    let latency = super::seconds(latency_nanos);
                    let bucket = seconds.partition_point(|bound| *bound < latency);
                    if SHOWN_SECONDS.get(bucket) != Some(&latency) {
                        seconds.insert(bucket, latency);
                        within_bucket = Some(bucket);
                    }
                }
                Self {
                    seconds: seconds.into(),
                    nanos: Box::default(),
                    within_bucket,
                }
            }
            DurationBuckets::Exponential => Self {
                seconds: Arc::default(),
                nanos: Box::default(),
                within_bucket: None,
            },
        }
    }

    /// Those that all functions show which choose nothing.
    pub(crate) fn shown() -> &'static Self {
        static SHOWN: LazyLock<DurationBounds> =
            LazyLock::new(|| DurationBounds::new(DurationBuckets::Default, 0));
        &SHOWN
    }

    /// The bounds in seconds, in one place for all who keep them.
    pub(crate) fn seconds(&self) -> &Arc<[f64]> {
        &self.seconds
    }

    /// The bucket that ends at the function's objective, if no bound would be there without it.
    pub(crate) fn within_bucket(&self) -> Option<usize> {
        self.within_bucket
    }

    /// The bucket of a duration. Most calls are short, so the search begins at the lowest bound.
    pub(crate) fn bucket(&self, nanos: u64) -> usize {
        let mut bounds = self.nanos.iter();
        bounds
            .position(|bound| nanos <= *bound)
            .unwrap_or(self.nanos.len())
    }
}

/// A bound in nanoseconds. Float to integer casts saturate, and no bound is negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturates as wanted"
)]
fn nanos(seconds: f64) -> u64 {
    (seconds * 1e9).round() as u64
}

/// The bounds of histograms that record seconds and do not choose their own, as OpenTelemetry's conventions advise for
/// durations.
pub(crate) fn default_seconds() -> Arc<[f64]> {
    static BOUNDS: LazyLock<Arc<[f64]>> = LazyLock::new(|| {
        Arc::new([
            0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
        ])
    });
    Arc::clone(&BOUNDS)
}

/// The bounds of histograms that neither choose their own nor record seconds, from OpenTelemetry's specification.
pub(crate) fn default_unitless() -> Arc<[f64]> {
    static BOUNDS: LazyLock<Arc<[f64]>> = LazyLock::new(|| {
        Arc::new([
            0.0, 5.0, 10.0, 25.0, 50.0, 75.0, 100.0, 250.0, 500.0, 750.0, 1e3, 2.5e3, 5e3, 7.5e3,
            1e4,
        ])
    });
    Arc::clone(&BOUNDS)
}

/// `count` bounds at equal distances.
///
/// ```
/// use tachograph::metrics::linear_bounds;
///
/// assert_eq!(linear_bounds(10.0, 5.0, 4), [10.0, 15.0, 20.0, 25.0]);
/// ```
#[must_use]
pub fn linear_bounds(start: f64, width: f64, count: u16) -> Vec<f64> {
    (0..count)
        .map(|index| start + width * f64::from(index))
        .collect()
}

/// `count` bounds, each `factor` times the one before it.
///
/// ```
/// use tachograph::metrics::exponential_bounds;
///
/// assert_eq!(exponential_bounds(0.5, 2.0, 4), [0.5, 1.0, 2.0, 4.0]);
/// ```
#[must_use]
pub fn exponential_bounds(start: f64, factor: f64, count: u16) -> Vec<f64> {
    let bounds = std::iter::successors(Some(start), |bound| Some(bound * factor));
    bounds.take(usize::from(count)).collect()
}

/// Says what is wrong with bucket bounds: they must be finite numbers that increase.
pub(crate) fn check(bounds: &[f64]) -> Result<(), String> {
    if let Some(bound) = bounds.iter().find(|bound| !bound.is_finite()) {
        return Err(format!(
            "bucket bounds must be finite, but one is {bound}; a bucket up to infinity is always added"
        ));
    }
    match bounds.windows(2).find(|pair| pair[0] >= pair[1]) {
        Some(pair) => Err(format!(
            "bucket bounds must increase, but {} follows {}",
            pair[1], pair[0]
        )),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::exponential::nanos::coarse;

    #[test]
    fn a_bound_belongs_to_its_own_bucket() {
        let bounds = DurationBounds::new(DurationBuckets::Explicit(&[0.005, 10.0]), 0);
        assert_eq!([0, 5_000_000].map(|nanos| bounds.bucket(nanos)), [0, 0]);
        assert_eq!(
            [5_000_001, 10_000_000_000].map(|nanos| bounds.bucket(nanos)),
            [1, 1]
        );
        assert_eq!(bounds.bucket(u64::MAX), 2);
    }

    #[test]
    fn the_shown_bounds_end_buckets_that_calls_are_counted_in() {
        let bounds = DurationBounds::shown();
        let fours = |pair: &[f64]| pair[1].to_bits() == (4.0 * pair[0]).to_bits();
        assert!(bounds.seconds().windows(2).all(fours));
        for (bucket, bound) in bounds.seconds().iter().enumerate() {
            let last = (bound * 1e9).floor();
            let shown = |nanos| shown_bucket(coarse(nanos));
            assert_eq!(
                (shown(nanos(last / 1e9)), shown(nanos(last / 1e9) + 1)),
                (bucket, bucket + 1)
            );
        }
        assert_eq!(
            (shown_bucket(coarse(0)), shown_bucket(coarse(u64::MAX))),
            (0, SHOWN)
        );
    }

    #[test]
    fn an_objective_has_a_bound_if_there_is_none() {
        let within = |nanos| DurationBounds::new(DurationBuckets::Default, nanos);
        assert_eq!(within(250_000_000).within_bucket(), Some(10));
        assert_eq!(within(250_000_000).seconds()[9..12], [0.125, 0.25, 0.5]);
        assert_eq!(within(100).within_bucket(), Some(0));
        assert_eq!(within(3_600_000_000_000).within_bucket(), Some(SHOWN));
        assert_eq!(within(500_000_000).within_bucket(), None);
        assert_eq!(within(500_000_000).seconds().len(), SHOWN);
    }

    #[test]
    fn bounds_must_increase_and_be_finite() {
        assert_eq!(check(&[0.1, 1.0]), Ok(()));
        assert_eq!(
            check(&[1.0, 0.1]).unwrap_err(),
            "bucket bounds must increase, but 0.1 follows 1"
        );
        assert!(check(&[f64::NAN]).unwrap_err().contains("finite"));
    }
}
