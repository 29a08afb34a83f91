//! What may be written in the derives' own attributes, and values that they take.

use darling::FromMeta;
use darling::ast::NestedMeta;
use ident_case::RenameRule;
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Attribute, Error, Expr, LitStr, Meta};

use crate::options::{self, Shape, Usage};
use crate::probe;
use crate::report::{self, Faults, fault, nearest};
use crate::values::{CratePath, Value, string, wrong_type};

const KRATE: Usage = Usage {
    name: "crate",
    shapes: &[Shape::Value],
    example: "crate = ::my_crate::telemetry",
};

const RENAME: Usage = Usage {
    name: "rename",
    shapes: &[Shape::Value],
    example: "rename = \"on_hold\"",
};

const RENAME_ALL: Usage = Usage {
    name: "rename_all",
    shapes: &[Shape::Value],
    example: "rename_all = \"snake_case\"",
};

const TRANSPARENT: Usage = Usage {
    name: "transparent",
    shapes: &[Shape::Word],
    example: "transparent",
};

/// What may be said of an enum as a whole.
#[derive(Default, FromMeta)]
pub(crate) struct EnumOptions {
    pub(crate) rename_all: Option<Value<Case>>,
    #[darling(rename = "crate")]
    pub(crate) krate: Option<Value<CratePath>>,
}

impl EnumOptions {
    pub(crate) const USAGES: &[Usage] = &[KRATE, RENAME_ALL];
}

/// What may be said of one variant, or of one field.
#[derive(Default, FromMeta)]
pub(crate) struct ItemOptions {
    pub(crate) rename: Option<Value<Text>>,
}

impl ItemOptions {
    pub(crate) const USAGES: &[Usage] = &[RENAME];
}

/// What may be said of a set of labels as a whole.
#[derive(Default, FromMeta)]
pub(crate) struct SetOptions {
    #[darling(rename = "crate")]
    pub(crate) krate: Option<Value<CratePath>>,
}

impl SetOptions {
    pub(crate) const USAGES: &[Usage] = &[KRATE];
}

/// What may be said of an error as a whole.
#[derive(Default, FromMeta)]
pub(crate) struct ErrorOptions {
    pub(crate) rename: Option<Value<Text>>,
    pub(crate) rename_all: Option<Value<Case>>,
    #[darling(rename = "crate")]
    pub(crate) krate: Option<Value<CratePath>>,
}

impl ErrorOptions {
    pub(crate) const USAGES: &[Usage] = &[KRATE, RENAME, RENAME_ALL];
}

/// What may be said of one variant of an error.
#[derive(Default, FromMeta)]
pub(crate) struct ErrorVariantOptions {
    pub(crate) rename: Option<Value<Text>>,
    #[darling(default)]
    pub(crate) transparent: bool,
}

impl ErrorVariantOptions {
    pub(crate) const USAGES: &[Usage] = &[RENAME, TRANSPARENT];
}

/// Reads all attributes of this name as one list of options.
pub(crate) fn read<T: FromMeta + Default>(
    attribute: &str,
    attrs: &[Attribute],
    usages: &'static [Usage],
    faults: &mut Faults,
) -> T {
    let mut tokens = TokenStream::new();
    for attr in attrs.iter().filter(|attr| attr.path().is_ident(attribute)) {
        match &attr.meta {
            Meta::List(list) => {
                let options = &list.tokens;
                tokens.extend(quote! { #options, });
            }
            other => faults.push(fault(
                other,
                format!("`{attribute}` takes options in parentheses"),
                format!("`#[{attribute}({})]`", usages[usages.len() - 1].example),
            )),
        }
    }
    let usage = |name: &_| {
        let find = |usage: &&Usage| name == usage.name;
        let known = usages.iter().find(find);
        known.ok_or_else(|| options::unknown(name, usages))
    };
    let options = options::read(usage, options::of_a_value(usages), tokens, faults);
    let options: Vec<_> = options.into_iter().map(NestedMeta::Meta).collect();
    faults.handle(T::from_list(&options)).unwrap_or_default()
}

/// The path to all that generated code may name.
pub(crate) fn private(krate: Option<Value<CratePath>>, faults: &mut Faults) -> TokenStream {
    let krate = Value::given(krate, faults);
    probe::private(krate.map(|CratePath(path)| path).as_ref())
}

/// `rename_all = "snake_case"`: how names are written.
pub(crate) struct Case(pub(crate) RenameRule);

impl Case {
    const ALL: [&str; 6] = [
        "PascalCase",
        "SCREAMING_SNAKE_CASE",
        "camelCase",
        "kebab-case",
        "lowercase",
        "snake_case",
    ];
}

impl TryFrom<&Expr> for Case {
    type Error = Error;

    fn try_from(value: &Expr) -> syn::Result<Self> {
        let all = report::list(Self::ALL);
        let Some(case) = string(value) else {
            let takes = format!("one of {all} as a string");
            return Err(wrong_type(value, "rename_all", &takes));
        };
        let text = case.value();
        text.parse().map(Self).map_err(|()| {
            let meant = nearest(&text, Self::ALL)
                .map(|near| format!("did you mean `{near}`? "))
                .unwrap_or_default();
            fault(
                case,
                format!("unknown case `{text}`"),
                format!("{meant}one of {all}"),
            )
        })
    }
}

/// `rename = "on_hold"`: a name to be used instead.
pub(crate) struct Text(pub(crate) LitStr);

impl TryFrom<&Expr> for Text {
    type Error = Error;

    fn try_from(value: &Expr) -> syn::Result<Self> {
        match string(value) {
            None => Err(wrong_type(value, "rename", "a string literal")),
            Some(text) if text.value().is_empty() => Err(fault(
                text,
                "the name is empty, which is no value to Prometheus",
                "`rename = \"none\"`",
            )),
            Some(text) => Ok(Self(text.clone())),
        }
    }
}
