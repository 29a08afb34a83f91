//! What `#[metered(..)]` means. A [`Metered`] that exists is valid.

use syn::LitStr;

use super::labels::{self, DynamicValue, LabelValue};
use super::objective::Objective;
use super::parse::{Args, DurationArgs, Label};
use super::values::Buckets;
use crate::report::{Faults, fault};
use crate::values::{Entries, Options, Value};

#[derive(Default)]
pub(crate) struct Metered {
    /// The family of the function's own, instead of the shared one.
    pub(crate) family: Option<LitStr>,
    /// Empty for the default bounds.
    pub(crate) buckets: Vec<f64>,
    pub(crate) fixed_labels: Vec<(String, String)>,
    /// Those whose values are known when the function runs.
    pub(crate) labels: Vec<(String, DynamicValue)>,
    pub(crate) without_in_flight: bool,
    /// One call in so many is timed.
    pub(crate) sample: Option<u64>,
    pub(crate) objective: Objective,
}

impl Metered {
    pub(crate) fn new(args: Args) -> syn::Result<Self> {
        let mut faults = Faults::default();
        let mut metered = Self::default();
        let buckets = match args.buckets {
            Some(buckets) => faults.handle(own_buckets(buckets, args.name.is_some())),
            None => Some(Vec::new()),
        };
        if let Some(objective) = args.objective {
            metered.objective = faults
                .handle(Objective::new(objective, buckets.as_deref()))
                .unwrap_or_default();
        }
        metered.buckets = buckets.unwrap_or_default();
        if let Some(in_flight) = args.in_flight {
            metered.without_in_flight = faults.handle(in_flight.value).is_some_and(|it| !it.0);
        }
        if let Some(duration) = args.duration {
            metered.sample = faults.handle(sample(duration));
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

fn sample(duration: Options<DurationArgs>) -> syn::Result<u64> {
    match duration.options?.sample {
        Some(sample) => Ok(sample.value?.0),
        None => Err(fault(
            duration.key,
            "`duration` says which calls are timed",
            "`duration(sample = 64)`",
        )),
    }
}

fn own_buckets(buckets: Value<Buckets>, named: bool) -> syn::Result<Vec<f64>> {
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
