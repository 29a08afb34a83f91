//! The `metrics` facade: the registry is its recorder, and what it turns away is told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tachograph::Registry;
use tokio::time::sleep;

use crate::error::{BuildError, ExportError};
use crate::report::Reporter;

/// Makes the global registry the recorder of the whole program, once and for all.
///
/// # Errors
///
/// [`BuildError::RecorderTaken`] if another one is.
pub(crate) fn install() -> Result<(), BuildError> {
    static IS_OURS: Mutex<bool> = Mutex::new(false);
    let mut is_ours = IS_OURS.lock().unwrap_or_else(PoisonError::into_inner);
    if !*is_ours {
        metrics::set_global_recorder(Registry::global().clone())
            .map_err(|_| BuildError::RecorderTaken)?;
        *is_ours = true;
    }
    Ok(())
}

/// Tells of metrics that others record under a name that is taken.
pub(crate) struct Conflicts {
    registry: Registry,
    reporter: Arc<Reporter>,
    told: AtomicUsize,
}

impl Conflicts {
    pub(crate) fn new(registry: Registry, reporter: Arc<Reporter>) -> Arc<Self> {
        Arc::new(Self {
            registry,
            reporter,
            told: AtomicUsize::new(0),
        })
    }

    /// Looks now and then. Never ends.
    pub(crate) async fn run(self: Arc<Self>) {
        loop {
            self.tell();
            sleep(Duration::from_secs(5)).await;
        }
    }

    /// Tells of those that are new.
    pub(crate) fn tell(&self) {
        let conflicts = self.registry.facade_conflicts();
        let told = self.told.swap(conflicts.len(), Ordering::Relaxed);
        for conflict in conflicts.into_iter().skip(told) {
            self.reporter.report(&ExportError::Metric(conflict));
        }
    }
}
