//! The list of all sites: by the linker, on the platforms where it can, else each from its first call on.

use std::sync::{Mutex, PoisonError};

use crate::site::{self, Site};

/// Sites that no linker lists: on platforms without the means, each joins at its first call.
static JOINED: Mutex<Vec<&'static Site>> = Mutex::new(Vec::new());

/// Every annotated function of the crates linked into this program, sorted by path and line.
///
/// On Linux, macOS, Windows and the BSDs all are there before their first call; elsewhere, and under Miri, a function
/// joins when it is first called while somebody listens.
#[must_use]
pub fn sites() -> Vec<&'static Site> {
    let mut sites = Vec::new();
    for_each(|site| sites.push(site));
    sites.sort_by_key(|&site: &&'static Site| {
        let place = site.location();
        (site.path(), place.line(), place.column())
    });
    sites
}

/// The same in any order, which costs nothing.
pub(crate) fn for_each(see: impl FnMut(&'static Site)) {
    let joined = JOINED.lock().unwrap_or_else(PoisonError::into_inner);
    let all = by_linker::sites().iter().chain(&*joined);
    all.copied().for_each(see);
}

/// Adds a site to the list, where the linker does not do it.
#[inline]
pub(crate) fn join(site: &'static Site) {
    if !by_linker::LISTS {
        site.joined.call_once(|| {
            JOINED
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(site);
            site::apply_to_new(site);
        });
    }
}

#[cfg(all(
    not(miri),
    any(
        target_os = "linux",
        target_os = "android",
        target_os = "macos",
        target_os = "ios",
        target_os = "windows",
        target_os = "freebsd",
        target_os = "openbsd",
    ),
))]
pub(crate) mod by_linker {
    use super::Site;

    /// Whether the linker lists the sites of this program.
    pub(super) const LISTS: bool = true;

    // The name carries this crate's version, so that two versions of it in one program keep apart.
    tachograph_macros::versioned! {
        /// Every annotated function of the crates linked into this program.
        #[linkme::distributed_slice]
        pub static SITES: [&'static Site];
    }

    pub(super) fn sites() -> &'static [&'static Site] {
        &SITES
    }

    /// Makes a static of a site and lists it.
    #[doc(hidden)]
    #[macro_export]
    macro_rules! __site {
        ($init:expr) => {{
            static __TACHOGRAPH_SITE: $crate::__private::Site = $init.within(
                ::core::module_path!(),
                ::core::option_env!("CARGO_PKG_VERSION"),
            );
            #[$crate::__private::linkme::distributed_slice($crate::__private::SITES)]
            #[linkme(crate = $crate::__private::linkme)]
            static __TACHOGRAPH_LISTED: &$crate::__private::Site = &__TACHOGRAPH_SITE;
            &__TACHOGRAPH_SITE
        }};
    }
}

#[cfg(not(all(
    not(miri),
    any(
        target_os = "linux",
        target_os = "android",
        target_os = "macos",
        target_os = "ios",
        target_os = "windows",
        target_os = "freebsd",
        target_os = "openbsd",
    ),
)))]
pub(crate) mod by_linker {
    use super::Site;

    /// Whether the linker lists the sites of this program.
    pub(super) const LISTS: bool = false;

    pub(super) fn sites() -> &'static [&'static Site] {
        &[]
    }

    /// Makes a static of a site.
    #[doc(hidden)]
    #[macro_export]
    macro_rules! __site {
        ($init:expr) => {{
            static __TACHOGRAPH_SITE: $crate::__private::Site = $init.within(
                ::core::module_path!(),
                ::core::option_env!("CARGO_PKG_VERSION"),
            );
            &__TACHOGRAPH_SITE
        }};
    }
}
