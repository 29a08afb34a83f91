//! Prometheus' text format 0.0.4 and OpenMetrics 1.0, for scraping.
//!
//! [Text format](https://prometheus.io/docs/instrumenting/exposition_formats/),
//! [OpenMetrics](https://prometheus.io/docs/specs/om/open_metrics_spec/), and how OpenTelemetry's names and units
//! become [Prometheus'](https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/).

#[cfg(feature = "_bench")]
mod bench;

mod claims;
mod histogram;
mod labels;
mod names;
mod octaves;
mod renderer;
mod sanitize;
mod section;
#[cfg(test)]
mod tests;
mod text;

#[cfg(feature = "_bench")]
pub use bench::Pages;
pub(crate) use renderer::Renderer;

/// What a page of metrics is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Prometheus' own text format, version 0.0.4.
    Text,
    /// OpenMetrics 1.0, which has exemplars and units.
    OpenMetrics,
}

impl Format {
    /// The `Content-Type` of a page.
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}
