//! Values that options of `#[metered(..)]` take.

use syn::{Error, Expr, ExprLit, ExprUnary, Lit, LitStr, UnOp};

use crate::report::{self, Faults, fault};
use crate::rules::{self, MAX_METRIC_NAME, MAX_METRIC_PREFIX};
use crate::values::{found, integer, number, string, ungroup, wrong_type};

/// `name = "shop.checkout"` of a metric, as OpenTelemetry allows it.
pub(crate) struct MetricName(pub(crate) LitStr);

impl TryFrom<&Expr> for MetricName {
    type Error = Error;

    fn try_from(value: &Expr) -> syn::Result<Self> {
        let Some(name) = string(value) else {
            return Err(wrong_type(value, "name", "a string literal"));
        };
        let text = name.value();
        let allowed = |(at, c): (usize, char)| match at {
            0 => rules::begins_metric_name(c),
            _ => rules::is_in_metric_name(c),
        };
        let rule = "a metric name starts with a letter and holds letters, digits, \
                    `_`, `.`, `-` and `/` (OpenTelemetry)";
        if text.is_empty() {
            return Err(fault(
                name,
                "the metric name is empty",
                "drop the option to count in the metrics that all functions share",
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
        if text.len() > MAX_METRIC_PREFIX {
            let what = format!(
                "a metric name has at most {MAX_METRIC_NAME} characters, `.calls.within_objective` among them, so a \
                 function's has {MAX_METRIC_PREFIX}; this one has {}",
                text.len()
            );
            return Err(Error::new_spanned(name, what));
        }
        Ok(Self(name.clone()))
    }
}

/// The nearest allowed name, if only characters in the middle are wrong.
fn metric_name_like(text: &str) -> Option<String> {
    let words = text.split(|c| !rules::is_in_metric_name(c));
    let name = words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(".");
    name.starts_with(rules::begins_metric_name).then_some(name)
}

/// `in_flight = false`
pub(crate) struct Switch(pub(crate) bool);

impl TryFrom<&Expr> for Switch {
    type Error = Error;

    fn try_from(value: &Expr) -> syn::Result<Self> {
        match value {
            Expr::Lit(ExprLit {
                lit: Lit::Bool(switch),
                ..
            }) => Ok(Self(switch.value)),
            other => Err(wrong_type(other, "in_flight", "`true` or `false`")),
        }
    }
}

/// `sample = 64`: one call in so many.
pub(crate) struct Sample(pub(crate) u64);

impl Sample {
    const MAX: u64 = 1 << 20;
}

impl TryFrom<&Expr> for Sample {
    type Error = Error;

    fn try_from(value: &Expr) -> syn::Result<Self> {
        let Some(sample) = integer(value) else {
            return Err(wrong_type(value, "sample", "an integer such as `64`"));
        };
        let sample = sample.base10_parse::<u64>().unwrap_or(u64::MAX);
        if sample.is_power_of_two() && sample <= Self::MAX {
            return Ok(Self(sample));
        }
        let near = sample.clamp(1, Self::MAX).next_power_of_two();
        let what = format!(
            "`sample` is a power of two up to {}, so that finding out whose turn it is costs nothing, and `{}` is none",
            Self::MAX,
            report::text(value)
        );
        Err(fault(value, what, format!("`sample = {near}`")))
    }
}

/// `buckets = [0.1, 1.0]`, `buckets = exponential`
#[derive(Default)]
pub(crate) enum Buckets {
    /// The bounds that all functions share.
    #[default]
    Default,
    /// Upper bounds in seconds, strictly increasing.
    Explicit(Vec<f64>),
    Exponential,
}

impl Buckets {
    const EXPONENTIAL: &str = "exponential";
}

impl TryFrom<&Expr> for Buckets {
    type Error = Error;

    fn try_from(value: &Expr) -> syn::Result<Self> {
        let array = match value {
            Expr::Array(array) => array,
            Expr::Path(word) if word.path.is_ident(Self::EXPONENTIAL) => {
                return Ok(Self::Exponential);
            }
            other => return Err(no_buckets(other)),
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
                    format!(
                        "buckets must strictly increase: `{this}` (position {position}) is not \
                         above `{text}` (position {place})"
                    ),
                ));
            }
            before = Some((position, bound, elem));
            bounds.push(bound);
        }
        faults.finish()?;
        Ok(Self::Explicit(bounds))
    }
}

fn no_buckets(value: &Expr) -> Error {
    let word = match value {
        Expr::Path(word) => report::text(word),
        _ => string(value).map(LitStr::value).unwrap_or_default(),
    };
    if report::nearest(&word, [Buckets::EXPONENTIAL]).is_some() {
        let what = format!("unknown buckets `{}`", report::text(value));
        return fault(value, what, "did you mean `exponential`?");
    }
    wrong_type(
        value,
        "buckets",
        "a list of numbers such as `[0.1, 0.5, 1.0]`, or the word `exponential`",
    )
}

fn bound(value: &Expr) -> syn::Result<f64> {
    let value = ungroup(value);
    let bound = number(value).unwrap_or_else(|| Err(no_bound(value)))?;
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

fn no_bound(value: &Expr) -> Error {
    if let Expr::Unary(ExprUnary {
        op: UnOp::Neg(minus),
        expr,
        ..
    }) = value
        && matches!(**expr, Expr::Lit(_))
    {
        let what = format!(
            "a bucket bound is a number of seconds, and `-{}` is below zero",
            report::text(expr)
        );
        return Error::new_spanned(minus, what);
    }
    let what = format!("a bucket bound is a number literal, found {}", found(value));
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Int(_) | Lit::Float(_),
            ..
        }) => fault(value, what, "bounds are seconds, without a unit: `0.1`"),
        _ => Error::new_spanned(value, what),
    }
}
