//! Why an instrument could not be built.

use std::fmt;
use std::panic::Location;

/// Why an instrument could not be built, or the metrics of annotated functions cannot be told apart.
///
/// Every message names the metric and the place in the code, and says what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The name is not one that OpenTelemetry allows.
    #[error(
        "`{name}` at {declaration} is no metric name, which has 1 to 255 letters, digits, `_`, `.`, `-` and `/`, \
         and a letter first: write `{suggestion}`, for example"
    )]
    InvalidName {
        /// The name.
        name: String,
        /// Where it is written.
        declaration: Declaration,
        /// A name that would do.
        suggestion: String,
    },
    /// The unit is not one that OpenTelemetry allows.
    #[error(
        "the unit of `{name}` at {declaration} is `{unit}`, but a unit has at most 63 ASCII characters: write it as UCUM \
         does, for example `s`, `By` or `{{order}}`"
    )]
    InvalidUnit {
        /// The metric.
        name: String,
        /// Where it is built.
        declaration: Declaration,
        /// Its unit.
        unit: String,
    },
    /// A label cannot have this name.
    #[error("the label `{label}` of `{name}` at {declaration} {problem}: give it another name")]
    InvalidLabel {
        /// The metric.
        name: String,
        /// Where it is built.
        declaration: Declaration,
        /// The label's name.
        label: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// The buckets of a histogram cannot have these bounds.
    #[error("the buckets of `{name}` at {declaration}: {problem}")]
    InvalidBounds {
        /// The metric.
        name: String,
        /// Where it is built.
        declaration: Declaration,
        /// What is wrong with them, and what would be right.
        problem: String,
    },
    /// A program makes up names as it runs, and records with them through the `metrics` facade.
    #[error(
        "`{name}` at {declaration} and all further metrics of the `metrics` facade are not recorded, because it has \
         {limit} already: put what differs into labels"
    )]
    TooManyNames {
        /// The first name that is left out.
        name: String,
        /// Where it is recorded.
        declaration: Declaration,
        /// So many there are.
        limit: usize,
    },
    /// One name stands for two different metrics. Upper and lower case make no difference.
    #[error(
        "`{name}` is {this} at {here}, but {that} at {there}: describe both alike, or rename one of them"
    )]
    Conflict {
        /// The name.
        name: String,
        /// What it should be now.
        this: String,
        /// Where it is built now.
        here: Declaration,
        /// What it is already.
        that: String,
        /// Where that was built.
        there: Declaration,
    },
}

/// Where a metric comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Declaration {
    /// This line.
    Code(&'static Location<'static>),
    /// A module that records through the `metrics` facade.
    Facade(String),
}

impl fmt::Display for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(location) => write!(f, "{}:{}", location.file(), location.line()),
            Self::Facade(module) => write!(f, "`{module}` (through the `metrics` facade)"),
        }
    }
}
