//! What an annotated function becomes: a `static` site, and one call into `__private`.
//!
//! Blocks that the user wrote keep their own braces, because the edition that a brace comes from decides when the
//! temporaries of the block's last expression are dropped. The braces of closures and `async` blocks are ours, of the
//! edition 2024: temporaries of the user's last expression are gone before the parameters that we moved in, as in the
//! plain function. What we put between the function's own braces ends in no temporary, so any edition will do there.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::{Block, Expr, ItemFn, Stmt, Type, parse_quote};

use crate::function::{self, Form};
use crate::metered::Metered;
use crate::probe::Probe;
use crate::tokens::{borrowed, local};
use crate::traced::Traced;
use crate::{future, metered, parameters, traced};

pub(crate) fn expand(probe: Probe) -> ItemFn {
    let private = probe.private();
    let (site, hint, end) = (site(&probe), hint(&probe), end(&probe));
    let start = Start::new(&probe, end.as_ref());
    let looks = probe.judge.is_some() || end.is_some();
    let run = format_ident!("{}", if end.is_some() { "run_with" } else { "run" });
    let outcome = end.unwrap_or_else(|| outcome(&probe));
    let metered = probe.metered.as_ref();
    let before = metered.and_then(|metered| metered::before(metered, &private));
    let mut function = probe.function;
    match function::form(&function, looks) {
        Form::Guard => {
            let (call, guard) = (local("call"), local("_guard"));
            let new = quote! { #private::Call::new() };
            let (new, enter) = match &start.setup {
                None => (new, quote! { enter(#site) }),
                Some(setup) if !start.opens => (new, quote! { enter_with(#site, #setup) }),
                Some(_) => (start.call(&private, "Call", &site), quote! { guard() }),
            };
            let new = parse_quote! { let mut #call = #new; };
            let entered = parse_quote! { let #guard = #call.#enter; };
            put_before_statements(&mut function, [new, entered]);
        }
        Form::Closure => {
            let body = closure(&mut function, start.mentions.as_ref());
            let call = if start.setup.is_none() {
                quote! { #private::call(#site, #body, #outcome) }
            } else {
                let call = start.call(&private, "Call", &site);
                quote! { #call.#run(#body, #outcome) }
            };
            replace_body(&mut function, call);
        }
        Form::Async => {
            let body = future_of(&mut function, &hint, start.mentions.as_ref());
            let call = if start.setup.is_none() {
                quote! { #private::call_async(#site, #body, #outcome) }
            } else {
                let call = start.call(&private, "FutureCall", &site);
                quote! { #call.#run(#body, #outcome) }
            };
            // A body that never returns is given a type, because `!` is none that can be named.
            let never = function::never(&function.sig).then(|| quote! { ; loop {} });
            replace_body(&mut function, quote! { #call.await #never });
        }
        Form::Future => {
            let call = local("call");
            // The parameters are gone before the future is done; what is `Copy` comes along.
            let outcome = if looks {
                quote! { move #outcome }
            } else {
                outcome
            };
            let prepared = start.prepared(&private, &site);
            let prepared = prepared.map(|prepared| parse_quote! { let #call = #prepared; });
            let output = (looks || !function::cannot_fail(&function.sig))
                .then(|| output(&function, &private))
                .flatten();
            let called = |future: TokenStream| {
                let future = match &output {
                    Some(output) => quote! { #output(#future) },
                    None => future,
                };
                if start.setup.is_none() {
                    quote! { #private::call_async(#site, #future, #outcome) }
                } else {
                    quote! { #call.#run(#future, #outcome) }
                }
            };
            around_future(&mut function, &private, &start, prepared, called);
        }
    }
    put_before_statements(&mut function, before);
    function
}

/// Names the output of a future that is looked at: its body may leave that to the signature of the function.
fn output(function: &ItemFn, private: &TokenStream) -> Option<TokenStream> {
    let output = future::returned(&function.sig)?.output?;
    let output = repeated(function::nameable(output).into_token_stream());
    Some(quote! { #private::output_is::<#output, _> })
}

/// What a call is told when it starts.
struct Start {
    /// The closures that tell it; none where there is nothing to tell.
    setup: Option<TokenStream>,
    /// The first of them says where the span begins.
    opens: bool,
    /// Where parameters may be mentioned: there, and in what is recorded at the end.
    mentions: Option<TokenStream>,
}

impl Start {
    /// `end` is what the call is told when it ends.
    fn new(probe: &Probe, end: Option<&TokenStream>) -> Self {
        let opening = local("opening");
        let opened = probe
            .traced
            .as_ref()
            .map(|traced| traced::open(traced, &opening))
            .filter(|opened| !opened.is_empty());
        let setup = setup(probe);
        let setup = if opened.is_some() || end.is_some() {
            Some(setup.unwrap_or_else(|| quote! { |_| {} }))
        } else {
            setup
        };
        let opens = opened.is_some();
        let setup = match opened {
            None => setup,
            Some(opened) => Some(quote! { |#opening| { #opened }, #setup }),
        };
        Self {
            mentions: setup.as_ref().map(|setup| quote! { #setup #end }),
            setup,
            opens,
        }
    }

    /// `kind` is `Call`, or `FutureCall` where a future runs the body.
    fn call(&self, private: &TokenStream, kind: &str, site: &TokenStream) -> TokenStream {
        let setup = &self.setup;
        let how = if self.opens {
            "open_with"
        } else {
            "start_with"
        };
        let (kind, how) = (format_ident!("{kind}"), format_ident!("{how}"));
        quote! { #private::#kind::#how(#site, #setup) }
    }

    /// A call that starts when a future is first polled.
    fn prepared(&self, private: &TokenStream, site: &TokenStream) -> Option<TokenStream> {
        let setup = self.setup.as_ref()?;
        let how = if self.opens {
            "prepare_open_with"
        } else {
            "prepare_with"
        };
        let how = format_ident!("{how}");
        Some(quote! { #private::FutureCall::#how(#site, #setup) })
    }
}

/// Puts a call around the future that a function returns, where that is made if there is one such place: then the body
/// stays as it is, and what is boxed is boxed once.
///
/// The arguments may be gone when the future is made, so what a call is told of them is `prepared` before.
fn around_future(
    function: &mut ItemFn,
    private: &TokenStream,
    start: &Start,
    prepared: Option<Stmt>,
    called: impl Fn(TokenStream) -> TokenStream,
) {
    if let Some(place) = future::place(function) {
        *place = Expr::Verbatim(called(place.to_token_stream()));
        put_before_statements(function, prepared);
        return;
    }
    let body = closure(function, start.mentions.as_ref());
    let called = called(quote! { #private::made(#body) });
    let returned = match future::returned(&function.sig) {
        Some(future::Returned { boxed: true, .. }) => quote! { #private::boxed(#called) },
        _ => called,
    };
    replace_body(function, quote! { #prepared #returned });
}

/// What is recorded of the arguments when a call starts.
fn setup(probe: &Probe) -> Option<TokenStream> {
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
    let recorded = quote! { #labels #fields };
    (!recorded.is_empty()).then(|| quote! { |#call| { #recorded } })
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
    let result = local("result");
    let seen = if probe.judge.is_some() || !function::cannot_fail(&probe.function.sig) {
        result.to_token_stream()
    } else {
        quote! { _ }
    };
    let outcome = outcome_of(probe, &result);
    quote! { |#seen| #outcome }
}

/// What is recorded of the result, and then its outcome.
fn end(probe: &Probe) -> Option<TokenStream> {
    let private = probe.private();
    let (call, result, outcome) = (local("call"), local("result"), local("outcome"));
    let seen = (&result, &outcome);
    let traced = probe.traced.as_ref();
    let fields = traced.map(|traced| traced::end(traced, &private, &call, seen));
    let metered = probe.metered.as_ref();
    let labels = metered.map(|metered| metered::end(metered, &private, &call, seen));
    // Labels last: what panics has no labels of its result.
    let recorded = quote! { #fields #labels };
    if recorded.is_empty() {
        return None;
    }
    let outcome_of = outcome_of(probe, &result);
    let at_end = traced.into_iter().flat_map(Traced::at_end);
    let at_end = at_end.chain(metered.into_iter().flat_map(Metered::at_end));
    let kept = parameters::used(at_end, &probe.function.sig);
    let kept = kept.into_iter().map(|name| {
        let at = name.span();
        let (here, name) = (probe.private_at(at), borrowed(parse_quote!(#name)));
        quote_spanned! { at=> #here::kept(#name); }
    });
    Some(quote! {
        |#result, #call| {
            let #outcome = #outcome_of;
            #(#kept)*
            #recorded
            #outcome
        }
    })
}

/// By its type, or as the function's own judge says.
fn outcome_of(probe: &Probe, result: &Ident) -> TokenStream {
    let private = probe.private();
    let verdict = probe.judge.as_ref().map(|judge| judge.verdict(result));
    let by_type = match outcome_by_type(probe, result) {
        None => quote! { #private::Outcome::Ok },
        Some(outcome) => outcome,
    };
    quote! { #by_type #verdict }
}

/// Nothing where the type alone says that it is no error.
fn outcome_by_type(probe: &Probe, result: &Ident) -> Option<TokenStream> {
    if function::cannot_fail(&probe.function.sig) {
        return None;
    }
    let private = probe.private();
    let message = probe
        .traced
        .as_ref()
        .and_then(|traced| traced.error_message.as_ref());
    Some(match message {
        None => quote! { #private::outcome!(#result) },
        Some(message) => {
            // An error type that cannot be shown is underlined where it is written.
            let at = function::error_span(&probe.function.sig);
            let here = probe.private_at(at);
            let message = Ident::new(&message.to_string(), at);
            quote_spanned! { at=> #here::outcome!(#result, #message) }
        }
    })
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

fn closure(function: &mut ItemFn, mentions: Option<&TokenStream>) -> TokenStream {
    let rebind = parameters::rebind(&mut function.sig, mentions);
    let output = repeated(function::output(&function.sig).into_token_stream());
    let block = &function.block;
    if rebind.is_empty() {
        return quote! { move || -> #output #block };
    }
    let body = within(block);
    quote! { move || -> #output { #(#rebind)* #body } }
}

/// What the user wrote once and we write again, in the same place: lints have judged it already.
fn repeated(written: TokenStream) -> TokenStream {
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

fn future_of(
    function: &mut ItemFn,
    hint: &TokenStream,
    mentions: Option<&TokenStream>,
) -> TokenStream {
    let rebind = parameters::rebind(&mut function.sig, mentions);
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
