//! What `#[metered(..)]` means. A [`Metered`] that exists is valid.

use syn::{Expr, ItemFn, LitStr, Path};

use super::labels::{self, DynamicValue, LabelValue};
use super::objective::Objective;
use super::parse::{Args, DurationArgs, Label};
use super::values::Buckets;
use crate::function;
use crate::report::{Faults, fault};
use crate::results::Results;
use crate::values::{Entries, Grouped, Value, Word};

#[derive(Default)]
pub(crate) struct Metered {
    /// What the names of its metrics begin with, instead of that which all functions share.
    pub(crate) prefix: Option<LitStr>,
    pub(crate) buckets: Buckets,
    pub(crate) fixed_labels: Vec<(String, String)>,
    /// Those whose values are known when the function runs.
    pub(crate) labels: Vec<(String, DynamicValue)>,
    /// Those of what an `Ok` holds.
    pub(crate) on_ok: Vec<(String, LabelValue)>,
    /// Those of what an `Err` holds.
    pub(crate) on_err: Vec<(String, LabelValue)>,
    pub(crate) without_in_flight: bool,
    /// One call in so many is timed.
    pub(crate) sample: Option<u64>,
    pub(crate) objective: Objective,
}

impl Metered {
    /// `judged` says that `ok_if` or `error_if` decides what is an error.
    pub(crate) fn new(args: Args, function: &ItemFn, judged: bool) -> syn::Result<Self> {
        let mut faults = Faults::default();
        let mut metered = Self::default();
        let buckets = match args.buckets {
            Some(buckets) => faults.handle(own_buckets(buckets, args.name.is_some())),
            None => Some(Buckets::Default),
        };
        if let Some(objective) = args.objective {
            metered.objective = faults
                .handle(Objective::new(objective, buckets.as_ref()))
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
            metered.prefix = faults.handle(name.value).map(|name| name.0);
        }
        if let Some(Word(caller)) = args.caller {
            faults.handle(knows_caller(&caller, function));
            metered
                .labels
                .push(("caller".to_owned(), DynamicValue::Caller));
        }
        let written = args.labels.map_or_else(Vec::new, |Entries(labels)| labels);
        let mut known = Known::of(&metered.labels);
        for (name, value) in known.read(written, "", &mut faults) {
            match value {
                LabelValue::Fixed(text) => metered.fixed_labels.push((name, text)),
                LabelValue::Dynamic(value) => metered.labels.push((name, value)),
            }
        }
        // A call has the labels of one of them, so both may have the same names.
        let on_ok = Results::of_ok(args.on_ok, function, &mut faults);
        metered.on_ok = known.clone().read(on_ok, "ok.", &mut faults);
        let on_err = Results::of_err(args.on_err, function, judged, &mut faults);
        metered.on_err = known.read(on_err, "err.", &mut faults);
        faults.finish()?;
        Ok(metered)
    }
}

impl Metered {
    /// What is evaluated when a call has ended.
    pub(crate) fn at_end(&self) -> impl Iterator<Item = &Expr> {
        let labels = self.on_ok.iter().chain(&self.on_err);
        labels.filter_map(|(_, value)| match value {
            LabelValue::Dynamic(DynamicValue::Listed(value) | DynamicValue::Bounded(value, _)) => {
                Some(value)
            }
            LabelValue::Fixed(_) | LabelValue::Dynamic(DynamicValue::Caller) => None,
        })
    }
}

/// What the labels before this one leave to it.
#[derive(Clone)]
struct Known {
    names: Vec<String>,
    combinations: u64,
}

impl Known {
    fn of(labels: &[(String, DynamicValue)]) -> Self {
        Self {
            names: labels.iter().map(|(name, _)| name.clone()).collect(),
            combinations: labels.iter().map(|(_, value)| value.places()).product(),
        }
    }

    /// Those labels that may stand beside the ones before them. `of` is what they are parts of.
    fn read(
        &mut self,
        labels: Vec<syn::Result<Label>>,
        of: &str,
        faults: &mut Faults,
    ) -> Vec<(String, LabelValue)> {
        let mut read = Vec::new();
        for label in labels {
            let Some(Label { key, value }) = faults.handle(label) else {
                continue;
            };
            let name = faults.handle(labels::name(&key, &mut self.names));
            let value = faults.handle(labels::value(&key, value, of));
            if let Some(LabelValue::Dynamic(value)) = &value {
                let before = self.combinations;
                self.combinations = before.saturating_mul(value.places());
                faults.handle(labels::check_combinations(&key, before, self.combinations));
            }
            read.extend(name.zip(value));
        }
        read
    }
}

/// Only a `#[track_caller]` function knows its caller, and making one of it would change what its panics say.
fn knows_caller(key: &Path, function: &ItemFn) -> syn::Result<()> {
    if function.sig.asyncness.is_some() {
        let what = "`caller` does not know who calls an `async fn`: it is polled by its executor";
        return Err(fault(key, what, "drop `caller`"));
    }
    if function::is_track_caller(function) {
        return Ok(());
    }
    let what = "`caller` needs `#[track_caller]`: no other function knows where it is called";
    Err(fault(key, what, "add `#[track_caller]` to the function"))
}

fn sample(duration: Grouped<DurationArgs>) -> syn::Result<u64> {
    match duration.options?.sample {
        Some(sample) => Ok(sample.value?.0),
        None => Err(fault(
            duration.key,
            "`duration` says which calls are timed",
            "`duration(sample = 64)`",
        )),
    }
}

fn own_buckets(buckets: Value<Buckets>, named: bool) -> syn::Result<Buckets> {
    let mut faults = Faults::default();
    if !named {
        let what = "`buckets` needs `name`: the metrics that all functions share have fixed bounds";
        faults.push(fault(
            &buckets.key,
            what,
            "add `name = \"shop.checkout\"`, or drop `buckets`",
        ));
    }
    let own = faults.handle(buckets.value);
    faults.finish()?;
    Ok(own.unwrap_or_default())
}
