//! Exporters of Tachograph.
