//! Exporters of Tachograph.

mod dropped;
mod error;
#[cfg(feature = "jaeger")]
mod jaeger;
#[cfg(feature = "otlp")]
mod otlp;
mod pipeline;
#[cfg(feature = "prometheus")]
mod prometheus;
mod server;
mod store;
#[cfg(feature = "_http")]
mod transport;

pub use dropped::{Cause, Dropped, Loss};
pub use error::{BuildError, FlushError};
pub use pipeline::sink::Signal;
