//! Labels of function metrics: values that are few, or are bounded.

use std::fmt::{self, Display};
use std::panic::Location;

use crate::{caught, semconv};

/// A type with few values, each of which may label a metric.
///
/// `#[metered(labels(tier = customer.tier))]` needs it, because every value makes a series of its own. The values are
/// listed at compile time, so labelling a call is an index and no hash. Derive it for enums.
///
/// ```
/// use tachograph::Label;
///
/// #[derive(Label)]
/// #[label(rename_all = "snake_case")]
/// enum Tier {
///     Free,
///     Paid,
/// }
///
/// assert_eq!(Tier::VALUES[Tier::Paid.index()], "paid");
/// # _ = Tier::Free;
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot label a metric: every value would make a series of its own",
    label = "not a type with few, listed values",
    note = "add `#[derive(Label)]` to an enum of the values you want to tell apart, \
            or bound it: `user(value, max = 100)`"
)]
pub trait Label {
    /// All values, as they will be shown.
    const VALUES: &'static [&'static str];

    /// Whether [`Label::index`] is derived, and so never panics.
    #[doc(hidden)]
    const IS_DERIVED: bool = false;

    /// Which of [`Label::VALUES`] this is. An index past the end counts in the overflow series.
    fn index(&self) -> usize;
}

impl Label for bool {
    const VALUES: &'static [&'static str] = &["false", "true"];
    const IS_DERIVED: bool = true;

    fn index(&self) -> usize {
        usize::from(*self)
    }
}

impl<T: Label + ?Sized> Label for &T {
    const VALUES: &'static [&'static str] = T::VALUES;
    const IS_DERIVED: bool = T::IS_DERIVED;

    fn index(&self) -> usize {
        (**self).index()
    }
}

/// Names and values of several labels at once, for [instruments with labels](crate::metrics::Family).
///
/// Derive it for a struct whose fields are labels.
///
/// ```
/// use tachograph::{Label, LabelSet, Registry};
///
/// #[derive(Label)]
/// #[label(rename_all = "snake_case")]
/// enum Tier {
///     Free,
///     Paid,
/// }
///
/// #[derive(LabelSet)]
/// struct Order {
///     tier: Tier,
///     #[label(rename = "gift_wrapped")]
///     gift: bool,
/// }
///
/// # let registry = Registry::new();
/// let placed = registry
///     .counter("orders.placed")
///     .with_labels(Order::NAMES)
///     .build()?;
/// let order = Order { tier: Tier::Paid, gift: false };
/// placed.get(order.values()).increment();
/// assert_eq!(placed.get(["paid", "false"]).value(), 1);
/// # _ = Tier::Free;
/// # Ok::<(), tachograph::metrics::BuildError>(())
/// ```
pub trait LabelSet<const N: usize> {
    /// The names, in the order of the fields.
    const NAMES: [&'static str; N];

    /// The values, in the same order.
    fn values(&self) -> [&'static str; N];
}

/// A label's value as it is shown.
#[must_use]
pub fn label_text<L: Label + ?Sized>(value: &L) -> &'static str {
    L::VALUES.get(value.index()).unwrap_or(&semconv::OTHER)
}

/// A value that may label a metric within a bound: `labels(user(id, max = 100))`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be shown as the value of a label: it has no `Display`",
    label = "no `Display`",
    note = "name a part that has it, such as `user(user.id, max = 100)`"
)]
pub trait LabelText: Display {}

impl<T: Display> LabelText for T {}

/// The value of one label in one call.
#[derive(Clone, Copy)]
pub enum LabelValue<'v> {
    /// One of a list.
    Listed {
        /// The list.
        values: &'static [&'static str],
        /// Which one of it.
        index: usize,
    },
    /// Any value, of which so many are told apart.
    Bounded {
        /// Shown by its text.
        value: &'v dyn Display,
        /// How many.
        max: usize,
    },
}

impl fmt::Debug for LabelValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LabelValue")
    }
}

/// The value of one label in one call.
#[inline]
#[must_use]
pub fn label<'v, L: Label + ?Sized>(value: &L) -> LabelValue<'v> {
    let index = if L::IS_DERIVED {
        value.index()
    } else {
        // Past every end.
        caught::caught_by_reference(|| value.index()).unwrap_or(usize::MAX)
    };
    LabelValue::Listed {
        values: L::VALUES,
        index,
    }
}

/// The same value in every call.
#[inline]
#[must_use]
pub const fn literal<'v>(value: &'static [&'static str; 1]) -> LabelValue<'v> {
    LabelValue::Listed {
        values: value,
        index: 0,
    }
}

/// Where a call comes from, as the value of a label: `src/main.rs:7`.
#[derive(Clone, Copy, Debug)]
pub struct Caller(&'static Location<'static>);

impl Display for Caller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.0.file(), self.0.line())
    }
}

/// Where the function was called that asks.
#[inline]
#[must_use]
#[track_caller]
pub fn caller() -> Caller {
    Caller(Location::caller())
}

/// The value of one label in one call, of which at most `max` are told apart.
#[inline]
#[must_use]
pub fn bounded<T: LabelText>(value: &T, max: usize) -> LabelValue<'_> {
    LabelValue::Bounded { value, max }
}
