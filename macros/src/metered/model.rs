//! What `#[metered(..)]` means. A [`Metered`] that exists is valid.

use proc_macro2::Literal;
use syn::{Error, Expr, ExprLit, ExprUnary, Lit, LitStr, UnOp};

use super::parse::{Args, Label};
use super::values::Buckets;
use crate::report::{Faults, fault, list};
use crate::values::{Entries, Key, Value, found, ungroup};

#[derive(Default)]
pub(crate) struct Metered {
    /// The family of the function's own, instead of the shared one.
    pub(crate) family: Option<LitStr>,
    /// Empty for the default bounds.
    pub(crate) buckets: Vec<Literal>,
    pub(crate) fixed_labels: Vec<(String, String)>,
    pub(crate) labels: Vec<(String, Expr)>,
}

impl Metered {
    pub(crate) fn new(args: Args) -> syn::Result<Self> {
        let mut faults = Faults::default();
        let mut metered = Self::default();
        if let Some(buckets) = args.buckets {
            metered.buckets = faults
                .handle(own_buckets(buckets, args.name.is_some()))
                .unwrap_or_default();
        }
        if let Some(name) = args.name {
            metered.family = faults.handle(name.value).map(|name| name.0);
        }
        let mut names = Vec::new();
        for label in args.labels.into_iter().flat_map(|Entries(labels)| labels) {
            let Some(Label { key, value }) = faults.handle(label) else {
                continue;
            };
            let name = faults.handle(label_name(&key, &mut names));
            let text = faults.handle(fixed_value(&key, &value));
            match (name, text) {
                (Some(name), Some(Some(text))) => metered.fixed_labels.push((name, text)),
                (Some(name), Some(None)) => metered.labels.push((name, value)),
                _ => {}
            }
        }
        faults.finish()?;
        Ok(metered)
    }
}

fn own_buckets(buckets: Value<Buckets>, named: bool) -> syn::Result<Vec<Literal>> {
    let mut faults = Faults::default();
    if !named {
        let what = "`buckets` needs `name`: the family that all functions share has fixed bounds";
        faults.push(fault(
            &buckets.key,
            what,
            "add `name = \"shop.checkout\"`, or drop `buckets`",
        ));
    }
    let bounds = faults.handle(buckets.value);
    faults.finish()?;
    Ok(bounds.map_or_else(Vec::new, |bounds| bounds.0))
}

/// A name that Prometheus can hold, that nobody else uses, and that was not given before.
fn label_name(key: &Key, before: &mut Vec<String>) -> syn::Result<String> {
    let name = key.to_string();
    if let Some(why) = reserved(&name) {
        let help = format!(
            "rename it, e.g. `{}`",
            if name == "le" {
                "limit".into()
            } else {
                format!("my_{}", name.trim_start_matches('_'))
            }
        );
        return Err(fault(
            &key.0,
            format!("label `{name}` is reserved {why}"),
            help,
        ));
    }
    if let Some(bad) = name
        .chars()
        .find(|&c| !(c.is_ascii_alphanumeric() || c == '_'))
    {
        let what =
            format!("a label name holds ASCII letters, digits and `_`, found `{bad}` in `{name}`");
        let plain = name.replace('.', "_");
        return Err(if plain.is_ascii() {
            fault(&key.0, what, format!("`{plain}`"))
        } else {
            Error::new_spanned(&key.0, what)
        });
    }
    if before.contains(&name) {
        return Err(fault(
            &key.0,
            format!("label `{name}` is given twice"),
            "keep one",
        ));
    }
    before.push(name.clone());
    Ok(name)
}

fn reserved(name: &str) -> Option<String> {
    const OURS: [&str; 3] = ["function", "module", "result"];
    match name {
        "le" => Some("for the bounds of histogram buckets".to_owned()),
        "quantile" => Some("for the quantiles of summaries".to_owned()),
        "job" | "instance" => Some("for the scraped target".to_owned()),
        name if name.starts_with("__") => {
            Some("for Prometheus itself, as all that start with `__`".to_owned())
        }
        name if OURS.contains(&name) => {
            Some(format!("for what every function has: {}", list(OURS)))
        }
        _ => None,
    }
}

/// The text of a literal value, or nothing for a value that is known when the function runs.
fn fixed_value(key: &Key, value: &Expr) -> syn::Result<Option<String>> {
    match ungroup(value) {
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Str(text) => Ok(Some(text.value())),
            Lit::Bool(value) => Ok(Some(value.value.to_string())),
            Lit::Int(value) => Ok(Some(value.base10_digits().to_owned())),
            _ => {
                let what = format!(
                    "label `{key}` takes a string, a bool, an integer, or a value whose type implements `Label`, found {}",
                    found(value)
                );
                Err(Error::new_spanned(value, what))
            }
        },
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => Ok(fixed_value(key, expr)?.map(|digits| format!("-{digits}"))),
        _ => Ok(None),
    }
}
