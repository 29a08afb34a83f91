//! Values of a label that are not known in advance: so many get a place, and all others share one.

use std::borrow::Cow;
use std::cell::Cell;
use std::fmt::{self, Display, Write};
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use super::sparse::Sparse;
use crate::{caught, semconv};

/// A longer value is cut, so that whoever chooses it does not choose how much memory it takes.
const MAX_LEN: usize = 256;

/// The first values of a label that were seen, each with a small number.
///
/// A value that is known is found without a lock: it is written as text, hashed and compared. A new one takes a place
/// in the table for good.
#[derive(Debug)]
pub(crate) struct BoundedValues {
    max: usize,
    // Clients may choose values, so the hash has a secret.
    hasher: RandomState,
    seen: Sparse<Seen>,
    count: AtomicUsize,
    left_out: AtomicU64,
}

#[derive(Debug)]
struct Seen {
    text: Box<str>,
    number: usize,
}

impl BoundedValues {
    pub(crate) fn new(max: usize) -> Self {
        Self {
            max,
            hasher: RandomState::new(),
            seen: Sparse::new(),
            count: AtomicUsize::new(0),
            left_out: AtomicU64::new(0),
        }
    }

    /// How many numbers there are: one for each value, and a last one for all others, which are shown as `_OTHER`.
    pub(crate) fn numbers(&self) -> usize {
        self.max + 1
    }

    /// The number of a value.
    #[inline(never)]
    pub(crate) fn number(&self, value: &dyn Display) -> usize {
        let Some(number) = with_text(value, |text| self.number_of_text(text)) else {
            return self.max;
        };
        if number == self.max {
            self.left_out.fetch_add(1, Ordering::Relaxed);
        }
        number
    }

    /// How often a value was one of all others.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out.load(Ordering::Relaxed)
    }

    fn number_of_text(&self, text: &str) -> usize {
        // Zero is no number of the table's. The low bits are those that tell numbers apart in a small one.
        let hash = self.hasher.hash_one(text) | 1 << 63;
        let is_it = |seen: &Seen| *seen.text == *text;
        let has_room = || self.count.load(Ordering::Relaxed) < self.max;
        let new = || Seen {
            text: text.into(),
            number: self.count.fetch_add(1, Ordering::Relaxed),
        };
        let found = self.seen.find_or_add(hash, is_it, has_room, new);
        // Of threads that race for the last number only one gets it.
        found.map_or(self.max, |(_, seen)| seen.number.min(self.max))
    }

    /// The value that has this number.
    pub(crate) fn text(&self, number: usize) -> Cow<'static, str> {
        let mut seen = self.seen.iter();
        match seen.find(|(_, seen)| seen.number == number) {
            Some((_, seen)) if number < self.max => Cow::Owned(String::from(&*seen.text)),
            _ => Cow::Borrowed(semconv::OTHER),
        }
    }
}

/// Writes a value as text that this thread keeps room for; none if it panics.
fn with_text<T>(value: &dyn Display, read: impl FnOnce(&str) -> T) -> Option<T> {
    thread_local! {
        static TEXT: Cell<String> = const { Cell::new(String::new()) };
    }

    // A value may itself make calls with labels while it is written: those find no room and make their own.
    let mut text = TEXT.try_with(Cell::take).unwrap_or_default();
    text.clear();
    let mut short = Short {
        text: &mut text,
        is_cut: false,
    };
    let told = caught::write(&mut short, format_args!("{value}"), |short| short.is_cut);
    let result = told.then(|| read(&text));
    let _ = TEXT.try_with(|kept| kept.set(text));
    result
}

/// Takes so many bytes and no more.
struct Short<'a> {
    text: &'a mut String,
    is_cut: bool,
}

impl Write for Short<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let room = MAX_LEN - self.text.len();
        if text.len() <= room {
            self.text.push_str(text);
            return Ok(());
        }
        let end = (0..=room).rev().find(|end| text.is_char_boundary(*end));
        self.text.push_str(&text[..end.unwrap_or_default()]);
        self.is_cut = true;
        Err(fmt::Error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;

    #[test]
    fn the_first_values_have_numbers_and_the_others_share_one() {
        let values = BoundedValues::new(2);
        let numbers = ["a", "b", "a", "c", "b", "d"].map(|value| values.number(&value));
        assert_eq!(numbers, [0, 1, 0, 2, 1, 2]);
        let texts = (0..values.numbers()).map(|number| values.text(number));
        assert_eq!(texts.collect::<Vec<_>>(), ["a", "b", semconv::OTHER]);
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let values = BoundedValues::new(1);
        values.number(&format!("a{}", "ö".repeat(MAX_LEN)));
        assert_eq!(values.text(0).len(), MAX_LEN - 1);
        assert_eq!(values.number(&format!("a{}", "ö".repeat(MAX_LEN + 1))), 0);
    }

    #[test]
    fn threads_that_race_for_the_last_numbers_stay_within_the_bound() {
        const MAX: usize = 50;
        let values = BoundedValues::new(MAX);
        let mut seen: Vec<(usize, usize)> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| (0..200).map(|n| (n, values.number(&n))).collect()))
                .collect();
            let seen = threads
                .into_iter()
                .flat_map(|thread| -> Vec<_> { thread.join().unwrap() });
            seen.filter(|(_, number)| *number < MAX).collect()
        });
        seen.sort_unstable();
        seen.dedup();
        // Each number is one value's, and has that value's text.
        assert_eq!(seen.len(), MAX);
        assert!(
            seen.iter()
                .all(|(n, number)| values.text(*number) == n.to_string())
        );
    }
}
