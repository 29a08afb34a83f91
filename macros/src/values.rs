//! Values that options of both attributes take, and how they are read. Each says in its error what it found.

use std::{fmt, mem};

use darling::FromMeta;
use darling::ast::NestedMeta;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{
    Error, Expr, ExprLit, ExprUnary, Ident, Lit, LitInt, LitStr, Meta, MetaNameValue, Path, Stmt,
    Token, UnOp, parse_quote,
};

use crate::options::{self, Usage};
use crate::report::{self, Faults, fault};

/// `key = value` as darling finds it. A wrong value is kept as its fault, so that the other options are still looked
/// at, and because `darling::Error` would forget where the value ends.
pub(crate) struct Value<T> {
    pub(crate) key: Path,
    pub(crate) value: syn::Result<T>,
}

impl<T> FromMeta for Value<T>
where
    T: for<'a> TryFrom<&'a Expr, Error = Error>,
{
    fn from_meta(option: &Meta) -> darling::Result<Self> {
        let MetaNameValue { path, value, .. } = option.require_name_value()?;
        Ok(Self {
            key: path.clone(),
            value: T::try_from(ungroup(value)),
        })
    }
}

impl<T> Value<T> {
    /// The value, if the option is given and takes it.
    pub(crate) fn given(option: Option<Self>, faults: &mut Faults) -> Option<T> {
        option.and_then(|option| faults.handle(option.value))
    }
}

/// An option that is a word: `caller`.
pub(crate) struct Word(pub(crate) Path);

impl FromMeta for Word {
    fn from_meta(option: &Meta) -> darling::Result<Self> {
        Ok(Self(option.path().clone()))
    }
}

/// An option that has options of its own: `duration(sample = 64)`.
pub(crate) struct Grouped<T> {
    pub(crate) key: Path,
    pub(crate) options: syn::Result<T>,
}

/// What may be written in such an option.
pub(crate) trait Nested: FromMeta {
    /// Sorted by name.
    const USAGES: &[Usage];
}

impl<T: Nested> FromMeta for Grouped<T> {
    fn from_meta(option: &Meta) -> darling::Result<Self> {
        let list = option.require_list()?;
        let usage = |name: &Ident| {
            let known = T::USAGES.iter().find(|usage| name == usage.name);
            known.ok_or_else(|| options::unknown(name, T::USAGES))
        };
        let mut faults = Faults::default();
        let unnamed = options::of_a_value(T::USAGES);
        let options = options::read(usage, unnamed, list.tokens.clone(), &mut faults);
        let options: Vec<_> = options.into_iter().map(NestedMeta::Meta).collect();
        let options = faults.handle(T::from_list(&options));
        Ok(Self {
            key: list.path.clone(),
            options: faults.finish().and_then(|()| {
                options.ok_or_else(|| Error::new_spanned(&list.path, "expected options"))
            }),
        })
    }
}

/// `key(entry, entry, ..)`, each entry read on its own for the same reasons.
pub(crate) struct Entries<T>(pub(crate) Vec<syn::Result<T>>);

impl<T: Parse> FromMeta for Entries<T> {
    fn from_meta(option: &Meta) -> darling::Result<Self> {
        let entries = options::entries(option.require_list()?.tokens.clone(), T::parse);
        Ok(Self(entries))
    }
}

/// The key of a field or of a label: `order.id`.
pub(crate) struct Key(pub(crate) Punctuated<Ident, Token![.]>);

impl Parse for Key {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if let Some(text) = input.parse::<Option<LitStr>>()? {
            let what = "a key is written without quotes";
            return Err(fault(&text, what, format!("`{}`", text.value())));
        }
        let expected = |fault: Error| {
            if input.is_empty() {
                fault
            } else {
                Error::new(fault.span(), "expected a key")
            }
        };
        let key =
            Punctuated::parse_separated_nonempty_with(input, |input| input.call(Ident::parse_any));
        key.map(Self).map_err(expected)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<_> = self.0.iter().map(|word| word.unraw().to_string()).collect();
        f.write_str(&words.join("."))
    }
}

/// `crate = ::my_crate::telemetry`: where `__private` is found.
pub(crate) struct CratePath(pub(crate) Path);

impl TryFrom<&Expr> for CratePath {
    type Error = Error;

    fn try_from(value: &Expr) -> syn::Result<Self> {
        if let Expr::Path(path) = value {
            let first = &path.path.segments[0].ident;
            let absolute =
                path.path.leading_colon.is_some() || first == "crate" || first == "$crate";
            let plain = path
                .path
                .segments
                .iter()
                .all(|segment| segment.arguments.is_none());
            if absolute && plain && path.qself.is_none() {
                return Ok(Self(path.path.clone()));
            }
        }
        Err(Error::new_spanned(
            value,
            "`crate` takes an absolute path such as `::my_crate::telemetry` or `crate::telemetry`",
        ))
    }
}

/// A literal string.
pub(crate) fn string(value: &Expr) -> Option<&LitStr> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text),
            ..
        }) => Some(text),
        _ => None,
    }
}

/// A literal number, whole or not, without a type or a unit.
pub(crate) fn number(value: &Expr) -> Option<syn::Result<f64>> {
    let Expr::Lit(ExprLit { lit, .. }) = value else {
        return None;
    };
    match lit {
        Lit::Float(number) if number.suffix().is_empty() => Some(number.base10_parse()),
        Lit::Int(number) if number.suffix().is_empty() => Some(number.base10_parse()),
        _ => None,
    }
}

/// A literal integer without a type or a unit.
pub(crate) fn integer(value: &Expr) -> Option<&LitInt> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => Some(number).filter(|number| number.suffix().is_empty()),
        _ => None,
    }
}

/// Whether an expression only says where a value is: `self.tier`, `&order.tier`.
pub(crate) fn is_place(value: &Expr) -> bool {
    match value {
        Expr::Path(_) => true,
        Expr::Field(field) => is_place(&field.base),
        // A value that is still being typed.
        Expr::Index(index) => {
            is_place(&index.expr)
                && matches!(&*index.index, Expr::Macro(call) if call.mac.path.segments.last()
                    .is_some_and(|last| last.ident == "compile_error"))
        }
        Expr::Reference(reference) => is_place(&reference.expr),
        Expr::Group(group) => is_place(&group.expr),
        Expr::Paren(paren) => is_place(&paren.expr),
        _ => false,
    }
}

/// A value behind the invisible delimiters that `macro_rules!` puts around a fragment.
pub(crate) fn ungroup(mut value: &Expr) -> &Expr {
    while let Expr::Group(group) = value {
        value = &group.expr;
    }
    value
}

/// Takes away the invisible delimiters that `macro_rules!` puts around an expression. The compiler does not see those
/// that come out of a macro such as ours, so `$sum * 2` would become `1 + 2 * 2`; without them `syn` writes
/// parentheses.
pub(crate) struct Ungroup;

impl VisitMut for Ungroup {
    fn visit_expr_mut(&mut self, expr: &mut Expr) {
        while let Expr::Group(group) = expr {
            *expr = mem::replace(&mut *group.expr, Expr::PLACEHOLDER);
        }
        visit_mut::visit_expr_mut(self, expr);
    }

    fn visit_stmt_mut(&mut self, stmt: &mut Stmt) {
        visit_mut::visit_stmt_mut(self, stmt);
        // A statement from `$s:stmt`, which `syn` took for a condition.
        if let Stmt::Expr(Expr::Let(binding), Some(semicolon)) = stmt {
            let semicolon = *semicolon;
            *stmt = parse_quote!(#binding #semicolon);
        }
    }
}

/// What a value is, for "found ..".
pub(crate) fn found(value: &Expr) -> &'static str {
    match ungroup(value) {
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Str(_) => "a string",
            Lit::Int(number) if !number.suffix().is_empty() => "a number with a suffix",
            Lit::Float(number) if !number.suffix().is_empty() => "a number with a suffix",
            Lit::Int(_) => "an integer",
            Lit::Float(_) => "a float",
            Lit::Bool(_) => "a bool",
            Lit::Char(_) => "a char",
            _ => "a byte string",
        },
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_), ..
        }) => "a negative number",
        Expr::Path(_) => "a path",
        Expr::Array(_) => "a list",
        Expr::Call(_) | Expr::MethodCall(_) => "a call",
        Expr::Macro(_) => "a macro call",
        Expr::Closure(_) => "a closure",
        _ => "an expression",
    }
}

pub(crate) fn wrong_type(value: &Expr, option: &str, takes: &str) -> Error {
    let help = match ungroup(value) {
        Expr::Lit(ExprLit {
            lit: Lit::Int(_) | Lit::Float(_) | Lit::Bool(_),
            ..
        }) if takes.starts_with("a string") => {
            format!("\nhelp: `{option} = \"{}\"`", report::text(value))
        }
        _ => String::new(),
    };
    Error::new_spanned(
        value,
        format!("`{option}` takes {takes}, found {}{help}", found(value)),
    )
}
