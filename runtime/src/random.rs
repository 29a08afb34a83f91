//! Random numbers for ids and for choosing calls: a generator for each thread, seeded from the system's entropy.
//!
//! It is xoroshiro128++ (<https://prng.di.unimi.it/>), of which all 64 bits are good: two words of state, a handful of
//! instructions, and a period of 2^128. Nobody can seed it, and nobody else's generator is touched. A process that forks
//! seeds it anew before the child draws its next number. A machine that is cloned while it runs continues the same state
//! twice; so ids of new traces stir in the clock's reading, which the two do not share for long.

use std::cell::Cell;
use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::Read;
use std::process;

use crate::clock;
use crate::sync::forks;

/// The state, and how many forks there had been when it was seeded.
struct Generator {
    state: Cell<[u64; 2]>,
    forks: Cell<u64>,
}

thread_local! {
    // Without a destructor, so that reading it is one instruction and works until the thread is gone.
    static GENERATOR: Generator = const {
        Generator {
            state: Cell::new([0; 2]),
            forks: Cell::new(forks::NEVER),
        }
    };
}

/// A random number, any one as likely as another.
#[inline]
pub(crate) fn u64() -> u64 {
    GENERATOR.with(|generator| {
        if generator.forks.get() != forks::count() {
            generator.seed();
        }
        generator.next()
    })
}

/// Lets the moment decide, too, which numbers come next.
pub(crate) fn stir() {
    GENERATOR.with(|generator| {
        let [s0, s1] = generator.state.get();
        // Odd, so that no two readings are mapped to one, and the state never becomes zero but by a chance of 2^-128.
        let reading = clock::now().wrapping_mul(0x9e37_79b9_7f4a_7c15);
        generator.state.set([s0 ^ reading, s1]);
        generator.next();
    });
}

impl Generator {
    #[inline]
    fn next(&self) -> u64 {
        let [s0, s1] = self.state.get();
        let result = s0.wrapping_add(s1).rotate_left(17).wrapping_add(s0);
        let s1 = s1 ^ s0;
        let next = [s0.rotate_left(49) ^ s1 ^ (s1 << 21), s1.rotate_left(28)];
        self.state.set(next);
        result
    }

    #[cold]
    fn seed(&self) {
        // Counted first: should the process fork meanwhile, the child finds an old count and seeds again.
        forks::watch();
        self.forks.set(forks::count());
        self.state.set(entropy());
    }
}

/// Two words that no other thread or process has, and nobody can guess.
///
/// The keys of std's hash maps come from the system's entropy, but a forked child has those of its parent; what the
/// system gives now, and the child's own id, tell them apart.
fn entropy() -> [u64; 2] {
    let mut fresh = [0_u8; 32];
    // Where the system has no such file, or it cannot be opened, the keys will do: there are no forks on the former.
    let _ = File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut fresh));
    let keys = RandomState::new();
    let word = |number: u8| {
        let mut hasher = keys.build_hasher();
        hasher.write(&fresh);
        hasher.write_u32(process::id());
        hasher.write_u64(clock::now());
        hasher.write_u8(number);
        hasher.finish()
    };
    // Zero is the one state that stays as it is.
    [word(0), word(1) | 1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::thread;

    /// The first numbers of the authors' own program for this state.
    #[test]
    fn the_numbers_are_those_of_the_definition() {
        let generator = Generator {
            state: Cell::new([1, 2]),
            forks: Cell::new(0),
        };
        let expected = [
            393_217,
            669_327_710_093_319,
            1_732_421_326_133_921_491,
            11_394_790_081_659_126_983,
            9_555_452_776_773_192_676,
        ];
        assert_eq!([(); 5].map(|()| generator.next()), expected);
    }

    #[test]
    fn each_bit_is_set_half_of_the_time() {
        const DRAWS: u32 = 100_000;
        let mut set = [0_u32; 64];
        for _ in 0..DRAWS {
            let number = u64();
            for (bit, set) in set.iter_mut().enumerate() {
                *set += u32::from(number >> bit & 1 == 1);
            }
        }
        // Seven standard deviations: once in 10^10 runs.
        let tolerance = 7 * 158;
        for (bit, set) in set.into_iter().enumerate() {
            assert!(set.abs_diff(DRAWS / 2) < tolerance, "bit {bit}: {set}");
        }
    }

    #[test]
    fn threads_have_numbers_of_their_own() {
        let draw = || (0..100).map(|_| u64()).collect::<Vec<_>>();
        let threads: Vec<_> = (0..8).map(|_| thread::spawn(draw)).collect();
        let numbers = threads.into_iter().flat_map(|it| it.join().unwrap());
        assert_eq!(numbers.collect::<HashSet<_>>().len(), 800);
    }

    /// As two clones of a machine do, which wake with the same state at different times.
    #[test]
    fn what_is_stirred_at_another_time_goes_on_otherwise() {
        u64();
        let state = GENERATOR.with(|generator| generator.state.get());
        let stirred = || {
            GENERATOR.with(|generator| generator.state.set(state));
            stir();
            u64()
        };
        assert_ne!(stirred(), stirred());
    }
}
