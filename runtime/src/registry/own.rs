//! Counters of what happens to a registry itself, each declared once.

/// A counter with `N` labels.
pub(super) struct OwnCounter<const N: usize> {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    pub(super) labels: [&'static str; N],
    pub(super) description: &'static str,
}

/// What a declaration says, for a table of the documentation: name, unit, labels and description.
type Told = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static str,
);

impl<const N: usize> OwnCounter<N> {
    const fn told(&'static self) -> Told {
        (self.name, self.unit, &self.labels, self.description)
    }
}

pub(super) const SERIES_OVERFLOWED: OwnCounter<1> = OwnCounter {
    name: "tachograph.series.overflowed",
    unit: "{lookup}",
    labels: ["metric"],
    description: "Lookups of a series that ended at its metric's overflow series.",
};
pub(super) const LABELS_OVERFLOWED: OwnCounter<3> = OwnCounter {
    name: "tachograph.labels.overflowed",
    unit: "{call}",
    labels: ["function", "module", "label"],
    description: "Calls of annotated functions with a value that a bounded label shows as `_OTHER`.",
};
pub(super) const CALLBACKS_PANICKED: OwnCounter<1> = OwnCounter {
    name: "tachograph.callbacks.panicked",
    unit: "{call}",
    labels: ["metric"],
    description: "Callbacks of observable instruments that panicked.",
};
pub(super) const VALUES_LOST: OwnCounter<3> = OwnCounter {
    name: "tachograph.values.lost",
    unit: "{value}",
    labels: ["function", "module", "cause"],
    description: "What calls of annotated functions could not record, because the code that should tell it failed.",
};
#[cfg(feature = "metrics")]
pub(super) const FACADE_CONFLICTS: OwnCounter<1> = OwnCounter {
    name: "tachograph.facade.conflicts",
    unit: "{handle}",
    labels: ["metric"],
    description: "Handles of the metrics facade that record nothing: another metric has their name, or there are too many.",
};

/// All of them.
pub const OWN_COUNTERS: &[Told] = &[
    SERIES_OVERFLOWED.told(),
    LABELS_OVERFLOWED.told(),
    CALLBACKS_PANICKED.told(),
    VALUES_LOST.told(),
    #[cfg(feature = "metrics")]
    FACADE_CONFLICTS.told(),
];
