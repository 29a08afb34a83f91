//! The series of one metric with their cells, in the order in which they were made, found by their labels.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;

use crate::metrics::snapshot::{Identity, Keys, Run, SeriesRef, TextsBuilder};

/// One series with what it counts in, in one allocation. Whoever has a handle shares it.
#[derive(Debug)]
pub struct Row<C> {
    identity: Identity,
    pub(crate) cells: C,
}

/// Rows one after the other, shared with the snapshots that show them.
#[derive(Debug)]
pub(crate) struct RowRun<C> {
    keys: Option<Arc<Keys>>,
    rows: Vec<Arc<Row<C>>>,
}

/// All rows of a metric, each at a position, and an index of them: a table with open addressing, in which a row takes
/// four bytes.
///
/// A row that is removed leaves its position to the last one.
#[derive(Debug)]
pub(crate) struct Rows<C> {
    /// All but the last one are full.
    runs: Vec<Arc<RowRun<C>>>,
    len: usize,
    /// A power of two of them, or none.
    slots: Vec<Slot>,
    hasher: RandomState,
    /// The keys of all rows; if there are none, each has its own.
    keys: Option<Arc<Keys>>,
}

/// So many rows are copied at most, for a row that comes while a snapshot is shown.
const RUN: usize = 256;

impl<C> Row<C> {
    /// A series that begins now, with these texts.
    pub(crate) fn of<'a>(texts: impl Iterator<Item = &'a str>, cells: C) -> Arc<Self> {
        let mut all = TextsBuilder::default();
        texts.for_each(|text| all.push(text));
        Arc::new(Self {
            identity: Identity::new(all.build()),
            cells,
        })
    }

    fn has<'a>(&self, texts: impl Iterator<Item = &'a str>) -> bool {
        self.identity.texts.bytes().eq(texts.map(str::as_bytes))
    }
}

impl<C> RowRun<C> {
    pub(crate) fn new(keys: Option<Arc<Keys>>, rows: Vec<Arc<Row<C>>>) -> Self {
        Self { keys, rows }
    }

    pub(crate) fn rows(&self) -> &[Arc<Row<C>>] {
        &self.rows
    }
}

impl<C> Clone for RowRun<C> {
    fn clone(&self) -> Self {
        Self {
            keys: self.keys.clone(),
            rows: self.rows.clone(),
        }
    }
}

impl<C: Send + Sync> Run for RowRun<C> {
    fn len(&self) -> usize {
        self.rows.len()
    }

    fn series(&self, at: usize) -> SeriesRef<'_> {
        SeriesRef::new(self.keys.as_deref(), &self.rows[at].identity)
    }
}

impl<C> Rows<C> {
    /// So many rows can have a position.
    pub(crate) const MAX: usize = Slot::NOWHERE;

    pub(crate) fn new(keys: Option<Arc<Keys>>) -> Self {
        Self {
            runs: Vec::new(),
            len: 0,
            slots: Vec::new(),
            hasher: RandomState::new(),
            keys,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn runs(&self) -> &[Arc<RowRun<C>>] {
        &self.runs
    }

    /// Those that change when the row at this position is removed.
    pub(crate) fn runs_of(&self, position: usize) -> impl Iterator<Item = &Arc<RowRun<C>>> {
        self.runs[position / RUN..]
            .first()
            .into_iter()
            .chain(self.runs.last())
    }

    pub(crate) fn at(&self, position: usize) -> &Arc<Row<C>> {
        &self.runs[position / RUN].rows[position % RUN]
    }

    /// The position of the row with these texts: values, or keys and values in turn.
    pub(crate) fn find<'a>(
        &self,
        texts: &(impl Iterator<Item = &'a str> + Clone),
    ) -> Option<usize> {
        let hash = self.hash(texts.clone().map(str::as_bytes));
        let slot = self.slot(hash, |position| self.at(position).has(texts.clone()))?;
        Some(self.slots[slot].position())
    }

    /// Adds a row that is not there yet, at the last position.
    pub(crate) fn push(&mut self, row: Arc<Row<C>>) {
        // At most seven eighths are in use, so that there is always an end to look for.
        if (self.len + 1) * 8 > self.slots.len() * 7 {
            self.reindex((self.slots.len() * 2).max(4));
        }
        let hash = self.hash(row.identity.texts.bytes());
        self.fill(hash, self.len);
        if self.len.is_multiple_of(RUN) {
            // Where there was one run there will be more, and this one need not grow step by step.
            let mut rows = Vec::with_capacity(if self.len == 0 { 1 } else { RUN });
            rows.push(row);
            self.runs
                .push(Arc::new(RowRun::new(self.keys.clone(), rows)));
        } else {
            Arc::make_mut(&mut self.runs[self.len / RUN]).rows.push(row);
        }
        self.len += 1;
    }

    /// Puts another row with the same texts at a position.
    pub(crate) fn replace(&mut self, position: usize, row: Arc<Row<C>>) {
        Arc::make_mut(&mut self.runs[position / RUN]).rows[position % RUN] = row;
    }

    /// Removes a row. The last one takes its position.
    pub(crate) fn swap_remove(&mut self, position: usize) {
        let last = self.len - 1;
        self.vacate(self.slot_of(position));
        if position != last {
            let slot = self.slot_of(last);
            self.slots[slot] = self.slots[slot].at(position);
            let row = Arc::clone(self.at(last));
            Arc::make_mut(&mut self.runs[position / RUN]).rows[position % RUN] = row;
        }
        if last.is_multiple_of(RUN) {
            // Runs are never empty.
            self.runs.pop();
        } else {
            Arc::make_mut(&mut self.runs[last / RUN]).rows.pop();
        }
        self.len = last;
    }

    /// Keeps the rows at these positions, in their order.
    pub(crate) fn keep(&mut self, mut keeps: impl FnMut(usize) -> bool) {
        let kept: Vec<_> = (0..self.len)
            .filter(|position| keeps(*position))
            .map(|position| Arc::clone(self.at(position)))
            .collect();
        if kept.len() == self.len {
            return;
        }
        let run = |rows: &[_]| Arc::new(RowRun::new(self.keys.clone(), rows.to_vec()));
        self.runs = kept.chunks(RUN).map(run).collect();
        self.len = kept.len();
        let slots = (self.len * 8 / 7 + 1).next_power_of_two().max(4);
        self.reindex(slots);
    }

    pub(crate) fn clear(&mut self) {
        self.keep(|_| false);
    }

    fn hash<'a>(&self, texts: impl Iterator<Item = &'a [u8]>) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        for text in texts {
            hasher.write(text);
            // No text has this byte, so it tells where one ends.
            hasher.write_u8(0xff);
        }
        hasher.finish()
    }

    /// The slot of the row with this hash that `is_it` says yes to.
    fn slot(&self, hash: u64, is_it: impl Fn(usize) -> bool) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = Slot::home(hash) & mask;
        loop {
            let slot = self.slots[at];
            if slot.is_empty() {
                return None;
            }
            if slot.may_have(hash) && is_it(slot.position()) {
                return Some(at);
            }
            at = (at + 1) & mask;
        }
    }

    fn slot_of(&self, position: usize) -> usize {
        let hash = self.hash(self.at(position).identity.texts.bytes());
        let slot = self.slot(hash, |other| other == position);
        slot.expect("each row has a slot")
    }

    /// Takes the first empty slot from where the hash belongs.
    fn fill(&mut self, hash: u64, position: usize) {
        let mask = self.slots.len() - 1;
        let mut at = Slot::home(hash) & mask;
        while !self.slots[at].is_empty() {
            at = (at + 1) & mask;
        }
        self.slots[at] = Slot::new(hash, position);
    }

    /// Empties a slot, and moves up those behind it that would not be found across the gap.
    fn vacate(&mut self, slot: usize) {
        let mask = self.slots.len() - 1;
        let (mut gap, mut at) = (slot, slot);
        loop {
            at = (at + 1) & mask;
            let next = self.slots[at];
            if next.is_empty() {
                break;
            }
            let hash = self.hash(self.at(next.position()).identity.texts.bytes());
            let from_home = at.wrapping_sub(Slot::home(hash)) & mask;
            if from_home >= at.wrapping_sub(gap) & mask {
                self.slots[gap] = next;
                gap = at;
            }
        }
        self.slots[gap] = Slot::EMPTY;
    }

    fn reindex(&mut self, slots: usize) {
        self.slots.clear();
        self.slots.shrink_to(slots);
        self.slots.resize(slots, Slot::EMPTY);
        for position in 0..self.len {
            let hash = self.hash(self.at(position).identity.texts.bytes());
            self.fill(hash, position);
        }
    }
}

/// A position, and eight bits of the hash, so that hardly a row is looked at in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Slot(u32);

impl Slot {
    const EMPTY: Self = Self(u32::MAX);
    const NOWHERE: usize = 0x00ff_ffff;

    fn new(hash: u64, position: usize) -> Self {
        let [.., tag] = hash.to_le_bytes();
        let [low, middle, high, ..] = position.to_le_bytes();
        Self(u32::from_le_bytes([low, middle, high, tag]))
    }

    /// Where a hash belongs, in a table of any size.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the lower bits are as good as any"
    )]
    fn home(hash: u64) -> usize {
        hash as usize
    }

    fn is_empty(self) -> bool {
        self == Self::EMPTY
    }

    fn position(self) -> usize {
        self.0 as usize & Self::NOWHERE
    }

    fn may_have(self, hash: u64) -> bool {
        self.0.to_le_bytes()[3] == hash.to_le_bytes()[7]
    }

    fn at(self, position: usize) -> Self {
        let [low, middle, high, ..] = position.to_le_bytes();
        let [.., tag] = self.0.to_le_bytes();
        Self(u32::from_le_bytes([low, middle, high, tag]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::iter;

    fn row(value: &str) -> Arc<Row<()>> {
        Row::of(iter::once(value), ())
    }

    #[derive(Clone, Debug)]
    enum Step {
        Push(u16),
        Remove(u16),
        Keep(u16),
        Clear,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            400 => (0..700_u16).prop_map(Step::Push),
            100 => (0..700_u16).prop_map(Step::Remove),
            2 => (2..9_u16).prop_map(Step::Keep),
            1 => Just(Step::Clear),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn rows_are_where_a_list_has_them(steps in prop::collection::vec(step(), 0..2_000)) {
            let (mut rows, mut list) = (Rows::new(None), Vec::<String>::new());
            // Shared with a snapshot, as they may be at any time.
            let mut shown = Vec::new();
            for step in steps {
                match step {
                    Step::Push(n) if rows.find(&iter::once(&*n.to_string())).is_none() => {
                        rows.push(row(&n.to_string()));
                        list.push(n.to_string());
                    }
                    Step::Remove(n) => {
                        let found = rows.find(&iter::once(&*n.to_string()));
                        prop_assert_eq!(found, list.iter().position(|it| *it == n.to_string()));
                        if let Some(position) = found {
                            rows.swap_remove(position);
                            list.swap_remove(position);
                        }
                    }
                    Step::Keep(n) => {
                        rows.keep(|position| position % usize::from(n) != 0);
                        let mut position = 0..;
                        list.retain(|_| position.next().unwrap() % usize::from(n) != 0);
                    }
                    Step::Clear => {
                        rows.clear();
                        list.clear();
                    }
                    Step::Push(_) => {}
                }
                if list.len().is_multiple_of(16) {
                    shown = rows.runs().to_vec();
                }
            }
            drop(shown);
            let all = rows.runs().iter().flat_map(|run| run.rows());
            let all: Vec<_> = all.map(|row| row.identity.texts.iter().next().unwrap()).collect();
            prop_assert_eq!(&all, &list);
            for (position, value) in list.iter().enumerate() {
                prop_assert_eq!(rows.find(&iter::once(&**value)), Some(position));
            }
            prop_assert!(rows.runs().iter().all(|run| !run.rows().is_empty()));
            prop_assert_eq!(rows.slots.iter().filter(|slot| !slot.is_empty()).count(), list.len());
        }
    }
}
