//! Functions with bodies that `syn` cannot read: half typed, or newer than `syn`.
//!
//! A signature is enough to measure a function, so the body is kept as it is. If anything is wrong with it the compiler
//! says so, and nobody says it again.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Attribute, Block, Error, Expr, ImplItem, Item, Stmt, TraitItem};

/// A function, or a block of functions, with bodies that may be anything.
pub(crate) fn item(tokens: TokenStream) -> syn::Result<Item> {
    let (head, body) = parts(tokens)?;
    let mut item = syn::parse2(head)?;
    match &mut item {
        Item::Fn(function) => keep(&mut function.block, body),
        Item::Impl(block) => fill(&mut block.attrs, &mut block.items, &body)?,
        Item::Trait(block) => fill(&mut block.attrs, &mut block.items, &body)?,
        Item::Mod(module) => {
            if let Some((_, items)) = &mut module.content {
                fill(&mut module.attrs, items, &body)?;
            }
        }
        _ => return Err(Error::new(body.span(), "expected functions")),
    }
    Ok(item)
}

/// An item without what is in its last braces, and those.
fn parts(item: TokenStream) -> syn::Result<(TokenStream, Group)> {
    let mut tokens: Vec<_> = item.into_iter().collect();
    let body: Group = syn::parse2(tokens.pop().into_iter().collect())?;
    let mut empty = Group::new(body.delimiter(), TokenStream::new());
    empty.set_span(body.span());
    tokens.push(empty.into());
    Ok((tokens.into_iter().collect(), body))
}

/// The body with its own braces, so that it is one expression, and ends where it was written to end.
fn keep(block: &mut Block, body: Group) {
    block.stmts = vec![Stmt::Expr(Expr::Verbatim(body.into_token_stream()), None)];
}

/// Reads the inner attributes and the members of a block.
fn fill<T: Member>(
    attrs: &mut Vec<Attribute>,
    members: &mut Vec<T>,
    body: &Group,
) -> syn::Result<()> {
    let read = |input: ParseStream<'_>| {
        attrs.extend(input.call(Attribute::parse_inner)?);
        while !input.is_empty() {
            let ahead = input.fork();
            members.push(match ahead.parse() {
                Ok(member) => {
                    input.advance_to(&ahead);
                    member
                }
                Err(fault) => member(input).map_err(|_| fault)?,
            });
        }
        Ok(())
    };
    read.parse2(body.stream())
}

/// All up to the first braces that can be those of a body.
fn member<T: Member>(input: ParseStream<'_>) -> syn::Result<T> {
    let mut tokens = TokenStream::new();
    loop {
        let token: TokenTree = input.parse()?;
        let may_end =
            matches!(&token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        tokens.extend([token]);
        if may_end && let Ok(member) = T::anyhow(tokens.clone()) {
            return Ok(member);
        }
    }
}

/// What stands in a block of functions.
trait Member: Parse {
    fn anyhow(tokens: TokenStream) -> syn::Result<Self>;
}

impl Member for Item {
    fn anyhow(tokens: TokenStream) -> syn::Result<Self> {
        item(tokens)
    }
}

impl Member for ImplItem {
    fn anyhow(tokens: TokenStream) -> syn::Result<Self> {
        let (head, body) = parts(tokens)?;
        let mut item = syn::parse2(head)?;
        if let Self::Fn(method) = &mut item {
            keep(&mut method.block, body);
        }
        Ok(item)
    }
}

impl Member for TraitItem {
    fn anyhow(tokens: TokenStream) -> syn::Result<Self> {
        let (head, body) = parts(tokens)?;
        let mut item = syn::parse2(head)?;
        if let Self::Fn(method) = &mut item
            && let Some(block) = &mut method.default
        {
            keep(block, body);
        }
        Ok(item)
    }
}
