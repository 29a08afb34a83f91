//! Numbers in the place of sites: records hold a number, because safe code makes no reference of an address.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use super::Site;
use crate::inside::once;

/// Sites in the first part of the table; each further part has room for twice as many.
const FIRST: u32 = 64;
/// Enough parts for every number that a record has room for.
const PARTS: usize = 16;
/// What no number reaches.
const END: u32 = (FIRST << PARTS) - FIRST;

type Part = OnceLock<Box<[OnceLock<&'static Site>]>>;

/// All sites that have a number. It only grows, and nobody waits to read it.
static TABLE: [Part; PARTS] = [const { OnceLock::new() }; PARTS];
/// The number of the next site; 0 stands for none.
static NEXT: AtomicU32 = AtomicU32::new(1);

/// The number of a site, which it is given when it is first asked for.
#[derive(Debug)]
pub(super) struct Number(AtomicU32);

impl Number {
    pub(super) const fn none() -> Self {
        Self(AtomicU32::new(0))
    }

    /// The number. It is 0 only where there are more than four million sites.
    #[inline]
    pub(super) fn of(&self, site: &'static Site) -> u32 {
        // Whoever is given the number through another thread's record must find the site in the table.
        match self.0.load(Ordering::Acquire) {
            0 => self.give(site),
            number => number,
        }
    }

    #[cold]
    fn give(&self, site: &'static Site) -> u32 {
        let next = |number| (number < END).then_some(number + 1);
        let Ok(number) = NEXT.fetch_update(Ordering::Relaxed, Ordering::Relaxed, next) else {
            return 0;
        };
        let (part, index) = place(number);
        let (len, part) = (FIRST << part, &TABLE[part]);
        let part = once(part, || (0..len).map(|_| OnceLock::new()).collect());
        let _ = part[index].set(site);
        let given = self
            .0
            .compare_exchange(0, number, Ordering::AcqRel, Ordering::Acquire);
        // Another thread was quicker: that number stays, and this one is left unused.
        given.err().unwrap_or(number)
    }
}

/// The site with this number.
#[inline]
pub(crate) fn numbered(number: u32) -> Option<&'static Site> {
    let (part, index) = place(number);
    TABLE.get(part)?.get()?.get(index)?.get().copied()
}

/// The part of the table that has this number, and where it stands there.
#[inline]
fn place(number: u32) -> (usize, usize) {
    let part = (number / FIRST + 1).ilog2();
    let index = number + FIRST - (FIRST << part);
    (part as usize, index as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_has_a_place_of_its_own() {
        let mut expected = (0, 0);
        for number in 0..10_000 {
            assert_eq!(place(number), expected, "{number}");
            expected.1 += 1;
            if expected.1 == (FIRST as usize) << expected.0 {
                expected = (expected.0 + 1, 0);
            }
        }
        assert_eq!(place(END - 1).0, PARTS - 1);
        assert_eq!(place(END), (PARTS, 0));
    }
}
