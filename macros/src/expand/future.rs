//! The call around the future that a function returns.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Expr, ItemFn, Stmt, parse_quote};

use super::{Parts, closure, put_before_statements, replace_body};
use crate::function;
use crate::future::{self, Returned};
use crate::tokens::{local, repeated};

/// Puts a call around the future that a function returns, where that is made if there is one such place: then the body
/// stays as it is, and what is boxed is boxed once.
pub(super) fn put_around(function: &mut ItemFn, parts: &Parts) {
    let call = Around::new(function, parts);
    let begin = call.begin();
    if let Some(place) = future::place(function) {
        *place = Expr::Verbatim(call.run(place.to_token_stream(), false));
        put_before_statements(function, begin);
        return;
    }
    let private = &parts.private;
    let body = closure(function, parts);
    let boxed = future::returned(&function.sig).is_some_and(|returned| returned.boxed);
    let returned = call.run(quote! { #private::made(#body) }, boxed);
    replace_body(function, quote! { #begin #returned });
}

/// What goes around the future of a function.
struct Around<'p> {
    parts: &'p Parts,
    /// The future may be something else, which only its type tells.
    asked: bool,
    /// What the future comes to, where that is looked at: its body may leave that to the signature of the function.
    output: Option<TokenStream>,
    /// The parameters are gone before the future is done; what is `Copy` comes along.
    moved: Option<TokenStream>,
}

impl<'p> Around<'p> {
    fn new(function: &mut ItemFn, parts: &'p Parts) -> Self {
        let looked_at = parts.looks || !function::cannot_fail(&function.sig);
        Self {
            asked: future::is_for_the_compiler_to_tell(function),
            output: looked_at.then(|| output(function)).flatten(),
            moved: parts.looks.then(|| quote! { move }),
            parts,
        }
    }

    /// What stands before the body. The arguments may be gone when the future is made, so what a call is told of them is
    /// prepared here.
    fn begin(&self) -> Option<Stmt> {
        let Parts {
            private,
            site,
            start,
            ..
        } = self.parts;
        let call = local("call");
        match (self.asked, &start.setup) {
            (false, None) => None,
            (false, Some(setup)) => Some(parse_quote! {
                let #call = #private::FutureCall::prepare(#site, #setup);
            }),
            (true, None) => Some(parse_quote! { let #call = #private::AnyCall::begin(#site); }),
            (true, Some(setup)) => Some(parse_quote! {
                let #call = #private::AnyCall::begin_with(#site, #setup);
            }),
        }
    }

    /// The call around `made`, in a box if it has been in one.
    fn run(&self, made: TokenStream, boxed: bool) -> TokenStream {
        let Self {
            parts,
            asked,
            output,
            moved,
        } = self;
        let Parts {
            private,
            site,
            start,
            outcome,
            ..
        } = parts;
        let (call, of_made) = (local("call"), local("made"));
        if *asked {
            let run = if boxed { quote!(boxed) } else { quote!(run) };
            let output = output
                .as_ref()
                .map(|output| quote! { .output_is::<#output>() });
            return quote! {
                #private::returning(#call, #made, |#of_made| #private::kind!(#of_made)) #output
                    .#run(#moved #outcome)
            };
        }
        let future = match output {
            Some(output) => quote! { #private::output_is::<#output, _>(#made) },
            None => made,
        };
        let called = if start.setup.is_some() {
            quote! { #call.run(#future, #moved #outcome) }
        } else {
            quote! { #private::call_async(#site, #future, #moved #outcome) }
        };
        if boxed {
            quote! { #private::boxed(#called) }
        } else {
            called
        }
    }
}

fn output(function: &ItemFn) -> Option<TokenStream> {
    let Returned { output, .. } = future::returned(&function.sig)?;
    Some(repeated(function::nameable(output?).into_token_stream()))
}
