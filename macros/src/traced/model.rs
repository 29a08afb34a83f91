//! What `#[traced(..)]` means for a function. A [`Traced`] that exists is valid.

use syn::{Ident, ItemFn};

use super::parse::{Args, ErrorMessage, Field, FieldValue};
use super::values::SpanName;
use crate::report::{Faults, fault, list, nearest, text};
use crate::values::{Entries, Key};
use crate::{function, parameters};

#[derive(Default)]
pub(crate) struct Traced {
    /// None for the function's own name.
    pub(crate) name: Option<SpanName>,
    /// The variant of `SpanKind`.
    pub(crate) kind: Option<&'static str>,
    pub(crate) fields: Vec<Field>,
    /// The trait that writes the message of an error.
    pub(crate) error_message: Option<Ident>,
}

impl Traced {
    pub(crate) fn new(args: Args, function: &ItemFn) -> syn::Result<Self> {
        let mut faults = Faults::default();
        let mut traced = Self {
            name: args.name.and_then(|name| faults.handle(name.value)),
            kind: args
                .kind
                .and_then(|kind| faults.handle(kind.value))
                .map(|kind| kind.0),
            error_message: args
                .err
                .and_then(|err| faults.handle(error_message(err, function))),
            fields: Vec::new(),
        };
        let parameters = parameters::bindings(&function.sig);
        let mut names = Vec::new();
        for field in args.fields.into_iter().flat_map(|Entries(fields)| fields) {
            let Some(field) = faults.handle(field) else {
                continue;
            };
            faults.handle(once(&field.key, &mut names));
            if matches!(field.value, FieldValue::Parameter) {
                faults.handle(known_parameter(&field.key, &parameters));
            }
            traced.fields.push(field);
        }
        faults.finish()?;
        Ok(traced)
    }
}

/// `err` where there can be an error, and where its message can be read.
fn error_message(err: ErrorMessage, function: &ItemFn) -> syn::Result<Ident> {
    let ErrorMessage { key, format } = err;
    let sig = &function.sig;
    if function::cannot_fail(sig) {
        let name = &sig.ident;
        let returns = match &sig.output {
            syn::ReturnType::Default => "none".to_owned(),
            syn::ReturnType::Type(_, output) => format!("`{}`", text(output)),
        };
        let what =
            format!("`err` needs a value that can be an error, and `{name}` returns {returns}");
        return Err(fault(key, what, "return a `Result`, or drop `err`"));
    }
    function::reject_unseen_result(&key, function)?;
    format
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
