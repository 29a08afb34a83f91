//! Entries into spans, which end in any order.

#![expect(clippy::inline_always, reason = "ids stay in registers")]

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::ids::{BESIDE, EXTRAS, Ids};
use super::{BESIDE_IDS, Beside, CURRENT, Current};
use crate::inside::inside;
use crate::trace::extras::Extras;
use crate::trace::parts::Parts;

thread_local! {
    /// Entries that have ended before those above them, with what was current before.
    pub(super) static ENDED: RefCell<Vec<Entry>> = const { RefCell::new(Vec::new()) };
}

/// An entry of a thread into a span, or out of all spans, and where it was before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    token: u64,
    previous: Ids,
    previous_token: u64,
}

impl Entry {
    /// Puts the thread into a span, or into none.
    #[inline(always)]
    pub(in crate::trace) fn begin(mut ids: Ids, extras: &mut Option<Arc<Extras>>) -> Self {
        if extras.is_some() {
            ids.flags |= EXTRAS | BESIDE;
        }
        let entry = CURRENT.with(|current| {
            let token = current.last_token.get() + 1;
            current.last_token.set(token);
            let entry = Self {
                token,
                previous: current.ids(),
                previous_token: current.token.load(Ordering::Relaxed),
            };
            current.set(ids, token);
            entry
        });
        if extras.is_some() {
            entry.lay_beside(extras.take());
        }
        entry
    }

    #[inline(never)]
    fn lay_beside(self, extras: Option<Arc<Extras>>) {
        let beside = Beside {
            token: self.token,
            parts: None,
            extras,
        };
        let _ = BESIDE_IDS.try_with(|all| {
            all.try_borrow_mut()
                .map(|mut all| inside(|| all.push(beside)))
        });
    }

    /// Puts the thread back to where it was, or sees to it that those above this entry do. `parts` are what was set since
    /// it began, and `extras` the span's. The ids of the span, if it was the current one: somebody may have asked for them.
    #[inline(always)]
    pub(in crate::trace) fn end(
        self,
        parts: &mut Option<Box<Parts>>,
        extras: &mut Option<Arc<Extras>>,
    ) -> Option<Ids> {
        let ids = CURRENT.with(|current| {
            let is_last = current.token.load(Ordering::Relaxed) == self.token;
            if is_last && !current.has_ended.get() {
                let ids = current.ids();
                current.set(self.previous, self.previous_token);
                return Some(ids);
            }
            self.end_out_of_order(current, is_last)
        });
        // Of an entry below others nobody knows whether something lies beside it.
        if ids.is_none_or(|ids| ids.has(BESIDE)) {
            (*parts, *extras) = self.take_beside();
        }
        ids
    }

    /// Puts the thread into a span that nothing can be set on.
    #[inline(always)]
    pub(crate) fn into_silence(ids: Ids) -> Self {
        Self::begin(ids, &mut None)
    }

    /// Puts the thread back from such a span, whose ids are returned as [`Entry::end`] does.
    #[inline(always)]
    pub(crate) fn end_silence(self) -> Option<Ids> {
        self.end(&mut None, &mut None)
    }

    /// What was set since the entry began, or since this was asked before.
    #[inline(always)]
    pub(in crate::trace) fn take_parts(self) -> Option<Box<Parts>> {
        let is_bare = CURRENT.with(|current| {
            let is_last = current.token.load(Ordering::Relaxed) == self.token;
            is_last && !current.ids().has(BESIDE)
        });
        if is_bare {
            return None;
        }
        self.beside(|all, at| all[at].parts.take()).flatten()
    }

    #[cold]
    fn end_out_of_order(self, current: &Current, is_last: bool) -> Option<Ids> {
        let ended = |change: &mut dyn FnMut(&mut Vec<Self>)| {
            let _ = ENDED.try_with(|ended| change(&mut ended.borrow_mut()));
        };
        if !is_last {
            ended(&mut |ended| inside(|| ended.push(self)));
            current.has_ended.set(true);
            return None;
        }
        let ids = current.ids();
        let mut below = self;
        ended(&mut |ended| {
            while let Some(at) = ended.iter().position(|it| it.token == below.previous_token) {
                below = ended.swap_remove(at);
            }
            current.has_ended.set(!ended.is_empty());
        });
        current.set(below.previous, below.previous_token);
        Some(ids)
    }

    #[inline(never)]
    fn take_beside(self) -> (Option<Box<Parts>>, Option<Arc<Extras>>) {
        let taken = self.beside(|all, at| {
            let beside = all.remove(at);
            (beside.parts, beside.extras)
        });
        taken.unwrap_or_default()
    }

    /// What lies beside the entry: its place in the list.
    fn beside<T>(self, take: impl FnOnce(&mut Vec<Beside>, usize) -> T) -> Option<T> {
        let taken = BESIDE_IDS.try_with(|all| {
            let mut all = all.try_borrow_mut().ok()?;
            let at = all.iter().rposition(|beside| beside.token == self.token)?;
            Some(take(&mut all, at))
        });
        taken.ok().flatten()
    }
}
