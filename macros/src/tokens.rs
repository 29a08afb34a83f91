//! Tokens that we write, and where they claim to stand.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit_mut::VisitMut;
use syn::{Expr, ExprParen, ExprReference, Token, token};

use crate::values::Ungroup;

/// `&value`, underlined as the value where it is refused.
pub(crate) fn borrowed(mut value: Expr) -> TokenStream {
    Ungroup.visit_expr_mut(&mut value);
    let at = value
        .to_token_stream()
        .into_iter()
        .next()
        .map_or_else(Span::call_site, |token| token.span());
    // The parentheses that `syn` would write stand at the attribute, and the compiler would underline that.
    if matches!(value, Expr::Binary(_) | Expr::Cast(_) | Expr::Range(_)) {
        value = Expr::Paren(ExprParen {
            attrs: Vec::new(),
            paren_token: token::Paren(at),
            expr: Box::new(value),
        });
    }
    let reference = ExprReference {
        attrs: Vec::new(),
        and_token: Token![&](at),
        mutability: None,
        expr: Box::new(value),
    };
    reference.into_token_stream()
}

/// The same tokens, as if they were written at `place`.
pub(crate) fn located(tokens: impl ToTokens, place: Span) -> TokenStream {
    let at_place = tokens.to_token_stream().into_iter().map(|mut token| {
        token.set_span(token.span().located_at(place));
        token
    });
    at_place.collect()
}

/// What the user wrote once and we write again, in the same place: lints have judged it already.
pub(crate) fn repeated(written: TokenStream) -> TokenStream {
    let again = |span: Span| Span::call_site().located_at(span);
    let repeated = written.into_iter().map(|mut token| {
        match &mut token {
            // Means what it means where it was written.
            TokenTree::Ident(word) if word == "$crate" => {}
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {}
            TokenTree::Group(group) => {
                let span = again(group.span());
                *group = Group::new(group.delimiter(), repeated(group.stream()));
                group.set_span(span);
            }
            token => token.set_span(again(token.span())),
        }
        token
    });
    repeated.collect()
}

/// A name of ours. User code cannot see the variable; and a constant of its own, which a pattern of ours would name, is not
/// called so: the two underscores are for generated code.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(&format!("__{name}"), Span::mixed_site())
}
