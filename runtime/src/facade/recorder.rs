//! The registry as a recorder of the `metrics` facade: what any crate records with it is exported too.

use std::borrow::Cow;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use metrics::{Key, KeyName, Metadata, SharedString, Unit};

use super::{HANDLES, NAMES, Recorded};
use crate::metrics::{
    BuildError, Counter, Declaration, Descriptor, Gauge, Histogram, LabelNames, Spec, Table,
};
use crate::registry::Registry;

/// What `metrics::counter!` and the other macros of the facade record is shown beside all else, under the name and the
/// labels that they use, with the descriptions and units of `describe_counter!` and its siblings.
///
/// Histograms have the buckets of [`Histogram`], in seconds where the unit was described as seconds before the first
/// value was recorded, or the name ends in `seconds` or `duration`.
///
/// ```
/// use tachograph::Registry;
///
/// let registry = Registry::new();
/// metrics::with_local_recorder(&registry, || {
///     metrics::describe_counter!("cache.hits", "Lookups that found something.");
///     metrics::counter!("cache.hits", "cache" => "users").increment(2);
/// });
/// assert!(registry.snapshot().metric("cache.hits").is_some());
/// ```
impl metrics::Recorder for Registry {
    fn describe_counter(&self, name: KeyName, unit: Option<Unit>, description: SharedString) {
        self.describe(name, unit, description);
    }

    fn describe_gauge(&self, name: KeyName, unit: Option<Unit>, description: SharedString) {
        self.describe(name, unit, description);
    }

    fn describe_histogram(&self, name: KeyName, unit: Option<Unit>, description: SharedString) {
        self.describe(name, unit, description);
    }

    fn register_counter(&self, key: &Key, metadata: &Metadata<'_>) -> metrics::Counter {
        self.handle::<Counter>(key, metadata)
    }

    fn register_gauge(&self, key: &Key, metadata: &Metadata<'_>) -> metrics::Gauge {
        self.handle::<Gauge>(key, metadata)
    }

    fn register_histogram(&self, key: &Key, metadata: &Metadata<'_>) -> metrics::Histogram {
        self.handle::<Histogram>(key, metadata)
    }
}

impl Registry {
    /// What modules tried to record through the `metrics` facade under a name that another metric has, each once, in
    /// the order in which that happened, and the first name beyond 2,000; at most 128.
    ///
    /// The first metric keeps the name. Handles for the others record nothing, and `tachograph.facade.conflicts`
    /// counts them by `metric`, those beyond 2,000 names in its overflow series.
    #[must_use]
    pub fn facade_conflicts(&self) -> Vec<BuildError> {
        let conflicts = self.facade().conflicts.lock();
        conflicts.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn describe(&self, name: KeyName, unit: Option<Unit>, description: SharedString) {
        let unit = unit.map_or("", ucum);
        let descriptor = Descriptor::new(name.clone().into_inner(), description, unit);
        let descriptors = self.facade().descriptors.write();
        let mut descriptors = descriptors.unwrap_or_else(PoisonError::into_inner);
        if descriptors.len() >= NAMES && !descriptors.contains_key(name.as_str()) {
            return;
        }
        if let Some(table) = self.find(name.as_str())
            && table.spec().labels == LabelNames::Any
        {
            table.describe(&descriptor);
        }
        descriptors.insert(name, descriptor);
    }

    /// The handle that records to the series of a key.
    fn handle<I: Recorded>(&self, key: &Key, metadata: &Metadata<'_>) -> I::Handle {
        let handles = I::handles(self.facade());
        let known = handles.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(handle) = known.get(key) {
            return handle.clone();
        }
        drop(known);
        let removals = self.facade().removals.load(Ordering::Relaxed);
        let handle = match self.recorded::<I>(key, metadata) {
            Ok(table) => {
                let labels = labels(key);
                let texts = labels.iter().flat_map(|(key, value)| [&**key, value]);
                let Some(series) = table.get(texts) else {
                    // Not kept: there may be any number of these.
                    return I::new(table.overflow()).handle();
                };
                I::new(series).handle()
            }
            Err(error @ BuildError::TooManyNames { .. }) => {
                self.facade().turn_away(key.name(), error);
                // Nor are these kept.
                return I::noop();
            }
            Err(error) => {
                self.facade().turn_away(key.name(), error);
                I::noop()
            }
        };
        let mut handles = handles.write().unwrap_or_else(PoisonError::into_inner);
        if handles.len() < HANDLES && removals == self.facade().removals.load(Ordering::Relaxed) {
            handles.insert(key.to_retained(), handle.clone());
        }
        handle
    }

    fn recorded<I: Recorded>(
        &self,
        key: &Key,
        metadata: &Metadata<'_>,
    ) -> Result<Arc<Table<I>>, BuildError> {
        let module = metadata.module_path().unwrap_or(metadata.target());
        let name = key.name_shared();
        let descriptors = self.facade().descriptors.read();
        // Kept until the instrument exists, so that a description comes either before that or after.
        let descriptors = descriptors.unwrap_or_else(PoisonError::into_inner);
        let descriptor = descriptors.get(name.as_str()).cloned();
        let mut spec = Spec {
            labels: LabelNames::Any,
            ..Spec::new(
                name.into_inner().into(),
                Declaration::Facade(module.to_owned()),
            )
        };
        if let Some(descriptor) = descriptor {
            [spec.description, spec.unit] = descriptor.texts();
        }
        if spec.name.is_empty() {
            // Any other name can be cleaned by those who are strict.
            spec.check()?;
        }
        if spec.unit.is_empty()
            && ["seconds", "duration"]
                .iter()
                .any(|end| spec.name.ends_with(end))
        {
            spec.bounds = Some(I::default_bounds("s"));
        }
        if self.find(&spec.name).is_some() {
            return self.table(spec);
        }
        let names = &self.facade().names;
        if names.load(Ordering::Relaxed) >= NAMES {
            return Err(BuildError::TooManyNames {
                name: spec.name.into_owned(),
                declaration: spec.declaration,
                limit: NAMES,
            });
        }
        let table = self.table(spec)?;
        names.fetch_add(1, Ordering::Relaxed);
        Ok(table)
    }
}

/// The labels of a key, sorted by name. The last value of a name wins, and names that Prometheus keeps for itself are
/// prefixed as Prometheus does it when a target uses such a name.
fn labels(key: &Key) -> Vec<(Cow<'_, str>, &str)> {
    let mut labels: Vec<(Cow<'_, str>, &str)> = Vec::with_capacity(key.labels().len());
    for label in key.labels() {
        let (mut name, value) = (Cow::from(label.key()), label.value());
        if matches!(&*name, "le" | "quantile") || name.starts_with("__") {
            name = format!("exported_{name}").into();
        }
        match labels.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None if name.is_empty() => {}
            None => labels.push((name, value)),
        }
    }
    labels.sort();
    labels
}

/// A unit of the facade in UCUM's notation: <https://ucum.org/ucum>.
fn ucum(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "{count}",
        Unit::Percent => "%",
        Unit::Seconds => "s",
        Unit::Milliseconds => "ms",
        Unit::Microseconds => "us",
        Unit::Nanoseconds => "ns",
        Unit::Tebibytes => "TiBy",
        Unit::Gibibytes => "GiBy",
        Unit::Mebibytes => "MiBy",
        Unit::Kibibytes => "KiBy",
        Unit::Bytes => "By",
        Unit::TerabitsPerSecond => "Tbit/s",
        Unit::GigabitsPerSecond => "Gbit/s",
        Unit::MegabitsPerSecond => "Mbit/s",
        Unit::KilobitsPerSecond => "kbit/s",
        Unit::BitsPerSecond => "bit/s",
        Unit::CountPerSecond => "{count}/s",
    }
}
