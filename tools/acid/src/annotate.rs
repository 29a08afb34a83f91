//! Puts both attributes before every function of a file, on its line: no line moves, no comment is lost.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Attribute, ImplItemFn, ItemFn, Macro, Signature, TraitItemFn};

const ATTRIBUTES: &str = "#[::tachograph::traced] #[::tachograph::metered] ";

/// How many functions of a crate were annotated, and why the others were not.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) annotated: usize,
    left_out: BTreeMap<&'static str, usize>,
}

impl Tally {
    pub(crate) fn left_out(&self) -> String {
        let reasons = self
            .left_out
            .iter()
            .map(|(reason, count)| format!("{count} {reason}"));
        reasons.collect::<Vec<_>>().join(", ")
    }
}

/// Before the first item of a crate of the edition 2015, in which `::tachograph` has to be declared.
const DECLARATION: &str = "extern crate tachograph; ";

/// The source with its functions annotated; `declares` says whether it has to declare what the attributes name.
pub(crate) fn annotate(source: &str, declares: bool, tally: &mut Tally) -> syn::Result<String> {
    let file: syn::File = syn::parse_str(source)?;
    let mut functions = Functions {
        starts: Vec::new(),
        tally,
    };
    functions.visit_file(&file);
    let mut annotated = source.to_owned();
    functions.starts.sort_unstable();
    for start in functions.starts.into_iter().rev() {
        annotated.insert_str(start, ATTRIBUTES);
    }
    let mut items = file.items.iter().flat_map(ToTokens::to_token_stream);
    if let Some(first) = items.next()
        && declares
    {
        annotated.insert_str(first.span().byte_range().start, DECLARATION);
    }
    Ok(annotated)
}

struct Functions<'t> {
    /// Bytes at which annotated functions begin, after the attributes that they have.
    starts: Vec<usize>,
    tally: &'t mut Tally,
}

impl Functions<'_> {
    fn leave_out(&mut self, reason: &'static str, count: usize) {
        if count > 0 {
            *self.tally.left_out.entry(reason).or_default() += count;
        }
    }

    fn function(&mut self, sig: &Signature, attrs: &[Attribute], item: &impl ToTokens) {
        if sig.constness.is_some() {
            return self.leave_out("`const fn`", 1);
        }
        let outer = attrs
            .iter()
            .filter(|attr| matches!(attr.style, syn::AttrStyle::Outer))
            .count();
        let mut tokens = item.to_token_stream().into_iter().skip(2 * outer);
        if let Some(first) = tokens.next() {
            self.starts.push(first.span().byte_range().start);
            self.tally.annotated += 1;
        }
    }
}

impl<'ast> Visit<'ast> for Functions<'_> {
    fn visit_item_fn(&mut self, function: &'ast ItemFn) {
        self.function(&function.sig, &function.attrs, function);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, method: &'ast ImplItemFn) {
        self.function(&method.sig, &method.attrs, method);
        visit::visit_impl_item_fn(self, method);
    }

    fn visit_trait_item_fn(&mut self, method: &'ast TraitItemFn) {
        if method.default.is_some() {
            self.function(&method.sig, &method.attrs, method);
        }
        visit::visit_trait_item_fn(self, method);
    }

    fn visit_macro(&mut self, call: &'ast Macro) {
        let reason = if call.path.is_ident("macro_rules") {
            "in `macro_rules!`"
        } else {
            "in a macro call"
        };
        self.leave_out(reason, functions_in(call.tokens.clone()));
    }

    fn visit_token_stream(&mut self, unread: &'ast TokenStream) {
        self.leave_out(
            "in syntax that syn cannot read",
            functions_in(unread.clone()),
        );
    }
}

/// How often `fn name` with a body stands in these tokens.
fn functions_in(tokens: TokenStream) -> usize {
    let mut count = 0;
    let mut named = false;
    let mut after_fn = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                if named && group.delimiter() == Delimiter::Brace {
                    count += 1;
                    named = false;
                }
                count += functions_in(group.stream());
            }
            TokenTree::Punct(punct) if punct.as_char() == ';' => named = false,
            TokenTree::Ident(word) => {
                named |= after_fn;
                after_fn = word == "fn";
                continue;
            }
            // `fn $name`
            TokenTree::Punct(punct) if punct.as_char() == '$' => {
                named |= after_fn;
            }
            _ => {}
        }
        after_fn = false;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_with_a_body_stays_on_its_line() {
        let source = "
/// Kept.
#[inline] pub fn outer() { // kept
    fn inner() {}
}
trait T { fn required(); unsafe fn provided(&self) { #![allow(dead_code)] } }
const fn constant() { fn inner() {} }
extern \"C\" { fn declared(); }
thread_local! { static ONE: fn() -> u8 = { fn one() -> u8 { 1 } one }; }
macro_rules! method { ($name:ident, $f:fn(u8)) => { fn $name() {} fn declared(); }; }
";
        let mut tally = Tally::default();
        let annotated = annotate(source, false, &mut tally).unwrap();
        let marked = annotated.replace(ATTRIBUTES, "# ");
        assert_eq!(
            marked,
            "
/// Kept.
#[inline] # pub fn outer() { // kept
    # fn inner() {}
}
trait T { fn required(); # unsafe fn provided(&self) { #![allow(dead_code)] } }
const fn constant() { # fn inner() {} }
extern \"C\" { fn declared(); }
thread_local! { static ONE: fn() -> u8 = { fn one() -> u8 { 1 } one }; }
macro_rules! method { ($name:ident, $f:fn(u8)) => { fn $name() {} fn declared(); }; }
"
        );
        assert_eq!(tally.annotated, 4);
        assert_eq!(
            tally.left_out(),
            "1 `const fn`, 1 in `macro_rules!`, 1 in a macro call"
        );
    }

    #[test]
    fn the_declaration_stands_before_the_first_item_and_what_is_said_of_it() {
        let source = "//! Kept.
#![allow(dead_code)]

/// Kept.
fn first() {}
fn second() {}
";
        let annotated = annotate(source, true, &mut Tally::default()).unwrap();
        assert_eq!(
            annotated.replace(ATTRIBUTES, "# "),
            "//! Kept.
#![allow(dead_code)]

extern crate tachograph; /// Kept.
# fn first() {}
# fn second() {}
"
        );
    }
}
