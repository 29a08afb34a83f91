//! Calls that are counted, and nothing else: most calls of most programs. They remember next to nothing.

use std::thread;

use super::ending::{Ending, count_timed};
use crate::clock;
use crate::metrics::{FunctionSeries, LocalCells};
use crate::site::Site;
use crate::trace;

/// A call with neither span, labels of its result nor a scope of its own.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lean {
    pub(super) site: &'static Site,
    /// Found once, where labels chose it.
    pub(super) series: &'static FunctionSeries,
    start: u64,
    /// Whether the function's histogram will have the call's duration.
    timed: bool,
    was_panicking: bool,
}

impl Lean {
    /// A call that has not started, and that has no labels yet.
    #[inline(always)]
    pub(super) fn new(site: &'static Site) -> Self {
        Self {
            site,
            series: site.cells.plain_series(),
            start: 0,
            timed: false,
            was_panicking: false,
        }
    }

    /// Counts the start of a call without labels.
    #[inline(always)]
    pub(super) fn started(site: &'static Site) -> Self {
        let mut lean = Self::new(site);
        lean.start();
        lean
    }

    /// Counts the start of the call.
    #[inline(always)]
    pub(super) fn start(&mut self) {
        self.timed = self.local().start();
        self.was_panicking = thread::panicking();
        // Last, so that what happens before is not in the call's time.
        self.start = if self.timed { clock::now() } else { 0 };
    }

    /// Counts the end of the call, on whichever thread that is.
    #[inline(always)]
    pub(super) fn end(self, ending: Ending<'_>) {
        // First, for the same reason.
        let end = if self.timed { clock::now() } else { 0 };
        let result = ending.result(self.was_panicking);
        let local = self.local();
        if !self.timed {
            return local.finish_untimed(result);
        }
        count_timed(local, result, (self.start, end), trace::current(), None);
    }

    #[inline(always)]
    fn local(&self) -> LocalCells<'static> {
        let site = self.site;
        site.cells.local_in(self.series, &site.metered)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::super::{Call, Setup, State};
    use crate::listen::METRICS;
    use crate::metrics::{LabelValue, SeriesIndex, label};
    use crate::site::Site;

    /// Makes a call that `setup` tells its labels, and that ends well.
    fn run(site: &'static Site, setup: impl FnOnce(&mut Setup<'_>)) {
        let mut call = Call::new();
        assert!(call.begin(site, METRICS));
        assert!(matches!(call.state, State::Lean(_)));
        setup(&mut Setup { call: &mut call });
        call.start_after_setup();
        call.end_well();
    }

    /// How many calls started in a series, and how many ended.
    fn counted(site: &'static Site, series: SeriesIndex) -> (u64, u64) {
        let series = site.cells.series(series);
        (series.started(), series.read().ended())
    }

    #[test]
    fn each_combination_is_counted_in_its_series() {
        static SITE: Site = Site::new(|| {}).metered().labels(&["hit", "late"]);
        let all = [(false, false), (false, true), (true, false), (true, true)];
        // Each is new at first and known after that.
        for _ in 0..3 {
            for (times, (hit, late)) in (1..).zip(all) {
                for _ in 0..times {
                    run(&SITE, |call| call.labels(&[label(&hit), label(&late)]));
                }
            }
        }
        for (times, (hit, late)) in (1..).zip(all) {
            let series = SITE.cells.starting(&[label(&hit), label(&late)]);
            assert_eq!(counted(&SITE, series), (3 * times, 3 * times));
        }
        assert_eq!(counted(&SITE, SeriesIndex::PLAIN), (0, 0));
        assert_eq!(counted(&SITE, SeriesIndex::OVERFLOW), (0, 0));
    }

    #[test]
    fn labels_that_are_not_known_are_counted_in_the_overflow_series() {
        static SITE: Site = Site::new(|| {}).metered().labels(&["hit"]);
        let unknown = LabelValue::Listed {
            values: &["false", "true"],
            index: 2,
        };
        run(&SITE, |call| call.labels(&[label(&true)]));
        run(&SITE, |call| call.labels(&[unknown]));
        run(&SITE, |call| {
            call.try_labels(|_| std::panic::resume_unwind(Box::new("no label")));
        });
        let known = SITE.cells.starting(&[label(&true)]);
        assert_eq!(counted(&SITE, known), (1, 1));
        assert_eq!(counted(&SITE, SeriesIndex::OVERFLOW), (2, 2));
    }

    #[test]
    fn a_list_of_another_length_takes_no_series_of_the_first_one() {
        static SITE: Site = Site::new(|| {}).metered().labels(&["tier"]);
        let tier = |values, index| LabelValue::Listed { values, index };
        let short = |index| tier(&["a", "b"], index);
        run(&SITE, |call| call.labels(&[short(0)]));
        run(&SITE, |call| call.labels(&[short(1)]));
        // The number in its own list, 3, is that of `b` in the other.
        run(&SITE, |call| call.labels(&[tier(&["a", "b", "c"], 0)]));
        let counts = [0, 1].map(|index| counted(&SITE, SITE.cells.starting(&[short(index)])));
        assert_eq!(counts, [(2, 2), (1, 1)]);
    }
}
