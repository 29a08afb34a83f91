//! What may be written in `#[metered(..)]`.

use darling::FromMeta;
use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Token, token};

use super::objective::ObjectiveArgs;
use super::values::{Buckets, MetricName, Sample, Switch};
use crate::judge::Judge;
use crate::options::Shape::{List, Value as Assigned, Word as Bare};
use crate::options::Usage;
use crate::report::{fault, text};
use crate::results::Results;
use crate::values::{Entries, Grouped, Key, Nested, Value, Word};

pub(crate) const OPTIONS: &[Usage] = &[
    Usage {
        name: "buckets",
        shapes: &[Assigned],
        example: "buckets = [0.1, 0.5, 1.0]",
    },
    Usage {
        name: "caller",
        shapes: &[Bare],
        example: "caller",
    },
    Usage {
        name: "crate",
        shapes: &[Assigned],
        example: "crate = ::my_crate::telemetry",
    },
    Usage {
        name: "duration",
        shapes: &[List],
        example: "duration(sample = 64)",
    },
    Usage {
        name: "error_if",
        shapes: &[Assigned],
        example: "error_if = |response| response.status() >= 500",
    },
    Usage {
        name: "in_flight",
        shapes: &[Assigned],
        example: "in_flight = false",
    },
    Usage {
        name: "labels",
        shapes: &[List],
        example: "labels(tier = customer.tier, user(id, max = 100))",
    },
    Usage {
        name: "name",
        shapes: &[Assigned],
        example: "name = \"shop.checkout\"",
    },
    Usage {
        name: "objective",
        shapes: &[List],
        example: "objective(success = 99.9, latency(250ms, 99.0))",
    },
    Usage {
        name: "ok_if",
        shapes: &[Assigned],
        example: "ok_if = Option::is_some",
    },
    Usage {
        name: "on_err",
        shapes: &[List],
        example: "on_err(code(err.code(), max = 50))",
    },
    Usage {
        name: "on_ok",
        shapes: &[List],
        example: "on_ok(source = ok.source)",
    },
    Usage {
        name: "skip",
        shapes: &[Bare],
        example: "skip",
    },
];

pub(crate) const KNOWN_ELSEWHERE: &[(&str, &str)] = &[
    ("sample", "`duration(sample = 64)` times one call in 64"),
    ("struct_name", "drop it: methods know their type"),
    (
        "track_concurrency",
        "drop it: how many calls are running is always shown",
    ),
];

#[derive(FromMeta)]
pub(crate) struct Args {
    pub(crate) name: Option<Value<MetricName>>,
    pub(crate) labels: Option<Entries<Label>>,
    pub(crate) on_ok: Option<Results<Label>>,
    pub(crate) on_err: Option<Results<Label>>,
    pub(crate) buckets: Option<Value<Buckets>>,
    pub(crate) in_flight: Option<Value<Switch>>,
    pub(crate) caller: Option<Word>,
    pub(crate) duration: Option<Grouped<DurationArgs>>,
    pub(crate) objective: Option<Grouped<ObjectiveArgs>>,
    pub(crate) ok_if: Option<Judge>,
    pub(crate) error_if: Option<Judge>,
}

/// `duration(sample = 64)`
#[derive(FromMeta)]
pub(crate) struct DurationArgs {
    pub(crate) sample: Option<Value<Sample>>,
}

impl Nested for DurationArgs {
    const USAGES: &[Usage] = &[Usage {
        name: "sample",
        shapes: &[Assigned],
        example: "sample = 64",
    }];
}

/// `tier = customer.tier`, `user(id, max = 100)`
pub(crate) struct Label {
    pub(crate) key: Key,
    pub(crate) value: LabelValue,
}

pub(crate) enum LabelValue {
    /// A fault: a label is not called as what it shows.
    Missing,
    /// A literal, or a value whose type lists all values.
    Plain(Expr),
    /// Any value, and how many are told apart.
    Bounded { value: Expr, max: Expr },
}

impl Parse for Label {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key: Key = input.parse()?;
        if input.is_empty() || input.peek(Token![,]) {
            let value = LabelValue::Missing;
            return Ok(Self { key, value });
        }
        let value = if input.peek(token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            let value = bounded(&key, &content);
            // What is left over would be a fault of its own.
            content.parse::<TokenStream>()?;
            value?
        } else {
            input.parse::<Token![=]>()?;
            LabelValue::Plain(input.parse()?)
        };
        Ok(Self { key, value })
    }
}

/// `id, max = 100`
fn bounded(key: &Key, input: ParseStream<'_>) -> syn::Result<LabelValue> {
    let value: Expr = input.parse()?;
    input.parse::<Option<Token![,]>>()?;
    if input.is_empty() {
        let help = format!("`{key}({}, max = 100)`", text(&value));
        return Err(fault(&value, format!("label `{key}` has no bound"), help));
    }
    let name: TokenTree = input.parse()?;
    if name.to_string() != "max" {
        let what = format!("the bound of label `{key}` is called `max`, found `{name}`");
        return Err(fault(
            &name,
            what,
            format!("`{key}({}, max = 100)`", text(&value)),
        ));
    }
    input.parse::<Token![=]>()?;
    let max = input.parse()?;
    input.parse::<Option<Token![,]>>()?;
    if input.is_empty() {
        Ok(LabelValue::Bounded { value, max })
    } else {
        Err(input.error(format!("nothing follows the bound of label `{key}`")))
    }
}
