//! Values that options take. Each says in its error what it found and what to write.

use std::fmt;

use darling::FromMeta;
use proc_macro2::Literal;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{
    Error, Expr, ExprLit, ExprUnary, Ident, Lit, LitStr, Meta, MetaNameValue, Path, Token, UnOp,
};

use crate::report::{self, Faults, fault, nearest};

/// `key = value` as darling finds it. A wrong value is kept as its fault, so that the other options are still looked at,
/// and because `darling::Error` would forget where the value ends.
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

/// `key(entry, entry, ..)`, each entry read on its own for the same reasons.
pub(crate) struct Entries<T>(pub(crate) Vec<syn::Result<T>>);

impl<T: Parse> FromMeta for Entries<T> {
    fn from_meta(option: &Meta) -> darling::Result<Self> {
        let entries = report::entries(option.require_list()?.tokens.clone(), T::parse);
        Ok(Self(entries))
    }
}

/// The key of a field or of a label: `order.id`.
pub(crate) struct Key(pub(crate) Punctuated<Ident, Token![.]>);

impl Parse for Key {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let expected = |fault: Error| Error::new(fault.span(), "expected a key");
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

/// `name = "checkout"` of a span: a literal, or a path to a `&'static str`.
pub(crate) enum SpanName {
    Literal(LitStr),
    Path(Path),
}

impl TryFrom<&Expr> for SpanName {
    type Error = Error;

    fn try_from(value: &Expr) -> syn::Result<Self> {
        match value {
            Expr::Lit(ExprLit {
                lit: Lit::Str(name),
                ..
            }) if name.value().trim().is_empty() => Err(fault(
                name,
                "the span name is empty",
                "drop the option to use the function's own name",
            )),
            Expr::Lit(ExprLit {
                lit: Lit::Str(name),
                ..
            }) => Ok(Self::Literal(name.clone())),
            Expr::Path(path) if path.path.segments[0].ident == "Self" => Err(fault(
                path,
                "`name` cannot see `Self`: it is kept in a static",
                "write the type's own name",
            )),
            Expr::Path(path) if path.qself.is_none() => Ok(Self::Path(path.path.clone())),
            other => Err(wrong_type(
                other,
                "name",
                "a string literal or a path to a `&'static str`",
            )),
        }
    }
}

/// `name = "shop.checkout"` of a metric, as OpenTelemetry allows it.
pub(crate) struct MetricName(pub(crate) LitStr);

impl MetricName {
    /// `MUST` of the specification: <https://opentelemetry.io/docs/specs/otel/metrics/api/#instrument-name-syntax>.
    const MAX_LEN: usize = 255;
}

impl TryFrom<&Expr> for MetricName {
    type Error = Error;

    fn try_from(value: &Expr) -> syn::Result<Self> {
        let Expr::Lit(ExprLit {
            lit: Lit::Str(name),
            ..
        }) = value
        else {
            return Err(wrong_type(value, "name", "a string literal"));
        };
        let text = name.value();
        let allowed = |(at, c): (usize, char)| match at {
            0 => c.is_ascii_alphabetic(),
            _ => c.is_ascii_alphanumeric() || "_.-/".contains(c),
        };
        let rule = "a metric name starts with a letter and holds letters, digits, `_`, `.`, `-` and `/` (OpenTelemetry)";
        if text.is_empty() {
            return Err(fault(
                name,
                "the metric name is empty",
                "drop the option to use the shared family",
            ));
        }
        if let Some((at, found)) = text.chars().enumerate().find(|&at| !allowed(at)) {
            let found = if found == ' ' {
                "a space".to_owned()
            } else {
                format!("`{}`", found.escape_debug())
            };
            let help = metric_name_like(&text)
                .map(|near| format!("\nhelp: `{near}`"))
                .unwrap_or_default();
            return Err(Error::new_spanned(
                name,
                format!("{rule}; found {found} at column {}{help}", at + 1),
            ));
        }
        if text.len() > Self::MAX_LEN {
            let what = format!(
                "a metric name has at most {} characters, this one has {}",
                Self::MAX_LEN,
                text.len()
            );
            return Err(Error::new_spanned(name, what));
        }
        Ok(Self(name.clone()))
    }
}

/// The nearest allowed name, if anything of `text` is left in it.
fn metric_name_like(text: &str) -> Option<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "_.-/".contains(c)));
    let name = words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(".");
    let name = name.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
    (!name.is_empty()).then(|| name.to_owned())
}

/// `buckets = [0.1, 1.0]`: upper bounds in seconds, strictly increasing.
pub(crate) struct Buckets(pub(crate) Vec<Literal>);

impl TryFrom<&Expr> for Buckets {
    type Error = Error;

    fn try_from(value: &Expr) -> syn::Result<Self> {
        let Expr::Array(array) = value else {
            return Err(wrong_type(
                value,
                "buckets",
                "a list of numbers such as `[0.1, 0.5, 1.0]`",
            ));
        };
        if array.elems.is_empty() {
            return Err(fault(
                array,
                "`buckets` is empty",
                "drop the option to use the default bounds",
            ));
        }
        let mut faults = Faults::default();
        let mut before: Option<(usize, f64, &Expr)> = None;
        let mut bounds = Vec::new();
        for (position, elem) in (1..).zip(&array.elems) {
            let Some(bound) = faults.handle(bound(elem)) else {
                continue;
            };
            if let Some((place, _, text)) = before.filter(|&(_, before, _)| bound <= before) {
                let (text, this) = (report::text(text), report::text(elem));
                faults.push(Error::new_spanned(
                    elem,
                    format!("buckets must strictly increase: `{this}` (position {position}) is not above `{text}` (position {place})"),
                ));
            }
            before = Some((position, bound, elem));
            bounds.push(Literal::f64_unsuffixed(bound));
        }
        faults.finish()?;
        Ok(Self(bounds))
    }
}

fn bound(value: &Expr) -> syn::Result<f64> {
    let bound = match ungroup(value) {
        Expr::Lit(ExprLit {
            lit: Lit::Float(bound),
            ..
        }) => bound.base10_parse::<f64>()?,
        Expr::Lit(ExprLit {
            lit: Lit::Int(bound),
            ..
        }) => bound.base10_parse::<f64>()?,
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(minus),
            expr,
            ..
        }) if matches!(**expr, Expr::Lit(_)) => {
            let what = format!(
                "a bucket bound is a number of seconds, and `{}` is below zero",
                report::text(value)
            );
            return Err(Error::new_spanned(minus, what));
        }
        other => {
            let what = format!("a bucket bound is a number literal, found {}", found(other));
            return Err(Error::new_spanned(other, what));
        }
    };
    if bound.is_infinite() {
        let what = format!("`{}` is too large", report::text(value));
        return Err(fault(
            value,
            what,
            "remove it, a last bucket up to infinity is always added",
        ));
    }
    Ok(bound)
}

/// `kind = "server"`: the variant of `SpanKind`.
pub(crate) struct Kind(pub(crate) &'static str);

impl Kind {
    const ALL: [(&'static str, &'static str); 5] = [
        ("internal", "Internal"),
        ("server", "Server"),
        ("client", "Client"),
        ("producer", "Producer"),
        ("consumer", "Consumer"),
    ];
}

impl TryFrom<&Expr> for Kind {
    type Error = Error;

    fn try_from(value: &Expr) -> syn::Result<Self> {
        let names = || Self::ALL.into_iter().map(|(name, _)| name);
        let Expr::Lit(ExprLit {
            lit: Lit::Str(kind),
            ..
        }) = value
        else {
            return Err(wrong_type(
                value,
                "kind",
                &format!("one of {} as a string", report::list(names())),
            ));
        };
        let text = kind.value();
        if let Some((_, variant)) = Self::ALL.into_iter().find(|(name, _)| *name == text) {
            return Ok(Self(variant));
        }
        let meant = nearest(&text, names())
            .map(|near| format!("did you mean `{near}`? "))
            .unwrap_or_default();
        Err(fault(
            kind,
            format!("unknown span kind `{text}`"),
            format!("{meant}one of {}", report::list(names())),
        ))
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

/// A value behind the invisible delimiters that `macro_rules!` puts around a fragment.
pub(crate) fn ungroup(mut value: &Expr) -> &Expr {
    while let Expr::Group(group) = value {
        value = &group.expr;
    }
    value
}

/// What a value is, for "found ..".
pub(crate) fn found(value: &Expr) -> &'static str {
    match ungroup(value) {
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Str(_) => "a string",
            Lit::Int(_) => "an integer",
            Lit::Float(_) => "a float",
            Lit::Bool(_) => "a bool",
            Lit::Char(_) => "a char",
            _ => "a byte string",
        },
        Expr::Path(_) => "a path",
        Expr::Array(_) => "a list",
        Expr::Call(_) | Expr::MethodCall(_) => "a call",
        Expr::Macro(_) => "a macro call",
        Expr::Closure(_) => "a closure",
        _ => "an expression",
    }
}

fn wrong_type(value: &Expr, option: &str, takes: &str) -> Error {
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
