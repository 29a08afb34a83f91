//! The derives: `Label`, `LabelSet` and `ErrorType`.

mod error_type;
mod label;
mod label_set;
mod options;
mod variants;

use proc_macro2::TokenStream;
use syn::DeriveInput;

use crate::report::{self, Faults};

/// Expands a derive, or says what is wrong and implements the trait all the same, so that its uses compile.
fn derive(
    input: TokenStream,
    expand: impl FnOnce(DeriveInput, &mut Faults) -> TokenStream,
) -> TokenStream {
    report::catch_bugs(TokenStream::new(), |_| {
        let mut faults = Faults::default();
        let implementation = faults
            .handle(syn::parse2(input))
            .map(|input| expand(input, &mut faults));
        faults.beside(implementation)
    })
}

pub(crate) fn label(input: TokenStream) -> TokenStream {
    derive(input, label::expand)
}

pub(crate) fn label_set(input: TokenStream) -> TokenStream {
    derive(input, label_set::expand)
}

pub(crate) fn error_type(input: TokenStream) -> TokenStream {
    derive(input, error_type::expand)
}
