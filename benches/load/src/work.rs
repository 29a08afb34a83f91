//! What is called: an order, which is paid, which charges a card.

use std::hint::black_box;
use std::time::{Duration, Instant};

use tachograph::Label;

/// Rounds of a computation that every function does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Work(u32);

/// An order, annotated or not.
pub(crate) type Order = fn(u64, Work) -> Result<u64, Declined>;

/// One call in a thousand ends so.
#[derive(Debug)]
pub(crate) struct Declined;

#[derive(Clone, Copy, Debug, Label)]
pub(crate) enum Tier {
    Free,
    Paid,
    Trial,
}

impl Tier {
    pub(crate) fn of(n: u64) -> Self {
        match n % 3 {
            0 => Self::Free,
            1 => Self::Paid,
            _ => Self::Trial,
        }
    }

    pub(crate) fn text(self) -> &'static str {
        Self::VALUES[self.index()]
    }
}

/// Without any attribute. The frameworks' functions are the same with theirs.
pub(crate) mod bare {
    use super::{Declined, Tier, Work, charged, work};

    pub(crate) fn order(n: u64, rounds: Work) -> Result<u64, Declined> {
        place(n, Tier::of(n), rounds)
    }

    #[inline(never)]
    fn place(n: u64, tier: Tier, rounds: Work) -> Result<u64, Declined> {
        pay(work(n, rounds), tier, n.is_multiple_of(2), rounds)
    }

    #[inline(never)]
    fn pay(n: u64, tier: Tier, saved: bool, rounds: Work) -> Result<u64, Declined> {
        _ = (tier, saved);
        charge(work(n, rounds), rounds)
    }

    #[inline(never)]
    fn charge(n: u64, rounds: Work) -> Result<u64, Declined> {
        charged(work(n, rounds))
    }
}

/// Whether the card could be charged.
pub(crate) fn charged(n: u64) -> Result<u64, Declined> {
    if n.is_multiple_of(1_000) {
        Err(Declined)
    } else {
        Ok(n)
    }
}

/// As many rounds as take this long here.
pub(crate) fn calibrate(time: Duration) -> Work {
    const ROUNDS: u32 = 1_000_000;
    // The least disturbed of several tries.
    let tries = (0..5).map(|_| {
        let start = Instant::now();
        black_box(work(black_box(1), Work(ROUNDS)));
        start.elapsed()
    });
    let nanos = tries.min().unwrap_or_default().as_nanos().max(1);
    let rounds = time.as_nanos() * u128::from(ROUNDS) / nanos;
    Work(u32::try_from(rounds).unwrap_or(u32::MAX))
}

/// A chain of dependent steps, which takes its time and no memory.
#[inline(never)]
pub(crate) fn work(mut n: u64, Work(rounds): Work) -> u64 {
    for _ in 0..rounds {
        n = n
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        n ^= n >> 29;
    }
    n
}
