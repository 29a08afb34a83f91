//! One recent example for each bucket of a histogram.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock};

use super::snapshot::Exemplar;
use crate::{scope, trace};

/// Which recordings may become exemplars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExemplarFilter {
    /// Those within a sampled span.
    #[default]
    TraceBased,
    /// None.
    AlwaysOff,
}

static ALWAYS_OFF: AtomicBool = AtomicBool::new(false);

impl ExemplarFilter {
    /// Makes this the filter of all snapshots of this process.
    pub fn install(self) {
        ALWAYS_OFF.store(self == Self::AlwaysOff, Ordering::Relaxed);
    }
}

/// Room for an exemplar in each bucket.
///
/// A snapshot asks for fresh ones; until the next snapshot the first sampled call of each bucket answers, and all
/// others pay one relaxed load.
#[derive(Debug)]
pub(crate) struct Exemplars {
    /// A bit for each bucket that wants an exemplar; the last bit serves all buckets from the 64th on.
    wanted: AtomicU64,
    kept: Box<[Mutex<Option<Exemplar>>]>,
}

impl Exemplars {
    pub(crate) fn new(buckets: usize) -> Self {
        Self {
            wanted: AtomicU64::new(u64::MAX),
            kept: std::iter::repeat_with(|| Mutex::new(None))
                .take(buckets)
                .collect(),
        }
    }

    /// Keeps what `exemplar` returns, if this bucket wants one.
    #[inline]
    pub(crate) fn offer(&self, bucket: usize, exemplar: impl FnOnce() -> Exemplar) {
        let bit = 1 << bucket.min(63);
        if self.wanted.load(Ordering::Relaxed) & bit != 0 {
            self.keep(bucket, bit, exemplar());
        }
    }

    #[cold]
    fn keep(&self, bucket: usize, bit: u64, exemplar: Exemplar) {
        if ALWAYS_OFF.load(Ordering::Relaxed) {
            // The next snapshot asks again, if the filter has changed by then.
            self.wanted.store(0, Ordering::Relaxed);
            return;
        }
        // A snapshot that reads this very exemplar is no reason to wait.
        if let Ok(mut kept) = self.kept[bucket].try_lock() {
            *kept = Some(exemplar);
            self.wanted.fetch_and(!bit, Ordering::Relaxed);
        }
    }

    /// What was kept, with the index of its bucket; asks for fresh ones.
    pub(crate) fn take(&self) -> Vec<(usize, Exemplar)> {
        if ALWAYS_OFF.load(Ordering::Relaxed) {
            self.wanted.store(0, Ordering::Relaxed);
            return Vec::new();
        }
        self.wanted.store(u64::MAX, Ordering::Relaxed);
        let kept = self.kept.iter().enumerate();
        kept.filter_map(|(bucket, kept)| Some((bucket, (*kept.lock().ok()?)?)))
            .collect()
    }
}

/// Offers a value that is recorded now, if that is in a sampled span, as one of `buckets` exemplars.
#[inline]
pub(crate) fn offer_current(
    exemplars: &OnceLock<Box<Exemplars>>,
    buckets: usize,
    bucket: usize,
    value: f64,
) {
    let ids = trace::current();
    if let Some(span_id) = ids.span_id().filter(|_| ids.is_sampled()) {
        let exemplars = exemplars.get_or_init(|| Box::new(Exemplars::new(buckets)));
        exemplars.offer(bucket, || {
            let scope = scope::current();
            let unix_nanos = scope::unix_now(scope.as_deref());
            Exemplar::new(value, unix_nanos, ids.trace_id(), span_id)
        });
    }
}
