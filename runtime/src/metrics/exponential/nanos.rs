//! From nanoseconds to the bucket of that many seconds, without a division.
//!
//! The buckets are those of OpenTelemetry's data model in seconds, at one of two scales. A whole number of nanoseconds
//! is shifted until its highest bit is set; then the same few ends separate the buckets of every power of two, and each
//! end is exact to the last bit. Buckets have places from 0 on, so that cells can be found by them: the index of the
//! data model, counted from the power of two below one nanosecond.

/// Eight buckets from one power of two to the next, each 9 % wide.
pub(crate) const COARSE: i32 = 3;
/// Thirty-two buckets from one power of two to the next, each 2.2 % wide.
pub(crate) const FINE: i32 = 5;

/// One nanosecond is above 2 to the power of this many seconds.
const LOWEST: i32 = -30;
/// The octave of a nanosecond has room to spare, and zeros are counted there: no whole number is between 1 and 2.
const ZERO: usize = 1;

/// The greatest numbers of 64 bits that are not above a power of 2^(1/32) times a billion and a power of two.
const FINE_ENDS: [u64; 33] = [
    0x81ff_a7a9_549c_a6e3,
    0x84d8_626d_3118_d396,
    0x87c1_1235_836d_16a3,
    0x8aba_1075_8e1e_a3cf,
    0x8dc3_b896_0164_a7d9,
    0x90de_67ff_f600_044c,
    0x940a_7e28_259f_b382,
    0x9748_5c9a_622a_db60,
    0x9a98_6705_4d51_2391,
    0x9dfb_0346_51c9_9c68,
    0xa170_9975_dfb0_6757,
    0xa4f9_93f3_ed7b_61ca,
    0xa896_5f74_bf06_5071,
    0xac47_6b0d_f43f_745f,
    0xb00d_2843_e106_0dc2,
    0xb3e8_0b17_2fd5_1af7,
    0xb7d8_8a12_d0dd_9ea0,
    0xbbdf_1e5a_373c_e5c6,
    0xbffc_43b7_e604_a922,
    0xc430_78ac_4ed4_7ae7,
    0xc87c_3e7d_03cd_bec3,
    0xcce0_1944_3eb5_6ce4,
    0xd15c_9000_bf21_1c1f,
    0xd5f2_2ca6_0197_43e0,
    0xdaa1_7c2c_d195_55db,
    0xdf6b_0ea4_3879_3a89,
    0xe44f_7742_cb56_e3dd,
    0xe94f_4c78_59ce_1066,
    // A billion, which ends a bucket at both scales: one second is a power of two.
    0xee6b_2800_0000_0000,
    0xf3a3_a6f2_9dd0_c333,
    0xf8f9_69d9_b5ab_f948,
    0xfe6d_14c2_b511_4024,
    u64::MAX,
];

/// Every fourth of them.
const COARSE_ENDS: [u64; 9] = {
    let mut ends = [u64::MAX; 9];
    let mut at = 0;
    while at < 8 {
        ends[at] = FINE_ENDS[4 * at];
        at += 1;
    }
    ends
};

/// How many ends are below all numbers with the same first bits, after the highest one. The first of them says which
/// bucket a number may be in, or the next one: a bucket is wider than what begins with the same bits.
const fn guesses<const N: usize>(ends: &[u64]) -> [u8; N] {
    let mut guesses = [0; N];
    let mut bits = 0;
    while bits < N {
        let first = 1 << 63 | (bits as u64) << (63 - N.trailing_zeros());
        while ends[guesses[bits] as usize] < first {
            guesses[bits] += 1;
        }
        bits += 1;
    }
    guesses
}

static COARSE_GUESSES: [u8; 16] = guesses(&COARSE_ENDS);
static FINE_GUESSES: [u8; 64] = guesses(&FINE_ENDS);
static COARSE_TABLE: [u64; 9] = COARSE_ENDS;
static FINE_TABLE: [u64; 33] = FINE_ENDS;

/// How many ends are below a number whose highest bit is set.
#[inline]
fn ends_below<const N: usize>(number: u64, guesses: &[u8; N], ends: &[u64]) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "the highest bits are few")]
    let bits = (number >> (63 - N.trailing_zeros())) as usize % N;
    let guess = usize::from(guesses[bits]);
    guess + usize::from(number > ends[guess])
}

/// The place of the bucket at the scale [`COARSE`].
#[inline]
pub(crate) fn coarse(nanos: u64) -> usize {
    // Without a branch: where clocks are coarse, every tenth call of a short function seems to take no time.
    let is_zero = nanos == 0;
    let nanos = nanos | u64::from(is_zero);
    let octave = nanos.ilog2();
    let number = nanos << (63 - octave);
    let place = 8 * octave as usize + ends_below(number, &COARSE_GUESSES, &COARSE_TABLE);
    place + ZERO * usize::from(is_zero)
}

/// The place of the bucket at the scale [`FINE`].
pub(crate) fn fine(nanos: u64) -> usize {
    let Some(octave) = nanos.checked_ilog2() else {
        return ZERO;
    };
    let number = nanos << (63 - octave);
    // A billion is the 29th end and not the last one, so octaves of seconds begin three buckets earlier.
    32 * octave as usize + ends_below(number, &FINE_GUESSES, &FINE_TABLE) + 3
}

/// The index of the bucket at a place; none for that of zeros.
pub(crate) fn index(place: usize, scale: i32) -> Option<i32> {
    if place == ZERO {
        return None;
    }
    Some(i32::try_from(place).ok()? + (LOWEST << scale))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A product of numbers of any size, as digits to the base of 2^32, the lowest first.
    fn product(one: &[u64], other: &[u64]) -> Vec<u64> {
        let mut product = vec![0; one.len() + other.len()];
        for (shift, digit) in one.iter().enumerate() {
            let mut carry = 0;
            for (at, other) in other.iter().enumerate() {
                let sum = product[shift + at] + digit * other + carry;
                (product[shift + at], carry) = (sum & 0xffff_ffff, sum >> 32);
            }
            product[shift + other.len()] = carry;
        }
        product
    }

    /// The 32nd power of a number, times a power of two.
    fn power(number: u64, twos: u32) -> Vec<u64> {
        let number = vec![number & 0xffff_ffff, number >> 32];
        let power = (0..5).fold(number, |power, _| product(&power, &power));
        product(&power, &[1 << twos])
    }

    #[test]
    fn the_ends_are_the_greatest_numbers_not_above_the_roots() {
        let is_above = |one: &[u64], other: &[u64]| one.iter().rev().gt(other.iter().rev());
        for (at, end) in (0..).zip(&FINE_ENDS[..32]) {
            // The 29th end is the billion; to the power of 32, each of the others is a power of two away.
            let exact = power(1_000_000_000 << 34, at);
            assert!(!is_above(&power(*end, 28), &exact), "{at}");
            assert!(is_above(&power(end + 1, 28), &exact), "{at}");
        }
    }

    #[test]
    fn powers_of_two_end_their_buckets() {
        // 2^-9 seconds and those above it are whole nanoseconds.
        for exponent in -9..34 {
            let nanos = (1_000_000_000_u64 >> 9) << (exponent + 9);
            for (scale, place) in [(COARSE, coarse as fn(u64) -> usize), (FINE, fine)] {
                assert_eq!(index(place(nanos), scale), Some((exponent << scale) - 1));
                assert_eq!(index(place(nanos + 1), scale), Some(exponent << scale));
            }
        }
    }

    #[test]
    fn the_shortest_and_the_longest() {
        assert_eq!([0, 1, 2].map(coarse), [1, 0, 8]);
        assert_eq!([0, 1, 2].map(fine), [1, 3, 35]);
        assert_eq!(index(coarse(0), COARSE), None);
        assert_eq!(index(coarse(1), COARSE), Some(-240));
        assert_eq!(index(fine(1), FINE), Some(-957));
        assert_eq!(index(coarse(u64::MAX), COARSE), Some(34 * 8));
    }

    fn nanos() -> impl Strategy<Value = u64> {
        (0..64_u32, any::<u64>()).prop_map(|(shift, number)| (number >> shift).max(1))
    }

    proptest! {
        #[test]
        fn a_duration_is_between_the_ends_of_its_bucket(nanos in nanos()) {
            #[expect(clippy::cast_precision_loss, reason = "compared with room")]
            let exact = 32.0 * (nanos as f64 / 1e9).log2();
            let index = index(fine(nanos), FINE).unwrap();
            prop_assert!(f64::from(index) < exact + 1e-9 && exact - 1e-9 <= f64::from(index + 1));
        }

        #[test]
        fn a_coarse_bucket_is_four_fine_ones(nanos in nanos()) {
            let [fine, coarse] = [index(fine(nanos), FINE), index(coarse(nanos), COARSE)];
            prop_assert_eq!(fine.unwrap() >> 2, coarse.unwrap());
        }
    }
}
