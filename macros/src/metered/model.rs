//! What `#[metered(..)]` means. A [`Metered`] that exists is valid.

use proc_macro2::Literal;
use syn::LitStr;

use super::labels::{self, DynamicValue, LabelValue};
use super::parse::{Args, Label};
use super::values::Buckets;
use crate::report::{Faults, fault};
use crate::values::{Entries, Value};

#[derive(Default)]
pub(crate) struct Metered {
    /// The family of the function's own, instead of the shared one.
    pub(crate) family: Option<LitStr>,
    /// Empty for the default bounds.
    pub(crate) buckets: Vec<Literal>,
    pub(crate) fixed_labels: Vec<(String, String)>,
    /// Those whose values are known when the function runs.
    pub(crate) labels: Vec<(String, DynamicValue)>,
}

impl Metered {
    pub(crate) fn new(args: Args) -> syn::Result<Self> {
        let mut faults = Faults::default();
        let mut metered = Self::default();
        if let Some(buckets) = args.buckets {
            metered.buckets = faults
                .handle(own_buckets(buckets, args.name.is_some()))
                .unwrap_or_default();
        }
        if let Some(name) = args.name {
            metered.family = faults.handle(name.value).map(|name| name.0);
        }
        let labels = args.labels.into_iter().flat_map(|Entries(labels)| labels);
        metered.add_labels(labels, &mut faults);
        faults.finish()?;
        Ok(metered)
    }

    fn add_labels(
        &mut self,
        labels: impl Iterator<Item = syn::Result<Label>>,
        faults: &mut Faults,
    ) {
        let mut names = Vec::new();
        let mut combinations = 1_usize;
        for label in labels {
            let Some(Label { key, value }) = faults.handle(label) else {
                continue;
            };
            let name = faults.handle(labels::name(&key, &mut names));
            let value = faults.handle(labels::value(&key, value));
            if let Some(LabelValue::Dynamic(DynamicValue::Bounded(_, max))) = &value {
                combinations = combinations.saturating_mul(max + 1);
                faults.handle(labels::check_combinations(&key, combinations));
            }
            match (name, value) {
                (Some(name), Some(LabelValue::Fixed(text))) => self.fixed_labels.push((name, text)),
                (Some(name), Some(LabelValue::Dynamic(value))) => self.labels.push((name, value)),
                _ => {}
            }
        }
    }
}

fn own_buckets(buckets: Value<Buckets>, named: bool) -> syn::Result<Vec<Literal>> {
    let mut faults = Faults::default();
    if !named {
        let what = "`buckets` needs `name`: the family that all functions share has fixed bounds";
        faults.push(fault(
            &buckets.key,
            what,
            "add `name = \"shop.checkout\"`, or drop `buckets`",
        ));
    }
    let bounds = faults.handle(buckets.value);
    faults.finish()?;
    Ok(bounds.map_or_else(Vec::new, |bounds| bounds.0))
}
