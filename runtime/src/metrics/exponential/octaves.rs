//! The cells of an exponential histogram, which come into being where there are values.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::mapping::{self, BUCKETS, SCALE};
use crate::metrics::shards::Shards;

/// Counts numbers that are not negative, by octave: from one power of two to the next.
///
/// The cells of an octave are allocated when the first number falls into it, and among them each shard when a thread
/// first writes to it. From then on counting finds its cell in three loads.
#[derive(Debug)]
pub(crate) struct Octaves {
    chunks: [OnceLock<Box<Chunk>>; OCTAVES.div_ceil(CHUNK)],
}

type Chunk = [OnceLock<Box<Shards>>; CHUNK];

const CHUNK: usize = 64;
/// Where zeros are counted: the octave below that of the smallest subnormal number.
const ZERO: i32 = -1_076;
/// From zero up to the octave that begins at 2 to the power of 1,023.
const OCTAVES: usize = 1_076 + 1_024;

/// So many octaves have an exemplar; others share it that are 2 to the power of so many times as high or low.
pub(crate) const EXEMPLARS: usize = 16;

impl Octaves {
    pub(crate) fn new() -> Self {
        Self {
            chunks: [const { OnceLock::new() }; OCTAVES.div_ceil(CHUNK)],
        }
    }

    /// Counts a number that is finite and not negative, and returns whose exemplar it may become.
    ///
    /// Whoever sees it counted sees all that this thread wrote before.
    #[inline]
    #[expect(
        clippy::cast_sign_loss,
        reason = "no octave is below that of zero, and an index has its bucket in the last bits"
    )]
    pub(crate) fn count(&self, number: f64) -> usize {
        let index = if number > 0.0 {
            mapping::index(number)
        } else {
            ZERO << SCALE
        };
        let place = ((index >> SCALE) - ZERO) as usize;
        let chunk = self.chunks[place / CHUNK].get_or_init(new_chunk);
        let shards = chunk[place % CHUNK].get_or_init(|| Box::new(Shards::new()));
        let bucket = index as usize % BUCKETS;
        shards.local(BUCKETS).add_release(bucket, 1);
        place % EXEMPLARS
    }

    /// How many zeros were counted, and how many numbers in each bucket that is not empty, by its index.
    pub(crate) fn read(&self) -> (u64, BTreeMap<i32, u64>) {
        let mut counts = BTreeMap::new();
        for (first, chunk) in (ZERO..).step_by(CHUNK).zip(&self.chunks) {
            let octaves = chunk.get().into_iter().flat_map(|chunk| &**chunk);
            for (octave, shards) in (first..).zip(octaves) {
                let sums = shards.get().map(|shards| shards.sums::<BUCKETS>());
                let counted = (octave << SCALE..).zip(sums.into_iter().flatten());
                counts.extend(counted.filter(|(_, count)| *count > 0));
            }
        }
        let zeros = counts.remove(&(ZERO << SCALE));
        (zeros.unwrap_or_default(), counts)
    }
}

#[cold]
fn new_chunk() -> Box<Chunk> {
    Box::new([const { OnceLock::new() }; CHUNK])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_counts_in_its_bucket() {
        let octaves = Octaves::new();
        let numbers = [0.0, -0.0, 1.0, 1.0, 1.5, f64::MAX, f64::from_bits(1), 0.0];
        for number in numbers {
            octaves.count(number);
        }
        let counts = [
            (-1_075 * 32 + 31, 1),
            (-1, 2),
            (18, 1),
            (1_023 * 32 + 31, 1),
        ];
        assert_eq!(octaves.read(), (3, counts.into()));
    }

    #[test]
    fn neighbouring_octaves_have_exemplars_of_their_own() {
        let octaves = Octaves::new();
        let mut places: Vec<_> = (0..16).map(|n| octaves.count(f64::from(1 << n))).collect();
        assert_eq!(octaves.count(65_536.0), places[0]);
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), EXEMPLARS);
    }
}
