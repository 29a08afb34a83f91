//! How a call ends: what is recorded of its result, and what its outcome is.

use proc_macro2::{Ident, TokenStream};
use quote::{quote, quote_spanned};
use syn::parse_quote;

use crate::metered::Metered;
use crate::probe::Probe;
use crate::tokens::{borrowed, local};
use crate::traced::Traced;
use crate::{function, metered, parameters, traced};

/// How the result is looked at.
pub(super) fn outcome(probe: &Probe) -> TokenStream {
    let (call, result) = (local("call"), local("result"));
    let outcome = outcome_of(probe, &call, &result);
    if probe.judge.is_some() {
        quote! { |#result, #call| #outcome }
    } else if function::cannot_fail(&probe.function.sig) {
        quote! { |_, _| #outcome }
    } else {
        quote! { |#result, _| #outcome }
    }
}

/// What is recorded of the result, and then its outcome.
pub(super) fn end(probe: &Probe) -> Option<TokenStream> {
    let private = probe.private();
    let (call, result, outcome) = (local("call"), local("result"), local("outcome"));
    let seen = (&result, &outcome);
    let traced = probe.traced.as_ref();
    let fields = traced.map(|traced| traced::end(traced, &private, &call, seen));
    let metered = probe.metered.as_ref();
    let labels = metered.map(|metered| metered::end(metered, &private, &call, seen));
    // Labels last: what panics has no labels of its result.
    let recorded = quote! { #fields #labels };
    if recorded.is_empty() {
        return None;
    }
    let outcome_of = outcome_of(probe, &call, &result);
    let at_end = traced.into_iter().flat_map(Traced::at_end);
    let at_end = at_end.chain(metered.into_iter().flat_map(Metered::at_end));
    let kept = parameters::used(at_end, &probe.function.sig);
    let kept = kept.into_iter().map(|name| {
        let at = name.span();
        let (here, name) = (probe.private_at(at), borrowed(parse_quote!(#name)));
        quote_spanned! { at=> #here::kept(#name); }
    });
    Some(quote! {
        |#result, #call| {
            let #outcome = #outcome_of;
            #(#kept)*
            #recorded
            #outcome
        }
    })
}

/// By its type, or as the function's own judge says.
fn outcome_of(probe: &Probe, call: &Ident, result: &Ident) -> TokenStream {
    let private = probe.private();
    let by_type = match outcome_by_type(probe, result) {
        None => quote! { #private::Outcome::Ok },
        Some(outcome) => outcome,
    };
    match &probe.judge {
        None => by_type,
        Some(judge) => judge.verdict(call, by_type, result),
    }
}

/// Nothing where the type alone says that it is no error.
fn outcome_by_type(probe: &Probe, result: &Ident) -> Option<TokenStream> {
    if function::cannot_fail(&probe.function.sig) {
        return None;
    }
    let private = probe.private();
    let message = probe
        .traced
        .as_ref()
        .and_then(|traced| traced.error_message.as_ref());
    Some(match message {
        None => quote! { #private::outcome!(#result) },
        Some(message) => {
            // An error type that cannot be shown is underlined where it is written.
            let at = function::error_span(&probe.function.sig);
            let here = probe.private_at(at);
            let message = Ident::new(&message.to_string(), at);
            quote_spanned! { at=> #here::outcome!(#result, #message) }
        }
    })
}
