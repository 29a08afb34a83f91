//! What may be written in `#[metered(..)]`.

use darling::FromMeta;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Token};

use super::values::{Buckets, MetricName};
use crate::attribute::Shape::{List, Value as Assigned, Word};
use crate::attribute::Usage;
use crate::judge::Judge;
use crate::report::fault;
use crate::values::{Entries, Key, Value};

pub(crate) const OPTIONS: &[Usage] = &[
    Usage {
        name: "buckets",
        shapes: &[Assigned],
        example: "buckets = [0.1, 0.5, 1.0]",
    },
    Usage {
        name: "crate",
        shapes: &[Assigned],
        example: "crate = ::my_crate::telemetry",
    },
    Usage {
        name: "error_if",
        shapes: &[Assigned],
        example: "error_if = |response| response.status() >= 500",
    },
    Usage {
        name: "labels",
        shapes: &[List],
        example: "labels(tier = customer.tier)",
    },
    Usage {
        name: "name",
        shapes: &[Assigned],
        example: "name = \"shop.checkout\"",
    },
    Usage {
        name: "ok_if",
        shapes: &[Assigned],
        example: "ok_if = Option::is_some",
    },
    Usage {
        name: "skip",
        shapes: &[Word],
        example: "skip",
    },
];

#[derive(FromMeta)]
pub(crate) struct Args {
    pub(crate) name: Option<Value<MetricName>>,
    pub(crate) labels: Option<Entries<Label>>,
    pub(crate) buckets: Option<Value<Buckets>>,
    pub(crate) ok_if: Option<Judge>,
    pub(crate) error_if: Option<Judge>,
}

/// `tier = customer.tier`
pub(crate) struct Label {
    pub(crate) key: Key,
    pub(crate) value: Expr,
}

impl Parse for Label {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let key: Key = input.parse()?;
        if input.is_empty() || input.peek(Token![,]) {
            return Err(fault(
                &key.0,
                format!("label `{key}` has no value"),
                format!("`{key} = {key}`"),
            ));
        }
        input.parse::<Token![=]>()?;
        Ok(Self {
            key,
            value: input.parse()?,
        })
    }
}
