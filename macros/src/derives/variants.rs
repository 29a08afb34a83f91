//! What the variants of an enum are called.

use ident_case::RenameRule;
use syn::ext::IdentExt;
use syn::{Ident, Variant};

use super::options::{self, VariantOptions};
use crate::report::{Faults, fault};

/// The text of each variant: what `rename` says, or the variant's own name in this case.
pub(crate) fn texts(
    attribute: &str,
    variants: &[Variant],
    case: RenameRule,
    faults: &mut Faults,
) -> Vec<String> {
    let mut texts: Vec<(String, &Ident)> = Vec::new();
    for variant in variants {
        let options: VariantOptions =
            options::read(attribute, &variant.attrs, VariantOptions::USAGES, faults);
        let renamed = options
            .rename
            .and_then(|rename| faults.handle(rename.value));
        let (text, place) = if let Some(text) = renamed {
            (text.0.value(), text.0.span())
        } else {
            let name = case.apply_to_variant(variant.ident.unraw().to_string());
            (name, variant.ident.span())
        };
        if let Some((_, first)) = texts.iter().find(|(known, _)| *known == text) {
            let what = format!("`{}` and `{first}` are both `{text}`", variant.ident);
            let at = Ident::new("at", place);
            faults.push(fault(at, what, "`rename` one of them"));
        }
        texts.push((text, &variant.ident));
    }
    texts.into_iter().map(|(text, _)| text).collect()
}
