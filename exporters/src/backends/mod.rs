//! Backends that data is sent to: for each a folder, a feature, and a line in [`ALL`].
//!
//! A folder has the exporter as code says it, the options and variables of it, its encoder, and the tests of all that.

#[cfg(feature = "jaeger")]
pub(crate) mod jaeger;
#[cfg(feature = "otlp")]
pub(crate) mod otlp;

use std::any::TypeId;

use crate::config::env::Env;
use crate::error::BuildError;
use crate::exporter::Exporter;
use crate::signal::Signal;

/// A backend as the environment chooses it.
pub(crate) struct Backend {
    /// Its name in `OTEL_TRACES_EXPORTER` and the like.
    pub(crate) name: &'static str,
    pub(crate) signals: &'static [Signal],
    /// Whether `Telemetry::from_env()` exports to it unless the environment says otherwise.
    pub(crate) is_default: bool,
    /// The variables that name an endpoint: who sets one of them wants the backend.
    pub(crate) endpoints: &'static [&'static str],
    /// The type of its exporters: one in code takes the place of those in the environment.
    pub(crate) exporter: fn() -> TypeId,
    /// The exporters that the environment describes, for these signals.
    pub(crate) in_env: InEnv,
    #[cfg(test)]
    pub(crate) settings: &'static [&'static dyn crate::config::page::Declared],
}

type InEnv = fn(&[Signal], &Env<'_>) -> Result<Vec<Box<dyn Exporter>>, BuildError>;

/// `Some(path)` with the feature, else `None`.
macro_rules! backend {
    ($feature:literal, $backend:path) => {{
        #[cfg(feature = $feature)]
        let backend: Option<&Backend> = Some(&$backend);
        #[cfg(not(feature = $feature))]
        let backend: Option<&Backend> = None;
        ($feature, backend)
    }};
}

/// All backends by name, with those that are compiled in.
pub(crate) const ALL: [(&str, Option<&Backend>); 2] = [
    backend!("otlp", otlp::BACKEND),
    backend!("jaeger", jaeger::BACKEND),
];
