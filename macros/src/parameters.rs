//! Parameters: what they bind, and how they move into a closure with nothing changed.

use std::mem;

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::quote;
use syn::visit::{self, Visit};
use syn::visit_mut::{self, VisitMut};
use syn::{
    Attribute, Expr, ExprPath, FnArg, Ident, Meta, Pat, PatIdent, Path, ReceiverKind, Signature,
    Token, Type, parse_quote,
};

use crate::tokens::local;

/// The names that parameters bind, `self` among them.
pub(crate) fn bindings(sig: &Signature) -> Vec<Ident> {
    let mut names = Vec::new();
    for input in &sig.inputs {
        match input {
            FnArg::Receiver(receiver) => names.push(Ident::new("self", receiver.self_token.span)),
            FnArg::Typed(parameter) => {
                names.extend(bound(&parameter.pat).into_iter().map(|name| name.ident));
            }
        }
    }
    names
}

/// The names that `args` captures, with the `#[cfg]`s of their parameters: not `self`, and none that says that it is
/// not used.
pub(crate) fn captured(sig: &Signature) -> Vec<(Ident, Vec<Attribute>)> {
    let mut names = Vec::new();
    for input in &sig.inputs {
        let FnArg::Typed(parameter) = input else {
            continue;
        };
        let mut cfgs = parameter.attrs.clone();
        cfgs.retain(|attr| attr.path().is_ident("cfg"));
        let used = bound(&parameter.pat)
            .into_iter()
            .filter(|name| !name.ident.to_string().starts_with('_'));
        names.extend(used.map(|name| (name.ident, cfgs.clone())));
    }
    names
}

/// The type of a parameter that is a plain name.
pub(crate) fn written_type<'a>(sig: &'a Signature, name: &Ident) -> Option<&'a Type> {
    sig.inputs.iter().find_map(|input| match input {
        FnArg::Typed(parameter) => match &*parameter.pat {
            Pat::Ident(bound) if bound.ident == *name => Some(&*parameter.ty),
            _ => None,
        },
        FnArg::Receiver(_) => None,
    })
}

fn bound(pattern: &Pat) -> Vec<PatIdent> {
    struct Names(Vec<PatIdent>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_pat_ident(&mut self, name: &'ast PatIdent) {
            self.0.push(name.clone());
            visit::visit_pat_ident(self, name);
        }
    }
    let mut names = Names(Vec::new());
    names.visit_pat(pattern);
    names.0
}

/// The parameters besides `self` that expressions use, each where the first of them does. What a macro or a closure
/// hides is left out.
pub(crate) fn used<'a>(expressions: impl Iterator<Item = &'a Expr>, sig: &Signature) -> Vec<Ident> {
    struct Names {
        parameters: Vec<Ident>,
        used: Vec<Ident>,
        hidden: Vec<Ident>,
    }
    impl<'ast> Visit<'ast> for Names {
        fn visit_expr_path(&mut self, path: &'ast ExprPath) {
            let name = path.path.get_ident();
            let name = name.filter(|name| *name != "self" && self.parameters.contains(name));
            self.used.extend(name.cloned());
        }

        fn visit_pat_ident(&mut self, name: &'ast PatIdent) {
            self.hidden.push(name.ident.clone());
            visit::visit_pat_ident(self, name);
        }
    }
    let mut names = Names {
        parameters: bindings(sig),
        used: Vec::new(),
        hidden: Vec::new(),
    };
    expressions.for_each(|expression| names.visit_expr(expression));
    let Names { used, hidden, .. } = names;
    let mut first = Vec::new();
    for name in used {
        if !hidden.contains(&name) && !first.contains(&name) {
            first.push(name);
        }
    }
    first
}

/// Prepares the parameters for a body that moves into a closure or an `async` block, and returns what that begins with.
///
/// Every parameter is moved in whole and in order, or drops would happen in another order than in the plain function.
/// What a pattern binds has to be seen elsewhere too, if something `mentions` parameters: then patterns stay on the
/// parameters and what they bind is moved in.
pub(crate) fn rebind(sig: &mut Signature, mentions: Option<&TokenStream>) -> Vec<TokenStream> {
    let mut lets = Vec::new();
    for (index, input) in sig.inputs.iter_mut().enumerate() {
        let parameter = match input {
            FnArg::Receiver(receiver) => {
                let borrowed = match &receiver.kind {
                    ReceiverKind::Reference(..) => true,
                    ReceiverKind::Typed(_, ty) => matches!(**ty, Type::Reference(_)),
                    _ => false,
                };
                // A mention of the whole is what makes a closure take the whole.
                let this = receiver.self_token;
                lets.extend((!borrowed).then(|| quote! { let _ = &#this; }));
                continue;
            }
            FnArg::Typed(parameter) => parameter,
        };
        allow_expected(&mut parameter.attrs);
        let attrs = &parameter.attrs;
        match &mut *parameter.pat {
            Pat::Ident(PatIdent {
                by_ref: None,
                subpat: None,
                mutability,
                ident,
                ..
            }) => {
                lets.push(quote_let(attrs, mutability.take(), ident, mentions));
            }
            pattern if mentions.is_some() => {
                for PatIdent {
                    by_ref,
                    mutability,
                    ident,
                    ..
                } in bound(pattern)
                {
                    let mutability = mutability.filter(|_| by_ref.is_none());
                    lets.push(quote_let(attrs, mutability, &ident, mentions));
                }
                Immutable.visit_pat_mut(pattern);
            }
            pattern => {
                let whole = local(&format!("argument{index}"));
                let pattern = mem::replace(pattern, parse_quote!(#whole));
                lets.push(quote! { #(#attrs)* let #whole = #whole; });
                if !matches!(pattern, Pat::Wild(_)) {
                    lets.push(quote! { #(#attrs)* let #pattern = #whole; });
                }
            }
        }
    }
    lets
}

/// What is expected of a parameter comes true only in one of the two places that it has now.
fn allow_expected(attrs: &mut [Attribute]) {
    for attr in attrs {
        if let Meta::List(lints) = &mut attr.meta
            && lints.path.is_ident("expect")
        {
            lints.path = parse_quote!(allow);
        }
    }
}

/// `let name = name;`
fn quote_let(
    attrs: &[Attribute],
    mutability: Option<Token![mut]>,
    name: &Ident,
    mentions: Option<&TokenStream>,
) -> TokenStream {
    let mut allowed: Vec<Path> = vec![parse_quote!(clippy::shadow_same)];
    if mentions.is_some_and(|tokens| mention(tokens, &name.to_string()).is_some()) {
        allowed.push(parse_quote!(unused_variables));
    }
    if name.to_string().starts_with('_') {
        allowed.push(parse_quote!(clippy::no_effect_underscore_binding));
        allowed.push(parse_quote!(clippy::used_underscore_binding));
    }
    quote! { #(#attrs)* #[allow(#(#allowed),*)] let #mutability #name = #name; }
}

/// Where tokens use a name, if only in the text of a format string.
pub(crate) fn mention(tokens: &TokenStream, name: &str) -> Option<Span> {
    tokens.clone().into_iter().find_map(|token| match token {
        TokenTree::Group(group) => mention(&group.stream(), name),
        TokenTree::Ident(ident) => (ident == name).then(|| ident.span()),
        TokenTree::Literal(literal) => literal.to_string().contains(name).then(|| literal.span()),
        TokenTree::Punct(_) => None,
    })
}

/// Takes `mut` off the names that are moved on: the compiler would say that it is not needed.
struct Immutable;

impl VisitMut for Immutable {
    fn visit_pat_ident_mut(&mut self, name: &mut PatIdent) {
        if name.by_ref.is_none() {
            name.mutability = None;
        }
        visit_mut::visit_pat_ident_mut(self, name);
    }
}
