//! The rules for fields: which are recorded, and which keys and which parameters they may name.

use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Expr, Ident, ItemFn, Signature, parse_quote};

use super::parse::{Field, FieldValue, Skip};
use crate::report::{Faults, fault, list, nearest, text};
use crate::values::Key;
use crate::{function, parameters};

/// Fields whose expressions see the parameters.
pub(super) fn at_start(
    written: Vec<syn::Result<Field>>,
    function: &ItemFn,
    faults: &mut Faults,
) -> Vec<Field> {
    let parameters = parameters::bindings(&function.sig);
    each(written, faults, |field| match field.value {
        FieldValue::Parameter => known_parameter(&field.key, &parameters),
        _ => Ok(()),
    })
}

/// Fields whose expressions see the result as `name`.
pub(super) fn of_result(
    written: Vec<syn::Result<Field>>,
    name: &str,
    faults: &mut Faults,
) -> Vec<Field> {
    each(written, faults, |Field { key, value, .. }| match value {
        FieldValue::Parameter | FieldValue::Empty => {
            let what = format!("field `{key}` has no value, and the call is over");
            let help = format!("`{key} = {name}.{key}`, where `{name}` is the result");
            Err(fault(&key.0, what, help))
        }
        _ => Ok(()),
    })
}

/// Whether a field is a parameter of a primitive type, and no code of the user's runs when it is recorded.
pub(super) fn is_plain(field: &Field, sig: &Signature) -> bool {
    let name = match &field.value {
        FieldValue::Parameter => field.key.0.first(),
        FieldValue::Captured(Expr::Path(value), _) | FieldValue::Typed(Expr::Path(value)) => {
            value.path.get_ident()
        }
        FieldValue::Empty => return true,
        _ => None,
    };
    let ty = name.and_then(|name| parameters::written_type(sig, name));
    ty.is_some_and(function::is_primitive)
}

/// The fields that can be read. One that is given twice, or that `check` refuses, is a fault.
fn each(
    written: Vec<syn::Result<Field>>,
    faults: &mut Faults,
    check: impl Fn(&Field) -> syn::Result<()>,
) -> Vec<Field> {
    let (mut fields, mut names) = (Vec::new(), Vec::new());
    for field in written {
        let Some(field) = faults.handle(field) else {
            continue;
        };
        faults.handle(once(&field.key, &mut names));
        faults.handle(check(&field));
        fields.push(field);
    }
    fields
}

/// The parameters that `args` leaves out.
pub(super) fn skipped(
    skip: Option<Skip>,
    captures: bool,
    function: &ItemFn,
    faults: &mut Faults,
) -> Vec<Ident> {
    let Some(Skip { option, names }) = skip else {
        return Vec::new();
    };
    if !captures {
        let what = format!(
            "nothing is captured unless named, so `{}` has nothing to skip",
            text(&option)
        );
        faults.push(fault(&option, what, "remove it, or add `args`"));
    }
    let parameters = parameters::bindings(&function.sig);
    let mut skipped = Vec::new();
    for name in names {
        let Some(name) = faults.handle(name) else {
            continue;
        };
        if name == "self" {
            let what = "`args` never captures `self`";
            faults.push(fault(&name, what, "remove it"));
        } else if skipped.contains(&name) {
            faults.push(fault(
                &name,
                format!("`{name}` is skipped twice"),
                "keep one",
            ));
        } else if !parameters.contains(&name) {
            faults.push(no_parameter(&name, &parameters));
        }
        skipped.push(name);
    }
    skipped
}

/// The parameters that `args` captures: those that are neither `skipped` nor `written`.
pub(super) fn captured(function: &ItemFn, skipped: &[Ident], written: &[Field]) -> Vec<Field> {
    let captured = parameters::captured(&function.sig).into_iter();
    let captured = captured.filter(|(name, _)| {
        let named = |field: &Field| name.unraw() == *field.key.to_string();
        !skipped.contains(name) && !written.iter().any(named)
    });
    let field = |(name, cfgs): (Ident, Vec<Attribute>)| Field {
        value: FieldValue::Captured(parse_quote!(#name), cfgs),
        key: Key(Punctuated::from_iter([name])),
        secret: false,
        plain: false,
    };
    captured.map(field).collect()
}

fn once(key: &Key, before: &mut Vec<String>) -> syn::Result<()> {
    let name = key.to_string();
    if before.contains(&name) {
        return Err(fault(
            &key.0,
            format!("field `{name}` is given twice"),
            "keep one",
        ));
    }
    before.push(name);
    Ok(())
}

fn known_parameter(key: &Key, parameters: &[Ident]) -> syn::Result<()> {
    let name = &key.0[0];
    if parameters.contains(name) {
        return Ok(());
    }
    let names: Vec<String> = parameters.iter().map(ToString::to_string).collect();
    let names = || names.iter().map(String::as_str);
    let instead = match nearest(&name.to_string(), names()) {
        Some(near) => format!(", or did you mean `{near}`?"),
        None if parameters.is_empty() => String::new(),
        None => format!("; the parameters are {}", list(names())),
    };
    let what = format!("`{name}` is not a parameter");
    Err(fault(
        name,
        what,
        format!("`{name} = empty` for a field filled later{instead}"),
    ))
}

fn no_parameter(name: &Ident, parameters: &[Ident]) -> Error {
    let names: Vec<String> = parameters
        .iter()
        .filter(|name| *name != "self")
        .map(ToString::to_string)
        .collect();
    let names = || names.iter().map(String::as_str);
    let what = format!("no parameter named `{name}`");
    match (nearest(&name.to_string(), names()), names().count()) {
        (_, 0) => fault(name, what, "there is none"),
        (Some(near), _) => fault(
            name,
            what,
            format!(
                "did you mean `{near}`? the parameters are {}",
                list(names())
            ),
        ),
        (None, _) => fault(name, what, format!("the parameters are {}", list(names()))),
    }
}
