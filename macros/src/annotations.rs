//! From an attribute and its item to what replaces them: what is written in all attributes of the item is gathered, and
//! becomes a probe.
//!
//! When both attributes stand on a function the outer one takes the inner one along.

use darling::FromMeta;
use darling::ast::NestedMeta;
use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use syn::{ItemFn, Meta, Path, Stmt, parse_quote};

use crate::attribute::{self, Attribute, Taken};
use crate::block::{Block, HandedOn};
use crate::item::{self, Item};
use crate::judge::Judge;
use crate::metered::{self, Metered};
use crate::probe::Probe;
use crate::report::{self, Faults, fault, text};
use crate::traced::{self, Traced};
use crate::values::{CratePath, ungroup};
use crate::{expand, function, half_typed};

/// What was written in the attributes of one item.
#[derive(Default)]
struct Annotations {
    krate: Option<Path>,
    metered: Option<Annotation>,
    traced: Option<Annotation>,
}

/// What was written in one attribute, but for `crate`.
struct Annotation {
    /// The item is left out.
    skip: bool,
    list: Vec<Meta>,
}

/// Expands `#[outer(options)] item`.
pub(crate) fn attribute(outer: Attribute, options: TokenStream, item: TokenStream) -> TokenStream {
    if attribute::is_key_value() {
        return item;
    }
    report::catch_bugs(item, |item| {
        let (expanded, faults) = expanded(outer, options.clone(), item.clone());
        if !faults.is_empty()
            && let Some((options, item)) = half_typed::finished(options, item)
            && let (half_typed, others) = self::expanded(outer, options, item)
            && others.is_empty()
        {
            return half_typed;
        }
        faults.beside(expanded)
    })
}

/// What replaces the item; a function with a fault stays as it is.
fn expanded(outer: Attribute, options: TokenStream, item: TokenStream) -> (TokenStream, Faults) {
    let mut faults = Faults::default();
    let mut annotations = Annotations::default();
    annotations.read(outer, options, &mut faults);
    let expanded = match faults.handle(item::read(outer, item.clone())) {
        Some(Item::Function(function)) => annotations.function(outer, function, &mut faults),
        Some(Item::Block(block)) => annotations.block(outer, block, &mut faults),
        Some(Item::Statement) | None => item,
    };
    (expanded, faults)
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

impl Annotations {
    fn of(&mut self, attribute: Attribute) -> &mut Option<Annotation> {
        match attribute {
            Attribute::Metered => &mut self.metered,
            Attribute::Traced => &mut self.traced,
        }
    }

    /// The function with its probe, or as it is where there is a fault.
    fn function(
        mut self,
        outer: Attribute,
        mut function: ItemFn,
        faults: &mut Faults,
    ) -> TokenStream {
        let named = self.take_inner(
            &mut function.attrs,
            &[Attribute::Metered, Attribute::Traced],
            faults,
        );
        let kept = [outer, Attribute::Metered, Attribute::Traced]
            .into_iter()
            .find(|&attribute| {
                self.of(attribute)
                    .as_ref()
                    .is_some_and(|options| !options.skip)
            });
        if let Some(kept) = kept {
            faults.handle(function::reject_const(kept, &function.sig));
            let plain = function.clone();
            function = match self.probe(function, faults) {
                probe if faults.is_empty() => expand::expand(probe),
                _ => plain,
            };
        }
        function.block.stmts.splice(..0, named);
        function.into_token_stream()
    }

    /// The block, with what its functions need to become probes.
    fn block(mut self, outer: Attribute, mut block: Block, faults: &mut Faults) -> TokenStream {
        self.take_inner(block.attrs(), &[outer], faults);
        if let Some(Annotation { skip: false, list }) = self.of(outer).take() {
            let mut handed_on = HandedOn {
                attribute: outer,
                krate: self.krate,
                options: list,
            };
            // With a fault, too, or those of the values would not be heard of.
            handed_on.keep_fitting(faults);
            block.hand_on(&handed_on);
        }
        block.into_token_stream()
    }

    /// Reads and removes the attributes below the outer one; returns what names them.
    fn take_inner(
        &mut self,
        attrs: &mut Vec<syn::Attribute>,
        wanted: &[Attribute],
        faults: &mut Faults,
    ) -> Vec<Stmt> {
        let mut named = Vec::new();
        for Taken {
            attribute,
            path,
            options,
        } in attribute::take(attrs, wanted, self.krate.as_ref())
        {
            if self.of(attribute).is_some() {
                let what = format!("`#[{}]` is applied twice", attribute.name());
                faults.push(fault(&path, what, "remove one"));
            } else {
                self.read(attribute, options, faults);
            }
            named.push(name_attribute(&path));
        }
        for &attribute in wanted {
            // It goes together with what is written on the item, if that is only found later.
            if self.of(attribute).is_some() || !attribute::may_have_another_name(attrs, attribute) {
                for options in attribute::take_handed_on(attrs, attribute) {
                    self.read_handed_on(attribute, options, faults);
                }
            }
        }
        named
    }

    fn read(&mut self, attribute: Attribute, options: TokenStream, faults: &mut Faults) {
        let (options, krate) = Annotation::read(attribute, options, faults);
        *self.of(attribute) = Some(options);
        match (&self.krate, krate) {
            (Some(first), Some(path)) if *first != path => {
                let what = format!("`crate` is already `{}` on this function", text(first));
                faults.push(fault(path, what, "give both attributes the same path"));
            }
            (_, Some(path)) => self.krate = Some(path),
            (_, None) => {}
        }
    }

    /// What is written on the item itself goes before what the block around it says.
    fn read_handed_on(&mut self, attribute: Attribute, options: TokenStream, faults: &mut Faults) {
        let (options, krate) = Annotation::read(attribute, options, faults);
        match self.of(attribute) {
            None => *self.of(attribute) = Some(options),
            Some(own) => {
                let is_own = |option: &Meta| own.list.iter().any(|it| it.path() == option.path());
                // Each poll is a span then, below the current one, and begins no trace.
                let polled = own
                    .list
                    .iter()
                    .any(|it| it.path().is_ident("enter_on_poll"));
                let is_idle = |option: &Meta| polled && option.path().is_ident("sample");
                let others = options.list.into_iter();
                let others: Vec<_> = others.filter(|it| !is_own(it) && !is_idle(it)).collect();
                own.list.extend(others);
            }
        }
        self.krate = self.krate.take().or(krate);
    }

    fn probe(self, function: ItemFn, faults: &mut Faults) -> Probe {
        let list = |options: Option<Annotation>| -> Option<Vec<NestedMeta>> {
            let options = options.filter(|options| !options.skip)?;
            Some(options.list.into_iter().map(NestedMeta::Meta).collect())
        };
        let mut metered =
            list(self.metered).and_then(|list| faults.handle(metered::Args::from_list(&list)));
        let mut traced =
            list(self.traced).and_then(|list| faults.handle(traced::Args::from_list(&list)));
        // What belongs to the function, and not to one of its attributes.
        let judges = [
            metered.as_mut().and_then(|args| args.ok_if.take()),
            metered.as_mut().and_then(|args| args.error_if.take()),
            traced.as_mut().and_then(|args| args.ok_if.take()),
            traced.as_mut().and_then(|args| args.error_if.take()),
        ];
        let judges = judges.into_iter().flatten().collect();
        let judge = Judge::new(judges, &function, faults);
        let is_judged = judge.is_some();
        Probe {
            krate: self.krate,
            judge,
            metered: metered
                .and_then(|args| faults.handle(Metered::new(args, &function, is_judged))),
            traced: traced.and_then(|args| faults.handle(Traced::new(args, &function, is_judged))),
            function,
        }
    }
}

impl Annotation {
    /// Reads what both attributes understand, and keeps the rest. With the path given as `crate`.
    fn read(
        attribute: Attribute,
        options: TokenStream,
        faults: &mut Faults,
    ) -> (Self, Option<Path>) {
        let mut read = Self {
            skip: false,
            list: Vec::new(),
        };
        let mut krate = None;
        for option in attribute.read(options, faults) {
            match option {
                Meta::Path(path) if path.is_ident("skip") => read.skip = true,
                Meta::NameValue(option) if option.path.is_ident("crate") => {
                    krate = faults.handle(CratePath::try_from(ungroup(&option.value)));
                }
                option => read.list.push(option),
            }
        }
        if read.skip
            && let Some(option) = read.list.first()
        {
            let name = text(option.path());
            let what = format!("`skip` leaves the function out, so `{name}` has nothing to do");
            faults.push(fault(option.path(), what, "keep one of the two"));
        }
        (read, krate.map(|CratePath(path)| path))
    }
}
