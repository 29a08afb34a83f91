//! What `#[traced(..)]` means for a function. A [`Traced`] that exists is valid.

use proc_macro2::{Literal, Span};
use syn::{Expr, Ident, ItemFn, LitStr, parse_quote, parse_quote_spanned};

use super::errors::{Errors, Shown};
use super::parse::{Args, Field, FieldValue, Return};
use super::values::{Parent, SpanName};
use super::{fields, secrets};
use crate::function;
use crate::report::{Faults, fault, text};
use crate::results::Results;
use crate::values::{Entries, Value, Word};

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
        let shown = args
            .err
            .and_then(|err| faults.handle(shown(err, function, judged)));
        let mut traced = Self {
            name: Value::given(args.name, &mut faults),
            kind: Value::given(args.kind, &mut faults).map(|kind| kind.0),
            target: Value::given(args.target, &mut faults).map(|target| target.0),
            level: Value::given(args.level, &mut faults).map(|level| level.0),
            parent: Value::given(args.parent, &mut faults),
            links: Value::given(args.links, &mut faults).map(|links| links.0),
            ratio: Value::given(args.sample, &mut faults).map(|ratio| ratio.0),
            error_level: shown.as_ref().and_then(|shown| shown.level),
            error_message: shown.and_then(|shown| shown.message),
            enters_on_poll: args.enter_on_poll.is_some(),
            ret: args
                .ret
                .and_then(|ret| faults.handle(returned(ret, function))),
            ..Self::default()
        };
        let skipped = fields::skipped(args.skip, args.captures, function, &mut faults);
        let written = args.fields.map_or_else(Vec::new, |Entries(fields)| fields);
        let written = fields::at_start(written, function, &mut faults);
        if args.captures {
            traced.fields = fields::captured(function, &skipped, &written);
        }
        traced.fields.extend(written);
        let on_ok = Results::of_ok(args.on_ok, function, &mut faults);
        traced.on_ok = fields::of_result(on_ok, "ok", &mut faults);
        let on_err = Results::of_err(args.on_err, function, judged, &mut faults);
        traced.on_err = fields::of_result(on_err, "err", &mut faults);
        faults.finish()?;
        let Self {
            fields,
            on_ok,
            on_err,
            ..
        } = &mut traced;
        for field in fields.iter_mut().chain(on_ok).chain(on_err) {
            field.secret = secrets::shows(field, &function.sig);
            field.plain = fields::is_plain(field, &function.sig);
            secrets::borrow(&mut field.value);
        }
        Ok(traced)
    }
}

impl Traced {
    /// Whether a call says where its span begins.
    pub(crate) fn opens(&self) -> bool {
        self.parent.is_some() || self.ratio.is_some()
    }

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

/// `err` where there can be an error, and where its message can be read.
fn shown(err: Errors, function: &ItemFn, judged: bool) -> syn::Result<Shown> {
    let instead = if judged {
        "drop `err`: an error that is no `Err` has no message"
    } else {
        "drop `err` and say with `error_if` which results are errors"
    };
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
