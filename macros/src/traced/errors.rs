//! `err`, `err(Debug, level = "warn")`: what is recorded of an error, and whether it is logged.

use darling::FromMeta;
use syn::{Error, Ident, Meta, MetaList, Path};

use super::values::{Level, unknown_format};
use crate::options::Shape::{Value, Word};
use crate::options::{self, Usage};
use crate::report::{Faults, fault, text};
use crate::values::ungroup;

const USAGES: [Usage; 4] = [
    Usage {
        name: "Debug",
        shapes: &[Word],
        example: "err(Debug)",
    },
    Usage {
        name: "Display",
        shapes: &[Word],
        example: "err(Display)",
    },
    Usage {
        name: "level",
        shapes: &[Value],
        example: "level = \"warn\"",
    },
    Usage {
        name: "type",
        shapes: &[Word],
        example: "err(type)",
    },
];

const RULE: &str = "`err` shows an error with `Display`, with `Debug` as `err(Debug)`, or not at all as \
    `err(type)`, and logs it with `err(level = \"warn\")`";

pub(crate) struct Errors {
    pub(crate) key: Path,
    pub(crate) shown: syn::Result<Shown>,
}

/// How an error is shown.
pub(crate) struct Shown {
    /// `Display` or `Debug`, which write its message, or nothing for none.
    pub(crate) message: Option<Ident>,
    /// The variant of `Level` of its log record, if there is one.
    pub(crate) level: Option<&'static str>,
}

impl FromMeta for Errors {
    fn from_meta(option: &Meta) -> darling::Result<Self> {
        let key = option.path().clone();
        let displayed = Shown {
            message: Some(Ident::new("Display", key.segments[0].ident.span())),
            level: None,
        };
        let shown = match option {
            Meta::List(list) => displayed.or_as(list),
            _ => Ok(displayed),
        };
        Ok(Self { key, shown })
    }
}

impl Shown {
    /// As the list says, and as before where it says nothing.
    fn or_as(mut self, list: &MetaList) -> syn::Result<Self> {
        if list.tokens.is_empty() {
            return Err(Error::new(list.delimiter.span().close(), RULE));
        }
        let names = USAGES.each_ref().map(|usage| usage.name);
        let usage = |name: &Ident| {
            let usage = USAGES.iter().find(|usage| name == usage.name);
            usage.ok_or_else(|| unknown_format(name, &names, RULE))
        };
        let mut faults = Faults::default();
        let mut format: Option<Path> = None;
        for option in options::read(
            usage,
            options::of_a_value(&USAGES),
            list.tokens.clone(),
            &mut faults,
        ) {
            match option {
                Meta::NameValue(level) => {
                    let level = faults.handle(Level::try_from(ungroup(&level.value)));
                    self.level = level.map(|level| level.0);
                }
                option => {
                    let name = option.path();
                    if let Some(first) = &format {
                        let first = text(first);
                        let what = format!("an error is shown in one way, and here as `{first}`");
                        faults.push(fault(name, what, "keep one of the two"));
                    }
                    self.message = name.get_ident().filter(|name| *name != "type").cloned();
                    format.get_or_insert(name.clone());
                }
            }
        }
        faults.finish()?;
        Ok(self)
    }
}
