//! Combinations of label values as numbers.

use std::borrow::Cow;

use super::bounded::BoundedValues;
use crate::metrics::label::LabelValue;

/// Some labels of a function. Every combination of their values has a number, of which the first label is the most
/// significant digit.
#[derive(Debug)]
pub(crate) struct Columns(Box<[Column]>);

/// The values that one label can have.
#[derive(Debug)]
enum Column {
    Listed(&'static [&'static str]),
    Bounded(BoundedValues),
}

impl Columns {
    /// The labels whose values these are.
    pub(crate) fn new(labels: &[LabelValue<'_>]) -> Self {
        Self(labels.iter().map(Column::new).collect())
    }

    /// The number of a combination, which is not zero; none if one of its values is not known, or if there are more
    /// combinations than 64 bits can tell apart.
    #[inline]
    pub(crate) fn number(&self, labels: &[LabelValue<'_>]) -> Option<u64> {
        let mut columns = self.0.iter().zip(labels);
        // A leading one is the highest digit.
        columns.try_fold(1_u64, |number, (column, label)| {
            let number = number.checked_mul(column.values() as u64)?;
            number.checked_add(column.digit(label)? as u64)
        })
    }

    /// The values of a combination, in the order of the labels.
    pub(crate) fn texts(&self, mut number: u64) -> Vec<Cow<'static, str>> {
        let mut texts: Vec<_> = self
            .0
            .iter()
            .rev()
            .map(|column| {
                let digit = number % column.values() as u64;
                number /= column.values() as u64;
                column.text(usize::try_from(digit).unwrap_or_default())
            })
            .collect();
        texts.reverse();
        texts
    }

    /// How many values of each bounded label had no place, by the position of the label.
    pub(crate) fn left_out(&self) -> impl Iterator<Item = (usize, u64)> {
        let columns = self.0.iter().enumerate();
        columns.filter_map(|(position, column)| match column {
            Column::Listed(_) => None,
            Column::Bounded(values) => Some((position, values.left_out())),
        })
    }
}

impl Column {
    fn new(label: &LabelValue<'_>) -> Self {
        match *label {
            LabelValue::Listed { values, .. } => Self::Listed(values),
            LabelValue::Bounded { max, .. } => Self::Bounded(BoundedValues::new(max)),
        }
    }

    #[inline]
    fn values(&self) -> usize {
        match self {
            Self::Listed(values) => values.len(),
            Self::Bounded(values) => values.numbers(),
        }
    }

    #[inline]
    fn digit(&self, label: &LabelValue<'_>) -> Option<usize> {
        match (self, *label) {
            (Self::Listed(values), LabelValue::Listed { index, .. }) => {
                (index < values.len()).then_some(index)
            }
            (Self::Bounded(values), LabelValue::Bounded { value, .. }) => {
                Some(values.number(value))
            }
            _ => None,
        }
    }

    fn text(&self, digit: usize) -> Cow<'static, str> {
        match self {
            Self::Listed(values) => Cow::Borrowed(values[digit]),
            Self::Bounded(values) => values.text(digit),
        }
    }
}
