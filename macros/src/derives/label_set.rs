//! `#[derive(LabelSet)]`: the fields of a struct as labels of an instrument.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Field, Fields, FieldsNamed};

use super::options::{self, ItemOptions, SetOptions};
use super::variants::Name;
use crate::metered;
use crate::report::{Faults, fault};

const ATTRIBUTE: &str = "label";

pub(crate) fn expand(input: DeriveInput, faults: &mut Faults) -> TokenStream {
    let DeriveInput {
        attrs,
        ident,
        generics,
        data,
        ..
    } = input;
    let options: SetOptions = options::read(ATTRIBUTE, &attrs, SetOptions::USAGES, faults);
    let private = options::private(options.krate, faults);
    let fields = named_fields(&ident, data, faults);
    let names = names(&fields, faults);
    let values = fields.iter().map(|field| {
        let name = &field.ident;
        // A type that is no label is underlined where it is written.
        let at = Span::call_site().located_at(field.ty.span());
        let value = quote_spanned! { at=> &self.#name };
        quote! { #private::label_text(#value) }
    });
    let number = Literal::usize_unsuffixed(fields.len());
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        impl #impl_generics #private::LabelSet<#number> for #ident #type_generics #where_clause {
            const NAMES: [&'static str; #number] = [#(#names),*];

            fn values(&self) -> [&'static str; #number] {
                [#(#values),*]
            }
        }
    }
}

/// The name of each label, which is there once.
fn names(fields: &[Field], faults: &mut Faults) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for field in fields {
        let options: ItemOptions =
            options::read(ATTRIBUTE, &field.attrs, ItemOptions::USAGES, faults);
        let Some(ident) = &field.ident else { continue };
        let Name { text, place } = Name::new(ident, options.rename, |name| name, faults);
        let at = Ident::new("at", place);
        faults.handle(metered::check_label(&text, &at, &[]));
        if names.contains(&text) {
            faults.push(fault(
                at,
                format!("label `{text}` is there twice"),
                "keep one",
            ));
        }
        names.push(text);
    }
    names
}

fn named_fields(name: &Ident, data: Data, faults: &mut Faults) -> Vec<Field> {
    let (place, kind) = match data {
        Data::Struct(data) => match data.fields {
            Fields::Named(FieldsNamed { named, .. }) if !named.is_empty() => {
                return named.into_iter().collect();
            }
            Fields::Unnamed(_) => (name.span(), "one whose fields have no names"),
            _ => (name.span(), "one without fields"),
        },
        Data::Enum(data) => (data.enum_token.span, "an enum"),
        Data::Union(data) => (data.union_token.span, "a union"),
    };
    let what =
        format!("`#[derive(LabelSet)]` goes on a struct whose fields are labels, not on {kind}");
    let help = if kind == "an enum" {
        "`#[derive(Label)]` makes its variants the values of one label"
    } else {
        "name the fields as the labels are called: `tier: Tier`"
    };
    faults.push(fault(Ident::new("at", place), what, help));
    Vec::new()
}
