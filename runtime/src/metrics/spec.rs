//! What an instrument is meant to be, and whether that can be.

use std::borrow::Cow;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use super::bounds;
use super::error::{BuildError, Declaration};
use super::instrument::Kind;
use super::rules::{self, MAX_METRIC_NAME, SERIES_LIMIT};
use super::snapshot::Keys;

/// Which labels the series of a metric have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LabelNames {
    /// These, in this order; none for an instrument that is one series.
    Named(Arc<Keys>),
    /// Each series has its own, as the `metrics` facade allows.
    Any,
}

/// All that the code says of an instrument.
#[derive(Clone, Debug)]
pub(crate) struct Spec {
    pub(crate) name: Cow<'static, str>,
    pub(crate) description: Cow<'static, str>,
    pub(crate) unit: Cow<'static, str>,
    pub(crate) labels: LabelNames,
    /// The bounds of buckets, if the code names them.
    pub(crate) bounds: Option<Arc<[f64]>>,
    pub(crate) series_limit: usize,
    /// How long a series lives that nobody uses, if not for ever.
    pub(crate) series_ttl: Option<Duration>,
    pub(crate) declaration: Declaration,
}

impl Spec {
    /// An instrument that the calling code builds.
    #[track_caller]
    pub(crate) fn here(name: impl Into<Cow<'static, str>>) -> Self {
        Self::new(name.into(), Declaration::Code(Location::caller()))
    }

    pub(crate) fn new(name: Cow<'static, str>, declaration: Declaration) -> Self {
        Self {
            name,
            description: Cow::Borrowed(""),
            unit: Cow::Borrowed(""),
            labels: LabelNames::Named(Arc::default()),
            bounds: None,
            series_limit: SERIES_LIMIT,
            series_ttl: None,
            declaration,
        }
    }

    /// Whether name, unit, labels and bounds are allowed.
    pub(crate) fn check(&self) -> Result<(), BuildError> {
        check_name(&self.name, &self.declaration)?;
        if self.unit.len() > 63 || !self.unit.is_ascii() {
            return Err(BuildError::InvalidUnit {
                name: self.name.to_string(),
                declaration: self.declaration.clone(),
                unit: self.unit.to_string(),
            });
        }
        if let LabelNames::Named(labels) = &self.labels {
            let labels: Vec<_> = labels.iter().map(|label| &**label).collect();
            check_labels(&labels, &self.name, &self.declaration)?;
        }
        check_bounds(
            self.bounds.as_deref().unwrap_or_default(),
            &self.name,
            &self.declaration,
        )
    }

    /// The bounds of buckets, for this kind of instrument.
    pub(crate) fn bounds<I: Kind>(&self) -> Arc<[f64]> {
        let own = self.bounds.clone();
        own.unwrap_or_else(|| I::default_bounds(&self.unit))
    }

    /// Whether an instrument of the same kind that was built before can stand for this one.
    pub(crate) fn agrees<I: Kind>(&self, known: &Self) -> Result<(), BuildError> {
        let difference = if self.labels != known.labels {
            Self::labels_text
        } else if self.labels == LabelNames::Any {
            // The facade describes its metrics when it likes, and who records with it need not agree.
            return Ok(());
        } else if self.unit != known.unit {
            Self::unit_text
        } else if self.bounds::<I>() != known.bounds::<I>() {
            Self::bounds_text::<I>
        } else {
            return Ok(());
        };
        let describe = |spec| format!("{} {}", I::KIND.with_article(), difference(spec));
        Err(self.conflict(describe(self), describe(known), &known.declaration))
    }

    pub(crate) fn conflict(&self, this: String, that: String, there: &Declaration) -> BuildError {
        BuildError::Conflict {
            name: self.name.to_string(),
            this,
            here: self.declaration.clone(),
            that,
            there: there.clone(),
        }
    }

    fn unit_text(&self) -> String {
        match &*self.unit {
            "" => "without a unit".to_owned(),
            unit => format!("in `{unit}`"),
        }
    }

    fn labels_text(&self) -> String {
        match &self.labels {
            LabelNames::Named(names) if names.is_empty() => "without labels".to_owned(),
            LabelNames::Named(names) => format!("with the labels `{}`", names.join("`, `")),
            LabelNames::Any => "with labels of any name".to_owned(),
        }
    }

    fn bounds_text<I: Kind>(&self) -> String {
        format!("with the bucket bounds {:?}", self.bounds::<I>())
    }
}

/// The rule for instrument names: <https://opentelemetry.io/docs/specs/otel/metrics/api/#instrument-name-syntax>.
pub(super) fn check_name(name: &str, declaration: &Declaration) -> Result<(), BuildError> {
    let is_allowed = rules::is_in_metric_name;
    let starts_well = name.starts_with(rules::begins_metric_name);
    if starts_well && name.len() <= MAX_METRIC_NAME && name.chars().all(is_allowed) {
        return Ok(());
    }
    let mut suggestion: String = name
        .trim()
        .trim_start_matches(|c| !rules::begins_metric_name(c))
        .chars()
        .map(|c| if is_allowed(c) { c } else { '_' })
        .take(MAX_METRIC_NAME)
        .collect();
    if suggestion.is_empty() {
        suggestion.push_str("orders.placed");
    }
    Err(BuildError::InvalidName {
        name: name.to_owned(),
        declaration: declaration.clone(),
        suggestion,
    })
}

pub(super) fn check_labels(
    labels: &[&str],
    name: &str,
    declaration: &Declaration,
) -> Result<(), BuildError> {
    for (index, label) in labels.iter().enumerate() {
        let problem = match *label {
            "" => "is empty",
            label if labels[..index].contains(&label) => "is there twice",
            label => match rules::label_is_reserved(label) {
                Some(problem) => problem,
                None => continue,
            },
        };
        return Err(BuildError::InvalidLabel {
            name: name.to_owned(),
            declaration: declaration.clone(),
            label: (*label).to_owned(),
            problem,
        });
    }
    Ok(())
}

pub(super) fn check_bounds(
    bounds: &[f64],
    name: &str,
    declaration: &Declaration,
) -> Result<(), BuildError> {
    bounds::check(bounds).map_err(|problem| BuildError::InvalidBounds {
        name: name.to_owned(),
        declaration: declaration.clone(),
        problem,
    })
}
