//! What an attribute stands on: a function, a block of functions, or an item that it does not go on.

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::parse::Parser;
use syn::visit_mut::VisitMut;
use syn::{Error, ItemFn, TraitItemFn};

use crate::attribute::Attribute;
use crate::block::Block;
use crate::report::fault;
use crate::unread;
use crate::values::Ungroup;

pub(crate) enum Item {
    Function(ItemFn),
    Block(Block),
}

/// The item as a function with a body or as a block, or what is said about any other item.
pub(crate) fn read(attribute: Attribute, item: TokenStream) -> syn::Result<Item> {
    let read = syn::parse2(item.clone());
    let read = read.or_else(|unread| {
        let anyhow = unread::function.parse2(item.clone());
        anyhow.map_err(|_| unread)
    });
    let unread: Error = match read {
        Ok(mut function) => {
            Ungroup.visit_item_fn_mut(&mut function);
            return Ok(Item::Function(function));
        }
        Err(unread) => unread,
    };
    let name = attribute.name();
    if let Ok(TraitItemFn { sig, .. }) = syn::parse2(item.clone()) {
        let what = format!(
            "`{}` has no body here, so there is nothing for `#[{name}]` to do",
            sig.ident
        );
        let help = format!("put `#[{name}]` on the implementation");
        return Err(fault(&sig.ident, what, help));
    }
    let Some((keyword, other)) = keyword(item.clone()).and_then(other_item) else {
        let what = format!("`#[{name}]` cannot read this function: {unread}");
        return Err(Error::new(unread.span(), what));
    };
    if let Some(block) = Block::read(attribute, &keyword, item) {
        return block.map(Item::Block);
    }
    let what = format!(
        "`#[{name}]` goes on a function, an `impl` block, a trait or a module, not on {other}"
    );
    let help = match (attribute, other) {
        (Attribute::Metered, "an enum") => "to use this enum as a label, add `#[derive(Label)]`",
        (Attribute::Metered, _) => "put it on the functions you want to measure",
        (Attribute::Traced, _) => "put it on the functions you want to see",
    };
    Err(fault(keyword, what, help))
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
