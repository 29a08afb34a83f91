//! What may be written in `#[traced(..)]`.

use darling::FromMeta;
use syn::parse::{Parse, ParseStream};
use syn::{Error, Expr, Ident, Meta, Path, Token};

use super::values::{Kind, SpanName};
use crate::attribute::Shape::{List, Value as Assigned, Word};
use crate::attribute::Usage;
use crate::judge::Judge;
use crate::report::{fault, nearest};
use crate::values::{Entries, Key, Value};

pub(crate) const OPTIONS: &[Usage] = &[
    Usage {
        name: "crate",
        shapes: &[Assigned],
        example: "crate = ::my_crate::telemetry",
    },
    Usage {
        name: "err",
        shapes: &[Word, List],
        example: "err` or `err(Debug)",
    },
    Usage {
        name: "error_if",
        shapes: &[Assigned],
        example: "error_if = |response| response.status() >= 500",
    },
    Usage {
        name: "fields",
        shapes: &[List],
        example: "fields(order.id = order.id)",
    },
    Usage {
        name: "kind",
        shapes: &[Assigned],
        example: "kind = \"server\"",
    },
    Usage {
        name: "name",
        shapes: &[Assigned],
        example: "name = \"checkout\"",
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
    pub(crate) name: Option<Value<SpanName>>,
    pub(crate) fields: Option<Entries<Field>>,
    pub(crate) err: Option<ErrorMessage>,
    pub(crate) kind: Option<Value<Kind>>,
    pub(crate) ok_if: Option<Judge>,
    pub(crate) error_if: Option<Judge>,
}

/// `order.id = order.id`
pub(crate) struct Field {
    pub(crate) key: Key,
    pub(crate) value: FieldValue,
}

pub(crate) enum FieldValue {
    /// `user`: the parameter of that name.
    Parameter,
    /// `late = empty`: recorded while the function runs.
    Empty,
    /// `order.id = order.id`: typed.
    Typed(Expr),
    /// `tier = %customer.tier`
    Display(Expr),
    /// `cart = ?cart`
    Debug(Expr),
}

impl Parse for Field {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(Token![%]) || input.peek(Token![?]) {
            return Err(
                input.error("a field starts with its key\nhelp: `cart = ?cart`, `tier = %tier`")
            );
        }
        let key: Key = input.parse()?;
        if input.is_empty() || input.peek(Token![,]) {
            return if key.0.len() == 1 {
                Ok(Self {
                    key,
                    value: FieldValue::Parameter,
                })
            } else {
                Err(fault(
                    &key.0,
                    format!("field `{key}` has no value"),
                    format!("`{key} = {key}`"),
                ))
            };
        }
        input.parse::<Token![=]>()?;
        let value = if input.parse::<Option<Token![%]>>()?.is_some() {
            FieldValue::Display(input.parse()?)
        } else if input.parse::<Option<Token![?]>>()?.is_some() {
            FieldValue::Debug(input.parse()?)
        } else {
            match input.parse()? {
                Expr::Path(path) if path.path.is_ident("empty") => FieldValue::Empty,
                value => FieldValue::Typed(value),
            }
        };
        Ok(Self { key, value })
    }
}

/// `err`, `err(Debug)`: how the message of an error is written.
pub(crate) struct ErrorMessage {
    pub(crate) key: Path,
    /// `Display` or `Debug`.
    pub(crate) format: syn::Result<Ident>,
}

impl FromMeta for ErrorMessage {
    fn from_meta(option: &Meta) -> darling::Result<Self> {
        let key = option.path().clone();
        let format = match option {
            Meta::List(list) => list.parse_args().and_then(known_format),
            _ => Ok(Ident::new("Display", key.segments[0].ident.span())),
        };
        Ok(Self { key, format })
    }
}

fn known_format(format: Ident) -> syn::Result<Ident> {
    if format == "Debug" {
        return Ok(format);
    }
    let what = format!(
        "`err` shows an error with `Display`, or with `Debug` as `err(Debug)`; found `{format}`"
    );
    Err(match nearest(&format.to_string(), ["Debug"]) {
        Some(near) => fault(&format, what, format!("did you mean `{near}`?")),
        None => Error::new_spanned(&format, what),
    })
}
