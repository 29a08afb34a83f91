//! A table that many threads look things up in, and that only grows.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use crate::inside::{once, once_boxed};

/// Values by a number that is not zero, of which any number is possible and few are in use.
///
/// Nothing is ever removed or moved, so a lookup takes no lock. What is new goes to the first segment that has an empty
/// place near the one where the number belongs; every further segment is larger and made when it is needed. Most values
/// are in the last one, which is looked into first. Numbers in a row that the first segment has room for are all at home
/// there, where one comparison finds them.
#[derive(Debug)]
pub(super) struct Sparse<T> {
    /// How many places the first segment will have: a power of two.
    room: usize,
    /// How many segments there are.
    made: AtomicU8,
    first: OnceLock<Segment<T>>,
    further: OnceLock<Box<[OnceLock<Segment<T>>; SEGMENTS - 1]>>,
}

/// Where a value is found again: in which segment, and where there; or a word that no position can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position(u32);

impl Position {
    /// Nothing was looked for.
    pub(super) const NONE: Self = Self(0);
    /// What was looked for has no place.
    pub(super) const BEYOND: Self = Self(1);
}

/// The first segment, if nothing is said of how many numbers there are.
const FIRST: usize = 8;
/// Together they have room for 8,184 values at least, four times what a function may have.
const SEGMENTS: usize = 10;
/// So many places are near.
const NEAR: usize = 4;

type Segment<T> = Box<[Place<T>]>;

#[derive(Debug)]
struct Place<T> {
    /// Zero until it is taken.
    number: AtomicU64,
    value: OnceLock<Box<T>>,
}

impl<T> Sparse<T> {
    pub(super) const fn new() -> Self {
        Self::with_room_for(FIRST)
    }

    /// A table in which so many numbers in a row are at home, if they are few.
    pub(super) const fn with_room_for(numbers: usize) -> Self {
        Self {
            room: match numbers {
                9..=16 => 16,
                17..=32 => 32,
                _ => FIRST,
            },
            made: AtomicU8::new(0),
            first: OnceLock::new(),
            further: OnceLock::new(),
        }
    }

    /// The value with this number, if it is at home in the first segment.
    #[inline]
    pub(super) fn at_home(&self, number: u64) -> Option<(Position, &T)> {
        let segment = self.first.get()?;
        let at = first_home(number, segment.len());
        let place = segment.get(at)?;
        if place.number.load(Ordering::Relaxed) != number {
            return None;
        }
        Some((Position::new(0, at), place.value.get()?))
    }

    /// The value with this number that `is_it`, if there is one.
    #[inline]
    pub(super) fn find(&self, number: u64, is_it: impl Fn(&T) -> bool) -> Option<(Position, &T)> {
        for index in (0..usize::from(self.made.load(Ordering::Relaxed))).rev() {
            let Some(segment) = self.made_segment(index) else {
                continue;
            };
            for at in near(number, index, segment.len()) {
                let place = &segment[at];
                let known = place.number.load(Ordering::Relaxed);
                if known == number
                    && let Some(value) = place.value.get()
                    && is_it(value)
                {
                    return Some((Position::new(index, at), value));
                }
                if known == 0 {
                    break;
                }
            }
        }
        None
    }

    /// The same, put there if there was none and `has_room` says so.
    #[inline]
    pub(super) fn find_or_add(
        &self,
        number: u64,
        is_it: impl Fn(&T) -> bool,
        has_room: impl Fn() -> bool,
        new: impl Fn() -> T,
    ) -> Option<(Position, &T)> {
        match self.find(number, &is_it) {
            None => self.add(number, is_it, has_room, new),
            found => found,
        }
    }

    #[cold]
    fn add(
        &self,
        number: u64,
        is_it: impl Fn(&T) -> bool,
        has_room: impl Fn() -> bool,
        new: impl Fn() -> T,
    ) -> Option<(Position, &T)> {
        for index in 0..SEGMENTS {
            let segment = self.segment(index);
            for at in near(number, index, segment.len()) {
                let place = &segment[at];
                let mut known = place.number.load(Ordering::Relaxed);
                if known == 0 {
                    if !has_room() {
                        return None;
                    }
                    let order = Ordering::Relaxed;
                    let taken = place.number.compare_exchange(0, number, order, order);
                    known = taken.map_or_else(|other| other, |_| number);
                }
                if known == number {
                    let value = once_boxed(&place.value, &new);
                    if is_it(value) {
                        return Some((Position::new(index, at), value));
                    }
                }
            }
        }
        None
    }

    #[inline]
    pub(super) fn get(&self, position: Position) -> Option<&T> {
        let (index, at) = position.parts()?;
        let value = self.made_segment(index)?.get(at)?.value.get()?;
        Some(value)
    }

    #[inline]
    fn made_segment(&self, index: usize) -> Option<&Segment<T>> {
        let segment = match index.checked_sub(1) {
            None => &self.first,
            Some(further) => self.further.get()?.get(further)?,
        };
        segment.get()
    }

    /// All values, with their numbers.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u64, &T)> {
        let further = self
            .further
            .get()
            .into_iter()
            .flat_map(|further| further.iter());
        let segments = [&self.first].into_iter().chain(further);
        let places = segments.filter_map(OnceLock::get).flatten();
        places.filter_map(|place| {
            let value = place.value.get()?;
            Some((place.number.load(Ordering::Relaxed), &**value))
        })
    }

    #[cold]
    fn segment(&self, index: usize) -> &Segment<T> {
        let segment = match index.checked_sub(1) {
            None => &self.first,
            Some(further) => {
                let new = || Box::new([const { OnceLock::new() }; SEGMENTS - 1]);
                &once(&self.further, new)[further]
            }
        };
        let made = once(segment, || {
            let empty = || Place {
                number: AtomicU64::new(0),
                value: OnceLock::new(),
            };
            let places = match index {
                0 => self.room,
                further => FIRST << further,
            };
            std::iter::repeat_with(empty).take(places).collect()
        });
        let count = u8::try_from(index + 1).unwrap_or(u8::MAX);
        self.made.fetch_max(count, Ordering::Relaxed);
        made
    }
}

/// The places of a segment where a number may be; anywhere in the last one.
#[inline]
fn near(number: u64, index: usize, len: usize) -> impl Iterator<Item = usize> {
    let home = match index {
        0 => first_home(number, len),
        further => further_home(number, further),
    };
    let count = if index == SEGMENTS - 1 { len } else { NEAR };
    (home..home + count).map(move |at| at & (len - 1))
}

/// Where a number belongs in the first segment: as many numbers in a row as it has places are all apart.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "as many low bits as the length has"
)]
fn first_home(number: u64, len: usize) -> usize {
    number as usize & len.wrapping_sub(1)
}

/// Where a number belongs in a further segment.
#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "as many high bits as the length has"
)]
fn further_home(number: u64, index: usize) -> usize {
    // Fibonacci's way: numbers in a row, or at equal distances, are far apart.
    let spread = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (spread >> (64 - FIRST.trailing_zeros() as usize - index)) as usize
}

impl Position {
    #[inline]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a segment has at most 4,096 places"
    )]
    fn new(index: usize, at: usize) -> Self {
        Self(((index + 1) << 16 | at) as u32)
    }

    #[inline]
    fn parts(self) -> Option<(usize, usize)> {
        let index = (self.0 >> 16).checked_sub(1)?;
        Some((index as usize, (self.0 & 0xffff) as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::thread;

    fn add(table: &Sparse<u64>, number: u64) -> Option<(Position, &u64)> {
        table.find_or_add(number, |_| true, || true, || number)
    }

    #[test]
    fn every_number_has_one_value() {
        for step in [
            1,
            4,
            101,
            1 << 20,
            0x9e37_79b9_7f4a_7c15_u64.wrapping_pow(3),
        ] {
            let table = Sparse::new();
            let numbers = (1..=2_000_u64).map(|n| n.wrapping_mul(step));
            for number in numbers.clone() {
                assert!(table.find(number, |_| true).is_none());
                let (position, value) = add(&table, number).unwrap();
                assert_eq!((*value, table.get(position)), (number, Some(&number)));
            }
            for number in numbers.clone() {
                assert_eq!(table.find(number, |_| true).unwrap().1, &number);
                assert_eq!(add(&table, number).unwrap().1, &number);
            }
            let all: BTreeSet<_> = table.iter().map(|(number, _)| number).collect();
            assert_eq!(all, numbers.collect());
        }
    }

    #[test]
    fn few_numbers_in_a_row_are_all_at_home() {
        for numbers in [1, 8, 9, 16, 17, 32] {
            for first in [1, 6, 1_000_000_007] {
                let table = Sparse::with_room_for(numbers);
                let all = (first..).take(numbers);
                for number in all.clone() {
                    assert!(table.at_home(number).is_none(), "{number}");
                    add(&table, number);
                }
                for number in all {
                    let found = table.find(number, |_| true);
                    assert_eq!(table.at_home(number), found);
                    assert_eq!(found.unwrap().1, &number);
                }
                // A number that would have the place of another is not taken for it.
                assert!(table.at_home(first + 64).is_none());
            }
        }
    }

    #[test]
    fn numbers_that_belong_to_one_place_have_room_too() {
        // The inverse of the factor: all have the same high bits.
        let table = Sparse::new();
        let inverse = (0..6).fold(1_u64, |x, _| {
            x.wrapping_mul(2_u64.wrapping_sub(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(x)))
        });
        for n in 1..=2_000_u64 {
            assert!(add(&table, n.wrapping_mul(inverse)).is_some(), "{n}");
        }
        assert_eq!(table.iter().count(), 2_000);
    }

    #[test]
    fn where_there_is_no_room_what_is_known_is_found() {
        let table = Sparse::new();
        add(&table, 1);
        let full = |number| table.find_or_add(number, |_| true, || false, || number);
        assert_eq!(full(1).map(|(_, value)| *value), Some(1));
        assert!(full(2).is_none());
    }

    #[test]
    fn values_of_one_number_are_told_apart() {
        let table = Sparse::new();
        for value in 0..10 {
            let found = table.find_or_add(7, |it| *it == value, || true, || value);
            assert_eq!(found.unwrap().1, &value);
        }
        assert_eq!(table.find(7, |it| *it == 3).unwrap().1, &3);
        assert!(table.find(7, |it| *it == 10).is_none());
    }

    #[test]
    fn threads_that_add_the_same_numbers_add_them_once() {
        let table = Sparse::new();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for number in 1..=500 {
                        assert_eq!(add(&table, number).unwrap().1, &number);
                    }
                });
            }
        });
        assert_eq!(table.iter().count(), 500);
    }
}
