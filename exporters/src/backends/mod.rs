//! Backends that data is sent to: a folder and a feature for each.

#[cfg(feature = "jaeger")]
pub(crate) mod jaeger;
#[cfg(feature = "otlp")]
pub(crate) mod otlp;
