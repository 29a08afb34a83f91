//! What the registry does not keep apart or turns away, told once.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tachograph::Registry;
use tokio::time::sleep;

use crate::error::ExportError;
use crate::report::Reporter;

/// Often enough for people, and seldom enough to cost nothing.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Looks at the registry now and then.
pub(crate) struct Lookout {
    registry: Registry,
    reporter: Arc<Reporter>,
    told: Mutex<Told>,
}

#[derive(Default)]
struct Told {
    /// So many metrics of the `metrics` facade whose names are taken.
    conflicts: usize,
    /// Functions with labels that are full.
    full_labels: HashSet<(&'static str, &'static str)>,
    /// So many metrics of which a callback panicked.
    callbacks: usize,
    /// So many losses of functions.
    losses: usize,
}

impl Lookout {
    pub(crate) fn new(registry: Registry, reporter: Arc<Reporter>) -> Arc<Self> {
        Arc::new(Self {
            registry,
            reporter,
            told: Mutex::default(),
        })
    }

    /// Never ends.
    pub(crate) async fn run(self: Arc<Self>) {
        loop {
            self.tell();
            sleep(LOOK_EVERY).await;
        }
    }

    /// Tells of what is new.
    pub(crate) fn tell(&self) {
        for error in self.news() {
            self.reporter.report(&error);
        }
    }

    fn news(&self) -> Vec<ExportError> {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let Told {
            conflicts: told_conflicts,
            full_labels: told_labels,
            callbacks: told_callbacks,
            losses: told_losses,
        } = &mut *told;
        let conflicts = self.registry.facade_conflicts();
        let known = std::mem::replace(told_conflicts, conflicts.len());
        let conflicts = conflicts.into_iter().skip(known).map(ExportError::Metric);
        let full_labels = self.registry.full_labels().into_iter();
        let full_labels =
            full_labels.filter(|(site, label)| told_labels.insert((site.path(), label)));
        let full_labels = full_labels.map(|(site, label)| ExportError::FullLabel {
            function: site.path(),
            label,
        });
        let callbacks = self.registry.panicked_callbacks();
        let known = std::mem::replace(told_callbacks, callbacks.len());
        let callbacks = callbacks.into_iter().skip(known);
        let callbacks = callbacks.map(|(metric, declaration)| ExportError::Callback {
            metric,
            declaration,
        });
        let losses = self.registry.lost_values();
        let known = std::mem::replace(told_losses, losses.len());
        let losses = losses.into_iter().skip(known);
        let losses = losses.map(|(site, cause)| ExportError::LostValue {
            function: site.path(),
            problem: match cause {
                "panic" => "panicked",
                _ => "gave up, as a `Display` that returns an error does",
            },
        });
        conflicts
            .chain(full_labels)
            .chain(callbacks)
            .chain(losses)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use tachograph::metered;
    use tachograph::testing::Recorder;
    use tracing::level_filters::LevelFilter;

    use super::*;

    #[metered(labels(user(user, max = 1)), on_ok(size(ok, max = 1)))]
    fn greet(user: &str) -> usize {
        user.len()
    }

    #[metered(labels(half = never()))]
    fn unlabelled() {}

    fn never() -> bool {
        panic!("on purpose")
    }

    #[test]
    fn a_lost_value_is_told_of_once() {
        let recorder = Recorder::new();
        let reporter = Arc::new(Reporter::new(None, LevelFilter::OFF));
        let lookout = Lookout::new(recorder.registry().clone(), reporter);
        let news = || {
            recorder.in_scope(unlabelled);
            let news = lookout.news().into_iter();
            news.map(|error| error.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(
            news(),
            [
                "calls of `tachograph_exporters::lookout::tests::unlabelled` lost values: the code that should tell them \
                 panicked; `tachograph.values.lost` counts them"
            ]
        );
        assert!(news().is_empty());
    }

    #[test]
    fn a_full_label_is_told_of_once() {
        let recorder = Recorder::new();
        let reporter = Arc::new(Reporter::new(None, LevelFilter::OFF));
        let lookout = Lookout::new(recorder.registry().clone(), reporter);
        let news = |users: [&str; 2]| {
            recorder.in_scope(|| users.map(greet));
            let news = lookout.news().into_iter();
            news.map(|error| error.to_string()).collect::<Vec<_>>()
        };
        assert!(news(["ann", "ann"]).is_empty());
        assert_eq!(
            news(["bob", "cid"]),
            [
                "the label `user` of `tachograph_exporters::lookout::tests::greet` has more values than it tells apart, and \
                 shows the others as `_OTHER`: raise its `max`, or label calls by something with fewer values"
            ]
        );
        let size = &news(["edgar", "ann"])[..];
        assert!(
            matches!(size, [size] if size.starts_with("the label `size`")),
            "{size:?}"
        );
        assert!(news(["edgar", "bob"]).is_empty());
    }

    #[test]
    fn a_callback_that_panics_is_told_of_once() {
        let recorder = Recorder::new();
        let gauge = recorder.registry().observable_gauge("heat");
        let callback = gauge.build(|_| std::panic::resume_unwind(Box::new("no sensor")));
        let callback = callback.expect("the name is free");
        let reporter = Arc::new(Reporter::new(None, LevelFilter::OFF));
        let lookout = Lookout::new(recorder.registry().clone(), reporter);
        let told = || {
            let _ = recorder.registry().snapshot();
            lookout
                .news()
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
        };
        let [first, second] = [told(), told()];
        assert!(
            first[0].starts_with("a callback of `heat`, built at ") && first[0].contains(file!()),
            "{first:?}"
        );
        assert_eq!((first.len(), second.len()), (1, 0));
        drop(callback);
    }
}
