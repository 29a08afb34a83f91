//! The state of exponential histograms.

use std::collections::BTreeMap;
use std::mem;

use super::Exemplar;

/// The state of one series of an exponential histogram, as [OpenTelemetry's data model] has it.
///
/// Bucket `i` holds the numbers above 2<sup>i / 2<sup>scale</sup></sup>, up to and with
/// 2<sup>(i + 1) / 2<sup>scale</sup></sup>; negative numbers are in buckets of their own, by their absolute values. A
/// registry has its histograms at scale 5 and durations of functions at scale 3, and leaves it to exporters to
/// [`limit`](Self::limit) their buckets, so each power of two is the end of a bucket for good.
///
/// ```
/// use tachograph::metrics::ExponentialHistogramValue;
///
/// // At scale 0 bucket 1 holds the numbers above 2, up to and with 4.
/// let sizes = ExponentialHistogramValue::new(0).with_positive([(1, 5)]).with_sum(15.0);
/// assert!(sizes.buckets().eq([(2.0, 4.0, 5)]));
/// ```
///
/// [OpenTelemetry's data model]: https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExponentialHistogramValue {
    pub(crate) scale: i32,
    pub(crate) zero_count: u64,
    pub(crate) positive: BTreeMap<i32, u64>,
    pub(crate) negative: BTreeMap<i32, u64>,
    pub(crate) sum: f64,
    pub(crate) exemplars: Vec<Exemplar>,
}

impl ExponentialHistogramValue {
    /// A histogram without values.
    #[must_use]
    pub fn new(scale: i32) -> Self {
        Self {
            scale,
            ..Self::default()
        }
    }

    /// Sets how many values are zero.
    #[must_use]
    pub fn with_zero_count(mut self, count: u64) -> Self {
        self.zero_count = count;
        self
    }

    /// Adds values to buckets of positive numbers, by their index.
    #[must_use]
    pub fn with_positive(mut self, counts: impl IntoIterator<Item = (i32, u64)>) -> Self {
        add(&mut self.positive, counts, 0);
        self
    }

    /// Adds values to buckets of negative numbers, by their index.
    #[must_use]
    pub fn with_negative(mut self, counts: impl IntoIterator<Item = (i32, u64)>) -> Self {
        add(&mut self.negative, counts, 0);
        self
    }

    /// Sets the sum of all values.
    #[must_use]
    pub fn with_sum(mut self, sum: f64) -> Self {
        self.sum = sum;
        self
    }

    /// Adds examples of values.
    #[must_use]
    pub fn with_exemplars(mut self, exemplars: impl IntoIterator<Item = Exemplar>) -> Self {
        self.exemplars.extend(exemplars);
        self
    }

    /// There are 2<sup>scale</sup> buckets from one power of two to the next.
    #[must_use]
    pub fn scale(&self) -> i32 {
        self.scale
    }

    /// How many values are zero.
    #[must_use]
    pub fn zero_count(&self) -> u64 {
        self.zero_count
    }

    /// How many values are in each bucket of positive numbers that is not empty, by its index, in order.
    #[must_use]
    pub fn positive(&self) -> impl DoubleEndedIterator<Item = (i32, u64)> + Clone {
        self.positive.iter().map(|(index, count)| (*index, *count))
    }

    /// How many values are in each bucket of negative numbers that is not empty, by its index, in order.
    #[must_use]
    pub fn negative(&self) -> impl DoubleEndedIterator<Item = (i32, u64)> + Clone {
        self.negative.iter().map(|(index, count)| (*index, *count))
    }

    /// The sum of all values.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// Examples of values, of different sizes.
    #[must_use]
    pub fn exemplars(&self) -> impl ExactSizeIterator<Item = &Exemplar> {
        self.exemplars.iter()
    }

    /// How many values were recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        let counts = self.negative.values().chain(self.positive.values());
        self.zero_count + counts.sum::<u64>()
    }

    /// The buckets that are not empty, from the lowest values to the highest, with zero as one of them: the ends of
    /// each, and how many values are between them.
    ///
    /// ```
    /// use tachograph::metrics::ExponentialHistogramValue;
    ///
    /// let value = ExponentialHistogramValue::new(0)
    ///     .with_zero_count(5)
    ///     .with_positive([(-1, 2), (3, 1)])
    ///     .with_negative([(1, 4)]);
    /// let buckets: Vec<_> = value.buckets().collect();
    /// assert_eq!(buckets, [(-4.0, -2.0, 4), (0.0, 0.0, 5), (0.5, 1.0, 2), (8.0, 16.0, 1)]);
    /// ```
    pub fn buckets(&self) -> impl Iterator<Item = (f64, f64, u64)> {
        let ends = |index: &i32| [0, 1].map(|next| self.end(i64::from(*index) + next));
        let negative = self.negative.iter().rev().map(move |(index, count)| {
            let [near, far] = ends(index);
            (-far, -near, *count)
        });
        let zero = (self.zero_count > 0).then_some((0.0, 0.0, self.zero_count));
        let positive = self.positive.iter().map(move |(index, count)| {
            let [near, far] = ends(index);
            (near, far, *count)
        });
        negative.chain(zero).chain(positive)
    }

    /// Where the bucket with this index begins, and the one before it ends.
    fn end(&self, index: i64) -> f64 {
        let Ok(scale @ 1..) = u32::try_from(self.scale) else {
            return power_of_two(index << self.scale.unsigned_abs().min(31));
        };
        let per_octave = 1 << scale.min(31);
        #[expect(clippy::cast_precision_loss, reason = "both have at most 31 bits")]
        let within = index.rem_euclid(per_octave) as f64 / per_octave as f64;
        power_of_two(index.div_euclid(per_octave)) * within.exp2()
    }

    /// Makes buckets of more than one until this scale is reached; nothing happens to a histogram that has no higher
    /// one.
    pub fn downscale(&mut self, scale: i32) {
        let Ok(by @ 1..) = u32::try_from(self.scale.saturating_sub(scale)) else {
            return;
        };
        for buckets in [&mut self.positive, &mut self.negative] {
            let fine = mem::take(buckets);
            add(buckets, fine, by);
        }
        self.scale = scale;
    }

    /// Lowers the scale until there are no more than `max_size` buckets from the first to the last one of either sign,
    /// empty ones included. OpenTelemetry's SDKs have 160 by default.
    ///
    /// # Panics
    ///
    /// When `max_size` is 0 or 1: at no scale are the numbers below and above 1 in one bucket.
    pub fn limit(&mut self, max_size: u32) {
        assert!(max_size > 1, "a histogram has more than {max_size} buckets");
        let fits = |buckets: &BTreeMap<i32, u64>, by: u32| {
            let [first, last] = [buckets.first_key_value(), buckets.last_key_value()];
            let [first, last] = [first, last].map(|end| end.map_or(0, |(index, _)| index >> by));
            last.abs_diff(first) < max_size
        };
        let mut by = 0;
        while !(fits(&self.positive, by) && fits(&self.negative, by)) {
            by += 1;
        }
        self.downscale(self.scale.saturating_sub_unsigned(by));
    }

    /// Adds the values of another histogram, at the lower one of both scales.
    ///
    /// ```
    /// use tachograph::metrics::ExponentialHistogramValue;
    ///
    /// let mut fine = ExponentialHistogramValue::new(1).with_positive([(2, 1), (3, 1), (4, 1)]);
    /// let coarse = ExponentialHistogramValue::new(0).with_positive([(1, 10)]);
    /// fine.add(&coarse);
    /// assert_eq!(fine.scale(), 0);
    /// assert!(fine.positive().eq([(1, 12), (2, 1)]));
    /// ```
    pub fn add(&mut self, other: &Self) {
        self.downscale(other.scale);
        let by = self.scale.abs_diff(other.scale);
        add(&mut self.positive, other.positive(), by);
        add(&mut self.negative, other.negative(), by);
        self.zero_count += other.zero_count;
        self.sum += other.sum;
        self.exemplars.extend_from_slice(&other.exemplars);
    }
}

/// Adds the counts of buckets, of a scale that is higher by this much.
fn add(buckets: &mut BTreeMap<i32, u64>, counts: impl IntoIterator<Item = (i32, u64)>, by: u32) {
    for (index, count) in counts {
        *buckets.entry(index >> by.min(31)).or_default() += count;
    }
}

/// Two to the power of `exponent`: infinite or zero where that is what is nearest.
pub(crate) fn power_of_two(exponent: i64) -> f64 {
    const FRACTION_BITS: i64 = f64::MANTISSA_DIGITS as i64 - 1;
    const MIN_NORMAL: i64 = f64::MIN_EXP as i64 - 1;
    const MIN: i64 = MIN_NORMAL - FRACTION_BITS;
    const MAX: i64 = f64::MAX_EXP as i64 - 1;
    let bits = match exponent {
        ..MIN => 0,
        MIN..MIN_NORMAL => 1 << (exponent - MIN),
        MIN_NORMAL..=MAX => (exponent + MAX) << FRACTION_BITS,
        _ => return f64::INFINITY,
    };
    f64::from_bits(bits.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::exponential::{SCALE, index};
    use proptest::prelude::*;

    /// A histogram of these numbers as a registry has it, without their sum.
    fn histogram(numbers: &[f64]) -> ExponentialHistogramValue {
        let mut value = ExponentialHistogramValue::new(SCALE);
        for number in numbers {
            let buckets = match number {
                0.0 => {
                    value.zero_count += 1;
                    continue;
                }
                ..0.0 => &mut value.negative,
                _ => &mut value.positive,
            };
            *buckets.entry(index(number.abs())).or_default() += 1;
        }
        value
    }

    fn numbers() -> impl Strategy<Value = Vec<f64>> {
        let finite = any::<f64>().prop_filter("finite", |number| number.is_finite());
        let some_size = prop_oneof![-1e3..1e3, 1e-6..1.0, finite, Just(0.0)];
        prop::collection::vec(some_size, 0..60)
    }

    /// How many buckets there are from the first to the last one.
    fn size(buckets: &BTreeMap<i32, u64>) -> u32 {
        let [first, last] = [buckets.first_key_value(), buckets.last_key_value()];
        first
            .zip(last)
            .map_or(0, |((first, _), (last, _))| last.abs_diff(*first) + 1)
    }

    #[test]
    fn powers_of_two() {
        let step = |power: &f64| Some(power * 2.0);
        let powers = std::iter::successors(Some(f64::from_bits(1)), step);
        for (exponent, power) in (-1074..1030).zip(powers) {
            assert_eq!(
                power_of_two(exponent).to_bits(),
                power.to_bits(),
                "{exponent}"
            );
        }
        assert_eq!(power_of_two(-1075).to_bits(), 0);
    }

    #[test]
    fn buckets_end_at_powers_of_their_base() {
        let ends = |scale, index| ExponentialHistogramValue::new(scale).end(index);
        for scale in -12..=20 {
            assert_eq!(ends(scale, 0).to_bits(), 1_f64.to_bits());
            let per_octave = 1 << scale.max(0);
            assert_eq!(
                ends(scale.max(0), 10 * per_octave).to_bits(),
                1_024_f64.to_bits()
            );
        }
        assert!((ends(1, 3) - 8_f64.sqrt()).abs() < 1e-15);
        assert_eq!(ends(-4, -70).to_bits(), 0);
        assert!(ends(-10, 1).is_infinite() && ends(SCALE, 1_024 << SCALE).is_infinite());
    }

    proptest! {
        #[test]
        fn every_number_is_between_the_ends_of_a_bucket(numbers in numbers()) {
            let value = histogram(&numbers);
            // Both zeros become the same one.
            let mut sorted: Vec<_> = numbers.iter().map(|number| number + 0.0).collect();
            sorted.sort_by(f64::total_cmp);
            let mut rest = &sorted[..];
            for (lower, upper, count) in value.buckets() {
                let (these, others) = rest.split_at(usize::try_from(count).unwrap());
                for number in these {
                    // Ends within an octave are rounded.
                    let room = number.abs() * 1e-15;
                    prop_assert!((lower - room..=upper + room).contains(number), "{} {} {}", lower, number, upper);
                }
                rest = others;
            }
            prop_assert_eq!(rest, [0.0; 0]);
        }

        #[test]
        fn a_lower_scale_has_the_buckets_of_the_definition(numbers in numbers(), scale in -11..SCALE) {
            let mut value = histogram(&numbers);
            value.downscale(scale);
            let per_bucket = 2_f64.powi(SCALE - scale);
            let mut expected = BTreeMap::new();
            for number in numbers.iter().filter(|number| **number > 0.0) {
                let coarse = (f64::from(index(*number)) / per_bucket).floor();
                *expected.entry(coarse.to_bits()).or_default() += 1;
            }
            let found = value.positive.iter().map(|(index, count)| (f64::from(*index).to_bits(), *count));
            prop_assert_eq!(found.collect::<BTreeMap<_, u64>>(), expected);
            prop_assert_eq!(value.count(), numbers.len() as u64);
        }

        #[test]
        fn a_limit_is_reached_at_the_highest_scale_that_does(numbers in numbers(), max_size in 2..60_u32) {
            let mut value = histogram(&numbers);
            value.limit(max_size);
            prop_assert!(size(&value.positive).max(size(&value.negative)) <= max_size);
            prop_assert_eq!(value.count(), numbers.len() as u64);
            if value.scale < SCALE {
                let mut finer = histogram(&numbers);
                finer.downscale(value.scale + 1);
                prop_assert!(size(&finer.positive).max(size(&finer.negative)) > max_size);
            }
        }

        #[test]
        fn a_sum_of_histograms_is_the_histogram_of_all(
            these in numbers(),
            others in numbers(),
            scales in (-3..=SCALE, -3..=SCALE),
        ) {
            let [mut sum, mut other] = [&these, &others].map(|numbers| histogram(numbers));
            sum.downscale(scales.0);
            other.downscale(scales.1);
            sum.add(&other);
            let mut all = histogram(&[these, others].concat());
            all.downscale(scales.0.min(scales.1));
            prop_assert_eq!(sum, all);
        }
    }
}
