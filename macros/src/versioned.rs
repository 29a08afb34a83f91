//! Names that carry the version of the crate that is being compiled.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;

/// Appends the crate's version to the name of a static, and gives it the plain name as a second one.
pub(crate) fn expand(item: TokenStream) -> TokenStream {
    let version = std::env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let suffix = version.replace(|c: char| !c.is_ascii_alphanumeric(), "_");

    let mut plain = None;
    let mut follows_static = false;
    let versioned: TokenStream = item
        .into_iter()
        .map(|token| match token {
            TokenTree::Ident(name) if follows_static && plain.is_none() => {
                let versioned = Ident::new(&format!("{name}_{suffix}"), name.span());
                plain = Some((name, versioned.clone()));
                TokenTree::Ident(versioned)
            }
            token => {
                follows_static = matches!(&token, TokenTree::Ident(keyword) if keyword == "static");
                token
            }
        })
        .collect();
    let Some((plain, name)) = plain else {
        return quote! { ::core::compile_error!("`versioned!` takes a static"); };
    };
    quote! {
        #versioned
        pub use #name as #plain;
    }
}
