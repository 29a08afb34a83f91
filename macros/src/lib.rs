//! The attribute macros of Tachograph; use them through the `tachograph` crate.

mod versioned;

/// Puts the version of the calling crate into the name of a static. For the runtime only.
#[doc(hidden)]
#[proc_macro]
pub fn versioned(item: proc_macro::TokenStream) -> proc_macro::TokenStream {
    versioned::expand(item.into()).into()
}
