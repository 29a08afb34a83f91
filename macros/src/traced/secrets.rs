//! Captured names that look like those of secrets, and values that `Sensitive` hides.

use syn::ext::IdentExt;
use syn::{Expr, ExprCall, Ident, Signature, Type, parse_quote};

use super::parse::{Field, FieldValue};
use crate::parameters;

const SECRETS: [&str; 5] = ["api_key", "authorization", "password", "secret", "token"];

/// Whether a field would show what its name calls a secret.
pub(super) fn shows(field: &Field, sig: &Signature) -> bool {
    let Some(name) = field.key.0.last().filter(|name| is_secret(name)) else {
        return false;
    };
    match &field.value {
        FieldValue::Empty => false,
        FieldValue::Parameter | FieldValue::Captured(..) => !has_sensitive_type(name, sig),
        FieldValue::Typed(value) | FieldValue::Display(value) | FieldValue::Debug(value) => {
            match value {
                Expr::Lit(_) => false,
                Expr::Call(call) => !is_sensitive(call),
                _ => true,
            }
        }
    }
}

/// `password`, `user_password`
fn is_secret(name: &Ident) -> bool {
    let name = name.unraw().to_string().to_lowercase();
    SECRETS.iter().any(|secret| {
        name.strip_suffix(secret)
            .is_some_and(|before| before.is_empty() || before.ends_with('_'))
    })
}

fn has_sensitive_type(name: &Ident, sig: &Signature) -> bool {
    let Some(mut ty) = parameters::written_type(sig, name) else {
        return false;
    };
    while let Type::Reference(reference) = ty {
        ty = &reference.elem;
    }
    let Type::Path(path) = ty else {
        return false;
    };
    let last = path.path.segments.last();
    last.is_some_and(|last| last.ident == "Sensitive")
}

fn is_sensitive(call: &ExprCall) -> bool {
    let Expr::Path(path) = &*call.func else {
        return false;
    };
    let last = path.path.segments.last();
    call.args.len() == 1 && last.is_some_and(|last| last.ident == "Sensitive")
}

/// `Sensitive(password)` becomes `Sensitive(&password)`: what is recorded is not moved.
pub(super) fn borrow(value: &mut FieldValue) {
    let (FieldValue::Typed(value) | FieldValue::Display(value) | FieldValue::Debug(value)) = value
    else {
        return;
    };
    if let Expr::Call(call) = value
        && is_sensitive(call)
    {
        let hidden = &call.args[0];
        call.args[0] = parse_quote!(&#hidden);
    }
}
