//! Which functions make spans at all, decided for each once and not at its calls.

use std::sync::{Arc, PoisonError, RwLock};

use super::Site;
use crate::listed;

type Keep = Arc<dyn Fn(&Site) -> bool + Send + Sync>;

static FILTER: RwLock<Option<Keep>> = RwLock::new(None);

/// From now on spans begin only in functions that `keep` says yes to, by their level, target, module or name.
///
/// It is asked once for each function of the program, and its answer is kept in a bit that calls look at anyway: a
/// function that is left out costs what one without `#[traced]` does. What it calls is asked for itself, and becomes part
/// of the span that is left. It replaces an earlier filter; [`unfilter_spans`] takes it away. Spans that code starts by
/// hand are not concerned.
///
/// ```
/// use tachograph::trace::{self, Level};
///
/// trace::filter_spans(|site| site.span_level() >= Level::Info || site.module().starts_with("shop::payment"));
/// # trace::unfilter_spans();
/// ```
pub fn filter_spans(keep: impl Fn(&Site) -> bool + Send + Sync + 'static) {
    set(Some(Arc::new(keep)));
}

/// Takes the filter away that [`filter_spans`] has set.
pub fn unfilter_spans() {
    set(None);
}

fn set(keep: Option<Keep>) {
    let previous = {
        // Held while the sites are asked, so that of two filters the last one stays. A filter must set none itself.
        let mut filter = FILTER.write().unwrap_or_else(PoisonError::into_inner);
        for site in listed::sites() {
            apply(keep.as_ref(), site);
        }
        std::mem::replace(&mut *filter, keep)
    };
    // Its destructor is the user's code.
    drop(previous);
}

/// Asks the filter of a function that has joined the list later.
pub(crate) fn apply_to_new(site: &Site) {
    let filter = FILTER.read().unwrap_or_else(PoisonError::into_inner);
    apply(filter.as_ref(), site);
}

fn apply(keep: Option<&Keep>, site: &Site) {
    let is_kept = keep.is_none_or(|keep| keep(site));
    site.switches.set_filtered(site.records, !is_kept);
}
