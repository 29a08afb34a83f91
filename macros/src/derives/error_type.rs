//! `#[derive(ErrorType)]`: what `error.type` says of an error.

use ident_case::RenameRule;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::spanned::Spanned;
use syn::{Data, DeriveInput, Variant};

use super::options::{self, ErrorOptions, ErrorVariantOptions};
use super::variants::Name;
use crate::report::{Faults, fault};
use crate::tokens::{local, located};

const ATTRIBUTE: &str = "error_type";

pub(crate) fn expand(input: DeriveInput, faults: &mut Faults) -> TokenStream {
    let DeriveInput {
        attrs,
        ident,
        generics,
        data,
        ..
    } = input;
    let options: ErrorOptions = options::read(ATTRIBUTE, &attrs, ErrorOptions::USAGES, faults);
    let private = options::private(options.krate, faults);
    let renamed_all = options.rename_all.as_ref().map(|case| case.key.clone());
    let case = Name::case(options.rename_all, faults);
    let text = if let Data::Enum(data) = data {
        if let Some(rename) = options.rename {
            let what = "an enum has a name for each variant";
            faults.push(fault(rename.key, what, "`rename` the variants"));
        }
        let arms = data
            .variants
            .iter()
            .map(|variant| arm(&ident, variant, case, &private, faults));
        let arms: Vec<_> = arms.collect();
        // A reference to what cannot be still has to be looked at.
        let this = if arms.is_empty() {
            quote! { *self }
        } else {
            quote! { self }
        };
        quote! { match #this { #(#arms)* } }
    } else {
        if let Some(key) = renamed_all {
            let what = "`rename_all` is about the variants of an enum";
            faults.push(fault(key, what, "`rename = \"..\"`"));
        }
        let name = Name::new(&ident, options.rename, |name| name, faults);
        name.text.to_token_stream()
    };
    let text = if faults.is_empty() {
        text
    } else {
        quote! { "" }
    };
    let (impl_generics, type_generics, where_clause) = generics.split_for_impl();
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #impl_generics #private::ErrorType for #ident #type_generics #where_clause {
            fn error_type(&self) -> &'static str {
                #text
            }
        }
    }
}

/// `Self::Declined { .. } => "PaymentError::Declined",`
fn arm(
    error: &Ident,
    variant: &Variant,
    case: Option<RenameRule>,
    private: &TokenStream,
    faults: &mut Faults,
) -> TokenStream {
    let options: ErrorVariantOptions = options::read(
        ATTRIBUTE,
        &variant.attrs,
        ErrorVariantOptions::USAGES,
        faults,
    );
    let ident = &variant.ident;
    if options.transparent {
        if let Some(rename) = &options.rename {
            let what =
                "a transparent variant says what its error says, so `rename` has nothing to do";
            faults.push(fault(&rename.key, what, "keep one of the two"));
        }
        if let (Some(member), Some(field), 1) = (
            variant.fields.members().next(),
            variant.fields.iter().next(),
            variant.fields.len(),
        ) {
            // A type that does not say what it is is underlined where it is written.
            let source = located(local("source"), field.ty.span());
            return quote! {
                Self::#ident { #member: #source } => #private::ErrorType::error_type(#source),
            };
        }
        let what = format!("a transparent variant holds one error, and `{ident}` does not");
        faults.push(fault(
            ident,
            what,
            format!("`{ident}(Error)`, or drop `transparent`"),
        ));
    }
    let otherwise = |name: String| match case {
        Some(case) => case.apply_to_variant(name),
        None => format!("{error}::{name}"),
    };
    let Name { text, .. } = Name::new(ident, options.rename, otherwise, faults);
    quote! { Self::#ident { .. } => #text, }
}
