//! Whole records, one after the other.

use super::{MAX_RECORD_LEN, WORD, record_len};

/// Records of one signal.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    records: usize,
}

impl Batch {
    pub(crate) fn new(bytes: Vec<u8>, records: usize) -> Self {
        Self { bytes, records }
    }

    pub(crate) fn len(&self) -> usize {
        self.records
    }

    pub(crate) fn byte_len(&self) -> usize {
        self.bytes.len()
    }

    /// Each record's bytes.
    #[inline]
    pub(crate) fn records(&self) -> impl ExactSizeIterator<Item = &[u8]> + Clone {
        let mut rest = &*self.bytes;
        (0..self.records).map(move |_| {
            let first = rest
                .first_chunk()
                .map_or(0, |first| u64::from_le_bytes(*first));
            let record = rest.split_off(..record_len(first) * WORD);
            record.unwrap_or_default()
        })
    }

    /// Leaves out the records that `keep` says no to.
    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&[u8]) -> bool) {
        let mut kept = Self::default();
        for record in self.records().filter(|record| keep(record)) {
            kept.bytes.extend_from_slice(record);
            kept.records += 1;
        }
        *self = kept;
    }

    /// Adds a record. Its length is added to the first word of its head. One of more than 2 GiB is left out.
    pub(crate) fn push<const HEAD: usize>(&mut self, head: &[u64; HEAD], items: &[u8]) {
        let words = HEAD + items.len() / WORD;
        if words > MAX_RECORD_LEN {
            return;
        }
        self.bytes.reserve(words * WORD);
        let mut head = *head;
        head[0] |= words as u64;
        for word in head {
            self.bytes.extend_from_slice(&word.to_le_bytes());
        }
        self.bytes.extend_from_slice(items);
        self.records += 1;
    }
}
