//! Faults: how they are worded, collected, and handed to the compiler beside the user's item.
//!
//! Stable Rust gives a macro errors only, so the reason and the text to type stand in the one message, after `help:`.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Error;

/// Collects faults, so that a user with three mistakes hears of all three at once.
#[derive(Default)]
pub(crate) struct Faults(Option<Error>);

impl Faults {
    pub(crate) fn push(&mut self, fault: impl Into<Error>) {
        match &mut self.0 {
            Some(faults) => faults.combine(fault.into()),
            None => self.0 = Some(fault.into()),
        }
    }

    /// Keeps the fault, or returns the value.
    pub(crate) fn handle<T, E: Into<Error>>(&mut self, result: Result<T, E>) -> Option<T> {
        result.map_err(|fault| self.push(fault)).ok()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn finish(self) -> syn::Result<()> {
        self.0.map_or(Ok(()), Err)
    }

    /// The faults, and the item as it would be without the attribute: its callers compile.
    pub(crate) fn beside(self, item: impl ToTokens) -> TokenStream {
        let faults = self.0.map(|faults| faults.to_compile_error());
        quote! { #faults #item }
    }
}

/// A fault at `tokens`: what is wrong, and the text to type instead.
pub(crate) fn fault(tokens: impl ToTokens, what: impl Display, help: impl Display) -> Error {
    Error::new_spanned(tokens, format!("{what}\nhelp: {help}"))
}

/// Runs `expand`; if it panics, that is our bug, and the message says so.
pub(crate) fn catch_bugs(
    item: TokenStream,
    expand: impl FnOnce(TokenStream) -> TokenStream,
) -> TokenStream {
    let plain = item.clone();
    catch_unwind(AssertUnwindSafe(|| expand(item))).unwrap_or_else(|_| {
        let bug = "this is a bug in tachograph's macros: please report it with the function that shows it";
        let mut faults = Faults::default();
        faults.push(Error::new(Span::call_site(), bug));
        faults.beside(plain)
    })
}

/// Tokens as a person would write them, for messages.
pub(crate) fn text(tokens: impl ToTokens) -> String {
    let mut text = tokens.to_token_stream().to_string();
    for (spaced, tight) in [
        (" :: ", "::"),
        (":: ", "::"),
        (" . ", "."),
        (" (", "("),
        ("( ", "("),
        (" )", ")"),
        (" ,", ","),
        (" !", "!"),
        ("& ", "&"),
        (" < ", "<"),
        (" >", ">"),
    ] {
        text = text.replace(spaced, tight);
    }
    text
}

/// The candidate that was probably meant.
pub(crate) fn nearest<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::osa_distance(name, candidate), candidate))
        .filter(|&(distance, candidate)| distance <= candidate.len().div_ceil(3))
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// `` `a`, `b`, `c` ``
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names
        .into_iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
