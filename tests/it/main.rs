//! Behaviour through the public API, one module for each subject. Every test has a recorder of its own, or a process.

mod blocks;
mod captured;
mod context;
mod counting;
mod error_types;
mod exemplars;
mod exponential;
mod exporters;
mod facade;
mod futures;
mod handlers;
mod instruments;
mod judged;
mod labels;
mod lints;
mod logs;
mod names;
mod opening;
mod outcomes;
mod polls;
mod sampling;
mod served;
mod sites;
mod sizes;
mod spans;
mod versions;
