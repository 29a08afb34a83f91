//! What both attributes need to know about the annotated function.

use proc_macro2::Span;
use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit_mut::{self, VisitMut};
use syn::{
    GenericArgument, ItemFn, Path, PathArguments, ReturnType, Signature, Type, TypePath,
    parse_quote,
};

use crate::attribute::Attribute;
use crate::report::{fault, text};
use crate::{future, parameters};

/// How the probe goes around the body.
pub(crate) enum Form {
    /// A guard beside the untouched body: nothing is more faithful.
    Guard,
    /// A closure, so that what it returns can be looked at.
    Closure,
    /// A future in the future.
    Async,
    /// A future around the one that the function returns.
    Future,
}

/// `looks` says whether an option looks at the result, whatever its type.
pub(crate) fn form(function: &ItemFn, looks: bool) -> Form {
    // A closure would be the caller of what asks for it.
    let one_place = is_track_caller(function);
    if function.sig.asyncness.is_some() {
        Form::Async
    } else if future::returned(&function.sig).is_some()
        && (!one_place || future::place(&mut function.clone()).is_some())
    {
        Form::Future
    } else if !looks && cannot_fail(&function.sig) || one_place {
        Form::Guard
    } else {
        Form::Closure
    }
}

/// Whether a call is the life of a future.
pub(crate) fn is_future(function: &ItemFn) -> bool {
    matches!(form(function, false), Form::Async | Form::Future)
}

/// A `const fn` may run where there is no clock.
pub(crate) fn reject_const(attribute: Attribute, sig: &Signature) -> syn::Result<()> {
    let Some(keyword) = sig.constness else {
        return Ok(());
    };
    let (done, why) = match attribute {
        Attribute::Metered => ("metered", "a measurement needs a clock at run time"),
        Attribute::Traced => ("traced", "spans need a clock and the heap at run time"),
    };
    let what = format!("a `const fn` cannot be {done}: {why}");
    Err(fault(
        keyword,
        what,
        format!(
            "remove `const`, or put `#[{}]` on the caller",
            attribute.name()
        ),
    ))
}

/// `option` looks at the result: there has to be one, and a place to look at it.
pub(crate) fn reject_unseen_result(option: &Path, function: &ItemFn) -> syn::Result<()> {
    let option_name = text(option);
    let sig = &function.sig;
    if has_no_result(sig) {
        let what = format!(
            "`{option_name}` looks at the result, and `{}` returns none",
            sig.ident
        );
        return Err(fault(option, what, format!("drop `{option_name}`")));
    }
    if is_track_caller(function) && sig.asyncness.is_none() {
        let what = format!(
            "`{option_name}` cannot look at the result of a `#[track_caller]` function: that needs a \
             closure, which would be the caller"
        );
        return Err(fault(option, what, "drop one of the two"));
    }
    Ok(())
}

/// `option` looks at an error: the type has to allow for one. `instead` is what else can be done about a result.
pub(crate) fn reject_no_error(option: &Path, instead: &str, function: &ItemFn) -> syn::Result<()> {
    let sig = &function.sig;
    if !cannot_fail(sig) {
        return reject_unseen_result(option, function);
    }
    let (option_name, name) = (text(option), &sig.ident);
    let returns = match &sig.output {
        ReturnType::Default => "none".to_owned(),
        ReturnType::Type(_, output) => format!("`{}`", text(output)),
    };
    let what = format!(
        "`{option_name}` needs a value that can be an error, and `{name}` returns {returns}"
    );
    let help = if has_no_result(sig) {
        format!("return a `Result`, which `error_if` would need too, or drop `{option_name}`")
    } else {
        format!("return a `Result`, or {instead}")
    };
    Err(fault(option, what, help))
}

fn has_no_result(sig: &Signature) -> bool {
    result(sig).is_none_or(|result| match result {
        Type::Tuple(tuple) => tuple.elems.is_empty(),
        result => matches!(result, Type::Never(_)),
    })
}

pub(crate) fn is_track_caller(function: &ItemFn) -> bool {
    has(&function.attrs, "track_caller")
}

/// Whether an attribute of the compiler is there, as `name` or as `unsafe(name)`.
pub(crate) fn has(attrs: &[syn::Attribute], name: &str) -> bool {
    attrs.iter().any(|attr| {
        let inner = attr.path().is_ident("unsafe").then(|| attr.parse_args());
        let inner: Option<Path> = inner.and_then(Result::ok);
        inner.as_ref().unwrap_or(attr.path()).is_ident(name)
    })
}

/// The first paragraph of the documentation, on one line.
pub(crate) fn doc(function: &ItemFn) -> Option<String> {
    let lines = function.attrs.iter().filter_map(|attr| match &attr.meta {
        syn::Meta::NameValue(doc) if doc.path.is_ident("doc") => match &doc.value {
            syn::Expr::Lit(syn::ExprLit {
                lit: syn::Lit::Str(text),
                ..
            }) => Some(text.value()),
            _ => None,
        },
        _ => None,
    });
    // An empty line is a text of its own, and has to stay one line.
    let lines: Vec<String> = lines
        .flat_map(|text| {
            text.split('\n')
                .map(|line| line.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .collect();
    let paragraph: Vec<&str> = lines
        .iter()
        .map(String::as_str)
        .skip_while(|line| line.is_empty())
        .take_while(|line| !line.is_empty())
        .collect();
    (!paragraph.is_empty()).then(|| paragraph.join(" "))
}

/// What a call comes to: what the function returns, or the output of the future that it returns.
pub(crate) fn result(sig: &Signature) -> Option<&Type> {
    match &sig.output {
        ReturnType::Default => None,
        ReturnType::Type(_, output) => {
            let future = future::returned(sig).and_then(|future| future.output);
            Some(future.unwrap_or(output))
        }
    }
}

const PRIMITIVES: [&str; 17] = [
    "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64",
    "i128", "isize", "f32", "f64",
];

/// Whether a written type is a primitive one, or a reference to one.
pub(crate) fn is_primitive(ty: &Type) -> bool {
    match ty {
        Type::Reference(reference) => is_primitive(&reference.elem),
        Type::Path(path) => {
            let name = path.path.get_ident();
            name.is_some_and(|name| PRIMITIVES.iter().any(|primitive| name == primitive))
        }
        _ => false,
    }
}

/// Whether the written type of the result cannot be an error. Any name may be an alias of a `Result`, so only what the
/// syntax makes certain, the primitive types and `Option` count.
pub(crate) fn cannot_fail(sig: &Signature) -> bool {
    let Some(mut output) = result(sig) else {
        return true;
    };
    loop {
        return match output {
            Type::Group(group) => {
                output = &group.elem;
                continue;
            }
            Type::Paren(paren) => {
                output = &paren.elem;
                continue;
            }
            Type::Array(_)
            | Type::FnPtr(_)
            | Type::ImplTrait(_)
            | Type::Never(_)
            | Type::Ptr(_)
            | Type::Reference(_)
            | Type::Tuple(_) => true,
            Type::Path(TypePath {
                qself: None, path, ..
            }) => {
                let names: Vec<String> = path
                    .segments
                    .iter()
                    .map(|segment| segment.ident.to_string())
                    .collect();
                match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                    [name] => name == "Option" || PRIMITIVES.contains(&name),
                    ["std" | "core", "option", "Option"] => true,
                    _ => false,
                }
            }
            _ => false,
        };
    }
}

/// Whether the result of an `async fn` may be a future again: one that says so, or a type that only the compiler knows.
pub(crate) fn may_return_a_future(sig: &Signature) -> bool {
    let Some(output) = result(sig) else {
        return false;
    };
    match output {
        Type::ImplTrait(_) => parameters::mention(&output.to_token_stream(), "Future").is_some(),
        Type::Path(path) => {
            let last = path.path.segments.last();
            !cannot_fail(sig) && last.is_some_and(|last| last.ident != "Result")
        }
        _ => false,
    }
}

/// Whether the function never returns.
pub(crate) fn never(sig: &Signature) -> bool {
    matches!(&sig.output, ReturnType::Type(_, output) if matches!(**output, Type::Never(_)))
}

/// The return type as a body may name it: `!` becomes `()`.
pub(crate) fn output(sig: &Signature) -> Type {
    match &sig.output {
        ReturnType::Default => parse_quote!(()),
        ReturnType::Type(..) if never(sig) => parse_quote!(()),
        ReturnType::Type(_, output) => nameable(output),
    }
}

/// A type as a body may name it: `impl Trait` becomes `_`.
pub(crate) fn nameable(ty: &Type) -> Type {
    struct Erase;
    impl VisitMut for Erase {
        fn visit_type_mut(&mut self, ty: &mut Type) {
            match ty {
                Type::ImplTrait(_) => *ty = parse_quote!(_),
                _ => visit_mut::visit_type_mut(self, ty),
            }
        }
    }
    let mut ty = ty.clone();
    Erase.visit_type_mut(&mut ty);
    ty
}

/// Where the type of the result is written, or the name of a function without one.
pub(crate) fn output_span(sig: &Signature) -> Span {
    result(sig).map_or_else(|| sig.ident.span(), Spanned::span)
}

/// Where the error type is written; the whole type of the result behind an alias.
pub(crate) fn error_span(sig: &Signature) -> Span {
    let mut types = Vec::new();
    if let Some(Type::Path(path)) = result(sig)
        && let Some(result) = path.path.segments.last()
        && let PathArguments::AngleBracketed(arguments) = &result.arguments
    {
        types.extend(
            arguments
                .args
                .iter()
                .filter(|argument| matches!(argument, GenericArgument::Type(_))),
        );
    }
    types.get(1).map_or_else(|| output_span(sig), Spanned::span)
}
