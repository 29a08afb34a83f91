//! What `#[metered(..)]` becomes: a part of the site, and the values of its labels when a call starts.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use syn::{Stmt, parse_quote};

use super::Metered;
use super::labels::{self, DynamicValue, LabelValue};
use super::objective::LatencyObjective;
use super::values::Buckets;
use crate::results;
use crate::tokens::{borrowed, local};

pub(crate) fn site(metered: &Metered) -> TokenStream {
    let Metered {
        prefix,
        buckets,
        fixed_labels,
        labels,
        on_ok,
        on_err,
        without_in_flight,
        sample,
        objective,
    } = metered;
    let mut site = quote! { .metered() };
    if let Some(prefix) = prefix {
        site.extend(quote! { .prefixed(#prefix) });
    }
    match buckets {
        Buckets::Default => {}
        Buckets::Explicit(bounds) => {
            let bounds = bounds.iter().copied().map(Literal::f64_unsuffixed);
            site.extend(quote! { .buckets(&[#(#bounds),*]) });
        }
        Buckets::Exponential => site.extend(quote! { .exponential_buckets() }),
    }
    if !fixed_labels.is_empty() {
        let pairs = fixed_labels
            .iter()
            .map(|(name, value)| quote! { (#name, #value) });
        site.extend(quote! { .fixed_labels(&[#(#pairs),*]) });
    }
    if !labels.is_empty() {
        let names = labels.iter().map(|(name, _)| name);
        site.extend(quote! { .labels(&[#(#names),*]) });
    }
    for (method, labels) in [("ok_labels", on_ok), ("err_labels", on_err)] {
        if !labels.is_empty() {
            let names = labels.iter().map(|(name, _)| name);
            let method = format_ident!("{method}");
            site.extend(quote! { .#method(&[#(#names),*]) });
        }
    }
    if *without_in_flight {
        site.extend(quote! { .without_in_flight() });
    }
    if let Some(calls) = sample.map(Literal::u64_unsuffixed) {
        site.extend(quote! { .time_one_in(#calls) });
    }
    if let Some(percent) = objective.success.map(Literal::f64_unsuffixed) {
        site.extend(quote! { .success_objective(#percent) });
    }
    if let Some(LatencyObjective { nanos, percent }) = objective.latency {
        let (nanos, percent) = (
            Literal::u64_unsuffixed(nanos),
            Literal::f64_unsuffixed(percent),
        );
        site.extend(quote! { .latency_objective(#nanos, #percent) });
    }
    site
}

pub(crate) fn start(metered: &Metered, private: &TokenStream, call: &Ident) -> TokenStream {
    if metered.labels.is_empty() {
        return TokenStream::new();
    }
    let values = metered.labels.iter();
    let values = values.map(|(_, value)| dynamic(value, private));
    let labels = quote! { #call.labels(&[#(#values),*]); };
    let mut values = metered.labels.iter().map(|(_, value)| value);
    told(call, &labels, values.all(DynamicValue::is_plain))
}

/// Only where somebody wants it; in a closure of its own where code of the user's may panic.
fn told(call: &Ident, labels: &TokenStream, is_plain: bool) -> TokenStream {
    if is_plain {
        quote! {
            if #call.is_metered() {
                #labels
            }
        }
    } else {
        quote! { #call.try_labels(|#call| { #labels }); }
    }
}

/// The labels of `result` when a call has ended with `outcome`.
pub(crate) fn end(
    metered: &Metered,
    private: &TokenStream,
    call: &Ident,
    seen: (&Ident, &Ident),
) -> TokenStream {
    let sides = [
        ("ok_labels", &metered.on_ok),
        ("err_labels", &metered.on_err),
    ];
    let chosen = sides.map(|(method, labels)| {
        if labels.is_empty() {
            return TokenStream::new();
        }
        let method = format_ident!("{method}");
        let values = labels.iter().map(|(_, value)| match value {
            LabelValue::Fixed(text) => quote! { #private::literal(&[#text]) },
            LabelValue::Dynamic(value) => dynamic(value, private),
        });
        quote! { #call.#method(&[#(#values),*]); }
    });
    let looks = results::look(private, seen, chosen);
    if looks.is_empty() {
        return looks;
    }
    let mut values = metered.on_ok.iter().chain(&metered.on_err);
    let is_plain = values.all(|(_, value)| match value {
        LabelValue::Fixed(_) => true,
        LabelValue::Dynamic(value) => value.is_plain(),
    });
    told(call, &looks, is_plain)
}

fn dynamic(value: &DynamicValue, private: &TokenStream) -> TokenStream {
    match value {
        DynamicValue::Listed(value) => {
            let value = borrowed(value.clone());
            quote! { #private::label(#value) }
        }
        DynamicValue::Bounded(value, max) => {
            let value = borrowed(value.clone());
            let max = Literal::usize_unsuffixed(*max);
            quote! { #private::bounded(#value, #max) }
        }
        DynamicValue::Caller => {
            let caller = local("caller");
            let max = Literal::usize_unsuffixed(labels::MAX_CALLERS);
            quote! { #private::bounded(&#caller, #max) }
        }
    }
}

/// What is asked before a call starts, because only the function itself can ask it.
pub(crate) fn before(metered: &Metered, private: &TokenStream) -> Option<Stmt> {
    let mut labels = metered.labels.iter();
    let asks = labels.any(|(_, value)| matches!(value, DynamicValue::Caller));
    let caller = local("caller");
    asks.then(|| parse_quote! { let #caller = #private::caller(); })
}
