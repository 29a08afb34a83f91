//! What may be written in `#[traced(..)]`.

use darling::FromMeta;
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, Expr, Ident, Meta, MetaList, Path, Token};

use super::errors::Errors;
use super::values::{Kind, Level, Links, Parent, Ratio, SpanName, Target, unknown_format};
use crate::judge::Judge;
use crate::options::Shape::{List, Value as Assigned, Word as Bare};
use crate::options::{self, Usage};
use crate::report::fault;
use crate::results::Results;
use crate::values::{Entries, Key, Value, Word};

pub(crate) const OPTIONS: &[Usage] = &[
    Usage {
        name: "args",
        shapes: &[Bare],
        example: "args",
    },
    Usage {
        name: "crate",
        shapes: &[Assigned],
        example: "crate = ::my_crate::telemetry",
    },
    Usage {
        name: "enter_on_poll",
        shapes: &[Bare],
        example: "enter_on_poll",
    },
    Usage {
        name: "err",
        shapes: &[Bare, List],
        example: "err`, `err(Debug)`, `err(type)` or `err(level = \"warn\")",
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
        name: "level",
        shapes: &[Assigned],
        example: "level = \"debug\"",
    },
    Usage {
        name: "links",
        shapes: &[Assigned],
        example: "links = &batch.contexts",
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
        name: "on_err",
        shapes: &[List],
        example: "on_err(retryable = err.is_retryable())",
    },
    Usage {
        name: "on_ok",
        shapes: &[List],
        example: "on_ok(rows = ok.len())",
    },
    Usage {
        name: "parent",
        shapes: &[Assigned],
        example: "parent = message.context",
    },
    Usage {
        name: "ret",
        shapes: &[Bare, List],
        example: "ret` or `ret(Debug)",
    },
    Usage {
        name: "sample",
        shapes: &[Assigned],
        example: "sample = 0.1",
    },
    Usage {
        name: "skip",
        shapes: &[Bare, List],
        example: "skip` or `skip(password)",
    },
    Usage {
        name: "target",
        shapes: &[Assigned],
        example: "target = \"shop::payments\"",
    },
];

pub(crate) const KNOWN_ELSEWHERE: &[(&str, &str)] = &[
    ("follows_from", "`links = &batch.contexts`"),
    ("properties", "`fields(id = %id)`"),
    (
        "short_name",
        "drop it: spans are called `Type::method` or `module::function`",
    ),
    (
        "skip_all",
        "drop it: nothing is captured unless it is named",
    ),
];

#[derive(FromMeta)]
pub(crate) struct Args {
    pub(crate) name: Option<Value<SpanName>>,
    pub(crate) fields: Option<Entries<Field>>,
    #[darling(default, rename = "args")]
    pub(crate) captures: bool,
    pub(crate) skip: Option<Skip>,
    pub(crate) err: Option<Errors>,
    pub(crate) enter_on_poll: Option<Word>,
    pub(crate) ret: Option<Return>,
    pub(crate) on_ok: Option<Results<Field>>,
    pub(crate) on_err: Option<Results<Field>>,
    pub(crate) kind: Option<Value<Kind>>,
    pub(crate) target: Option<Value<Target>>,
    pub(crate) level: Option<Value<Level>>,
    pub(crate) parent: Option<Value<Parent>>,
    pub(crate) links: Option<Value<Links>>,
    pub(crate) sample: Option<Value<Ratio>>,
    pub(crate) ok_if: Option<Judge>,
    pub(crate) error_if: Option<Judge>,
}

/// `order.id = order.id`
pub(crate) struct Field {
    pub(crate) key: Key,
    pub(crate) value: FieldValue,
    /// Whether the name looks like that of a secret, and nothing hides the value.
    pub(crate) secret: bool,
    /// Whether its value is a parameter of a primitive type, whose recording cannot panic.
    pub(crate) plain: bool,
}

pub(crate) enum FieldValue {
    /// `user`: the parameter of that name.
    Parameter,
    /// By its type, or as its `Debug` text: what `args` and `ret` record. With its `#[cfg]`s.
    Captured(Expr, Vec<Attribute>),
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
                    secret: false,
                    plain: false,
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
        Ok(Self {
            key,
            value,
            secret: false,
            plain: false,
        })
    }
}

/// `skip(password)`: parameters that `args` leaves out.
pub(crate) struct Skip {
    /// The whole option.
    pub(crate) option: Meta,
    pub(crate) names: Vec<syn::Result<Ident>>,
}

impl FromMeta for Skip {
    fn from_meta(option: &Meta) -> darling::Result<Self> {
        Ok(Self {
            option: option.clone(),
            names: options::entries(option.require_list()?.tokens.clone(), Ident::parse_any),
        })
    }
}

/// `ret`, `ret(Debug)`: how what the function returned is written.
pub(crate) struct Return {
    pub(crate) key: Path,
    /// `Display` or `Debug`, or nothing to let the type decide.
    pub(crate) format: syn::Result<Option<Ident>>,
}

impl FromMeta for Return {
    fn from_meta(option: &Meta) -> darling::Result<Self> {
        let rule =
            "`ret` records a value by its type, or with `ret(Debug)` or `ret(Display)` as text";
        let format = match option {
            Meta::List(list) => format(list, &["Debug", "Display"], rule).map(Some),
            _ => Ok(None),
        };
        Ok(Self {
            key: option.path().clone(),
            format,
        })
    }
}

/// The one word in `ret(..)`.
fn format(list: &MetaList, known: &[&str], rule: &str) -> syn::Result<Ident> {
    let format = list
        .parse_args_with(Ident::parse_any)
        .map_err(|fault| Error::new(fault.span(), rule))?;
    if known.iter().any(|name| format == name) {
        return Ok(format);
    }
    Err(unknown_format(&format, known, rule))
}
