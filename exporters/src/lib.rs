//! Exporters of Tachograph.

mod pipeline;
