//! Fields and labels whose value is still being typed: `id = order.`.
//!
//! That is a fault, and yet their function is expanded, because an editor looks there for what may follow `order.`:
//! rust-analyzer expands an attribute twice, as it stands and with a word at the cursor, and reads the types around the
//! cursor off the first. So what was typed stands where it would stand in the end. The fault becomes a part of it, and
//! of a value with a fault the compiler says nothing else.

use proc_macro2::{Delimiter, Group, Punct, TokenStream, TokenTree};
use quote::quote_spanned;

use crate::options::not_finished;

/// The options and the item with values that hold their faults; none where no value is half typed.
pub(crate) fn finished(
    options: TokenStream,
    item: TokenStream,
) -> Option<(TokenStream, TokenStream)> {
    let (of_outer, of_inner) = (in_options(options.clone()), in_attributes(item.clone()));
    (of_outer.is_some() || of_inner.is_some())
        .then(|| (of_outer.unwrap_or(options), of_inner.unwrap_or(item)))
}

/// In the options of the attributes that the item begins with.
fn in_attributes(item: TokenStream) -> Option<TokenStream> {
    let mut begins = true;
    in_groups(item, |group| {
        begins &= group.delimiter() == Delimiter::Bracket;
        begins.then(|| in_groups(group.stream(), |options| in_options(options.stream())))?
    })
}

/// In each of `fields(..)`, `labels(..)`.
fn in_options(options: TokenStream) -> Option<TokenStream> {
    in_groups(options, |list| in_entries(list.stream(), in_entry))
}

/// In `key = value`, or in the value of `key(value, max = 100)`.
fn in_entry(entry: &[TokenTree]) -> Option<TokenStream> {
    let Some(equals) = entry.iter().position(|token| is(token, "=")) else {
        let entry = entry.iter().cloned().collect();
        return in_groups(entry, |bounded| {
            in_entries(bounded.stream(), |value| in_value(value, 0))
        });
    };
    let formats = entry[equals + 1..]
        .iter()
        .take_while(|token| is(token, "%?"));
    in_value(entry, equals + 1 + formats.count())
}

/// In the value that begins at `start`: before the dot there may be nothing but what an index can follow.
fn in_value(entry: &[TokenTree], start: usize) -> Option<TokenStream> {
    let can_be_followed =
        |token: &TokenTree| is(token, ".:?") || !matches!(token, TokenTree::Punct(_));
    let (typed, at) = match &entry[start..] {
        [] => (entry, entry.last()?.span()),
        [value @ .., dot] if is(dot, ".") && !value.is_empty() => {
            if !value.iter().all(can_be_followed) {
                return None;
            }
            (&entry[..entry.len() - 1], dot.span())
        }
        _ => return None,
    };
    let fault = not_finished(entry.iter().cloned().collect());
    let mut fault = quote_spanned! { at=> ::core::compile_error!(#fault) };
    if typed.len() > start {
        fault = quote_spanned! { at=> [#fault] };
    }
    Some(typed.iter().cloned().chain(fault).collect())
}

/// The list with other entries in the place of those for which `entry` has one, if there are any.
fn in_entries(
    list: TokenStream,
    other: impl Fn(&[TokenTree]) -> Option<TokenStream>,
) -> Option<TokenStream> {
    let tokens: Vec<_> = list.into_iter().collect();
    let (mut others, mut any) = (TokenStream::new(), false);
    for written in tokens.split_inclusive(|token| is(token, ",")) {
        let end = written.len() - usize::from(written.last().is_some_and(|token| is(token, ",")));
        let (entry, comma) = written.split_at(end);
        let other = other(entry);
        any |= other.is_some();
        others.extend(other.unwrap_or_else(|| entry.iter().cloned().collect()));
        others.extend(comma.iter().cloned());
    }
    any.then_some(others)
}

/// The tokens with other contents in the groups for which `contents` has some, if there are any.
fn in_groups(
    tokens: TokenStream,
    mut contents: impl FnMut(&Group) -> Option<TokenStream>,
) -> Option<TokenStream> {
    let mut any = false;
    let others = tokens.into_iter().map(|token| match token {
        TokenTree::Group(group) => {
            let Some(contents) = contents(&group) else {
                return group.into();
            };
            any = true;
            let mut other = Group::new(group.delimiter(), contents);
            other.set_span(group.span());
            other.into()
        }
        token => token,
    });
    let others = others.collect();
    any.then_some(others)
}

fn is(token: &TokenTree, one_of: &str) -> bool {
    matches!(token, TokenTree::Punct(sign) if one_of.contains(Punct::as_char(sign)))
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens, quote};

    use crate::annotations;
    use crate::attribute::Attribute;

    /// Expands the function as rust-analyzer does: as `typed`, and with a `word` at the cursor. Up to the cursor both
    /// must be the same text, and what the cursor stands behind the same expression.
    #[track_caller]
    fn check(options: &str, item: &str) {
        let expand = |word: &str| {
            let parse = |tokens: &str| tokens.replace('|', word).parse().unwrap();
            annotations::attribute(Attribute::Traced, parse(options), parse(item)).to_string()
        };
        let (typed, complete) = (expand(""), expand("word"));
        let cursor = complete.find("word").expect("the word is in the expansion");
        let before = complete[..cursor].trim_end_matches([' ', '.']);
        assert!(typed.starts_with(before), "{typed}\n{complete}");
    }

    fn function() -> String {
        quote! { fn pay(order: &Order) -> Result<u64, Error> { todo() } }.to_string()
    }

    #[test]
    fn values_of_fields() {
        check("fields(id = order.|)", &function());
        check(
            "fields(tier = %order.customer().|, id = order.id), err",
            &function(),
        );
        check("fields(id = |)", &function());
        check("fields(cart = ?|)", &function());
        check("on_ok(id = ok.|), on_err(code = err.|)", &function());
        check("fields(id = order.|)", &format!("async {}", function()));
    }

    #[test]
    fn values_in_the_inner_attribute() {
        let labels = |labels| format!("#[doc = \"Pays.\"] #[metered({labels})] {}", function());
        check("", &labels("labels(tier = order.|)"));
        check("", &labels("labels(user(order.|, max = 100))"));
    }

    /// There the function stays as it is.
    #[test]
    fn what_has_other_faults_too() {
        for options in [
            "nmae = 1, fields(id = order.)",
            "fields(id = a + order.)",
            "links = &",
        ] {
            let item: proc_macro2::TokenStream = function().parse().unwrap();
            let expanded =
                annotations::attribute(Attribute::Traced, options.parse().unwrap(), item.clone());
            let expanded = expanded.to_string();
            assert!(expanded.contains("compile_error"), "{expanded}");
            assert!(
                expanded.ends_with(&item.into_token_stream().to_string()),
                "{expanded}"
            );
        }
    }
}
