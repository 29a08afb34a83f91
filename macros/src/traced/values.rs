//! Values that options of `#[traced(..)]` take.

use proc_macro2::Literal;
use syn::{Error, Expr, Ident, LitStr, Path};

use crate::report::{self, fault, nearest};
use crate::values::{number, string, wrong_type};

/// `name = "checkout"` of a span: a literal, or a path to a `&'static str`.
pub(crate) enum SpanName {
    Literal(LitStr),
    Path(Path),
}

impl TryFrom<&Expr> for SpanName {
    type Error = Error;

    fn try_from(value: &Expr) -> syn::Result<Self> {
        if let Some(name) = string(value) {
            return if name.value().trim().is_empty() {
                let help = "drop the option to use the function's own name";
                Err(fault(name, "the span name is empty", help))
            } else {
                Ok(Self::Literal(name.clone()))
            };
        }
        match value {
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
        one_of(value, "kind", "span kind", &Self::ALL).map(Self)
    }
}

/// `level = "debug"`: the variant of `Level`.
pub(crate) struct Level(pub(crate) &'static str);

impl Level {
    const ALL: [(&'static str, &'static str); 5] = [
        ("trace", "Trace"),
        ("debug", "Debug"),
        ("info", "Info"),
        ("warn", "Warn"),
        ("error", "Error"),
    ];
}

impl TryFrom<&Expr> for Level {
    type Error = Error;

    fn try_from(value: &Expr) -> syn::Result<Self> {
        one_of(value, "level", "level", &Self::ALL).map(Self)
    }
}

/// The variant that a string names.
fn one_of(
    value: &Expr,
    option: &str,
    what: &str,
    all: &[(&'static str, &'static str)],
) -> syn::Result<&'static str> {
    let names = || all.iter().map(|(name, _)| *name);
    let Some(found) = string(value) else {
        // `Level::INFO`, as others have it.
        if let Expr::Path(path) = value
            && let Some(last) = path.path.segments.last()
            && let Some(near) = meant(&last.ident.to_string(), names())
        {
            let what = format!("`{option}` is a string, found `{}`", report::text(path));
            return Err(fault(value, what, format!("`{option} = \"{near}\"`")));
        }
        let takes = format!("one of {} as a string", report::list(names()));
        return Err(wrong_type(value, option, &takes));
    };
    let text = found.value();
    if let Some((_, variant)) = all.iter().find(|(name, _)| *name == text) {
        return Ok(variant);
    }
    let meant = meant(&text, names())
        .map(|near| format!("did you mean `{near}`? "))
        .unwrap_or_default();
    Err(fault(
        found,
        format!("unknown {what} `{text}`"),
        format!("{meant}one of {}", report::list(names())),
    ))
}

/// The name that a word in another case, or in a longer or a shorter form, stands for.
fn meant(word: &str, names: impl Iterator<Item = &'static str> + Clone) -> Option<&'static str> {
    let word = word.to_lowercase();
    let form = |name: &&str| word.len() > 2 && (word.starts_with(name) || name.starts_with(&word));
    names.clone().find(form).or_else(|| nearest(&word, names))
}

/// `target = "shop::payments"`
pub(crate) struct Target(pub(crate) LitStr);

impl TryFrom<&Expr> for Target {
    type Error = Error;

    fn try_from(value: &Expr) -> syn::Result<Self> {
        match string(value) {
            None => Err(wrong_type(value, "target", "a string literal")),
            Some(target) if target.value().trim().is_empty() => Err(fault(
                target,
                "the target is empty",
                "drop the option to use the module's path",
            )),
            Some(target) => Ok(Self(target.clone())),
        }
    }
}

/// `parent = message.context`, `parent = none`
pub(crate) enum Parent {
    None,
    Of(Expr),
}

impl TryFrom<&Expr> for Parent {
    type Error = Error;

    fn try_from(value: &Expr) -> syn::Result<Self> {
        match value {
            Expr::Path(path) if path.path.is_ident("none") => Ok(Self::None),
            Expr::Path(path) if path.path.is_ident("None") => {
                let what = "`parent` takes a span's context or `none`, found `None`";
                Err(fault(value, what, "`parent = none`"))
            }
            Expr::Lit(_) => Err(wrong_type(value, "parent", "a span's context or `none`")),
            parent => Ok(Self::Of(parent.clone())),
        }
    }
}

/// `links = &batch.contexts`
pub(crate) struct Links(pub(crate) Expr);

impl TryFrom<&Expr> for Links {
    type Error = Error;

    fn try_from(value: &Expr) -> syn::Result<Self> {
        match value {
            Expr::Lit(_) => Err(wrong_type(value, "links", "the contexts of other spans")),
            links => Ok(Self(links.clone())),
        }
    }
}

/// `sample = 0.1`: a probability.
pub(crate) struct Ratio(pub(crate) Literal);

impl TryFrom<&Expr> for Ratio {
    type Error = Error;

    fn try_from(value: &Expr) -> syn::Result<Self> {
        let takes = "a number between 0 and 1";
        let ratio = number(value).ok_or_else(|| wrong_type(value, "sample", takes))??;
        if ratio <= 1.0 {
            return Ok(Self(Literal::f64_unsuffixed(ratio)));
        }
        let what = format!(
            "`sample` is a share between 0 and 1, and `{}` is above 1",
            report::text(value)
        );
        Err(if ratio <= 100.0 {
            fault(
                value,
                what,
                format!("`{}` for {ratio} percent", ratio / 100.0),
            )
        } else {
            Error::new_spanned(value, what)
        })
    }
}

/// What is said of a word that is none of the `known` ones.
pub(super) fn unknown_format(format: &Ident, known: &[&str], rule: &str) -> Error {
    let what = format!("{rule}; found `{format}`");
    match nearest(&format.to_string(), known.iter().copied()) {
        Some(near) => fault(format, what, format!("did you mean `{near}`?")),
        None => Error::new_spanned(format, what),
    }
}
