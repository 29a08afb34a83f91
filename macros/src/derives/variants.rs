//! What variants and fields are called.

use ident_case::RenameRule;
use proc_macro2::Span;
use syn::Ident;
use syn::ext::IdentExt;

use super::options::{Case, Text};
use crate::report::Faults;
use crate::values::Value;

/// A name as it is shown, and where that is written.
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) place: Span,
}

impl Name {
    /// What `rename` says, or what `otherwise` makes of the plain name.
    pub(crate) fn new(
        ident: &Ident,
        rename: Option<Value<Text>>,
        otherwise: impl FnOnce(String) -> String,
        faults: &mut Faults,
    ) -> Self {
        match Value::given(rename, faults) {
            Some(Text(text)) => Self {
                text: text.value(),
                place: text.span(),
            },
            None => Self {
                text: otherwise(ident.unraw().to_string()),
                place: ident.span(),
            },
        }
    }

    /// The case of variants that `rename_all` asks for.
    pub(crate) fn case(rename_all: Option<Value<Case>>, faults: &mut Faults) -> Option<RenameRule> {
        Value::given(rename_all, faults).map(|case| case.0)
    }
}
