//! The cells of one series of calls.

use std::borrow::Cow;
use std::sync::OnceLock;

use super::figures::{FunctionFigures, ResultFigures};
use super::thread::ThreadCells;
use crate::clock;
use crate::inside::{once, once_boxed};
use crate::metrics::by_thread::ByThread;
use crate::metrics::exemplar::Exemplars;
use crate::metrics::rules::FUNCTION_LABELS;
use crate::metrics::snapshot::Series;

/// What became of a call, as the label `result` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CallResult {
    Ok,
    Error,
    Panic,
    Cancelled,
}

impl CallResult {
    pub(crate) const ALL: [Self; 4] = [Self::Ok, Self::Error, Self::Panic, Self::Cancelled];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Panic => "panic",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The cells of one series, for each thread that counts in it.
#[derive(Debug)]
pub(crate) struct FunctionSeries {
    pub(super) threads: ByThread<Box<ThreadCells>, 3>,
    /// When it was made, in nanoseconds since the Unix epoch; zero if it was always there.
    start_unix_nanos: u64,
    /// What most series have no use for until somebody reads them.
    kept: OnceLock<Box<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    exemplars: [OnceLock<Exemplars>; CallResult::ALL.len()],
    published: OnceLock<PublishedSeries>,
}

/// A series as it was published, and stays.
#[derive(Debug)]
pub(crate) struct PublishedSeries {
    /// That of the gauge, without a result.
    pub(crate) running: Series,
    results: [OnceLock<Series>; CallResult::ALL.len()],
}

/// Name and value of one label.
pub(crate) type SeriesLabel = (Cow<'static, str>, Cow<'static, str>);

impl FunctionSeries {
    /// A series that is there before any call.
    pub(crate) const fn new() -> Self {
        Self {
            threads: ByThread::new(),
            start_unix_nanos: 0,
            kept: OnceLock::new(),
        }
    }

    /// A series that begins now.
    #[cold]
    pub(crate) fn begun() -> Self {
        Self {
            start_unix_nanos: clock::unix_nanos(),
            ..Self::new()
        }
    }

    /// How many calls have started.
    pub(crate) fn started(&self) -> u64 {
        let started = self.threads.iter().map(|thread| thread.started());
        started.fold(0, u64::wrapping_add)
    }

    /// The exemplars of a result, with room for so many.
    pub(super) fn exemplars(&self, result: CallResult, places: usize) -> &Exemplars {
        once(&self.kept().exemplars[result as usize], || {
            Exemplars::new(places)
        })
    }

    /// What has ended until this moment.
    ///
    /// Each thread's buckets are read before its sum, so that every counted duration is in the sum.
    pub(crate) fn read(&self) -> FunctionFigures {
        let results = CallResult::ALL.map(|result| {
            let mut figures = ResultFigures::default();
            for thread in self.threads.iter() {
                if let Some(cells) = thread.existing(result) {
                    figures.add_cells(cells);
                }
            }
            let kept = self.kept.get();
            let exemplars = kept.and_then(|kept| kept.exemplars[result as usize].get());
            figures.exemplars = exemplars.map(Exemplars::take).unwrap_or_default();
            figures
        });
        FunctionFigures {
            results,
            in_flight: None,
        }
    }

    /// The series for readers; `labels` is asked once. It began at this moment if it was always there.
    pub(crate) fn published(
        &self,
        start_unix_nanos: u64,
        labels: impl FnOnce() -> Vec<SeriesLabel>,
    ) -> &PublishedSeries {
        let start = match self.start_unix_nanos {
            0 => start_unix_nanos,
            own => own,
        };
        self.kept().published.get_or_init(|| PublishedSeries {
            running: Series::starting_at(start, labels()),
            results: Default::default(),
        })
    }

    fn kept(&self) -> &Kept {
        once_boxed(&self.kept, Kept::default)
    }
}

impl PublishedSeries {
    /// That of a result, which is made when it is first shown.
    pub(crate) fn of(&self, result: CallResult) -> &Series {
        self.results[result as usize].get_or_init(|| {
            let mut labels: Vec<_> = self.running.labels().collect();
            labels.insert(FUNCTION_LABELS.len() - 1, ("result", result.as_str()));
            Series::starting_at(self.running.start_unix_nanos(), labels)
        })
    }
}
