//! `#[derive(Label)]`: the variants of an enum as the values of a label.

use ident_case::RenameRule;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;
use syn::{Data, DataEnum, DeriveInput, Fields, Variant};

use super::options::{self, EnumOptions, ItemOptions};
use super::variants::Name;
use crate::report::{Faults, fault};

const ATTRIBUTE: &str = "label";

pub(crate) fn expand(input: DeriveInput, faults: &mut Faults) -> TokenStream {
    let DeriveInput {
        attrs,
        ident: name,
        generics,
        data,
        ..
    } = input;
    let options: EnumOptions = options::read(ATTRIBUTE, &attrs, EnumOptions::USAGES, faults);
    let private = options::private(options.krate, faults);
    let case = Name::case(options.rename_all, faults).unwrap_or_default();
    let variants = unit_variants(&name, data, faults);
    let values = texts(&variants, case, faults);
    let index = if faults.is_empty() {
        let variants = variants.iter().map(|variant| &variant.ident);
        let indices = (0..variants.len()).map(Literal::usize_unsuffixed);
        quote! { match self { #(Self::#variants => #indices,)* } }
    } else {
        quote! { 0 }
    };
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #impl_generics #private::Label for #name #type_generics #where_clause {
            const VALUES: &'static [&'static str] = &[#(#values),*];
            const IS_DERIVED: bool = true;

            fn index(&self) -> usize {
                #index
            }
        }
    }
}

/// The text of each variant, no two of which are the same.
fn texts(variants: &[Variant], case: RenameRule, faults: &mut Faults) -> Vec<String> {
    let mut texts: Vec<(String, &Ident)> = Vec::new();
    for variant in variants {
        let options: ItemOptions =
            options::read(ATTRIBUTE, &variant.attrs, ItemOptions::USAGES, faults);
        let otherwise = |name| case.apply_to_variant::<String>(name);
        let name = Name::new(&variant.ident, options.rename, otherwise, faults);
        if let Some((_, first)) = texts.iter().find(|(known, _)| *known == name.text) {
            let what = format!("`{}` and `{first}` are both `{}`", variant.ident, name.text);
            let at = Ident::new("at", name.place);
            faults.push(fault(at, what, "`rename` one of them"));
        }
        texts.push((name.text, &variant.ident));
    }
    texts.into_iter().map(|(text, _)| text).collect()
}

/// The variants, of which each is one value.
fn unit_variants(name: &Ident, data: Data, faults: &mut Faults) -> Vec<Variant> {
    const HELP: &str = "values that are not known in advance are bounded where they are used: \
        `labels(user(user.id, max = 100))`";
    let other = match data {
        Data::Enum(DataEnum { variants, .. }) => {
            if variants.is_empty() {
                let what = format!("`{name}` has no variants, so no value could ever be shown");
                faults.push(fault(
                    name,
                    what,
                    "add the values that you want to tell apart",
                ));
            }
            for variant in &variants {
                if !matches!(variant.fields, Fields::Unit) {
                    let what = format!(
                        "`#[derive(Label)]` lists the variants of an enum, and `{}` holds data that it cannot list",
                        variant.ident
                    );
                    faults.push(fault(&variant.fields, what, HELP));
                }
            }
            return variants.into_iter().collect();
        }
        Data::Struct(data) => (data.struct_token.span, "a struct"),
        Data::Union(data) => (data.union_token.span, "a union"),
    };
    let (place, kind) = other;
    let what =
        format!("`#[derive(Label)]` goes on an enum, whose variants are the values, not on {kind}");
    faults.push(fault(Ident::new("at", place), what, HELP));
    Vec::new()
}
