//! What a call is told when it starts: where its span begins, its labels and its fields.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::probe::Probe;
use crate::tokens::local;
use crate::{metered, traced};

/// What a call is told when it starts.
pub(super) struct Start {
    /// The closures that tell it; none where there is nothing to tell.
    pub(super) setup: Option<TokenStream>,
    /// The first of them says where the span begins.
    pub(super) opens: bool,
    /// Where parameters may be mentioned: there, and in what is recorded at the end.
    pub(super) mentions: Option<TokenStream>,
}

impl Start {
    /// `end` is what the call is told when it ends.
    pub(super) fn new(probe: &Probe, end: Option<&TokenStream>) -> Self {
        let opening = local("opening");
        let opened = probe
            .traced
            .as_ref()
            .map(|traced| traced::open(traced, &opening))
            .filter(|opened| !opened.is_empty());
        let opens = opened.is_some();
        let setup = setup(probe);
        let setup = if opens || end.is_some() {
            Some(setup.unwrap_or_else(|| quote! { |_| {} }))
        } else {
            setup
        };
        let setup = match opened {
            None => setup,
            Some(opened) => Some(quote! { |#opening| { #opened }, #setup }),
        };
        Self {
            mentions: setup.as_ref().map(|setup| quote! { #setup #end }),
            setup,
            opens,
        }
    }

    /// A call that has started. `kind` is `Call`, or `FutureCall` where a future runs the body.
    pub(super) fn call(
        &self,
        private: &TokenStream,
        kind: &str,
        site: &TokenStream,
    ) -> TokenStream {
        let setup = &self.setup;
        let how = if self.opens {
            "open_with"
        } else {
            "start_with"
        };
        let (kind, how) = (format_ident!("{kind}"), format_ident!("{how}"));
        quote! { #private::#kind::#how(#site, #setup) }
    }

    /// A call that starts when a future is first polled, if it is told anything.
    pub(super) fn prepared(
        &self,
        private: &TokenStream,
        site: &TokenStream,
    ) -> Option<TokenStream> {
        let setup = self.setup.as_ref()?;
        let how = if self.opens {
            "prepare_open_with"
        } else {
            "prepare_with"
        };
        let how = format_ident!("{how}");
        Some(quote! { #private::FutureCall::#how(#site, #setup) })
    }
}

/// What is recorded of the arguments.
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
    let recorded = quote! { #labels #fields };
    (!recorded.is_empty()).then(|| quote! { |#call| { #recorded } })
}
