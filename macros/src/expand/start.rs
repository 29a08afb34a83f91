//! What a call is told when it starts: where its span begins, its labels and its fields.

use proc_macro2::TokenStream;
use quote::quote;

use crate::probe::Probe;
use crate::tokens::local;
use crate::{metered, traced};

/// What a call is told when it starts.
pub(super) struct Start {
    /// The closure that tells it; none where there is nothing to tell.
    pub(super) setup: Option<TokenStream>,
    /// Where parameters may be mentioned: there, and in what is recorded at the end.
    pub(super) mentions: Option<TokenStream>,
}

impl Start {
    /// `end` is what the call is told when it ends.
    pub(super) fn new(probe: &Probe, end: Option<&TokenStream>) -> Self {
        let setup = setup(probe);
        let mentioned = quote! { #setup #end };
        Self {
            mentions: (!mentioned.is_empty()).then_some(mentioned),
            setup,
        }
    }
}

/// Where the span begins, and what is recorded of the arguments.
fn setup(probe: &Probe) -> Option<TokenStream> {
    let private = probe.private();
    let call = local("call");
    let labels = probe
        .metered
        .as_ref()
        .map(|metered| metered::start(metered, &private, &call));
    let fields = probe
        .traced
        .as_ref()
        .map(|traced| traced::start(traced, &private, &call));
    let opening = local("opening");
    let opened = probe
        .traced
        .as_ref()
        .map(|traced| traced::open(traced, &opening, &call));
    // First: it is another span then.
    let recorded = quote! { #opened #labels #fields };
    (!recorded.is_empty()).then(|| quote! { |#call| { #recorded } })
}
