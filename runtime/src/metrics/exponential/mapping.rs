//! From a number to its bucket: <https://opentelemetry.io/docs/specs/otel/metrics/data-model/#exponentialhistogram>.

/// Numbers are recorded at this scale: 32 buckets from one power of two to the next, each 2.2 % wide.
pub(crate) const SCALE: i32 = 5;
/// How many buckets there are from one power of two to the next.
pub(crate) const BUCKETS: usize = 1 << SCALE;

/// The greatest numbers, from 1 to 2, that are not above 2 to the power of 1/32, 2/32, .., as the bits of their
/// fractions. Nothing is above the last end.
const ENDS: [u64; BUCKETS] = [
    0x0000_59b0_d315_8574,
    0x0000_b558_6cf9_890f,
    0x0001_1301_d012_5b50,
    0x0001_72b8_3c7d_517a,
    0x0001_d487_3168_b9aa,
    0x0002_387a_6e75_6238,
    0x0002_9e9d_f51f_dee1,
    0x0003_06fe_0a31_b715,
    0x0003_71a7_373a_a9ca,
    0x0003_dea6_4c12_3422,
    0x0004_4e08_6061_892d,
    0x0004_bfda_d536_2a27,
    0x0005_342b_569d_4f81,
    0x0005_ab07_dd48_5429,
    0x0006_247e_b03a_5584,
    0x0006_a09e_667f_3bcc,
    0x0007_1f75_e8ec_5f73,
    0x0007_a114_73eb_0186,
    0x0008_2589_994c_ce12,
    0x0008_ace5_422a_a0db,
    0x0009_3737_b0cd_c5e4,
    0x0009_c491_82a3_f090,
    0x000a_5503_b23e_255c,
    0x000a_e89f_995a_d3ad,
    0x000b_7f76_f2fb_5e46,
    0x000c_199b_dd85_529c,
    0x000c_b720_dcef_9069,
    0x000d_5818_dcfb_a487,
    0x000d_fc97_337b_9b5e,
    0x000e_a4af_a2a4_90d9,
    0x000f_5076_5b6e_4540,
    u64::MAX,
];

/// How many bits a fraction has.
const FRACTION_BITS: u32 = f64::MANTISSA_DIGITS - 1;
/// A fraction's first bits say which bucket it may be in, or the next one: buckets are wider than 1/64.
const GUESS_BITS: u32 = 6;
const GUESSES: [u8; 1 << GUESS_BITS] = guesses();

/// How many buckets end where a fraction with these first bits begins, or before.
const fn guesses() -> [u8; 1 << GUESS_BITS] {
    let mut guesses = [0; 1 << GUESS_BITS];
    let mut bits = 0;
    while bits < guesses.len() {
        let first = (bits as u64) << (FRACTION_BITS - GUESS_BITS);
        while ENDS[guesses[bits] as usize] <= first {
            guesses[bits] += 1;
        }
        bits += 1;
    }
    guesses
}

/// The index of the bucket of a positive number: bucket `i` has those above 2 to the power of `i / 32`, up to and
/// with 2 to the power of `(i + 1) / 32`.
#[inline]
pub(crate) fn index(number: f64) -> i32 {
    debug_assert!(number > 0.0 && number.is_finite(), "{number}");
    // A bucket has its upper end and not the lower one; the next smaller number is below that end.
    let below = number.to_bits() - 1;
    if below >> FRACTION_BITS == 0 {
        return index_of_subnormal(number);
    }
    let octave = (below >> FRACTION_BITS) as i32 - (f64::MAX_EXP - 1);
    let fraction = below & ((1 << FRACTION_BITS) - 1);
    let guess = GUESSES[(fraction >> (FRACTION_BITS - GUESS_BITS)) as usize];
    let is_next = fraction >= ENDS[usize::from(guess)];
    (octave << SCALE) + i32::from(guess) + i32::from(is_next)
}

#[cold]
fn index_of_subnormal(number: f64) -> i32 {
    const TWO_TO_64: f64 = 18_446_744_073_709_551_616.0;
    index(number * TWO_TO_64) - (64 << SCALE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::snapshot::power_of_two;
    use proptest::prelude::*;

    /// Numbers of any size, as digits to the base of 2^32.
    fn square(number: &[u64]) -> Vec<u64> {
        let mut square = vec![0; 2 * number.len()];
        for (shift, digit) in number.iter().enumerate() {
            let mut carry = 0;
            for (at, other) in number.iter().enumerate() {
                let sum = square[shift + at] + digit * other + carry;
                (square[shift + at], carry) = (sum & 0xffff_ffff, sum >> 32);
            }
            square[shift + number.len()] = carry;
        }
        square
    }

    /// The length in bits of the 32nd power of a fraction's number with its leading one.
    fn bits_of_power(fraction: u64) -> u32 {
        let number = 1 << FRACTION_BITS | fraction;
        let power = (0..SCALE).fold(vec![number & 0xffff_ffff, number >> 32], |power, _| {
            square(&power)
        });
        let digits = (1..).zip(&power).filter(|(_, digit)| **digit > 0);
        let (place, digit) = digits.last().unwrap();
        32 * place - (digit.leading_zeros() - 32)
    }

    #[test]
    fn the_ends_are_the_greatest_numbers_not_above_the_roots() {
        for (power, end) in (1..).zip(&ENDS[..BUCKETS - 1]) {
            // A number is below 2^n if it has no more than n bits.
            let bits = 32 * FRACTION_BITS + power;
            assert_eq!(bits_of_power(*end), bits, "{power}");
            assert_eq!(bits_of_power(*end + 1), bits + 1, "{power}");
        }
    }

    #[test]
    fn powers_of_two_end_their_buckets() {
        for exponent in -1074..=1023 {
            let power = power_of_two(exponent.into());
            assert_eq!(index(power), (exponent << SCALE) - 1, "{exponent}");
            // Subnormal numbers are further apart than buckets are.
            if exponent > -1022 {
                assert_eq!(index(power.next_up()), exponent << SCALE, "{exponent}");
            }
        }
        assert_eq!(index(f64::MAX), (1024 << SCALE) - 1);
    }

    #[test]
    fn every_end_is_in_the_bucket_it_ends() {
        for (bucket, end) in (0..).zip(&ENDS[..BUCKETS - 1]) {
            for exponent in [-1022, -30, -1, 0, 1, 1023] {
                let end = power_of_two(0).to_bits() | end;
                let end = f64::from_bits(end) * power_of_two(exponent.into());
                assert_eq!(index(end), (exponent << SCALE) + bucket);
                assert_eq!(index(end.next_up()), (exponent << SCALE) + bucket + 1);
            }
        }
    }

    /// Any positive number, with each exponent as likely as another.
    fn positive() -> impl Strategy<Value = f64> {
        (1..f64::INFINITY.to_bits()).prop_map(f64::from_bits)
    }

    proptest! {
        #[test]
        fn a_number_is_between_the_ends_of_its_bucket(number in positive()) {
            // Scaled, because a logarithm of a subnormal number is less exact.
            let (scaled, by) = if number < 1.0 { (number * power_of_two(200), 200.0) } else { (number, 0.0) };
            let exact = 32.0 * (scaled.log2() - by);
            let index = f64::from(index(number));
            prop_assert!(index < exact + 1e-9 && exact - 1e-9 <= index + 1.0, "{number}: {index}, {exact}");
        }

        #[test]
        fn a_greater_number_has_no_lower_bucket(one in positive(), other in positive()) {
            prop_assert_eq!(index(one.min(other)), index(one).min(index(other)));
        }

        #[test]
        fn half_of_a_number_is_32_buckets_below(number in positive()) {
            prop_assume!(number >= 2.0 * f64::MIN_POSITIVE);
            prop_assert_eq!(index(number / 2.0), index(number) - 32);
        }

        /// As the hot path makes seconds of nanoseconds: the power of two is exact, on either side of it.
        #[test]
        fn seconds_of_nanoseconds_keep_powers_of_two_apart(octave in -29..23_i32, offset in -2..=2_i64) {
            let billion = 1_000_000_000_i128;
            let power = if octave < 0 { billion >> -octave } else { billion << octave };
            let nanos = power + i128::from(offset);
            prop_assume!(nanos > 0);
            let is_within = if octave < 0 { nanos << -octave <= billion } else { nanos <= billion << octave };
            let seconds = crate::metrics::seconds(u64::try_from(nanos).unwrap());
            prop_assert_eq!(index(seconds) < octave << SCALE, is_within, "{} ns", nanos);
        }
    }
}
