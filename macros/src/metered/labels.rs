//! The rules for labels: which names and which values they may have.

use quote::ToTokens;
use syn::{Error, Expr, ExprCall, ExprLit, ExprMacro, ExprMethodCall, ExprUnary, Lit, UnOp};

use super::parse;
use crate::report::{fault, list, text};
use crate::rules::{self, FUNCTION_LABELS, SERIES_LIMIT};
use crate::values::{Key, found, integer, is_place, ungroup, wrong_type};

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
    /// Whether it is only read where it is: the runtime sees to what panics after that.
    pub(crate) fn is_plain(&self) -> bool {
        match self {
            Self::Listed(value) | Self::Bounded(value, _) => is_place(value),
            Self::Caller => true,
        }
    }

    /// How many values are told apart, with the one for all others.
    pub(crate) fn places(&self) -> u64 {
        match self {
            Self::Listed(_) => 1,
            Self::Bounded(_, max) => *max as u64 + 1,
            Self::Caller => MAX_CALLERS as u64 + 1,
        }
    }
}

/// So many callers are told apart.
pub(crate) const MAX_CALLERS: usize = 100;
/// A combination is a number of 64 bits. These are 40 of them; the others are for labels with listed values, which the
/// macro cannot count: four enums of 50 values, say. Whatever is beyond 64 bits has the overflow series.
const COMBINATIONS_LIMIT: u64 = 1 << 40;

/// A name that was not given before.
pub(crate) fn name(key: &Key, before: &mut Vec<String>) -> syn::Result<String> {
    let name = key.to_string();
    check(&name, &key.0, &FUNCTION_LABELS)?;
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
        return Err(fault(at, format!("label `{name}` {why}"), help));
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
        // A scraper would give them another name.
        "job" | "instance" => Some("is reserved for the scraped target".to_owned()),
        name if ours.contains(&name) => Some(format!(
            "is reserved for what every function has: {}",
            list(ours.iter().copied())
        )),
        name => rules::label_is_reserved(name).map(str::to_owned),
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

/// All combinations of bounded labels must have a number: those with the label `key`, and `before` it.
pub(crate) fn check_combinations(key: &Key, before: u64, combinations: u64) -> syn::Result<()> {
    // Labels after the first one too many are no fault of their own.
    if combinations <= COMBINATIONS_LIMIT || before > COMBINATIONS_LIMIT {
        return Ok(());
    }
    let what = format!(
        "with `{key}` the labels have {combinations} combinations, and only {COMBINATIONS_LIMIT} can be told apart"
    );
    let room = COMBINATIONS_LIMIT / before;
    let help = if room > 1 {
        format!(
            "write `max = {}` or less here, or lower `max` of a label before",
            room - 1
        )
    } else {
        "lower `max` of the labels before".to_owned()
    };
    Err(fault(&key.0, what, help))
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
        Ok(number) if number <= SERIES_LIMIT => Ok(number),
        _ => {
            let what = format!(
                "a metric has at most {SERIES_LIMIT} series of its own, so `max` is at most {SERIES_LIMIT}"
            );
            Err(fault(max, what, format!("`max = {SERIES_LIMIT}`")))
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
