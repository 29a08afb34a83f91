//! What `#[metered(..)]` becomes: a part of the site, and the values of its labels when a call starts.

use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::Metered;
use super::labels::DynamicValue;
use crate::expand::borrowed;

pub(crate) fn site(metered: &Metered) -> TokenStream {
    let Metered {
        family,
        buckets,
        fixed_labels,
        labels,
    } = metered;
    let mut site = quote! { .metered() };
    if let Some(family) = family {
        site.extend(quote! { .family(#family) });
    }
    if !buckets.is_empty() {
        site.extend(quote! { .buckets(&[#(#buckets),*]) });
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
    site
}

pub(crate) fn start(metered: &Metered, private: &TokenStream, call: &Ident) -> TokenStream {
    if metered.labels.is_empty() {
        return TokenStream::new();
    }
    let values = metered.labels.iter().map(|(_, value)| match value {
        DynamicValue::Listed(value) => {
            let value = borrowed(value.clone());
            quote! { #private::label(#value) }
        }
        DynamicValue::Bounded(value, max) => {
            let value = borrowed(value.clone());
            let max = Literal::usize_unsuffixed(*max);
            quote! { #private::bounded(#value, #max) }
        }
    });
    quote! {
        if #call.is_metered() {
            #call.labels(&[#(#values),*]);
        }
    }
}
