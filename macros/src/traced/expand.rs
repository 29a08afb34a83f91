//! What `#[traced(..)]` becomes: a part of the site, and the fields recorded when a call starts.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::parse_quote;

use super::Traced;
use super::parse::{Field, FieldValue};
use super::values::SpanName;
use crate::expand::borrowed;

pub(crate) fn site(traced: &Traced, private: &TokenStream) -> TokenStream {
    let mut site = quote! { .traced() };
    match &traced.name {
        Some(SpanName::Literal(name)) => site.extend(quote! { .span_name(#name) }),
        Some(SpanName::Path(name)) => site.extend(quote! { .span_name(#name) }),
        None => {}
    }
    if let Some(kind) = traced.kind.filter(|kind| *kind != "Internal") {
        let kind = format_ident!("{kind}");
        site.extend(quote! { .kind(#private::SpanKind::#kind) });
    }
    site
}

pub(crate) fn start(traced: &Traced, private: &TokenStream, call: &Ident) -> TokenStream {
    let fields: Vec<TokenStream> = traced
        .fields
        .iter()
        .filter_map(|field| value(field, private))
        .map(|(key, value)| {
            quote! { #call.field(#key, #value); }
        })
        .collect();
    if fields.is_empty() {
        return TokenStream::new();
    }
    quote! {
        if #call.is_recording() {
            #(#fields)*
        }
    }
}

/// The key and the value of a field that is known when the call starts.
fn value(field: &Field, private: &TokenStream) -> Option<(String, TokenStream)> {
    let (how, value) = match &field.value {
        FieldValue::Empty => return None,
        FieldValue::Parameter => {
            let parameter = &field.key.0[0];
            ("value", parse_quote!(#parameter))
        }
        FieldValue::Typed(value) => ("value", value.clone()),
        FieldValue::Display(value) => ("display", value.clone()),
        FieldValue::Debug(value) => ("debug", value.clone()),
    };
    let (how, value) = (format_ident!("{how}"), borrowed(value));
    Some((field.key.to_string(), quote! { #private::#how(#value) }))
}
