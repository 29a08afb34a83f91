//! The `metrics` facade: the registry is its recorder.

use std::sync::{Mutex, PoisonError};

use tachograph::Registry;

use crate::error::BuildError;

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
