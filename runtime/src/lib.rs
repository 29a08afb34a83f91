//! Runtime of Tachograph.
