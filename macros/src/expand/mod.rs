//! What an annotated function becomes: a `static` site, and one call into `__private`.
//!
//! Blocks that the user wrote keep their own braces, because the edition that a brace comes from decides when the
//! temporaries of the block's last expression are dropped. The braces of closures and `async` blocks are ours, of the
//! edition 2024: temporaries of the user's last expression are gone before the parameters that we moved in, as in the
//! plain function. What we put between the function's own braces ends in a temporary of ours at most, whose call is over by
//! then, so any edition will do there.

mod end;
mod future;
mod start;

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Block, Expr, ItemFn, Stmt, Type, parse_quote};

use crate::function::{self, Form};
use crate::probe::Probe;
use crate::tokens::{local, repeated};
use crate::{metered, parameters, traced};
use start::Start;

/// What the probe around a body is made of.
struct Parts {
    private: TokenStream,
    site: TokenStream,
    start: Start,
    /// The closure that looks at the result.
    outcome: TokenStream,
    /// Whether it looks at any result, and not only at one that can be an error.
    looks: bool,
}

pub(crate) fn expand(probe: Probe) -> ItemFn {
    let parts = Parts::new(&probe);
    let hint = hint(&probe);
    let metered = probe.metered.as_ref();
    let before = metered.and_then(|metered| metered::before(metered, &parts.private));
    let mut function = probe.function;
    match function::form(&function, parts.looks) {
        Form::Guard => put_guard(&mut function, &parts),
        Form::Closure => {
            let body = closure(&mut function, &parts);
            replace_body(
                &mut function,
                parts.around(&quote! { Call::new().start }, "call", &body),
            );
        }
        Form::Async => {
            // Clippy wants a future awaited that ends a block, and not one that ends a function.
            if function::may_return_a_future(&function.sig) {
                let yields = parse_quote! { #[allow(clippy::async_yields_async)] };
                function.attrs.push(yields);
            }
            let body = future_of(&mut function, &hint, &parts);
            let call = parts.around(&quote! { FutureCall::start }, "call_async", &body);
            // A body that never returns is given a type, because `!` is none that can be named.
            let never = function::never(&function.sig).then(|| quote! { ; loop {} });
            replace_body(&mut function, quote! { #call.await #never });
        }
        Form::Future => future::put_around(&mut function, &parts),
    }
    put_before_statements(&mut function, before);
    function
}

impl Parts {
    fn new(probe: &Probe) -> Self {
        let end = end::end(probe);
        Self {
            private: probe.private(),
            site: site(probe),
            start: Start::new(probe, end.as_ref()),
            looks: probe.judge.is_some() || end.is_some(),
            outcome: end.unwrap_or_else(|| end::outcome(probe)),
        }
    }

    /// A call that runs `body`: what `start` returns where it is told something when it starts, else the function `plain`.
    fn around(&self, start: &TokenStream, plain: &str, body: &TokenStream) -> TokenStream {
        let Self {
            private,
            site,
            outcome,
            ..
        } = self;
        match &self.start.setup {
            None => {
                let plain = format_ident!("{plain}");
                quote! { #private::#plain(#site, #body, #outcome) }
            }
            Some(setup) => {
                quote! { #private::#start(#site, #setup).run(#body, #outcome) }
            }
        }
    }
}

/// A guard beside the untouched body.
fn put_guard(function: &mut ItemFn, parts: &Parts) {
    let Parts {
        private,
        site,
        start,
        ..
    } = parts;
    let (call, guard) = (local("call"), local("guard"));
    let enter = match &start.setup {
        None => quote! { enter(#site) },
        Some(setup) => quote! { enter_with(#site, #setup) },
    };
    let new = parse_quote! { let mut #call = #private::Call::new(); };
    let entered = parse_quote! { let #guard = #call.#enter; };
    put_before_statements(function, [new, entered]);
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

/// A statement before the items that a body begins with would be a lint in the user's code.
fn put_before_statements(function: &mut ItemFn, first: impl IntoIterator<Item = Stmt>) {
    let statements = &mut function.block.stmts;
    // Clippy lets a function without a body ignore its type parameters.
    if statements.is_empty() && function.sig.generics.type_params().next().is_some() {
        let unused = parse_quote! { #[allow(clippy::extra_unused_type_parameters)] };
        function.attrs.push(unused);
    }
    let items = statements
        .iter()
        .take_while(|statement| matches!(statement, Stmt::Item(_)))
        .count();
    statements.splice(items..items, first);
}

fn closure(function: &mut ItemFn, parts: &Parts) -> TokenStream {
    let rebind = parameters::rebind(&mut function.sig, parts.start.mentions.as_ref());
    let output = repeated(function::output(&function.sig).into_token_stream());
    let body = within(&function.block);
    // All in one place, so that the whole closure is of one edition: rustc 1.95 panics over some that are not.
    let at = Span::call_site().located_at(function::output_span(&function.sig));
    quote_spanned! { at=> move || -> #output { #(#rebind)* #body } }
}

fn future_of(function: &mut ItemFn, hint: &TokenStream, parts: &Parts) -> TokenStream {
    let rebind = parameters::rebind(&mut function.sig, parts.start.mentions.as_ref());
    let body = within(&function.block);
    quote! { async move { #hint #(#rebind)* #body } }
}

/// Names the type that an `async` body returns, so that a wrong early `return` is underlined where it stands, and not
/// on the attribute.
fn hint(probe: &Probe) -> TokenStream {
    let output = function::output(&probe.function.sig);
    if matches!(output, Type::Infer(_)) {
        return TokenStream::new();
    }
    // "Return type inferred to be .." points to where it is written.
    let at = Span::call_site().located_at(function::output_span(&probe.function.sig));
    let here = probe.private_at(at);
    quote_spanned! { at=> if false { return #here::unreached::<#output>(); } }
}

/// The user's block as the last expression of ours.
fn within(block: &Block) -> TokenStream {
    match &block.stmts[..] {
        // The compiler would call the braces unnecessary.
        [Stmt::Expr(value, None)] => value.to_token_stream(),
        _ => block.to_token_stream(),
    }
}

/// Between its own braces: to clippy, a function that ends with one of ours is generated from its name on.
fn replace_body(function: &mut ItemFn, body: TokenStream) {
    function.block.stmts = vec![Stmt::Expr(Expr::Verbatim(body), None)];
}
