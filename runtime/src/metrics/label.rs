//! Labels of function metrics whose values are known to be few.

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
    note = "implement `tachograph::Label` for an enum of the values you want to tell apart"
)]
pub trait Label {
    /// All values, as they will be shown.
    const VALUES: &'static [&'static str];

    /// Which of [`Label::VALUES`] this is. An index past the end counts in the overflow series.
    fn index(&self) -> usize;
}

impl Label for bool {
    const VALUES: &'static [&'static str] = &["false", "true"];

    fn index(&self) -> usize {
        usize::from(*self)
    }
}

impl<T: Label + ?Sized> Label for &T {
    const VALUES: &'static [&'static str] = T::VALUES;

    fn index(&self) -> usize {
        (**self).index()
    }
}

/// The value of one label in one call.
#[derive(Clone, Copy, Debug)]
pub struct LabelValue {
    pub(crate) values: &'static [&'static str],
    pub(crate) index: usize,
}

/// The value of one label in one call.
#[inline]
pub fn label<L: Label + ?Sized>(value: &L) -> LabelValue {
    LabelValue {
        values: L::VALUES,
        index: value.index(),
    }
}
