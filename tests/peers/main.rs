//! Against real programs: Prometheus, the OpenTelemetry Collector and Jaeger read what Tachograph sends.
//!
//! `just peers` installs them and runs this. Whatever cannot start fails; nothing is skipped.

mod collector;
mod http;
mod jaeger;
mod place;
mod process;
mod prometheus;
mod shop;

mod pages;
mod strange;
mod traces;
