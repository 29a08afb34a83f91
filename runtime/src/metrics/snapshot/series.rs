//! Which series of a metric: its labels, and when it began.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::slice;
use std::str;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::clock;

/// One combination of labels, that values can be shown for. Clones are the same series and share one allocation.
///
/// Registries make the series of instruments and functions; whoever makes snapshots of their own keeps what this
/// returns from one snapshot to the next.
///
/// ```
/// use tachograph::metrics::Series;
///
/// let series = Series::new([("tier", "paid"), ("region", "eu")]);
/// let labels: Vec<_> = series.labels().collect();
/// assert_eq!(labels, [("tier", "paid"), ("region", "eu")]);
/// ```
#[derive(Clone)]
pub struct Series(Arc<Identity>);

/// What makes a series the one that it is: where this is kept, there is the series.
#[derive(Debug)]
pub(crate) struct Identity {
    start_unix_nanos: u64,
    pub(crate) texts: Texts,
}

/// A series wherever it is kept, with the keys of its labels if it does not have them itself.
#[derive(Clone, Copy)]
pub(crate) struct SeriesRef<'a> {
    keys: Option<&'a Keys>,
    identity: &'a Identity,
}

/// The keys of the labels of all series of a metric, in their order.
pub(crate) type Keys = [Cow<'static, str>];

impl Series {
    /// A series that begins now, with these labels.
    #[must_use]
    pub fn new<K: AsRef<str>, V: AsRef<str>>(labels: impl IntoIterator<Item = (K, V)>) -> Self {
        Self::starting_at(start_now(), labels)
    }

    /// A series that began at this moment, in nanoseconds since the Unix epoch.
    #[must_use]
    pub fn starting_at<K: AsRef<str>, V: AsRef<str>>(
        unix_nanos: u64,
        labels: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        let mut texts = TextsBuilder::default();
        for (key, value) in labels {
            texts.push(key.as_ref());
            texts.push(value.as_ref());
        }
        Self(Arc::new(Identity {
            start_unix_nanos: unix_nanos,
            texts: texts.build(),
        }))
    }

    /// The labels, in the order in which they were declared.
    #[must_use]
    pub fn labels(&self) -> Labels<'_> {
        self.as_ref().labels()
    }

    /// When the series began to count, in nanoseconds since the Unix epoch.
    #[must_use]
    pub fn start_unix_nanos(&self) -> u64 {
        self.0.start_unix_nanos
    }

    /// The labels in a form that can be compared.
    pub(crate) fn texts(&self) -> &Texts {
        &self.0.texts
    }

    pub(crate) fn as_ref(&self) -> SeriesRef<'_> {
        SeriesRef::new(None, &self.0)
    }
}

impl Identity {
    /// A series that begins now.
    pub(crate) fn new(texts: Texts) -> Self {
        Self {
            start_unix_nanos: start_now(),
            texts,
        }
    }
}

impl fmt::Debug for Series {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.as_ref(), f)
    }
}

impl<'a> SeriesRef<'a> {
    /// A series whose texts are the values of these keys, or keys and values in turn.
    pub(crate) fn new(keys: Option<&'a Keys>, identity: &'a Identity) -> Self {
        Self { keys, identity }
    }

    pub(crate) fn labels(self) -> Labels<'a> {
        Labels {
            keys: self.keys.map(|keys| keys.iter()),
            texts: self.identity.texts.iter(),
        }
    }

    pub(crate) fn start_unix_nanos(self) -> u64 {
        self.identity.start_unix_nanos
    }

    /// Whether both are one series, and not two with the same labels.
    pub(crate) fn is(self, other: SeriesRef<'_>) -> bool {
        std::ptr::eq(self.identity, other.identity)
    }
}

impl fmt::Debug for SeriesRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.labels()).finish()
    }
}

/// The labels of a series, key and value, in the order in which they were declared.
///
/// ```
/// use tachograph::metrics::Series;
///
/// let series = Series::new([("tier", "paid"), ("region", "eu")]);
/// let labels: Vec<_> = series.labels().map(|(key, value)| format!("{key}={value}")).collect();
/// assert_eq!(labels, ["tier=paid", "region=eu"]);
/// assert!(!series.labels().is_empty());
/// ```
#[derive(Clone, Debug)]
pub struct Labels<'a> {
    keys: Option<slice::Iter<'a, Cow<'static, str>>>,
    texts: TextsIter<'a>,
}

impl Labels<'_> {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.0.is_empty()
    }
}

impl<'a> Iterator for Labels<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let key = match &mut self.keys {
            Some(keys) => keys.next()?,
            None => self.texts.next()?,
        };
        Some((key, self.texts.next()?))
    }
}

/// The present time, as the start of a series. A series that is made again never has the start of the one before it,
/// however coarse the clock is.
fn start_now() -> u64 {
    /// A clock that was set back further than this is believed.
    const COARSE_NANOS: u64 = 1_000_000_000;
    static LAST: AtomicU64 = AtomicU64::new(0);

    let now = clock::unix_nanos();
    let next = |last: u64| match last.checked_sub(now) {
        Some(ahead) if ahead < COARSE_NANOS => last + 1,
        _ => now,
    };
    let last = LAST.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
        Some(next(last))
    });
    last.map_or(now, next)
}

/// Texts one after the other, each behind its length: in place if they are short, in one allocation otherwise.
///
/// A length is ASCII as well: groups of six bits, the lowest ones first, of which all but the last have the seventh bit
/// set. So all of it is one text, and looked at once.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) enum Texts {
    /// So many bytes of these.
    Short(u8, [u8; Self::SHORT]),
    Long(Box<str>),
}

const LENGTH_BITS: u32 = 6;
const LENGTH_MASK: u8 = (1 << LENGTH_BITS) - 1;
const MORE: u8 = 1 << LENGTH_BITS;

impl Texts {
    /// What makes 40 bytes of a `Texts`, which leaves a counter's series in the allocator's class of 96.
    const SHORT: usize = 38;

    pub(crate) fn iter(&self) -> TextsIter<'_> {
        TextsIter(match self {
            // It was a `str` when it was written.
            Self::Short(..) => str::from_utf8(self.packed()).unwrap_or_default(),
            Self::Long(texts) => texts,
        })
    }

    /// The texts as bytes, which is enough to compare them.
    pub(crate) fn bytes(&self) -> impl Iterator<Item = &[u8]> {
        let mut rest = self.packed();
        std::iter::from_fn(move || {
            let range = first(rest)?;
            let (text, after) = rest.split_at(range.end);
            rest = after;
            Some(&text[range.start..])
        })
    }

    fn packed(&self) -> &[u8] {
        match self {
            Self::Short(len, bytes) => &bytes[..usize::from(*len)],
            Self::Long(texts) => texts.as_bytes(),
        }
    }
}

/// Where the first one of some texts is.
#[inline]
fn first(packed: &[u8]) -> Option<Range<usize>> {
    let (mut len, mut groups) = (0, 0);
    loop {
        let group = *packed.get(groups)?;
        len |= usize::from(group & LENGTH_MASK) << (LENGTH_BITS as usize * groups);
        groups += 1;
        if group & MORE == 0 {
            return Some(groups..groups + len);
        }
    }
}

/// Makes [`Texts`].
#[derive(Debug, Default)]
pub(crate) struct TextsBuilder(String);

impl TextsBuilder {
    pub(crate) fn push(&mut self, text: &str) {
        let mut len = text.len();
        loop {
            let group = len.to_le_bytes()[0] & LENGTH_MASK;
            len >>= LENGTH_BITS;
            let more = if len > 0 { MORE } else { 0 };
            self.0.push(char::from(group | more));
            if len == 0 {
                break;
            }
        }
        self.0.push_str(text);
    }

    pub(crate) fn build(self) -> Texts {
        let len = self.0.len();
        match u8::try_from(len) {
            Ok(short) if len <= Texts::SHORT => {
                let mut bytes = [0; Texts::SHORT];
                bytes[..len].copy_from_slice(self.0.as_bytes());
                Texts::Short(short, bytes)
            }
            _ => Texts::Long(self.0.into()),
        }
    }
}

/// What is left to read of [`Texts`].
#[derive(Clone, Debug)]
pub(crate) struct TextsIter<'a>(&'a str);

impl<'a> Iterator for TextsIter<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let range = first(self.0.as_bytes())?;
        let (text, rest) = self.0.split_at(range.end);
        self.0 = rest;
        Some(&text[range.start..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::iter;

    #[test]
    fn starts_differ() {
        let starts: Vec<_> = iter::repeat_with(start_now).take(1_000).collect();
        assert!(starts.is_sorted_by(|a, b| a < b), "{starts:?}");
    }

    #[test]
    fn short_texts_take_no_allocation() {
        assert_eq!(size_of::<Texts>(), 40);
        let mut texts = TextsBuilder::default();
        texts.push(&"x".repeat(37));
        assert!(matches!(texts.build(), Texts::Short(38, _)));
    }

    proptest! {
        #[test]
        fn any_labels_survive(
            labels in prop::collection::vec((".{0,9}", prop_oneof![".{0,90}", ".{100,20000}"]), 0..5),
        ) {
            let series = Series::new(labels.iter().map(|(key, value)| (key, value)));
            let read: Vec<_> = series.labels().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
            prop_assert_eq!(read, labels);
        }
    }
}
