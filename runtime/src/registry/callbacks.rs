//! Asking the callbacks of observable instruments.

use std::cell::Cell;
use std::sync::{Mutex, PoisonError};

use super::Registry;
use crate::metrics::{Counter, Declaration, Family, Spec};

/// What a registry knows of the calls of callbacks.
#[derive(Debug)]
pub(super) struct Callbacks {
    /// Held while callbacks are called.
    asking: Mutex<()>,
    /// By metric.
    panicked: Family<Counter, 1>,
    /// Each metric of which one panicked.
    told: Mutex<Vec<(String, Declaration)>>,
}

impl Callbacks {
    /// `panicked` counts, by metric, the calls that panic.
    pub(super) fn new(panicked: Family<Counter, 1>) -> Self {
        Self {
            asking: Mutex::new(()),
            panicked,
            told: Mutex::default(),
        }
    }
}

impl Registry {
    /// Asks callbacks for what they observe. Who comes while others ask waits, and shares what they are told.
    pub(super) fn ask(&self) {
        thread_local! {
            static ASKS: Cell<bool> = const { Cell::new(false) };
        }
        // A callback that reads metrics finds those of the last time.
        if ASKS.get() {
            return;
        }
        let Ok(_asking) = self.inner.callbacks.asking.try_lock() else {
            drop(self.inner.callbacks.asking.lock());
            return;
        };
        ASKS.set(true);
        // Copied, because a callback may build instruments.
        for table in self.inner.tables.all() {
            table.ask(&mut || {
                let Spec {
                    name, declaration, ..
                } = table.spec();
                self.inner.callbacks.panicked.get([name]).increment();
                let told = self.inner.callbacks.told.lock();
                let mut told = told.unwrap_or_else(PoisonError::into_inner);
                if !told.iter().any(|(known, _)| *known == **name) {
                    told.push((name.to_string(), declaration.clone()));
                }
            });
        }
        ASKS.set(false);
    }

    /// The metrics of which a callback panicked, and where they were built first; each once, in the order in which that
    /// happened.
    #[must_use]
    pub fn panicked_callbacks(&self) -> Vec<(String, Declaration)> {
        let told = self.inner.callbacks.told.lock();
        told.unwrap_or_else(PoisonError::into_inner).clone()
    }
}
