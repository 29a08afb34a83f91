//! Blocks: an `impl` block, a trait or a module hands its attribute on to each function in it, and is left as it is.
//!
//! The compiler resolves `cfg` and `cfg_attr` on a function before it expands what was handed on, and finds there what
//! is written on the function itself. A block in a block is handed the attribute too, and hands it on.

use proc_macro2::{Ident, TokenStream};
use syn::visit_mut::VisitMut;
use syn::{
    Error, ImplItem, Item, ItemImpl, ItemMod, ItemTrait, Meta, Path, Signature, TraitItem,
    parse_quote,
};

use crate::attribute::Attribute;
use crate::probe::private;
use crate::report::{self, Faults, fault};
use crate::values::Ungroup;
use crate::{attribute, function, unread};

pub(crate) enum Block {
    Impl(ItemImpl),
    Trait(ItemTrait),
    Module(ItemMod),
}

/// An attribute with the options that it has on a block.
pub(crate) struct HandedOn {
    pub(crate) attribute: Attribute,
    /// Where the runtime is, if not at `::tachograph`.
    pub(crate) krate: Option<Path>,
    pub(crate) options: Vec<Meta>,
}

impl Block {
    /// The block that starts with `keyword`, if it is one of those that do.
    pub(crate) fn read(
        attribute: Attribute,
        keyword: &Ident,
        item: TokenStream,
    ) -> Option<syn::Result<Self>> {
        let parse: fn(TokenStream) -> syn::Result<Self> = match keyword.to_string().as_str() {
            "impl" => |item| syn::parse2(item).map(Self::Impl),
            "trait" => |item| syn::parse2(item).map(Self::Trait),
            "mod" => |item| syn::parse2(item).map(Self::Module),
            _ => return None,
        };
        let read = parse(item.clone()).or_else(|fault| match unread::item(item) {
            Ok(Item::Impl(block)) => Ok(Self::Impl(block)),
            Ok(Item::Trait(block)) => Ok(Self::Trait(block)),
            Ok(Item::Mod(module)) => Ok(Self::Module(module)),
            _ => Err(fault),
        });
        let ungrouped = read.map(|mut block| {
            match &mut block {
                Self::Impl(block) => Ungroup.visit_item_impl_mut(block),
                Self::Trait(block) => Ungroup.visit_item_trait_mut(block),
                Self::Module(module) => Ungroup.visit_item_mod_mut(module),
            }
            block
        });
        Some(ungrouped.map_err(|unread| {
            let what = format!(
                "`#[{}]` cannot read this `{keyword}` block: {unread}",
                attribute.name()
            );
            Error::new(unread.span(), what)
        }))
    }

    pub(crate) fn attrs(&mut self) -> &mut Vec<syn::Attribute> {
        match self {
            Self::Impl(block) => &mut block.attrs,
            Self::Trait(block) => &mut block.attrs,
            Self::Module(module) => &mut module.attrs,
        }
    }

    pub(crate) fn hand_on(&mut self, attribute: &HandedOn) {
        match self {
            Self::Impl(block) if runs_beneath(block) => {}
            Self::Impl(block) => {
                for item in &mut block.items {
                    if let ImplItem::Fn(method) = item {
                        attribute.to_function(&mut method.attrs, &method.sig);
                    }
                }
            }
            Self::Trait(block) => {
                for item in &mut block.items {
                    if let TraitItem::Fn(method) = item
                        && method.default.is_some()
                    {
                        attribute.to_function(&mut method.attrs, &method.sig);
                    }
                }
            }
            Self::Module(module) => {
                for item in module.content.iter_mut().flat_map(|(_, items)| items) {
                    match item {
                        Item::Fn(function) => {
                            attribute.to_function(&mut function.attrs, &function.sig);
                        }
                        Item::Impl(block) => attribute.to_block(&mut block.attrs),
                        Item::Trait(block) => attribute.to_block(&mut block.attrs),
                        Item::Mod(module) if module.content.is_some() => {
                            attribute.to_block(&mut module.attrs);
                        }
                        _ => {}
                    }
                }
            }
        }
    }
}

impl quote::ToTokens for Block {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Impl(block) => block.to_tokens(tokens),
            Self::Trait(block) => block.to_tokens(tokens),
            Self::Module(module) => module.to_tokens(tokens),
        }
    }
}

impl HandedOn {
    /// Refuses the options that mean something for one function only, and keeps the others.
    pub(crate) fn keep_fitting(&mut self, faults: &mut Faults) {
        let attribute = self.attribute.name();
        self.options.retain(|option| {
            let name = option.path();
            let fits = attribute::FOR_EACH.iter().any(|each| name.is_ident(each));
            if !fits {
                let what = format!(
                    "`{}` is for one function, not for a block of them",
                    report::text(name)
                );
                let help = format!(
                    "write `#[{attribute}({})]` on that function",
                    report::text(option)
                );
                faults.push(fault(name, what, help));
            }
            fits
        });
    }

    fn to_function(&self, attrs: &mut Vec<syn::Attribute>, sig: &Signature) {
        if sig.constness.is_some() || sig.variadic.is_some() || function::has(attrs, "naked") {
            return;
        }
        // The block asks for messages where there are errors.
        let fails = !function::cannot_fail(sig)
            && (sig.asyncness.is_some() || !function::has(attrs, "track_caller"));
        let fitting = |option: &&Meta| fails || !option.path().is_ident("err");
        attrs.push(self.written(self.options.iter().filter(fitting)));
    }

    fn to_block(&self, attrs: &mut Vec<syn::Attribute>) {
        attrs.push(self.written(&self.options));
    }

    /// Comes last, so that it is found by the attributes that are written there, whatever name they are imported under.
    fn written<'a>(&'a self, options: impl IntoIterator<Item = &'a Meta>) -> syn::Attribute {
        let (private, name) = (private(self.krate.as_ref()), self.attribute.ident());
        let krate = self.krate.iter().map(|krate| parse_quote!(crate = #krate));
        let options: Vec<Meta> = krate.chain(options.into_iter().cloned()).collect();
        if options.is_empty() {
            parse_quote!(#[#private::#name])
        } else {
            parse_quote!(#[#private::#name(#(#options),*)])
        }
    }
}

/// Destructors run where nobody wrote a call, and an allocator runs within every measurement.
fn runs_beneath(block: &ItemImpl) -> bool {
    block.trait_.as_ref().is_some_and(|(path, _)| {
        path.segments
            .last()
            .is_some_and(|name| name.ident == "Drop" || name.ident == "GlobalAlloc")
    })
}
