//! What of a call could not be told, because the code that should tell it failed: a value's `Display` that panics or
//! gives up, an expression of `fields(..)` that panics. The call goes on, and what is lost is counted by its cause.

use std::any::Any;
use std::cell::Cell;
use std::fmt::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::registry::Registry;
use crate::scope::Scope;
use crate::site::Site;

/// Why something is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Code panicked.
    Panic,
    /// A `Display` or `Debug` returned an error. What it had written until then is kept.
    Format,
}

impl Cause {
    const ALL: [Self; 2] = [Self::Panic, Self::Format];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Panic => "panic",
            Self::Format => "format",
        }
    }
}

thread_local! {
    /// What this thread has lost since somebody looked, by [`Cause`].
    static LOST: Cell<[u64; Cause::ALL.len()]> = const { Cell::new([0; Cause::ALL.len()]) };
}

/// Notes a loss, for whoever is [`watching`].
#[cold]
fn note(cause: Cause) {
    let _ = LOST.try_with(|lost| {
        let mut all = lost.get();
        all[cause as usize] += 1;
        lost.set(all);
    });
}

/// Runs code that tells something of a call of this function, and counts what is lost meanwhile.
#[inline]
pub(crate) fn watching<T>(
    site: &'static Site,
    scope: Option<&Scope>,
    tell: impl FnOnce() -> T,
) -> T {
    // What it calls itself may be watched, too.
    let before = LOST.try_with(Cell::take).unwrap_or_default();
    let told = tell();
    let lost = LOST.try_with(|lost| lost.replace(before));
    count(site, scope, lost.unwrap_or_default());
    told
}

/// Whether this thread has lost something that is not counted yet.
#[inline]
pub(crate) fn is_unsettled() -> bool {
    LOST.try_with(|lost| lost.get() != [0; Cause::ALL.len()])
        .unwrap_or_default()
}

/// Counts what this thread has lost outside of all [`watching`] code, of a call of this function.
#[cold]
pub(crate) fn settle(site: &'static Site, scope: Option<&Scope>) {
    count(site, scope, LOST.try_with(Cell::take).unwrap_or_default());
}

#[inline]
fn count(site: &'static Site, scope: Option<&Scope>, lost: [u64; Cause::ALL.len()]) {
    if lost != [0; Cause::ALL.len()] {
        count_each(site, scope, lost);
    }
}

#[cold]
fn count_each(site: &'static Site, scope: Option<&Scope>, lost: [u64; Cause::ALL.len()]) {
    let registry = match scope {
        Some(scope) => &scope.registry,
        None => Registry::global(),
    };
    for (cause, count) in Cause::ALL.into_iter().zip(lost) {
        if count > 0 {
            registry.lose(site, cause, count);
        }
    }
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
