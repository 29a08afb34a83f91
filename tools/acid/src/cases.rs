//! The crates that `just acid` runs.

use crate::Fallible;

/// A published crate, and how its tests are run.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// What is special about it.
    pub(crate) kind: &'static str,
    /// For `cargo test`.
    pub(crate) arguments: &'static [&'static str],
}

pub(crate) const CASES: &[Case] = &[
    case("either", "1.19.0", "generic-heavy", &[]),
    case("slab", "0.4.12", "unsafe", &[]),
];

const fn case(
    name: &'static str,
    version: &'static str,
    kind: &'static str,
    arguments: &'static [&'static str],
) -> Case {
    Case {
        name,
        version,
        kind,
        arguments,
    }
}

impl Case {
    /// `name@version`: one of [`CASES`], or any other crate with its default features.
    pub(crate) fn named(krate: &str) -> Fallible<Self> {
        if let Some(case) = CASES.iter().find(|case| case.krate() == krate) {
            return Ok(*case);
        }
        let (name, version) = krate
            .split_once('@')
            .ok_or_else(|| format!("`{krate}` has no version; write `{krate}@1.2.3`"))?;
        // As long as the program runs.
        let (name, version) = (name.to_owned().leak(), version.to_owned().leak());
        Ok(case(name, version, "", &[]))
    }

    pub(crate) fn krate(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }
}
