//! A place for each combination of label values, within limits.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::metrics::rules::SERIES_LIMIT;

/// For more combinations than this no places are made: all of them share the overflow series.
pub(crate) const PLACES_LIMIT: usize = 1 << 16;

/// What belongs to each combination, made when a call first has it.
#[derive(Debug)]
pub(crate) struct Places<T>(Box<[OnceLock<Box<T>>]>);

/// Where a combination is found: its number, or a word that no number can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found(u32);

impl Found {
    /// There are no labels.
    pub(crate) const NONE: Self = Self(u32::MAX);
    /// Beyond the limits.
    pub(crate) const OVERFLOW: Self = Self(u32::MAX - 1);
}

/// How many combinations of a function have a series.
#[derive(Debug)]
pub(crate) struct Used(AtomicUsize);

impl Used {
    pub(crate) const fn new() -> Self {
        Self(AtomicUsize::new(0))
    }
}

impl<T> Places<T> {
    /// Places for so many combinations, or none for more than `limit`.
    pub(crate) fn new(combinations: Option<usize>, limit: usize) -> Self {
        let places = combinations.filter(|places| *places <= limit).unwrap_or(0);
        Self(std::iter::repeat_with(OnceLock::new).take(places).collect())
    }

    /// The place of a combination, where `new` is put if it is the first time.
    pub(crate) fn find(
        &self,
        number: Option<usize>,
        used: &Used,
        new: impl FnOnce() -> T,
    ) -> Found {
        let find = || {
            let number = number?;
            let place = self.0.get(number)?;
            if place.get().is_none() {
                // Threads that race for the last places may exceed the limit by one each, which harms nobody.
                if used.0.load(Ordering::Relaxed) >= SERIES_LIMIT {
                    return None;
                }
                place.get_or_init(|| {
                    used.0.fetch_add(1, Ordering::Relaxed);
                    Box::new(new())
                });
            }
            u32::try_from(number).ok()
        };
        find().map_or(Found::OVERFLOW, Found)
    }

    #[inline]
    pub(crate) fn get(&self, place: Found) -> Option<&T> {
        Some(self.0.get(place.0 as usize)?.get()?)
    }

    /// What was put in some place, with the number of the combination.
    pub(crate) fn all(&self) -> impl Iterator<Item = (usize, &T)> {
        let places = self.0.iter().enumerate();
        places.filter_map(|(number, place)| Some((number, &**place.get()?)))
    }
}
