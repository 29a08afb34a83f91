//! The rules for labels: which names and which values they may have.

use quote::ToTokens;
use syn::{Error, Expr, ExprCall, ExprLit, ExprMacro, ExprMethodCall, ExprUnary, Lit, UnOp};

use super::parse;
use crate::report::{fault, list, text};
use crate::values::{Key, found, integer, ungroup, wrong_type};

pub(crate) enum LabelValue {
    /// The text of a literal.
    Fixed(String),
    /// What is known when the function runs.
    Dynamic(DynamicValue),
}

pub(crate) enum DynamicValue {
    /// A value whose type lists all values.
    Listed(Expr),
    /// Any value, of which so many are told apart.
    Bounded(Expr, usize),
    /// Where the call comes from.
    Caller,
}

impl DynamicValue {
    /// How many values are told apart, with the one for all others.
    pub(crate) fn places(&self) -> usize {
        match self {
            Self::Listed(_) => 1,
            Self::Bounded(_, max) => max + 1,
            Self::Caller => MAX_CALLERS + 1,
        }
    }
}

/// So many callers are told apart.
pub(crate) const MAX_CALLERS: usize = 100;
/// A metric has at most this many series of its own, so a larger bound is none.
const MAX: usize = 2_000;
/// A table of more series than this is not built.
const MAX_COMBINATIONS: usize = 1 << 16;

/// What every metered function has.
const OURS: [&str; 3] = ["function", "module", "result"];

/// A name that was not given before.
pub(crate) fn name(key: &Key, before: &mut Vec<String>) -> syn::Result<String> {
    let name = key.to_string();
    check(&name, &key.0, &OURS)?;
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

/// A name that Prometheus can hold, and that nobody else uses.
pub(crate) fn check(name: &str, at: &impl ToTokens, ours: &[&str]) -> syn::Result<()> {
    if let Some(why) = reserved(name, ours) {
        let help = format!(
            "rename it, e.g. `{}`",
            if name == "le" {
                "limit".into()
            } else {
                format!("my_{}", name.trim_start_matches('_'))
            }
        );
        return Err(fault(at, format!("label `{name}` is reserved {why}"), help));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        let what = format!("a label name starts with a letter, and `{name}` with a digit");
        return Err(fault(at, what, format!("`_{name}`")));
    }
    let Some(bad) = name.chars().find(|&c| !allowed(c)) else {
        return Ok(());
    };
    let what =
        format!("a label name holds ASCII letters, digits and `_`, found `{bad}` in `{name}`");
    let plain = name.replace(|c| !allowed(c), "_");
    Err(if name.is_ascii() {
        fault(at, what, format!("`{plain}`"))
    } else {
        Error::new_spanned(at, what)
    })
}

fn reserved(name: &str, ours: &[&str]) -> Option<String> {
    match name {
        "le" => Some("for the bounds of histogram buckets".to_owned()),
        "quantile" => Some("for the quantiles of summaries".to_owned()),
        "job" | "instance" => Some("for the scraped target".to_owned()),
        name if name.starts_with("__") => {
            Some("for Prometheus itself, as all that start with `__`".to_owned())
        }
        name if ours.contains(&name) => Some(format!(
            "for what every function has: {}",
            list(ours.iter().copied())
        )),
        _ => None,
    }
}

/// A value that cannot make a series of its own in every call. `of` is what it is probably a part of.
pub(crate) fn value(key: &Key, value: parse::LabelValue, of: &str) -> syn::Result<LabelValue> {
    match value {
        parse::LabelValue::Missing => Err(fault(
            &key.0,
            format!("label `{key}` has no value"),
            format!("`{key} = {of}{key}`"),
        )),
        parse::LabelValue::Plain(value) => {
            if let Some(literal) = literal(key, &value)? {
                return Ok(LabelValue::Fixed(literal));
            }
            if let Some(source) = source_of_string(&value) {
                let what = "an unbounded `String` label can create one series per value";
                let help = format!(
                    "derive `Label` for an enum of the values, or bound it: `{key}({}, max = 100)`",
                    text(source)
                );
                return Err(fault(value, what, help));
            }
            Ok(LabelValue::Dynamic(DynamicValue::Listed(value)))
        }
        parse::LabelValue::Bounded { value, max } => {
            bound(&max).map(|max| LabelValue::Dynamic(DynamicValue::Bounded(value, max)))
        }
    }
}

/// All combinations of bounded labels must have a place.
pub(crate) fn check_combinations(key: &Key, combinations: usize) -> syn::Result<()> {
    if combinations <= MAX_COMBINATIONS {
        return Ok(());
    }
    let what = format!(
        "with `{key}` the labels have {combinations} combinations, and only {MAX_COMBINATIONS} can be told apart"
    );
    Err(fault(&key.0, what, "lower `max`"))
}

fn bound(max: &Expr) -> syn::Result<usize> {
    let Some(number) = integer(ungroup(max)) else {
        return Err(wrong_type(max, "max", "an integer such as `100`"));
    };
    match number.base10_parse() {
        Ok(0) => Err(fault(
            max,
            "with `max = 0` no value would be told apart",
            "drop the label",
        )),
        Ok(number) if number <= MAX => Ok(number),
        _ => {
            let what =
                format!("a metric has at most {MAX} series of its own, so `max` is at most {MAX}");
            Err(fault(max, what, format!("`max = {MAX}`")))
        }
    }
}

/// What a value that is certainly a new `String` is made of.
fn source_of_string(value: &Expr) -> Option<&Expr> {
    match ungroup(value) {
        Expr::Reference(reference) => source_of_string(&reference.expr),
        Expr::MethodCall(ExprMethodCall {
            receiver, method, ..
        }) if method == "to_string" || method == "to_owned" => Some(receiver),
        Expr::Call(ExprCall { func, args, .. }) if text(func) == "String::from" => args.first(),
        Expr::Macro(ExprMacro { mac, .. }) if mac.path.is_ident("format") => Some(value),
        _ => None,
    }
}

/// The text of a literal value, if it is one.
fn literal(key: &Key, value: &Expr) -> syn::Result<Option<String>> {
    match ungroup(value) {
        Expr::Lit(ExprLit { lit, .. }) => match lit {
            Lit::Str(text) => Ok(Some(text.value())),
            Lit::Bool(value) => Ok(Some(value.value.to_string())),
            Lit::Int(value) => Ok(Some(value.base10_digits().to_owned())),
            _ => {
                let what = format!(
                    "label `{key}` takes a string, a bool, an integer, or a value whose type implements \
                     `Label`, found {}",
                    found(value)
                );
                Err(Error::new_spanned(value, what))
            }
        },
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) => Ok(literal(key, expr)?.map(|digits| format!("-{digits}"))),
        _ => Ok(None),
    }
}
