//! Exporters of Tachograph.

mod dropped;
mod error;
#[cfg(feature = "jaeger")]
mod jaeger;
mod pipeline;
#[cfg(feature = "prometheus")]
mod prometheus;
#[cfg(feature = "_http")]
mod transport;

pub use dropped::{Cause, Dropped, Loss};
pub use error::{BuildError, FlushError};
pub use pipeline::sink::Signal;
