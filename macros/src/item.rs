//! What an attribute stands on: a function, a block of functions, or an item that it does not go on.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit_mut::VisitMut;
use syn::{Error, ItemFn, ItemMacro, TraitItemFn};

use crate::attribute::Attribute;
use crate::block::Block;
use crate::values::Ungroup;
use crate::{report, unread};

pub(crate) enum Item {
    Function(ItemFn),
    Block(Block),
    /// A statement or an expression, of which the compiler says that no macro goes on it.
    Statement,
}

impl Item {
    fn function(mut function: ItemFn) -> Self {
        Ungroup.visit_item_fn_mut(&mut function);
        Self::Function(function)
    }
}

/// The item as a function with a body or as a block, or what is said about any other item.
pub(crate) fn read(attribute: Attribute, item: TokenStream) -> syn::Result<Item> {
    let fault = match syn::parse2(item.clone()) {
        Ok(function) => return Ok(Item::function(function)),
        Err(fault) => fault,
    };
    let name = attribute.name();
    if let Ok(TraitItemFn { sig, .. }) = syn::parse2(item.clone()) {
        let what = format!(
            "`{}` has no body here, so there is nothing for `#[{name}]` to do",
            sig.ident
        );
        let help = format!("put `#[{name}]` on the implementation");
        return Err(report::fault(&sig.ident, what, help));
    }
    let Some(keyword) = keyword(item.clone()) else {
        return match syn::parse2::<ItemMacro>(item) {
            Ok(call) => Err(other_than_functions(
                attribute,
                call.mac.path,
                "a macro call",
            )),
            Err(_) => Ok(Item::Statement),
        };
    };
    let Some((keyword, other)) = other_item(keyword) else {
        if let Ok(syn::Item::Fn(function)) = unread::item(item) {
            return Ok(Item::function(function));
        }
        let what = format!("`#[{name}]` cannot read this function: {fault}");
        return Err(Error::new(fault.span(), what));
    };
    if let Some(block) = Block::read(attribute, &keyword, item) {
        return block.map(Item::Block);
    }
    Err(other_than_functions(attribute, keyword, other))
}

/// `at` stands for the item, which is the `other` one.
fn other_than_functions(attribute: Attribute, at: impl ToTokens, other: &str) -> Error {
    let name = attribute.name();
    let what = format!(
        "`#[{name}]` goes on a function, an `impl` block, a trait or a module, not on {other}"
    );
    let help = match (attribute, other) {
        (Attribute::Metered, "an enum") => "to use this enum as a label, add `#[derive(Label)]`",
        (Attribute::Metered, _) => "put it on the functions you want to measure",
        (Attribute::Traced, _) => "put it on the functions you want to see",
    };
    report::fault(at, what, help)
}

/// The word that says what an item is, where one could be found in front of what may stand in any item.
fn keyword(item: TokenStream) -> Option<Ident> {
    let mut modifier = None;
    for token in item {
        let TokenTree::Ident(word) = token else {
            continue;
        };
        match word.to_string().as_str() {
            "fn" => return Some(word),
            "const" | "extern" => modifier = modifier.or(Some(word)),
            _ if other_item(word.clone()).is_some() => return Some(word),
            _ => {}
        }
    }
    modifier
}

/// An item that is no function, by its keyword.
fn other_item(keyword: Ident) -> Option<(Ident, &'static str)> {
    let item = match keyword.to_string().as_str() {
        "struct" => "a struct",
        "enum" => "an enum",
        "union" => "a union",
        "trait" => "a trait",
        "impl" => "an `impl` block",
        "mod" => "a module",
        "const" => "a constant",
        "static" => "a static",
        "type" => "a type alias",
        "use" => "an import",
        "extern" => "an `extern` item",
        "macro_rules" => "a macro",
        _ => return None,
    };
    Some((keyword, item))
}
