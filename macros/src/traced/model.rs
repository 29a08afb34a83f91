//! What `#[traced(..)]` means for a function. A [`Traced`] that exists is valid.

use proc_macro2::{Literal, Span};
use syn::ext::IdentExt;
use syn::punctuated::Punctuated;
use syn::{Attribute, Error, Expr, Ident, ItemFn, LitStr, parse_quote, parse_quote_spanned};

use super::errors::{Errors, Shown};
use super::parse::{Args, Field, FieldValue, Return, Skip};
use super::secrets;
use super::values::{Parent, SpanName};
use crate::report::{Faults, fault, list, nearest, text};
use crate::results::Results;
use crate::values::{Entries, Key, Word};
use crate::{function, parameters};

#[derive(Default)]
pub(crate) struct Traced {
    /// None for the function's own name.
    pub(crate) name: Option<SpanName>,
    /// The variant of `SpanKind`.
    pub(crate) kind: Option<&'static str>,
    pub(crate) target: Option<LitStr>,
    /// The variant of `Level`.
    pub(crate) level: Option<&'static str>,
    /// None for the span that is current.
    pub(crate) parent: Option<Parent>,
    /// Contexts of other spans.
    pub(crate) links: Option<Expr>,
    /// The probability that a new trace is recorded, if it is not the installed sampler's.
    pub(crate) ratio: Option<Literal>,
    /// Recorded when a call starts.
    pub(crate) fields: Vec<Field>,
    /// The trait that writes the message of an error.
    pub(crate) error_message: Option<Ident>,
    /// The variant of `Level` of the log record that an error makes.
    pub(crate) error_level: Option<&'static str>,
    /// Whether each poll is a span.
    pub(crate) enters_on_poll: bool,
    /// What the function returned, if it is recorded.
    pub(crate) ret: Option<FieldValue>,
    /// Recorded of what an `Ok` holds.
    pub(crate) on_ok: Vec<Field>,
    /// Recorded of what an `Err` holds.
    pub(crate) on_err: Vec<Field>,
}

impl Traced {
    /// `judged` says that `ok_if` or `error_if` decides what is an error.
    pub(crate) fn new(args: Args, function: &ItemFn, judged: bool) -> syn::Result<Self> {
        let mut faults = Faults::default();
        faults.handle(reject_polls_of_none(&args, function));
        let shown = args.err.and_then(|err| faults.handle(shown(err, function)));
        let mut traced = Self {
            name: args.name.and_then(|name| faults.handle(name.value)),
            kind: args
                .kind
                .and_then(|kind| faults.handle(kind.value))
                .map(|kind| kind.0),
            target: args
                .target
                .and_then(|target| faults.handle(target.value))
                .map(|target| target.0),
            level: args
                .level
                .and_then(|level| faults.handle(level.value))
                .map(|level| level.0),
            parent: args.parent.and_then(|parent| faults.handle(parent.value)),
            links: args
                .links
                .and_then(|links| faults.handle(links.value))
                .map(|links| links.0),
            ratio: args
                .sample
                .and_then(|ratio| faults.handle(ratio.value))
                .map(|ratio| ratio.0),
            error_level: shown.as_ref().and_then(|shown| shown.level),
            error_message: shown.and_then(|shown| shown.message),
            enters_on_poll: args.enter_on_poll.is_some(),
            ret: args
                .ret
                .and_then(|ret| faults.handle(returned(ret, function))),
            ..Self::default()
        };
        let skipped = skipped(args.skip, args.captures, function, &mut faults);
        let written = args.fields.map_or_else(Vec::new, |Entries(fields)| fields);
        let fields = start_fields(written, function, &mut faults);
        if args.captures {
            let captured = parameters::captured(&function.sig).into_iter();
            let captured = captured.filter(|(name, _)| {
                let named = |field: &Field| name.unraw() == *field.key.to_string();
                !skipped.contains(name) && !fields.iter().any(named)
            });
            traced.fields.extend(captured.map(Field::captured));
        }
        traced.fields.extend(fields);
        let on_ok = Results::of_ok(args.on_ok, function, &mut faults);
        traced.on_ok = result_fields(on_ok, "ok", &mut faults);
        let on_err = Results::of_err(args.on_err, function, judged, &mut faults);
        traced.on_err = result_fields(on_err, "err", &mut faults);
        faults.finish()?;
        let Self {
            fields,
            on_ok,
            on_err,
            ..
        } = &mut traced;
        for field in fields.iter_mut().chain(on_ok).chain(on_err) {
            field.secret = secrets::shows(field, &function.sig);
            secrets::borrow(&mut field.value);
        }
        Ok(traced)
    }
}

impl Traced {
    /// What is evaluated when a call has ended.
    pub(crate) fn at_end(&self) -> impl Iterator<Item = &Expr> {
        let fields = self.on_ok.iter().chain(&self.on_err);
        fields.filter_map(|field| match &field.value {
            FieldValue::Typed(value) | FieldValue::Display(value) | FieldValue::Debug(value) => {
                Some(value)
            }
            FieldValue::Parameter | FieldValue::Captured(..) | FieldValue::Empty => None,
        })
    }
}

impl Field {
    fn captured((name, cfgs): (Ident, Vec<Attribute>)) -> Self {
        Self {
            value: FieldValue::Captured(parse_quote!(#name), cfgs),
            key: Key(Punctuated::from_iter([name])),
            secret: false,
        }
    }
}

fn start_fields(
    written: Vec<syn::Result<Field>>,
    function: &ItemFn,
    faults: &mut Faults,
) -> Vec<Field> {
    let parameters = parameters::bindings(&function.sig);
    let (mut fields, mut names) = (Vec::new(), Vec::new());
    for field in written {
        let Some(field) = faults.handle(field) else {
            continue;
        };
        faults.handle(once(&field.key, &mut names));
        if matches!(field.value, FieldValue::Parameter) {
            faults.handle(known_parameter(&field.key, &parameters));
        }
        fields.push(field);
    }
    fields
}

/// Fields whose expressions see the result as `name`.
fn result_fields(written: Vec<syn::Result<Field>>, name: &str, faults: &mut Faults) -> Vec<Field> {
    let (mut fields, mut names) = (Vec::new(), Vec::new());
    for field in written {
        let Some(field) = faults.handle(field) else {
            continue;
        };
        faults.handle(once(&field.key, &mut names));
        if matches!(field.value, FieldValue::Parameter | FieldValue::Empty) {
            let key = &field.key;
            let what = format!("field `{key}` has no value, and the call is over");
            faults.push(fault(
                &key.0,
                what,
                format!("`{key} = {name}.{key}`, where `{name}` is the result"),
            ));
        }
        fields.push(field);
    }
    fields
}

/// What an `Ok` holds, or all that is returned. A type that cannot be recorded is underlined where it is written.
fn returned(ret: Return, function: &ItemFn) -> syn::Result<FieldValue> {
    function::reject_unseen_result(&ret.key, function)?;
    let at = Span::call_site().located_at(function::output_span(&function.sig));
    let ok = Ident::new("ok", at);
    Ok(match ret.format? {
        None => FieldValue::Captured(parse_quote_spanned!(at=> *#ok), Vec::new()),
        Some(format) if format == "Debug" => FieldValue::Debug(parse_quote!(#ok)),
        Some(_) => FieldValue::Display(parse_quote!(#ok)),
    })
}

/// The parameters that `args` leaves out.
fn skipped(
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

/// `err` where there can be an error, and where its message can be read.
fn shown(err: Errors, function: &ItemFn) -> syn::Result<Shown> {
    let instead = "drop `err` and say with `error_if` which results are errors";
    function::reject_no_error(&err.key, instead, function)?;
    err.shown
}

/// `enter_on_poll` where there is a future to be polled, and nothing else that says where spans begin.
fn reject_polls_of_none(args: &Args, function: &ItemFn) -> syn::Result<()> {
    let Some(Word(option)) = &args.enter_on_poll else {
        return Ok(());
    };
    if !function::is_future(function) {
        let what = format!(
            "`enter_on_poll` applies to futures; `{}` is not `async` and does not return one",
            function.sig.ident
        );
        let help = "drop it, or write the future out: `impl Future<Output = ..>`, `Pin<Box<dyn Future<Output = ..>>>`";
        return Err(fault(option, what, help));
    }
    let mut faults = Faults::default();
    let parent = args.parent.as_ref().map(|parent| &parent.key);
    let sample = args.sample.as_ref().map(|sample| &sample.key);
    for option in parent.into_iter().chain(sample) {
        let what = format!(
            "`{}` is about the one span of a call, and with `enter_on_poll` each poll is a span below the current one",
            text(option)
        );
        faults.push(fault(option, what, "drop one of the two"));
    }
    faults.finish()
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
