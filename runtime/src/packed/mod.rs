//! Records as bytes: what waits in the collector, and what batches hold.
//!
//! A record is a head, which each signal lays out for itself, and items: first its attributes, then what few records
//! have. Everything begins at a multiple of 8 bytes, so threads hand records on in words. Numbers are little-endian,
//! and text is UTF-8 with its length before it, padded with zeros.
//!
//! ```text
//! attribute  type u8 | key u8 | the key's first 6 bytes      then the rest of the key, and the value:
//!              bool   nothing, the type says it
//!              number 8 bytes
//!              text   length u32 | the first 4 bytes          then the rest
//!              list   count u32 | 0 u32                       then its values, each as above; bools take 8 bytes
//! field      type u8 | index u8 | 6 bytes                    an attribute whose key is in the list of the site:
//!              bool   0
//!              number 0                                       then 8 bytes
//!              short  an integer of so many bytes
//!              text   0 u16 | length u32                      then so many bytes, padded
//!              list   0                                       then as above
//! supplement      type u8 | 0 | 0 u16 | length u32                 then so many bytes, padded
//! ```
//!
//! The byte `key` is the length of a key of at most 250 bytes. Otherwise it says what the key is in its place: a long
//! text after its length (`LONG`), or one of those in [`semconv::NUMBERED`](crate::semconv) (`NUMBERED`). Only the types of
//! fields have the bit `FIELD`: what a function records of its calls has a word where others need their keys.

mod batch;
mod key;
mod list;
mod read;
mod supplement;
mod value;
mod write;

#[cfg(all(test, not(loom)))]
mod tests;

pub use key::KeyRef;
pub use list::{ArrayRef, List};
pub use read::{Attributes, ValueBytes};
pub use value::ValueRef;

pub(crate) use batch::Batch;
pub(crate) use key::{FieldList, KeyForm, numbered};
pub(crate) use read::{Cursor, find};
pub(crate) use supplement::{Supplement, Supplements, put_supplement};
pub(crate) use write::{put_attribute, put_text, put_word, short_field};

/// Bytes in a word, to a multiple of which everything is padded.
pub(crate) const WORD: usize = 8;

// Types of attributes.
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const I64: u8 = 3;
const F64: u8 = 4;
const TEXT: u8 = 5;
const BOOLS: u8 = 6;
const I64S: u8 = 7;
const F64S: u8 = 8;
const TEXTS: u8 = 9;
/// An integer in the word of its field.
const SHORT: u8 = 10;

/// In a type: the key is one of the site's, and the next byte its index.
const FIELD: u8 = 1 << 7;
/// Where the number of a field begins that is in the word of its index.
const SHORT_AT: u32 = 16;
/// Where the length of a field's text stands.
const LEN_AT: u32 = 32;

/// Where a key begins in its first word, after its type and length.
const KEY_AT: usize = 2;
/// Where a text begins in its first word, after its length.
const TEXT_AT: usize = 4;
/// The longest key whose length is in its first word.
const MAX_SHORT_KEY: usize = 250;
/// In the place of a key's length: a number instead of the key.
const NUMBERED: u8 = 254;
/// In the place of a key's length: it is longer.
const LONG: u8 = 255;

/// Words of the longest record: 2 GiB.
pub(crate) const MAX_RECORD_LEN: usize = (1 << 28) - 1;
/// The bits of a record's first word that say how many words it has, this one included.
const RECORD_LEN: u64 = MAX_RECORD_LEN as u64;

/// How many words a record has, as its first word says. None has no word.
#[inline]
pub(crate) fn record_len(first: u64) -> usize {
    usize::try_from(first & RECORD_LEN).unwrap_or(1).max(1)
}

/// As many bytes as a whole number of words has.
#[inline]
pub(crate) const fn padded(len: usize) -> usize {
    len.next_multiple_of(WORD)
}
