//! The sites that the linker gathers, on the platforms where it can.

use crate::site::Site;

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
mod by_linker {
    use super::Site;

    /// Whether the linker lists the sites of this program.
    pub(crate) const LINKER_LISTS: bool = true;

    // The name carries this crate's version, so that two versions of it in one program keep apart.
    tachograph_macros::versioned! {
        /// Every annotated function of the crates linked into this program.
        #[linkme::distributed_slice]
        pub static SITES: [&'static Site];
    }

    pub(crate) fn sites() -> &'static [&'static Site] {
        &SITES
    }

    /// Makes a static of a site and lists it.
    #[doc(hidden)]
    #[macro_export]
    macro_rules! __site {
        ($init:expr) => {{
            static SITE: $crate::__private::Site = $init.within(
                ::core::module_path!(),
                ::core::option_env!("CARGO_PKG_VERSION"),
            );
            #[$crate::__private::linkme::distributed_slice($crate::__private::SITES)]
            #[linkme(crate = $crate::__private::linkme)]
            static LISTED: &$crate::__private::Site = &SITE;
            &SITE
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
mod by_linker {
    use super::Site;

    /// Whether the linker lists the sites of this program.
    pub(crate) const LINKER_LISTS: bool = false;

    pub(crate) fn sites() -> &'static [&'static Site] {
        &[]
    }

    /// Makes a static of a site.
    #[doc(hidden)]
    #[macro_export]
    macro_rules! __site {
        ($init:expr) => {{
            static SITE: $crate::__private::Site = $init.within(
                ::core::module_path!(),
                ::core::option_env!("CARGO_PKG_VERSION"),
            );
            &SITE
        }};
    }
}

pub use by_linker::*;
