//! The frameworks, each as its users write it.

/// One way to annotate functions.
pub(crate) struct Variant {
    pub(crate) name: &'static str,
    pub(crate) package: &'static str,
    /// A line of `Cargo.toml`, where `RUNTIME` stands for our own crate's folder.
    pub(crate) dependency: &'static str,
    pub(crate) imports: &'static str,
    pub(crate) attributes: &'static str,
}

/// The bare crate is the first.
pub(crate) const VARIANTS: [Variant; 7] = [
    Variant {
        name: "bare",
        package: "bare",
        dependency: "",
        imports: "",
        attributes: "",
    },
    Variant {
        name: "`#[metered]`",
        package: "metered",
        dependency: "tachograph = { path = \"RUNTIME\" }",
        imports: "use tachograph::metered;\n",
        attributes: "#[metered]",
    },
    Variant {
        name: "`#[traced]`",
        package: "traced",
        dependency: "tachograph = { path = \"RUNTIME\" }",
        imports: "use tachograph::traced;\n",
        attributes: "#[traced]",
    },
    Variant {
        name: "`#[traced] #[metered]`",
        package: "fused",
        dependency: "tachograph = { path = \"RUNTIME\" }",
        imports: "use tachograph::{metered, traced};\n",
        attributes: "#[traced]\n#[metered]",
    },
    Variant {
        name: "fastrace `#[trace]`",
        package: "fastraced",
        dependency: "fastrace = { version = \"0.7\", features = [\"enable\"] }",
        imports: "use fastrace::trace;\n",
        attributes: "#[trace]",
    },
    Variant {
        name: "tracing `#[instrument]`",
        package: "instrumented",
        dependency: "tracing = \"0.1\"",
        imports: "use tracing::instrument;\n",
        attributes: "#[instrument]",
    },
    Variant {
        name: "`#[autometrics]`",
        package: "autometered",
        dependency: "autometrics = { version = \"3\", features = [\"prometheus-exporter\"] }",
        imports: "use autometrics::autometrics;\n",
        attributes: "#[autometrics]",
    },
];
