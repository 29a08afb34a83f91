//! A function with all that its calls record: one probe, whichever attributes stand on it.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{ItemFn, Path};

use crate::judge::Judge;
use crate::metered::Metered;
use crate::tokens::located;
use crate::traced::Traced;

/// A function with all that its calls record.
pub(crate) struct Probe {
    /// Where the runtime is, if not at `::tachograph`.
    pub(crate) krate: Option<Path>,
    /// Who decides the outcome, if not the type of the result.
    pub(crate) judge: Option<Judge>,
    pub(crate) metered: Option<Metered>,
    pub(crate) traced: Option<Traced>,
    pub(crate) function: ItemFn,
}

impl Probe {
    /// The path to all that generated code may name.
    pub(crate) fn private(&self) -> TokenStream {
        private(self.krate.as_ref())
    }

    /// The same, as if it were written at `place`.
    pub(crate) fn private_at(&self, place: Span) -> TokenStream {
        let Some(krate) = &self.krate else {
            return quote_spanned! { place=> ::tachograph::__private };
        };
        let krate = located(krate, place);
        quote_spanned! { place=> #krate::__private }
    }
}

/// The path to all that generated code may name.
pub(crate) fn private(krate: Option<&Path>) -> TokenStream {
    match krate {
        None => quote! { ::tachograph::__private },
        Some(krate) => quote! { #krate::__private },
    }
}
