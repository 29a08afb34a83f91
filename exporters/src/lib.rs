//! Exporters of Tachograph.

mod config;
mod dropped;
mod error;
mod facade;
#[cfg(feature = "jaeger")]
mod jaeger;
#[cfg(feature = "otlp")]
mod otlp;
#[cfg_attr(not(feature = "_http"), allow(dead_code, reason = "no exporter sends"))]
mod pipeline;
#[cfg(feature = "prometheus")]
mod prometheus;
mod report;
mod server;
mod store;
mod telemetry;
#[cfg(feature = "_http")]
mod transport;

pub use dropped::{Cause, Dropped, Loss};
pub use error::{BuildError, ExportError, FlushError};
pub use pipeline::sink::Signal;
pub use telemetry::{Telemetry, TelemetryBuilder};
