//! What we generate, as readable files: `macros/tests/expand/<name>.rs` becomes `<name>.expanded.rs`.
//!
//! `UPDATE_EXPECT=1 cargo test -p tachograph-macros` writes them anew.

use std::fs;
use std::iter;
use std::path::Path;

use expect_test::expect_file;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{File, Ident, ImplItem, Item, ItemEnum, ItemStruct, Meta, TraitItem, parse_quote};

use crate::attribute::Attribute;
use crate::{annotations, derives};

#[test]
fn expansions() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expand");
    let mut sources: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    sources.retain(|path| !path.to_string_lossy().ends_with(".expanded.rs"));
    sources.sort();
    for source in sources {
        let mut file: File = syn::parse_file(&fs::read_to_string(&source).unwrap()).unwrap();
        Compiler.visit_file_mut(&mut file);
        expect_file![source.with_extension("expanded.rs")].assert_eq(&prettyplease::unparse(&file));
    }
}

/// Expands attributes as the compiler does: the outermost first, until none is left.
struct Compiler;

impl VisitMut for Compiler {
    fn visit_file_mut(&mut self, file: &mut File) {
        visit_mut::visit_file_mut(self, file);
        let items = file.items.drain(..).flat_map(|mut item| {
            let derived = derive(&mut item);
            let derived: File = parse_quote!(#derived);
            iter::once(item).chain(derived.items)
        });
        file.items = items.collect();
    }

    fn visit_item_mut(&mut self, item: &mut Item) {
        while let Some((attribute, options)) = attrs(item).and_then(take_first) {
            let expanded = annotations::attribute(attribute, options, item.to_token_stream());
            *item = parse_quote!(#expanded);
        }
        visit_mut::visit_item_mut(self, item);
    }

    fn visit_impl_item_mut(&mut self, item: &mut ImplItem) {
        while let ImplItem::Fn(method) = item
            && let Some((attribute, options)) = take_first(&mut method.attrs)
        {
            let expanded = annotations::attribute(attribute, options, method.to_token_stream());
            *item = parse_quote!(#expanded);
        }
        visit_mut::visit_impl_item_mut(self, item);
    }

    fn visit_trait_item_mut(&mut self, item: &mut TraitItem) {
        while let TraitItem::Fn(method) = item
            && let Some((attribute, options)) = take_first(&mut method.attrs)
        {
            let expanded = annotations::attribute(attribute, options, method.to_token_stream());
            *item = parse_quote!(#expanded);
        }
        visit_mut::visit_trait_item_mut(self, item);
    }
}

fn attrs(item: &mut Item) -> Option<&mut Vec<syn::Attribute>> {
    match item {
        Item::Fn(item) => Some(&mut item.attrs),
        Item::Impl(item) => Some(&mut item.attrs),
        Item::Trait(item) => Some(&mut item.attrs),
        Item::Mod(item) => Some(&mut item.attrs),
        _ => None,
    }
}

/// What the derives on an item add to it.
fn derive(item: &mut Item) -> TokenStream {
    let tokens = item.to_token_stream();
    let (Item::Enum(ItemEnum { attrs, .. }) | Item::Struct(ItemStruct { attrs, .. })) = item else {
        return TokenStream::new();
    };
    let at = attrs.iter().position(|attr| attr.path().is_ident("derive"));
    let derives = at.map(|at| attrs.remove(at).parse_args::<Ident>().unwrap());
    match derives.map(|name| name.to_string()).as_deref() {
        Some("Label") => derives::label(tokens),
        Some("LabelSet") => derives::label_set(tokens),
        Some("ErrorType") => derives::error_type(tokens),
        _ => TokenStream::new(),
    }
}

fn take_first(attrs: &mut Vec<syn::Attribute>) -> Option<(Attribute, TokenStream)> {
    let named =
        |attr: &syn::Attribute| match attr.path().segments.last()?.ident.to_string().as_str() {
            "metered" => Some(Attribute::Metered),
            "traced" => Some(Attribute::Traced),
            _ => None,
        };
    let at = attrs.iter().position(|attr| named(attr).is_some())?;
    let attr = attrs.remove(at);
    let options = match &attr.meta {
        Meta::List(list) => list.tokens.clone(),
        _ => TokenStream::new(),
    };
    Some((named(&attr)?, options))
}
