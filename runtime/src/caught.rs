//! Code of the user's that tells something, such as a value's `Display`: what it panics with ends here, and is noted.

use std::any::Any;
use std::cell::Cell;
use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Why something is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Code panicked.
    Panic,
    /// A `Display` or `Debug` returned an error. What it had written until then is kept.
    Format,
}

impl Cause {
    pub(crate) const ALL: [Self; 2] = [Self::Panic, Self::Format];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Panic => "panic",
            Self::Format => "format",
        }
    }
}

/// How much is lost, by [`Cause`].
pub(crate) type Losses = [u64; Cause::ALL.len()];

/// Nothing.
pub(crate) const NO_LOSSES: Losses = [0; Cause::ALL.len()];

thread_local! {
    /// What this thread has lost since somebody took note.
    static LOST: Cell<Losses> = const { Cell::new(NO_LOSSES) };
}

/// What this thread has lost since the last time; from here on it has lost `others`.
#[inline]
pub(crate) fn exchange(others: Losses) -> Losses {
    LOST.try_with(|lost| lost.replace(others))
        .unwrap_or_default()
}

/// Whether this thread has lost something that nobody took note of.
#[inline]
pub(crate) fn has_lost() -> bool {
    LOST.try_with(|lost| lost.get() != NO_LOSSES)
        .unwrap_or_default()
}

/// Notes a loss.
#[cold]
fn note(cause: Cause) {
    let _ = LOST.try_with(|lost| {
        let mut all = lost.get();
        all[cause as usize] += 1;
        lost.set(all);
    });
}

/// Runs code of the user's; none if it panics, which is noted.
#[inline]
pub(crate) fn caught<T>(run: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(returned) => Some(returned),
        Err(payload) => {
            forget(payload);
            None
        }
    }
}

/// The same, compiled once and not for each caller.
pub(crate) fn caught_by_reference<T>(run: impl FnOnce() -> T) -> Option<T> {
    fn caught_once(run: &mut dyn FnMut()) {
        caught(run);
    }

    let mut run = Some(run);
    let mut returned = None;
    caught_once(&mut || returned = run.take().map(|run| run()));
    returned
}

/// What a panic carries may panic when it is dropped.
#[cold]
fn forget(payload: Box<dyn Any + Send>) {
    note(Cause::Panic);
    if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(payload);
    }
}

/// The text of a value of the user's, as far as it was written: a failure is noted. The second says whether it did not panic.
pub(crate) fn text(value: fmt::Arguments<'_>) -> (String, bool) {
    let mut text = String::new();
    let written = write(&mut text, value, |_| false);
    (text, written)
}

/// Writes a value of the user's. Whether it did not panic; a failure is noted, unless `is_full` calls it none.
pub(crate) fn write<W: Write>(
    to: &mut W,
    value: fmt::Arguments<'_>,
    is_full: impl FnOnce(&W) -> bool,
) -> bool {
    let written = caught(|| to.write_fmt(value));
    if written == Some(Err(fmt::Error)) && !is_full(to) {
        note(Cause::Format);
    }
    written.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Display;

    struct Half(fn() -> fmt::Result);

    impl Display for Half {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("half")?;
            self.0()
        }
    }

    #[test]
    fn what_came_is_kept() {
        let text = |end| text(format_args!("{}", Half(end)));
        assert_eq!(text(|| Ok(())), ("half".to_owned(), true));
        assert_eq!(text(|| Err(fmt::Error)), ("half".to_owned(), true));
        assert_eq!(text(|| panic!("on purpose")), ("half".to_owned(), false));
        assert_eq!(LOST.get(), [1, 1]);
    }

    #[test]
    fn what_a_panic_carries_may_panic_too() {
        struct Bomb;

        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("on purpose");
            }
        }

        let told = caught(|| std::panic::panic_any(Bomb));
        assert_eq!(told, None::<()>);
        assert_eq!(LOST.get(), [1, 0]);
    }
}
