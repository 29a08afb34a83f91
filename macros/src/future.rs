//! Functions that return a future without being `async`: their calls are the life of that future.

use syn::visit::{self, Visit};
use syn::{
    Block, Expr, ExprAsync, ExprCall, ExprClosure, ExprReturn, ExprTry, GenericArgument, Item,
    ItemFn, Macro, Path, PathArguments, ReturnType, Signature, Stmt, Type, TypeParamBound,
};

/// A future that a function returns, as its signature shows it.
pub(crate) struct Returned<'a> {
    /// `Pin<Box<dyn Future>>`, and not `impl Future`.
    pub(crate) boxed: bool,
    /// Its `Output`, where it is written.
    pub(crate) output: Option<&'a Type>,
    /// Its trait is called `Future` and nothing more, so it may be a trait of the user's.
    bare: bool,
}

/// The future that a function returns, if another one can stand in its place: nothing but a `Future`, with lifetimes
/// and what the compiler finds out by itself, as `Send`; or one of the boxes of the `futures` crates.
pub(crate) fn returned(sig: &Signature) -> Option<Returned<'_>> {
    let ReturnType::Type(_, output) = &sig.output else {
        return None;
    };
    if sig.asyncness.is_some() {
        return None;
    }
    if let Some(output) = of_futures(output) {
        return Some(Returned {
            boxed: true,
            output: Some(output),
            bare: false,
        });
    }
    let (boxed, bounds) = match plain(output) {
        Type::ImplTrait(opaque) => (false, &opaque.bounds),
        output => match argument(argument(output, "Pin")?, "Box")? {
            Type::TraitObject(object) => (true, &object.bounds),
            _ => return None,
        },
    };
    let mut future = None;
    for bound in bounds {
        let TypeParamBound::Trait(bound) = bound else {
            continue;
        };
        let name = bound.path.segments.last()?;
        match name.ident.to_string().as_str() {
            "Future" if may_be_of_std(&bound.path) => future = Some(&bound.path),
            "Send" | "Sync" | "Unpin" | "UnwindSafe" | "RefUnwindSafe" => {}
            _ => return None,
        }
    }
    let future = future?;
    Some(Returned {
        boxed,
        output: output_of(future),
        bare: future.segments.len() == 1,
    })
}

/// `T` of `BoxFuture<'_, T>` and `LocalBoxFuture<'_, T>`.
fn of_futures(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = plain(ty) else {
        return None;
    };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else {
        return None;
    };
    let is_box = last.ident == "BoxFuture" || last.ident == "LocalBoxFuture";
    let arguments: Vec<_> = arguments.args.iter().collect();
    match arguments[..] {
        [GenericArgument::Lifetime(_), GenericArgument::Type(output)] if is_box => Some(output),
        _ => None,
    }
}

/// Whether a path to a trait called `Future` can be meant for the one of the standard library: by that name alone or
/// through a crate that has it, and with nothing but its `Output`. What else is called so is a trait of the user's.
fn may_be_of_std(path: &Path) -> bool {
    const CRATES: [&str; 6] = [
        "core",
        "std",
        "futures",
        "futures_core",
        "futures_lite",
        "futures_util",
    ];
    let (first, last) = (&path.segments[0].ident, path.segments.last());
    let named = path.segments.len() == 1 || CRATES.iter().any(|name| first == name);
    named
        && last.is_some_and(|last| {
            match &last.arguments {
        PathArguments::None => true,
        PathArguments::AngleBracketed(arguments) => arguments.args.iter().all(
            |argument| matches!(argument, GenericArgument::AssocType(it) if it.ident == "Output"),
        ),
        PathArguments::Parenthesized(_) => false,
    }
        })
}

/// `T` of `Future<Output = T>`.
fn output_of(future: &Path) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &future.segments.last()?.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        GenericArgument::AssocType(output) if output.ident == "Output" => Some(&output.ty),
        _ => None,
    })
}

/// `T` of `name<T>`.
fn argument<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = plain(ty) else {
        return None;
    };
    let last = path.path.segments.last()?;
    match &last.arguments {
        PathArguments::AngleBracketed(arguments) if last.ident == name => {
            match arguments.args.first()? {
                GenericArgument::Type(ty) => Some(plain(ty)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// A type without what only groups it.
fn plain(mut ty: &Type) -> &Type {
    loop {
        ty = match ty {
            Type::Group(group) => &group.elem,
            Type::Paren(paren) => &paren.elem,
            ty => return ty,
        };
    }
}

/// The one expression that makes the future which a function returns, without its box. There may be others where a body
/// can be left before its end, also by what a macro makes.
pub(crate) fn place(function: &mut ItemFn) -> Option<&mut Expr> {
    let future = returned(&function.sig)?;
    let boxed = future.boxed;
    if !ends_once(&function.block) {
        return None;
    }
    let Stmt::Expr(value, None) = function.block.stmts.last_mut()? else {
        return None;
    };
    if boxed { in_box(value) } else { Some(value) }
}

/// Whether only the compiler can tell that a function returns a future: its signature says `Future`, and its body does not
/// end with an `async` block.
pub(crate) fn is_for_the_compiler_to_tell(function: &mut ItemFn) -> bool {
    let Some(Returned { boxed, bare, .. }) = returned(&function.sig) else {
        return false;
    };
    bare && !ends_with_async(&mut function.block, boxed)
}

fn ends_with_async(block: &mut Block, boxed: bool) -> bool {
    match block.stmts.last_mut() {
        Some(Stmt::Expr(value, None)) => match if boxed { in_box(value) } else { Some(value) } {
            Some(Expr::Async(_)) => true,
            Some(Expr::Block(inner)) => ends_with_async(&mut inner.block, false),
            _ => false,
        },
        _ => false,
    }
}

fn ends_once(block: &Block) -> bool {
    struct Exits(bool);
    impl<'ast> Visit<'ast> for Exits {
        fn visit_expr_return(&mut self, _: &'ast ExprReturn) {
            self.0 = true;
        }
        fn visit_expr_try(&mut self, _: &'ast ExprTry) {
            self.0 = true;
        }
        fn visit_macro(&mut self, _: &'ast Macro) {
            self.0 = true;
        }
        fn visit_expr(&mut self, expr: &'ast Expr) {
            self.0 |= matches!(expr, Expr::Verbatim(_));
            visit::visit_expr(self, expr);
        }
        // These have ends of their own.
        fn visit_expr_async(&mut self, _: &'ast ExprAsync) {}
        fn visit_expr_closure(&mut self, _: &'ast ExprClosure) {}
        fn visit_item(&mut self, _: &'ast Item) {}
    }
    let mut exits = Exits(false);
    exits.visit_block(block);
    !exits.0
}

/// The future in `Box::pin(future)` and in `future.boxed()`.
fn in_box(value: &mut Expr) -> Option<&mut Expr> {
    if let Expr::MethodCall(call) = value {
        let is_boxed = call.method == "boxed" || call.method == "boxed_local";
        return (is_boxed && call.args.is_empty()).then_some(&mut *call.receiver);
    }
    let Expr::Call(ExprCall { func, args, .. }) = value else {
        return None;
    };
    let Expr::Path(function) = &**func else {
        return None;
    };
    let mut names = function.path.segments.iter().rev().map(|name| &name.ident);
    let is_pin = names.next()? == "pin" && names.next()? == "Box";
    (is_pin && args.len() == 1).then(|| &mut args[0])
}
