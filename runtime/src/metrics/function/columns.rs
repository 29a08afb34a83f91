//! Combinations of label values as numbers.

use std::borrow::Cow;

use super::bounded::BoundedValues;
use crate::metrics::label::LabelValue;

/// Some labels of a function. Every combination of their values has a number, of which the first label is the most
/// significant digit.
#[derive(Debug)]
pub(crate) struct Columns(Box<[Column]>);

/// The number of a combination of listed values, as the caller's own lists say it.
///
/// The compiler knows the lists and multiplies in advance, so all that is left of it is an index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Combination {
    /// As in [`Columns::number`].
    pub(crate) number: u64,
    /// How many values each label has, a byte for each. Instances of a generic function have one site, and may have
    /// other lists.
    pub(crate) lengths: u64,
}

impl Combination {
    /// None if a value is not in its list, or is in none, and if there are many labels or values.
    #[inline]
    pub(crate) fn of(labels: &[LabelValue<'_>]) -> Option<Self> {
        let none = Self {
            number: 1,
            lengths: 0,
        };
        labels.iter().try_fold(none, |before, label| match *label {
            LabelValue::Listed { values, index } if index < values.len() => Some(Self {
                number: (before.number.checked_mul(values.len() as u64)?)
                    .checked_add(index as u64)?,
                lengths: with_length(before.lengths, values)?,
            }),
            _ => None,
        })
    }
}

/// One length more, if it is short and there is room.
#[inline]
fn with_length(lengths: u64, values: &[&str]) -> Option<u64> {
    let has_room = lengths >> 56 == 0 && values.len() <= 0xff;
    has_room.then_some(lengths << 8 | values.len() as u64)
}

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

    /// What a [`Combination`] of these labels has, if they can have one; zero otherwise, which none has.
    pub(crate) fn lengths(&self) -> u64 {
        let lengths = self.0.iter().try_fold(0, |before, column| match column {
            Column::Listed(values) => with_length(before, values),
            Column::Bounded(_) => None,
        });
        lengths.unwrap_or_default()
    }

    /// How many combinations there are.
    pub(crate) fn combinations(&self) -> usize {
        let values = self.0.iter().map(Column::values);
        values.fold(1, usize::saturating_mul)
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

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    const TIERS: &[&str] = &["free", "paid", "trial"];
    const CACHED: &[&str] = &["false", "true"];

    fn labels(tier: usize, cached: usize) -> [LabelValue<'static>; 2] {
        [(TIERS, tier), (CACHED, cached)]
            .map(|(values, index)| LabelValue::Listed { values, index })
    }

    #[test]
    fn a_combination_has_the_number_that_its_columns_give_it() {
        let columns = Columns::new(&labels(0, 0));
        for tier in 0..TIERS.len() {
            for cached in 0..CACHED.len() {
                let labels = labels(tier, cached);
                let combination = Combination::of(&labels).unwrap();
                assert_eq!(columns.number(&labels), Some(combination.number));
                assert_eq!(columns.lengths(), combination.lengths);
            }
        }
        assert_eq!(columns.combinations(), 6);
    }

    #[test]
    fn what_is_in_no_list_is_no_combination() {
        for labels in [labels(3, 0), labels(0, usize::MAX)] {
            assert!(Combination::of(&labels).is_none());
        }
        let bounded = [LabelValue::Bounded {
            value: &7,
            max: 100,
        }];
        assert!(Combination::of(&bounded).is_none());
        assert_eq!(Columns::new(&bounded).lengths(), 0);
        assert!(Combination::of(&[labels(0, 0)[0]; 9]).is_none());
    }

    #[test]
    fn lists_of_other_lengths_are_no_combination_of_these_columns() {
        let [tier, cached] = labels(0, 0);
        let columns = Columns::new(&[tier, cached]);
        for other in [&[cached, tier][..], &[tier], &[tier, cached, cached]] {
            let combination = Combination::of(other).unwrap();
            assert_ne!(columns.lengths(), combination.lengths);
        }
    }
}
