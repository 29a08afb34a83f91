//! `ok_if` and `error_if`, which both attributes take: who decides how a call ended, in the place of its type.

use darling::FromMeta;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::visit_mut::VisitMut;
use syn::{Expr, ItemFn, Meta, MetaNameValue, Path};

use crate::function;
use crate::report::{Faults, fault, text};
use crate::values::{Ungroup, wrong_type};

/// `error_if = Response::is_server_error`
pub(crate) struct Judge {
    /// `ok_if` or `error_if`.
    key: Path,
    /// A path or a closure.
    predicate: syn::Result<Expr>,
}

impl FromMeta for Judge {
    fn from_meta(option: &Meta) -> darling::Result<Self> {
        let MetaNameValue { path, value, .. } = option.require_name_value()?;
        let mut predicate = value.clone();
        Ungroup.visit_expr_mut(&mut predicate);
        let predicate = match predicate {
            Expr::Path(_) | Expr::Closure(_) => Ok(predicate),
            _ => Err(wrong_type(value, &text(path), "a path or a closure")),
        };
        Ok(Self {
            key: path.clone(),
            predicate,
        })
    }
}

impl Judge {
    /// The one that was given for a function, if it has something to look at.
    pub(crate) fn new(judges: Vec<Self>, function: &ItemFn, faults: &mut Faults) -> Option<Self> {
        let mut first: Option<Self> = None;
        for judge in judges {
            if let Some(first) = &first {
                faults.push(second(first, &judge));
            } else {
                faults.handle(function::reject_unseen_result(&judge.key, function));
                if let Err(wrong) = &judge.predicate {
                    faults.push(wrong.clone());
                }
                first = Some(judge);
            }
        }
        first
    }

    /// `call.error_if(outcome, result, Response::is_server_error)`
    pub(crate) fn verdict(
        &self,
        call: &Ident,
        outcome: impl ToTokens,
        result: &Ident,
    ) -> TokenStream {
        let Self { key, predicate } = self;
        let predicate = predicate.as_ref().ok();
        quote! { #call.#key(#outcome, #result, #predicate) }
    }
}

fn second(first: &Judge, judge: &Judge) -> syn::Error {
    let (first, key) = (text(&first.key), text(&judge.key));
    let what = if first == key {
        format!("`{key}` is given on both attributes, and they share one outcome")
    } else {
        "`ok_if` and `error_if` exclude each other: both decide the outcome".to_owned()
    };
    fault(&judge.key, what, "keep one")
}
