//! Bucket bounds of histograms.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock, OnceLock};

use super::exponential;

/// Which buckets the durations of a function are counted in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum DurationBuckets {
    Default,
    /// Those with these upper bounds, in seconds.
    Explicit(&'static [f64]),
    Exponential,
}

/// Upper bounds of a histogram of durations, in seconds for readers and in nanoseconds for the hot path.
#[derive(Debug)]
pub(crate) struct DurationBounds {
    seconds: &'static [f64],
    nanos: Cow<'static, [u64]>,
    shared: OnceLock<Arc<[f64]>>,
}

/// The bounds of every function that does not choose its own, as OpenTelemetry's conventions advise for durations.
pub(crate) static DEFAULT: DurationBounds = DurationBounds {
    seconds: &[
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
    ],
    nanos: Cow::Borrowed(&[
        5_000_000,
        10_000_000,
        25_000_000,
        50_000_000,
        75_000_000,
        100_000_000,
        250_000_000,
        500_000_000,
        750_000_000,
        1_000_000_000,
        2_500_000_000,
        5_000_000_000,
        7_500_000_000,
        10_000_000_000,
    ]),
    shared: OnceLock::new(),
};

/// No bounds: exponential buckets are counted in [`Octaves`](exponential::Octaves).
pub(crate) static EXPONENTIAL: DurationBounds = DurationBounds {
    seconds: &[],
    nanos: Cow::Borrowed(&[]),
    shared: OnceLock::new(),
};

impl DurationBounds {
    pub(crate) fn new(seconds: &'static [f64]) -> Self {
        Self {
            seconds,
            // Float to integer casts saturate, and no bound is negative.
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "saturates as wanted"
            )]
            nanos: seconds
                .iter()
                .map(|bound| (bound * 1e9).round() as u64)
                .collect(),
            shared: OnceLock::new(),
        }
    }

    /// The bounds in seconds, in one place for all who keep them.
    pub(crate) fn seconds(&self) -> Arc<[f64]> {
        Arc::clone(self.shared.get_or_init(|| self.seconds.into()))
    }

    #[inline]
    pub(crate) fn are_exponential(&self) -> bool {
        self.nanos.is_empty()
    }

    /// How many exemplars there may be.
    pub(crate) fn exemplars(&self) -> usize {
        if self.are_exponential() {
            exponential::EXEMPLARS
        } else {
            self.buckets()
        }
    }

    /// How many buckets there are, the last one up to infinity included.
    #[inline]
    pub(crate) fn buckets(&self) -> usize {
        self.nanos.len() + 1
    }

    /// The bucket of a duration. Most calls are short, so the search begins at the lowest bound.
    #[inline]
    pub(crate) fn bucket(&self, nanos: u64) -> usize {
        self.nanos
            .iter()
            .position(|bound| nanos <= *bound)
            .unwrap_or(self.nanos.len())
    }
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

    #[test]
    fn a_bound_belongs_to_its_own_bucket() {
        let bounds = &DEFAULT;
        assert_eq!(DurationBounds::new(bounds.seconds).nanos, bounds.nanos);
        assert_eq!(bounds.bucket(0), 0);
        assert_eq!(bounds.bucket(5_000_000), 0);
        assert_eq!(bounds.bucket(5_000_001), 1);
        assert_eq!(bounds.bucket(10_000_000_000), 13);
        assert_eq!(bounds.bucket(u64::MAX), 14);
        assert_eq!((bounds.buckets(), bounds.exemplars()), (15, 15));
        assert!(!bounds.are_exponential() && EXPONENTIAL.are_exponential());
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
