//! Exporters of Tachograph: what annotated functions count and trace leaves the process here.
//!
//! An application installs telemetry once, in `main`, and keeps the guard until its end.
//!
//! ```no_run
//! use std::time::Duration;
//! use tachograph::{metered, traced};
//! use tachograph_exporters::Telemetry;
//!
//! #[traced]
//! #[metered]
//! fn work() {}
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let telemetry = Telemetry::builder("checkout").install()?;
//!     work();
//!     println!("{}", telemetry.shutdown(Duration::from_secs(5))?);
//!     Ok(())
//! }
//! ```
//!
//! This serves `/metrics`, `/health`, `/ready`, `/debug/traces` and `/debug/functions` on 127.0.0.1:9090, and sends
//! spans and metrics where `OTEL_EXPORTER_OTLP_ENDPOINT` and its siblings say, if they do. Exporters are values, such as
//! `Otlp::http("http://collector:4318")`, which code gives to [`TelemetryBuilder::export`]; there may be several of a kind,
//! and those that you write yourself are made of the same trait, [`Exporter`]. Code wins over the environment; with
//! [`Telemetry::from_env`] the environment says it all.
//!
//! | feature | what it adds | default |
//! |---|---|---|
//! | `prometheus` | `/metrics` in Prometheus text and OpenMetrics | yes |
//! | `otlp` | OTLP over HTTP/protobuf | yes |
//! | `otlp-grpc` | OTLP over gRPC | no |
//! | `jaeger` | Jaeger's Thrift over HTTP and UDP | yes |
//! | `tls` | `https://` endpoints, with public certificate authorities, the system's, or your own | no |
//!
//! A backend that is slow or down neither slows a call nor delays another backend. What does not reach a backend is
//! counted by cause: in the metrics `tachograph.exporter.*`, in what flushes and the shutdown return ([`Dropped`]), in
//! `on_error` and in `tracing` events with target `tachograph`.
//!
//! Errors of functions with `#[traced(err(level = "warn"))]` become `tracing` events, for whatever subscriber there is.

#![forbid(unsafe_code)]

mod backends;
mod config;
mod dropped;
mod error;
mod exporter;
mod facade;
#[cfg(any(feature = "_http", feature = "prometheus"))]
mod gzip;
mod logs;
mod lookout;
mod pipeline;
#[cfg(feature = "prometheus")]
mod prometheus;
mod report;
mod server;
mod signal;
mod store;
mod telemetry;
#[cfg(feature = "_http")]
mod transport;

#[cfg(feature = "jaeger")]
pub use backends::jaeger::Jaeger;
#[cfg(feature = "_bench")]
#[doc(hidden)]
pub use backends::otlp::EncodedSpans;
#[cfg(feature = "otlp")]
pub use backends::otlp::Otlp;
pub use dropped::{Cause, Dropped, Loss};
pub use error::{BuildError, ExportError, FlushError};
pub use exporter::{Exporter, Lane, Lanes};
pub use pipeline::payload::{Encoded, Limits, Payload, PayloadId};
pub use pipeline::sink::{Encoder, Sending, Transport};
pub use pipeline::verdict::{Outcome, Receipt, Verdict};
#[cfg(feature = "_bench")]
#[doc(hidden)]
pub use prometheus::Pages;
pub use server::Door;
pub use signal::Signal;
pub use telemetry::{Telemetry, TelemetryBuilder};
