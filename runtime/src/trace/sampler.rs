//! Which traces are recorded.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::TraceId;
use super::current::{RECORDING, SAMPLED};

/// Decides, where a trace enters this process, whether its spans are recorded.
///
/// The decision is made once, at the local root, and holds for all spans below it.
///
/// ```
/// use tachograph::trace::Sampler;
///
/// let tenth = Sampler::ratio(0.1)?.parent_based();
/// assert!(Sampler::ratio(1.5).is_err());
/// # Ok::<(), tachograph::trace::InvalidRatio>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sampler {
    /// Of 2^56 traces so many are sampled.
    threshold: u64,
    parent_based: bool,
    records_all: bool,
}

/// All traces: as many as 56 random bits can tell apart.
const ALL: u64 = 1 << 56;

impl Sampler {
    /// Records every trace.
    pub const ALWAYS_ON: Self = Self {
        threshold: ALL,
        parent_based: false,
        records_all: false,
    };

    /// Records no trace.
    pub const ALWAYS_OFF: Self = Self {
        threshold: 0,
        parent_based: false,
        records_all: false,
    };

    /// Records this share of all traces, between 0 and 1.
    ///
    /// The trace id decides, so every process with the same ratio records the same traces, and one with a higher
    /// ratio records a superset of them.
    ///
    /// # Errors
    ///
    /// A ratio that is not between 0 and 1.
    pub fn ratio(ratio: f64) -> Result<Self, InvalidRatio> {
        if !(0.0..=1.0).contains(&ratio) {
            return Err(InvalidRatio(ratio));
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "the product lies between 0 and 2^56"
        )]
        let threshold = (ratio * ALL as f64) as u64;
        Ok(Self {
            threshold,
            ..Self::ALWAYS_OFF
        })
    }

    /// The same for traces that begin here; one that comes from another process keeps the decision made there.
    #[must_use]
    pub const fn parent_based(self) -> Self {
        Self {
            parent_based: true,
            ..self
        }
    }

    /// The same, but spans of traces that are not sampled are recorded, too: for whoever decides at the end of a trace
    /// what is worth keeping. They come without [`TraceFlags::SAMPLED`](super::TraceFlags::SAMPLED), and are not meant for
    /// exporters before that.
    #[must_use]
    pub const fn recording_all(self) -> Self {
        Self {
            records_all: true,
            ..self
        }
    }

    /// The same, but every trace that begins here is sampled.
    pub(crate) const fn forced(self) -> Self {
        Self {
            threshold: ALL,
            ..self
        }
    }

    /// Makes this the sampler of all spans of this process that are not in a recorder's scope.
    pub fn install(self) {
        THRESHOLD.store(self.threshold, Ordering::Relaxed);
        PARENT_BASED.store(self.parent_based, Ordering::Relaxed);
        RECORDS_ALL.store(self.records_all, Ordering::Relaxed);
    }

    /// The sampler that was installed last; [`Sampler::default`] until then.
    pub(crate) fn installed() -> Self {
        Self {
            threshold: THRESHOLD.load(Ordering::Relaxed),
            parent_based: PARENT_BASED.load(Ordering::Relaxed),
            records_all: RECORDS_ALL.load(Ordering::Relaxed),
        }
    }

    /// Whether a trace is recorded whose remote parent, if there is one, decided so.
    #[inline]
    fn samples(self, trace_id: TraceId, remote_parent: Option<bool>) -> bool {
        match remote_parent {
            Some(sampled) if self.parent_based => sampled,
            // The highest ids first, as in the specification's consistent probability sampling.
            _ => (trace_id.halves().1 & (ALL - 1)) >= ALL - self.threshold,
        }
    }

    /// What the spans of such a trace are told, as flags of [`Ids`](super::current::Ids); 0 if they are not recorded.
    #[inline]
    pub(super) fn decide(self, trace_id: TraceId, remote_parent: Option<bool>) -> u64 {
        if self.samples(trace_id, remote_parent) {
            SAMPLED | RECORDING
        } else if self.records_all {
            RECORDING
        } else {
            0
        }
    }
}

static THRESHOLD: AtomicU64 = AtomicU64::new(ALL);
static PARENT_BASED: AtomicBool = AtomicBool::new(true);
static RECORDS_ALL: AtomicBool = AtomicBool::new(false);

impl Default for Sampler {
    /// Every trace that begins here, and of those that come from elsewhere what was decided there.
    fn default() -> Self {
        Self::ALWAYS_ON.parent_based()
    }
}

/// A sampling ratio that is not between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("a sampling ratio lies between 0 and 1, but this one is {0}")]
pub struct InvalidRatio(f64);

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: u128) -> TraceId {
        TraceId::from_u128(id).expect("not zero")
    }

    #[test]
    fn higher_ratios_sample_supersets() {
        let ids = (0..1_000).map(|_| TraceId::random()).collect::<Vec<_>>();
        let sampled = |ratio| {
            let sampler = Sampler::ratio(ratio).unwrap();
            ids.iter()
                .filter(|id| sampler.samples(**id, None))
                .collect::<Vec<_>>()
        };
        let (few, many) = (sampled(0.2), sampled(0.7));
        assert!(few.iter().all(|id| many.contains(id)));
        assert!((100..300).contains(&few.len()) && (600..800).contains(&many.len()));
        assert_eq!((sampled(0.0).len(), sampled(1.0).len()), (0, 1_000));
    }

    #[test]
    fn only_a_parent_based_sampler_follows_the_remote_parent() {
        assert!(!Sampler::default().samples(id(1), Some(false)));
        assert!(
            Sampler::ALWAYS_OFF
                .parent_based()
                .samples(id(1), Some(true))
        );
        assert!(Sampler::ALWAYS_ON.samples(id(1), Some(false)));
        assert!(!Sampler::ALWAYS_OFF.samples(id(1), Some(true)));
    }
}
