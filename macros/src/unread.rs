//! Functions with bodies that `syn` cannot read: half typed, or newer than `syn`.
//!
//! A signature is enough to measure a function, so the body is kept as it is. If anything is wrong with it the compiler
//! says so, and nobody says it again.

use proc_macro2::{Delimiter, Group, TokenStream};
use quote::ToTokens;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{
    Attribute, Block, Error, Expr, FnModifiers, ImplItem, ImplItemFn, Item, ItemFn, Stmt,
    TraitItem, TraitItemFn, token,
};

/// The same item, with its last braces empty, and what was between them.
pub(crate) fn parts(item: TokenStream) -> Option<(TokenStream, TokenStream)> {
    let mut tokens: Vec<_> = item.into_iter().collect();
    let body: Group = syn::parse2(tokens.pop()?.into()).ok()?;
    let mut empty = Group::new(body.delimiter(), TokenStream::new());
    empty.set_span(body.span());
    tokens.push(empty.into());
    Some((tokens.into_iter().collect(), body.stream()))
}

/// A function, whatever its body is.
pub(crate) fn function(input: ParseStream<'_>) -> syn::Result<ItemFn> {
    let attrs = input.call(Attribute::parse_outer)?;
    let vis = input.parse()?;
    let sig = input.parse()?;
    let body: Group = input.parse()?;
    if body.delimiter() != Delimiter::Brace {
        return Err(Error::new(body.span(), "expected a body"));
    }
    let span = body.delim_span();
    Ok(ItemFn {
        attrs,
        vis,
        modifiers: FnModifiers::default(),
        sig,
        block: Box::new(Block {
            brace_token: token::Brace { span },
            // With its own braces, so that it is one expression, and ends where it was written to end.
            stmts: vec![Stmt::Expr(Expr::Verbatim(body.into_token_stream()), None)],
        }),
    })
}

/// What stands in a block of functions.
pub(crate) trait Member: Parse {
    fn function(function: ItemFn) -> Self;
}

impl Member for ImplItem {
    fn function(function: ItemFn) -> Self {
        Self::Fn(ImplItemFn {
            attrs: function.attrs,
            vis: function.vis,
            modifiers: function.modifiers,
            sig: function.sig,
            block: *function.block,
        })
    }
}

impl Member for TraitItem {
    fn function(function: ItemFn) -> Self {
        Self::Fn(TraitItemFn {
            attrs: function.attrs,
            modifiers: function.modifiers,
            sig: function.sig,
            default: Some(*function.block),
            semi_token: None,
        })
    }
}

impl Member for Item {
    fn function(function: ItemFn) -> Self {
        Self::Fn(function)
    }
}

/// The inner attributes and the members of a block.
pub(crate) fn members<T: Member>(body: TokenStream) -> syn::Result<(Vec<Attribute>, Vec<T>)> {
    let read = |input: ParseStream<'_>| {
        let attrs = input.call(Attribute::parse_inner)?;
        let mut members = Vec::new();
        while !input.is_empty() {
            let ahead = input.fork();
            members.push(match ahead.parse() {
                Ok(member) => {
                    input.advance_to(&ahead);
                    member
                }
                Err(unread) => T::function(function(input).map_err(|_| unread)?),
            });
        }
        Ok((attrs, members))
    };
    read.parse2(body)
}
