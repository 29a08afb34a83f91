//! Values that options of `#[traced(..)]` take.

use syn::{Error, Expr, ExprLit, Lit, LitStr, Path};

use crate::report::{self, fault, nearest};
use crate::values::wrong_type;

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
