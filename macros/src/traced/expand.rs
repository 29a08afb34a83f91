//! What `#[traced(..)]` becomes: a part of the site, and the fields recorded when a call starts and when it ends.

use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::parse_quote;
use syn::spanned::Spanned;

use super::Traced;
use super::parse::{Field, FieldValue};
use super::values::{Parent, SpanName};
use crate::results;
use crate::tokens::{borrowed, located};

pub(crate) fn site(traced: &Traced, private: &TokenStream) -> TokenStream {
    let mut site = quote! { .traced() };
    match &traced.name {
        Some(SpanName::Literal(name)) => site.extend(quote! { .span_name(#name) }),
        Some(SpanName::Path(name)) => site.extend(quote! { .span_name(#name) }),
        None => {}
    }
    if let Some(kind) = traced.kind.filter(|kind| *kind != "Internal") {
        let kind = format_ident!("{kind}");
        site.extend(quote! { .kind(#private::SpanKind::#kind) });
    }
    if let Some(target) = &traced.target {
        site.extend(quote! { .target(#target) });
    }
    if let Some(level) = traced.level.filter(|level| *level != "Info") {
        let level = format_ident!("{level}");
        site.extend(quote! { .level(#private::Level::#level) });
    }
    if let Some(level) = traced.error_level {
        let level = format_ident!("{level}");
        site.extend(quote! { .log_errors(#private::Level::#level) });
    }
    let keys = Keys::of(traced);
    if !keys.0.is_empty() {
        let keys = keys.0.iter().map(|key| match key {
            Key::Written(key) => quote! { #key },
            Key::Return => quote! { #private::RETURN },
        });
        site.extend(quote! { .fields(&[#(#keys),*]) });
    }
    if traced.ret.is_some() || !traced.on_ok.is_empty() || !traced.on_err.is_empty() {
        site.extend(quote! { .end_fields() });
    }
    if traced.opens() {
        site.extend(quote! { .opens() });
    }
    if traced.enters_on_poll {
        site.extend(quote! { .enter_on_poll() });
    }
    site
}

/// Where the span begins, if not below the current one as the installed sampler says.
pub(crate) fn open(traced: &Traced, opening: &Ident, call: &Ident) -> Option<TokenStream> {
    if !traced.opens() {
        return None;
    }
    let parent = traced.parent.as_ref().map(|parent| match parent {
        Parent::None => quote! { #opening.root(); },
        Parent::Of(parent) => {
            let parent = borrowed(parent.clone());
            quote! { #opening.parent(#parent); }
        }
    });
    let sample = traced
        .ratio
        .as_ref()
        .map(|ratio| quote! { #opening.sample(#ratio); });
    Some(quote! { #call.open(|#opening| { #parent #sample }); })
}

/// The keys of all fields of a function, each once: calls know them by their index.
struct Keys(Vec<Key>);

#[derive(PartialEq)]
enum Key {
    Written(String),
    /// What `ret` records has a key of ours.
    Return,
}

impl Keys {
    fn of(traced: &Traced) -> Self {
        let mut keys = Vec::new();
        let written = |field: &Field| Key::Written(field.key.to_string());
        let at_start = traced.fields.iter().map(written);
        let returned = traced.ret.iter().map(|_| Key::Return);
        let at_end = traced.on_ok.iter().chain(&traced.on_err).map(written);
        for key in at_start.chain(returned).chain(at_end) {
            if !keys.contains(&key) {
                keys.push(key);
            }
        }
        Self(keys)
    }

    fn index(&self, key: &Key) -> Literal {
        let index = self.0.iter().position(|known| known == key);
        Literal::usize_unsuffixed(index.unwrap_or_default())
    }
}

pub(crate) fn start(traced: &Traced, private: &TokenStream, call: &Ident) -> TokenStream {
    let mut at_start = fields(&traced.fields, &Keys::of(traced), private, call);
    if let Some(links) = &traced.links {
        // What is no context is underlined as its iterator.
        let at = links.span();
        let method = Ident::new("links", Span::call_site().located_at(at));
        at_start.extend(quote! { #call.#method(#links); });
    }
    let is_plain = traced.links.is_none() && traced.fields.iter().all(|field| field.plain);
    recorded(call, at_start, is_plain)
}

/// What is recorded of `result` when a call has ended with `outcome`.
pub(crate) fn end(
    traced: &Traced,
    private: &TokenStream,
    call: &Ident,
    seen: (&Ident, &Ident),
) -> TokenStream {
    let keys = Keys::of(traced);
    let mut on_ok = TokenStream::new();
    if let Some(returned) = &traced.ret {
        let index = keys.index(&Key::Return);
        let value = recorded_value(returned, private);
        on_ok.extend(quote! { #call.field(#index, #value); });
    }
    on_ok.extend(fields(&traced.on_ok, &keys, private, call));
    let on_err = fields(&traced.on_err, &keys, private, call);
    let looks = results::look(private, seen, [on_ok, on_err]);
    recorded(call, looks, false)
}

/// Only where somebody wants it; in a closure of its own where code of the user's may panic.
fn recorded(call: &Ident, fields: TokenStream, is_plain: bool) -> TokenStream {
    if fields.is_empty() {
        fields
    } else if is_plain {
        quote! {
            if #call.is_recording() {
                #fields
            }
        }
    } else {
        quote! { #call.try_fields(|#call| { #fields }); }
    }
}

fn fields(fields: &[Field], keys: &Keys, private: &TokenStream, call: &Ident) -> TokenStream {
    let fields = fields
        .iter()
        .filter(|field| !matches!(field.value, FieldValue::Empty));
    fields
        .map(|field| {
            let index = keys.index(&Key::Written(field.key.to_string()));
            let value = match &field.value {
                FieldValue::Parameter => {
                    let parameter = &field.key.0[0];
                    recorded_value(&FieldValue::Typed(parse_quote!(#parameter)), private)
                }
                value => recorded_value(value, private),
            };
            let value = if field.secret {
                warned(field, &value, private)
            } else {
                value
            };
            let cfgs = match &field.value {
                FieldValue::Captured(_, cfgs) => &cfgs[..],
                _ => &[],
            };
            quote! { #(#cfgs)* #call.field(#index, #value); }
        })
        .collect()
}

/// The compiler warns at the name: it is the user's, or the lint would not be heard of.
fn warned(field: &Field, value: &TokenStream, private: &TokenStream) -> TokenStream {
    let at = field.key.0.last().map_or_else(Span::call_site, Ident::span);
    let here = located(private, at);
    let function = Ident::new("looks_like_a_secret", at);
    quote_spanned! { at=> #here::#function(#value) }
}

fn recorded_value(value: &FieldValue, private: &TokenStream) -> TokenStream {
    let (how, value) = match value {
        FieldValue::Typed(value) => ("value", value),
        FieldValue::Display(value) => ("display", value),
        FieldValue::Debug(value) => ("debug", value),
        FieldValue::Captured(value, _) => {
            let value = borrowed(value.clone());
            let first = value.clone().into_iter().next();
            let at = first.map_or_else(Span::call_site, |token| token.span());
            let here = located(private, at);
            return quote_spanned! { at=> #here::captured!(#value) };
        }
        FieldValue::Parameter | FieldValue::Empty => return TokenStream::new(),
    };
    let (how, value) = (format_ident!("{how}"), borrowed(value.clone()));
    quote! { #private::#how(#value) }
}
