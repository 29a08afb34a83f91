//! From an attribute and its item to what replaces them.
//!
//! When both attributes stand on a function the outer one takes the inner one along, and one [`Probe`] serves both.

use darling::FromMeta;
use darling::ast::NestedMeta;
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{ItemFn, Path, Stmt, parse_quote};

use crate::attribute::{self, Attribute};
use crate::judge::Judge;
use crate::metered::{self, Metered};
use crate::report::{self, Faults, fault, text};
use crate::traced::{self, Traced};
use crate::values::CratePath;
use crate::{expand, function};

/// A function with all that its calls record.
pub(crate) struct Probe {
    /// Where the runtime is, if not at `::tachograph`.
    pub(crate) krate: Option<Path>,
    /// Who decides the outcome, if not the type of the result.
    pub(crate) judge: Option<Judge>,
    pub(crate) metered: Option<Metered>,
    pub(crate) traced: Option<Traced>,
    pub(crate) function: ItemFn,
}

impl Probe {
    /// The path to all that generated code may name.
    pub(crate) fn private(&self) -> TokenStream {
        match &self.krate {
            None => quote! { ::tachograph::__private },
            Some(krate) => quote! { #krate::__private },
        }
    }

    /// The same, as if it were written at `place`.
    pub(crate) fn private_at(&self, place: Span) -> TokenStream {
        let Some(krate) = &self.krate else {
            return quote_spanned! { place=> ::tachograph::__private };
        };
        let at_place = krate.to_token_stream().into_iter().map(|mut token| {
            token.set_span(token.span().located_at(place));
            token
        });
        let krate: TokenStream = at_place.collect();
        quote_spanned! { place=> #krate::__private }
    }
}

/// What was written in the attributes of one function.
#[derive(Default)]
struct Written {
    krate: Option<Path>,
    judges: Vec<Judge>,
    metered: Option<metered::Args>,
    traced: Option<traced::Args>,
}

/// Expands `#[outer(options)] item`.
pub(crate) fn attribute(outer: Attribute, options: TokenStream, item: TokenStream) -> TokenStream {
    if attribute::is_key_value() {
        return item;
    }
    report::catch_bugs(item, |item| {
        let mut faults = Faults::default();
        let mut written = Written::default();
        written.read(outer, options, &mut faults);
        let Some(mut function) = faults.handle(function::read(outer, item.clone())) else {
            return faults.beside(item);
        };
        let mut named = Vec::new();
        for (inner, path, options) in attribute::take(&mut function.attrs, written.krate.as_ref()) {
            if written.has(inner) {
                let what = format!("`#[{}]` is applied twice", inner.name());
                faults.push(fault(&path, what, "remove one"));
            } else {
                written.read(inner, options, &mut faults);
            }
            named.push(name_attribute(&path));
        }
        faults.handle(function::reject_const(outer, &function.sig));
        let plain = function.clone();
        let mut function = match written.probe(function, &mut faults) {
            probe if faults.is_empty() => expand::expand(probe),
            _ => plain,
        };
        function.block.stmts.splice(..0, named);
        faults.beside(function)
    })
}

/// Names an attribute that was taken off, so that its import is used, and one that does not exist is an error.
fn name_attribute(path: &Path) -> Stmt {
    // The path means what it means in an attribute, which in the edition 2015 is not what it means in a `use`.
    let tokens = path.to_token_stream().into_iter().map(|mut token| {
        token.set_span(token.span().resolved_at(Span::call_site()));
        token
    });
    let path: TokenStream = tokens.collect();
    parse_quote! { #[allow(unused_imports)] use #path as _; }
}

impl Written {
    fn has(&self, attribute: Attribute) -> bool {
        match attribute {
            Attribute::Metered => self.metered.is_some(),
            Attribute::Traced => self.traced.is_some(),
        }
    }

    fn read(&mut self, attribute: Attribute, options: TokenStream, faults: &mut Faults) {
        let options = report::options(|name| attribute.usage(name), options, faults);
        let options: Vec<_> = options.into_iter().map(NestedMeta::Meta).collect();
        // What belongs to the function, and not to one of its attributes.
        let (krate, judges) = match attribute {
            Attribute::Metered => {
                self.metered = faults.handle(metered::Args::from_list(&options));
                let Some(args) = &mut self.metered else {
                    return;
                };
                (args.krate.take(), [args.ok_if.take(), args.error_if.take()])
            }
            Attribute::Traced => {
                self.traced = faults.handle(traced::Args::from_list(&options));
                let Some(args) = &mut self.traced else { return };
                (args.krate.take(), [args.ok_if.take(), args.error_if.take()])
            }
        };
        self.judges.extend(judges.into_iter().flatten());
        let Some(CratePath(path)) = krate.and_then(|krate| faults.handle(krate.value)) else {
            return;
        };
        match &self.krate {
            Some(first) if *first != path => {
                let what = format!("`crate` is already `{}` on this function", text(first));
                faults.push(fault(path, what, "give both attributes the same path"));
            }
            _ => self.krate = Some(path),
        }
    }

    fn probe(self, function: ItemFn, faults: &mut Faults) -> Probe {
        Probe {
            krate: self.krate,
            judge: Judge::new(self.judges, &function, faults),
            metered: self
                .metered
                .and_then(|args| faults.handle(Metered::new(args))),
            traced: self
                .traced
                .and_then(|args| faults.handle(Traced::new(args, &function))),
            function,
        }
    }
}
