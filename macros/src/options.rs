//! Option lists: how they are read, and what is said of an option that is unknown, misspelt or given twice.

use proc_macro2::{Span, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{
    Error, Expr, Ident, Lit, MacroDelimiter, Meta, MetaList, MetaNameValue, Path, Token, token,
};

use crate::report::{Faults, fault, list, nearest, text};

/// How an option is written.
pub(crate) struct Usage {
    pub(crate) name: &'static str,
    pub(crate) shapes: &'static [Shape],
    pub(crate) example: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `err`
    Word,
    /// `name = "checkout"`
    Value,
    /// `fields(order.id = order.id)`
    List,
}

/// The one that a value without a name is probably for: `crate` comes first.
pub(crate) fn of_a_value(usages: &[Usage]) -> &str {
    let takes_one = |usage: &&Usage| usage.shapes.contains(&Shape::Value);
    usages
        .iter()
        .rfind(takes_one)
        .map_or("name", |usage| usage.name)
}

/// The options that `usage` knows, given once and written in their shape. A value without a name is probably that of
/// `unnamed`.
pub(crate) fn read(
    usage: impl Fn(&Ident) -> syn::Result<&'static Usage>,
    unnamed: &str,
    tokens: TokenStream,
    faults: &mut Faults,
) -> Vec<Meta> {
    let mut known = Vec::new();
    for option in entries(tokens, |input| option(&usage, unnamed, input)) {
        let Some((name, option)) = faults.handle(option) else {
            continue;
        };
        match known.iter().find(|(first, _)| *first == name) {
            Some((_, first)) => faults.push(given_twice(&name, first)),
            None => known.push((name, option)),
        }
    }
    known.into_iter().map(|(_, option)| option).collect()
}

/// One `name`, `name = value` or `name(..)`.
fn option(
    usage: impl Fn(&Ident) -> syn::Result<&'static Usage>,
    unnamed: &str,
    input: ParseStream<'_>,
) -> syn::Result<(Ident, Meta)> {
    if let Some(literal) = input.parse::<Option<Lit>>()? {
        let literal_text = text(&literal);
        let what = format!("an option has a name, found only `{literal_text}`");
        return Err(fault(
            literal,
            what,
            format!("`{unnamed} = {literal_text}`"),
        ));
    }
    let name = input
        .call(Ident::parse_any)
        .map_err(|fault| Error::new(fault.span(), "expected the name of an option"))?;
    let usage = usage(&name)?;
    let example = usage.example;
    let path = Path::from(name.clone());
    let (shape, option) = if input.peek(token::Paren) {
        let content;
        let paren = syn::parenthesized!(content in input);
        let list = MetaList {
            path,
            delimiter: MacroDelimiter::Paren(paren),
            tokens: content.parse()?,
        };
        (Shape::List, Meta::List(list))
    } else if let Some(eq_token) = input.parse::<Option<Token![=]>>()? {
        if input.is_empty() || input.peek(Token![,]) {
            return Err(fault(
                eq_token,
                format!("`{name}` has no value"),
                format!("`{example}`"),
            ));
        }
        let value = input.parse()?;
        (
            Shape::Value,
            Meta::NameValue(MetaNameValue {
                path,
                eq_token,
                value,
            }),
        )
    } else if input.is_empty() || input.peek(Token![,]) {
        (Shape::Word, Meta::Path(path))
    } else {
        let what = format!("expected `=`, `(` or `,` after `{name}`");
        return Err(fault(
            input.parse::<TokenTree>()?,
            what,
            format!("`{example}`"),
        ));
    };
    if !usage.shapes.contains(&shape) {
        let what = match shape {
            Shape::Word => format!("`{name}` has no value"),
            _ => format!("`{name}` is not written as `{}`", text(&option)),
        };
        let help = match &option {
            Meta::List(list)
                if usage.shapes == [Shape::Value]
                    && syn::parse2::<Expr>(list.tokens.clone()).is_ok() =>
            {
                format!("`{name} = {}`", text(&list.tokens))
            }
            _ => format!("`{example}`"),
        };
        return Err(fault(&name, what, help));
    }
    Ok((name, option))
}

fn given_twice(name: &Ident, first: &Meta) -> Error {
    let first = match first {
        Meta::Path(_) => String::new(),
        Meta::NameValue(first) => format!(" (first as `{}`)", text(&first.value)),
        Meta::List(first) => format!(" (first as `{}`)", text(first)),
    };
    fault(name, format!("`{name}` is given twice{first}"), "keep one")
}

/// What is said of an option that is none of `usages`.
pub(crate) fn unknown(name: &Ident, usages: &[Usage]) -> Error {
    let names = || usages.iter().map(|usage| usage.name);
    match nearest(&name.to_string(), names()) {
        Some(near) => fault(
            name,
            format!("unknown option `{name}`"),
            format!("did you mean `{near}`?"),
        ),
        None => Error::new_spanned(
            name,
            format!("unknown option `{name}`; options are {}", list(names())),
        ),
    }
}

/// Reads `entry, entry, ..`; a fault in one entry does not hide the others.
pub(crate) fn entries<T>(
    tokens: TokenStream,
    entry: impl Fn(ParseStream<'_>) -> syn::Result<T>,
) -> Vec<syn::Result<T>> {
    let read = |input: ParseStream<'_>| {
        let mut entries = Vec::new();
        while !input.is_empty() {
            let begun = input.fork();
            let entry = entry(input);
            let ended = input.is_empty() || input.peek(Token![,]);
            entries.push(match entry {
                Ok(_) if !ended => Err(input.error("expected `,`")),
                entry => entry.map_err(|fault| unfinished(fault, &begun)),
            });
            while !input.is_empty() && !input.peek(Token![,]) {
                input.parse::<TokenTree>()?;
            }
            input.parse::<Option<Token![,]>>()?;
        }
        Ok(entries)
    };
    // What is missing at the end is missed at the last token: without a list around it `syn` would blame the attribute.
    let end = tokens
        .clone()
        .into_iter()
        .last()
        .map_or_else(Span::call_site, |token| token.span());
    let list = MetaList {
        path: Path::from(Ident::new("list", end)),
        delimiter: MacroDelimiter::Paren(token::Paren(end)),
        tokens,
    };
    list.parse_args_with(read)
        .unwrap_or_else(|fault| vec![Err(fault)])
}

/// `syn` says that the input ended, and not which entry was still being typed.
fn unfinished(fault: Error, entry: ParseStream<'_>) -> Error {
    if !fault.to_string().starts_with("unexpected end of input") {
        return fault;
    }
    let mut written = TokenStream::new();
    while !entry.is_empty() && !entry.peek(Token![,]) {
        written.extend(entry.parse::<TokenTree>());
    }
    Error::new(fault.span(), not_finished(written))
}

/// What is said of an entry that is still being typed.
pub(crate) fn not_finished(entry: TokenStream) -> String {
    format!("`{}` is not finished", text(entry))
}
