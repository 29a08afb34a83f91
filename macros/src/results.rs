//! `on_ok` and `on_err`, which both attributes take: what is recorded of a result.

use darling::FromMeta;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::parse::Parse;
use syn::{ItemFn, Meta, Path};

use crate::report::Faults;
use crate::values::Entries;
use crate::{function, parameters};

/// `on_ok(rows = ok.len())`: entries whose expressions see the result.
pub(crate) struct Results<T> {
    key: Path,
    entries: Entries<T>,
}

impl<T: Parse> FromMeta for Results<T> {
    fn from_meta(option: &Meta) -> darling::Result<Self> {
        Ok(Self {
            key: option.path().clone(),
            entries: Entries::from_meta(option)?,
        })
    }
}

impl<T> Results<T> {
    /// The entries of `on_ok`, if there is a result to look at.
    pub(crate) fn of_ok(
        on_ok: Option<Self>,
        function: &ItemFn,
        faults: &mut Faults,
    ) -> Vec<syn::Result<T>> {
        on_ok.map_or_else(Vec::new, |Self { key, entries }| {
            faults.handle(function::reject_unseen_result(&key, function));
            entries.0
        })
    }

    /// The entries of `on_err`, if there can be an error. `judged` says that `ok_if` or `error_if` decides what is one.
    pub(crate) fn of_err(
        on_err: Option<Self>,
        function: &ItemFn,
        judged: bool,
        faults: &mut Faults,
    ) -> Vec<syn::Result<T>> {
        on_err.map_or_else(Vec::new, |Self { key, entries }| {
            faults.handle(if judged {
                function::reject_unseen_result(&key, function)
            } else {
                let instead = "say with `error_if` which results are errors";
                function::reject_no_error(&key, instead, function)
            });
            entries.0
        })
    }
}

/// Runs `on_ok` or `on_err` with what `result` holds; nothing where there is nothing to run.
pub(crate) fn look(
    private: &TokenStream,
    (result, outcome): (&Ident, &Ident),
    [on_ok, on_err]: [TokenStream; 2],
) -> TokenStream {
    let looks = [("ok", on_ok), ("err", on_err)].map(|(name, recorded)| {
        // As the user wrote it, or the name would not be found.
        let seen = parameters::mention(&recorded, name).map(|at| Ident::new(name, at));
        let seen = seen.map_or_else(|| quote! { _ }, Ident::into_token_stream);
        let method = format_ident!("on_{name}");
        (!recorded.is_empty()).then(|| quote! { .#method(|#seen| { #recorded }) })
    });
    if looks.iter().all(Option::is_none) {
        return TokenStream::new();
    }
    let looks = looks.into_iter().flatten();
    quote! { #private::ended!(#result, &#outcome) #(#looks)*; }
}
