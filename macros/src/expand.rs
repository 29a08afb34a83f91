//! What an annotated function becomes: a `static` site, and one call into `__private`.
//!
//! Blocks that the user wrote keep their own braces: the edition that a brace comes from decides when the temporaries
//! of the block's last expression are dropped.

use std::mem;

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Block, Expr, ExprReference, ItemFn, Stmt, Token, Type, parse_quote, token};

use crate::function::{self, Form};
use crate::probe::Probe;
use crate::{metered, traced};

pub(crate) fn expand(probe: Probe) -> TokenStream {
    let setup = setup(&probe);
    let start = start(&probe, &setup);
    let outcome = outcome(&probe);
    let mut function = probe.function;
    match function::form(&function) {
        Form::Guard => guard(&mut function, &start),
        Form::Closure => {
            let body = closure(&mut function, !setup.is_empty());
            replace_body(&mut function, quote! { #start.run(#body, #outcome) });
        }
        Form::Async => {
            let body = future(&mut function, !setup.is_empty());
            // A body that never returns is given a type, because `!` is none that can be named.
            let never = function::never(&function.sig).then(|| quote! { ; loop {} });
            replace_body(
                &mut function,
                quote! { #start.run_async(#body, #outcome).await #never },
            );
        }
    }
    function.into_token_stream()
}

/// What is recorded of the arguments.
fn setup(probe: &Probe) -> TokenStream {
    let private = probe.private();
    let call = local("call");
    let labels = probe
        .metered
        .as_ref()
        .map(|metered| metered::start(metered, &private, &call));
    let fields = probe
        .traced
        .as_ref()
        .map(|traced| traced::start(traced, &private, &call));
    quote! { #labels #fields }
}

fn start(probe: &Probe, setup: &TokenStream) -> TokenStream {
    let (private, site) = (probe.private(), site(probe));
    if setup.is_empty() {
        quote! { #private::Call::start(#site) }
    } else {
        let call = local("call");
        quote! { #private::Call::start_with(#site, |#call| { #setup }) }
    }
}

fn site(probe: &Probe) -> TokenStream {
    let private = probe.private();
    // `new` asks where it is called from: at the name of the function.
    let at = probe.function.sig.ident.span();
    let here = probe.private_at(at);
    let new = quote_spanned! { at=> #here::Site::new(|| {}) };
    let doc = function::doc(&probe.function).map(|doc| quote! { .doc(#doc) });
    let metered = probe.metered.as_ref().map(metered::site);
    let traced = probe
        .traced
        .as_ref()
        .map(|traced| traced::site(traced, &private));
    quote! { #private::site!(#new #doc #metered #traced) }
}

/// How the result is looked at.
fn outcome(probe: &Probe) -> TokenStream {
    let private = probe.private();
    if function::cannot_fail(&probe.function.sig.output) {
        return quote! { |_| #private::Outcome::Ok };
    }
    let result = local("result");
    let message = probe
        .traced
        .as_ref()
        .and_then(|traced| traced.error_message.as_ref());
    let outcome = match message {
        None => quote! { #private::outcome!(#result) },
        Some(message) => {
            // An error type that cannot be shown is underlined where it is written.
            let at = function::error_span(&probe.function.sig.output);
            let here = probe.private_at(at);
            let message = Ident::new(&message.to_string(), at);
            quote_spanned! { at=> #here::outcome!(#result, #message) }
        }
    };
    quote! { |#result| #outcome }
}

fn guard(function: &mut ItemFn, start: &TokenStream) {
    let call = local("_call");
    let (mut statements, rest) = function::split_items(mem::take(&mut function.block.stmts));
    statements.push(parse_quote! { let #call = #start.guard(); });
    statements.extend(rest);
    function.block.stmts = statements;
}

fn closure(function: &mut ItemFn, named_outside: bool) -> TokenStream {
    let rebind = function::rebind(&mut function.sig, named_outside);
    let (output, block) = (function::output(&function.sig), &function.block);
    if rebind.is_empty() {
        return quote! { move || -> #output #block };
    }
    let returned = returned(block, &output);
    quote! { move || -> #output { #(#rebind)* #returned } }
}

fn future(function: &mut ItemFn, named_outside: bool) -> TokenStream {
    let rebind = function::rebind(&mut function.sig, named_outside);
    let output = function::output(&function.sig);
    let returned = returned(&function.block, &output);
    let early = local("early");
    // Names the type, so that a wrong early `return` is underlined where it stands, and not on the attribute.
    let hint = (!matches!(output, Type::Infer(_))).then(|| {
        quote! {
            if false {
                let #early: #output = loop {};
                return #early;
            }
        }
    });
    quote! { async move { #hint #(#rebind)* #returned } }
}

/// The user's block as a value, so that what its last expression borrows is given back before parameters are dropped.
fn returned(block: &Block, output: &Type) -> TokenStream {
    let result = local("result");
    let value = match &block.stmts[..] {
        // The compiler would call the braces unnecessary.
        [Stmt::Expr(value, None)] => value.to_token_stream(),
        _ => block.to_token_stream(),
    };
    let ty = (!matches!(output, Type::Infer(_))).then(|| quote! { : #output });
    quote! { let #result #ty = #value; #result }
}

fn replace_body(function: &mut ItemFn, body: TokenStream) {
    let stmts = vec![Stmt::Expr(Expr::Verbatim(body), None)];
    *function.block = Block {
        brace_token: token::Brace::default(),
        stmts,
    };
}

/// `&value`, underlined as the value where its type is refused.
pub(crate) fn borrowed(value: Expr) -> TokenStream {
    let at = value
        .to_token_stream()
        .into_iter()
        .next()
        .map_or_else(Span::call_site, |token| token.span());
    let reference = ExprReference {
        attrs: Vec::new(),
        and_token: Token![&](at),
        mutability: None,
        expr: Box::new(value),
    };
    reference.into_token_stream()
}

/// A name that user code can neither see nor hide.
fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
