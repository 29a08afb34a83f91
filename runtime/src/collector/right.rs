//! Who has the right to collect a signal, and in which process.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::sync::forks;

/// Whether somebody has the right. A process that was forked off begins without: whoever had it has stayed behind.
#[derive(Debug)]
pub(super) struct Right(AtomicU64);

const NOBODY: u64 = 0;

/// What became of the wish to have it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wish {
    Granted,
    /// What waits is another process's, which collects it itself.
    Inherited,
    Refused,
}

impl Right {
    pub(super) const fn of_nobody() -> Self {
        Self(AtomicU64::new(NOBODY))
    }

    pub(super) fn take(&self) -> Wish {
        forks::watch();
        let (before, own) = (self.0.load(Ordering::Relaxed), own());
        let taken = self
            .0
            .compare_exchange(before, own, Ordering::Acquire, Ordering::Relaxed);
        match before {
            before if before == own || taken.is_err() => Wish::Refused,
            NOBODY => Wish::Granted,
            _ => Wish::Inherited,
        }
    }

    pub(super) fn give_back(&self) {
        // In a process that was forked off meanwhile it may be somebody else's.
        let _ = self
            .0
            .compare_exchange(own(), NOBODY, Ordering::Release, Ordering::Relaxed);
    }
}

/// Somebody in this process.
fn own() -> u64 {
    forks::count() + 1
}
