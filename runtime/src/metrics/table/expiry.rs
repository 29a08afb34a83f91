//! Which series nobody needs any more.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

use super::rows::{RowRun, Rows};

/// What is known of the use of each row.
///
/// To write to a series somebody must have a handle of it. So a row is in use as long as there are handles, and when it
/// was looked up since the last time; the cells need not know, and recording costs nothing more.
#[derive(Debug)]
pub(super) struct Expiry<C> {
    ttl: Duration,
    /// By the positions of the rows.
    uses: Vec<Use>,
    /// Runs of rows that are no longer the table's, and may still be a snapshot's: their rows have more than one owner
    /// without there being a handle.
    superseded: Vec<Weak<RowRun<C>>>,
}

#[derive(Debug)]
struct Use {
    was_looked_up: AtomicBool,
    was_held: bool,
    last: Duration,
}

impl<C> Expiry<C> {
    pub(super) fn new(ttl: Duration) -> Self {
        Self {
            ttl,
            uses: Vec::new(),
            superseded: Vec::new(),
        }
    }

    /// Notes that somebody has a handle of this row now.
    pub(super) fn look_up(&self, position: usize) {
        self.uses[position]
            .was_looked_up
            .store(true, Ordering::Relaxed);
    }

    /// Notes that a row was added, for somebody.
    pub(super) fn push(&mut self) {
        self.uses.push(Use {
            was_looked_up: AtomicBool::new(true),
            was_held: false,
            last: Duration::ZERO,
        });
    }

    pub(super) fn swap_remove(&mut self, position: usize) {
        self.uses.swap_remove(position);
    }

    pub(super) fn clear(&mut self) {
        self.uses.clear();
    }

    /// Notes runs that are about to be changed, and so copied if they are shared.
    pub(super) fn supersede<'a>(&mut self, runs: impl IntoIterator<Item = &'a Arc<RowRun<C>>>)
    where
        C: 'a,
    {
        self.superseded.retain(|run| run.strong_count() > 0);
        let shared = runs.into_iter().filter(|run| Arc::strong_count(run) > 1);
        self.superseded.extend(shared.map(Arc::downgrade));
    }

    /// Removes the rows that were not in use for as long as they may live. `now` is the time since any moment.
    ///
    /// Whatever was written to a row is in one collection more at least: a use is noted at the first one after it.
    pub(super) fn expire(&mut self, rows: &mut Rows<C>, now: Duration) {
        // They are kept for as long as their owners are counted.
        let superseded: Vec<_> = self.superseded.iter().filter_map(Weak::upgrade).collect();
        let mut owners = HashMap::new();
        for run in &superseded {
            // A run that is still the table's is not counted twice.
            if !rows.runs().iter().any(|own| Arc::ptr_eq(own, run)) {
                for row in run.rows() {
                    *owners.entry(Arc::as_ptr(row)).or_insert(1_usize) += 1;
                }
            }
        }
        let mut dead = vec![false; rows.len()];
        for (position, it) in self.uses.iter_mut().enumerate() {
            let row = rows.at(position);
            let owners = owners.get(&Arc::as_ptr(row)).copied().unwrap_or(1);
            let is_held = Arc::strong_count(row) > owners;
            let was_held = std::mem::replace(&mut it.was_held, is_held);
            if std::mem::take(it.was_looked_up.get_mut()) || is_held || was_held {
                it.last = now;
            }
            dead[position] = now.saturating_sub(it.last) >= self.ttl && it.last != now;
        }
        if !dead.contains(&true) {
            return;
        }
        self.supersede(rows.runs());
        rows.keep(|position| !dead[position]);
        let mut position = 0..;
        self.uses
            .retain(|_| position.next().is_none_or(|position| !dead[position]));
    }
}
