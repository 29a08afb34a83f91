//! The crates that `just acid` runs.

use crate::Fallible;

/// A published crate, and how its tests are run.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) version: &'static str,
    /// What is special about it.
    pub(crate) kind: &'static str,
    /// Besides the default ones.
    features: &'static str,
    /// Whether documentation tests are run; not where they are linked one by one, for many minutes.
    documentation: bool,
}

pub(crate) const CASES: &[Case] = &[
    case("async-channel", "2.5.0", "async"),
    case("tower", "0.5.3", "async, generic-heavy")
        .with("full")
        .without_documentation(),
    case("mini-redis", "0.4.1", "async, a program"),
    case("hexyl", "0.17.0", "a program"),
    case("either", "1.19.0", "generic-heavy"),
    case("itertools", "0.14.0", "generic-heavy").without_documentation(),
    case("petgraph", "0.8.1", "generic-heavy").without_documentation(),
    case("num-rational", "0.4.2", "no_std, generic-heavy"),
    case("heck", "0.5.0", "`impl Trait`"),
    case("slab", "0.4.12", "unsafe"),
    case("bytes", "1.12.1", "unsafe"),
    case("smallvec", "1.16.5", "unsafe").with("union,write,serde"),
    case("arrayvec", "0.7.8", "no_std, unsafe"),
    case("hashbrown", "0.17.1", "no_std, unsafe").without_documentation(),
    case("heapless", "0.9.3", "no_std, const generics").without_documentation(),
    case("percent-encoding", "2.3.2", "no_std, lifetimes"),
    case("bitflags", "2.13.2", "no_std, macro-heavy"),
    case("quick-error", "2.0.1", "macro-heavy"),
    case("tracing-core", "0.1.36", "statics, thread-locals"),
    case("thread_local", "1.1.10", "thread-locals, unsafe"),
    case("fragile", "3.0.0", "thread-locals, unsafe"),
    case("errno", "0.3.15", "FFI"),
    case("memmap2", "0.9.12", "FFI, unsafe"),
    case("json", "0.12.4", "a parser, recursion"),
    case("semver", "1.0.28", "a parser, unsafe"),
    case("getopts", "0.2.24", "a parser"),
    case("pico-args", "0.5.0", "a parser"),
    case("lexopt", "0.3.2", "a parser"),
    case("shlex", "2.0.1", "a parser, no_std"),
    case("walkdir", "2.5.0", "edition 2018, recursion").without_documentation(),
    case("termcolor", "1.4.1", "edition 2018"),
    case("parking", "2.2.1", "edition 2018, threads"),
    case("lazy_static", "1.4.0", "edition 2015, macro-heavy"),
    case("strsim", "0.11.1", "edition 2015"),
    case("vec_map", "0.8.2", "edition 2015"),
    case("fixedbitset", "0.4.2", "edition 2015, operators"),
    case("scoped-tls", "1.0.1", "edition 2015, thread-locals"),
    case("scopeguard", "1.2.0", "edition 2015, no_std"),
];

const fn case(name: &'static str, version: &'static str, kind: &'static str) -> Case {
    Case {
        name,
        version,
        kind,
        features: "",
        documentation: true,
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
        Ok(case(name, version, ""))
    }

    const fn with(self, features: &'static str) -> Self {
        Self { features, ..self }
    }

    const fn without_documentation(self) -> Self {
        Self {
            documentation: false,
            ..self
        }
    }

    /// For `cargo test`.
    pub(crate) fn test_arguments(&self) -> Vec<&'static str> {
        let mut arguments = self.features();
        arguments.extend((!self.documentation).then_some("--tests"));
        arguments
    }

    /// For any command that builds the crate.
    pub(crate) fn features(&self) -> Vec<&'static str> {
        vec!["--features", self.features]
    }

    pub(crate) fn krate(&self) -> String {
        format!("{}@{}", self.name, self.version)
    }
}
