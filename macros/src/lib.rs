//! The attribute macros of Tachograph; use them through the `tachograph` crate.
