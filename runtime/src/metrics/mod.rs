//! Metrics: instruments to record with, and snapshots that exporters read.
//!
//! `#[metered]` needs nothing of this module. For all else there are five instruments, which
//! [`Registry::global`](crate::Registry::global) builds:
//!
//! | what is measured | instrument | method |
//! |---|---|---|
//! | something that only grows: orders placed, bytes sent | [`Counter`] | [`add`](Counter::add) |
//! | something that comes and goes: open connections | [`UpDownCounter`] | [`add`](UpDownCounter::add) |
//! | a level that is looked at: a temperature | [`Gauge`] | [`set`](Gauge::set) |
//! | values that differ: sizes, durations | [`Histogram`], [`ExponentialHistogram`] | [`record`](Histogram::record) |
//!
//! What fractions are counted in is a `Counter<f64>`. What somebody else counts already, or only knows when asked, is an
//! [`Observable`] counter, up-down counter or gauge: a callback tells the values whenever metrics are collected.
//!
//! Handles are cheap to clone, and recording takes neither a lock nor an allocation: build an instrument once, where
//! the program starts or in a `LazyLock`, and keep it. With labels it becomes a [`Family`].
//!
//! ```
//! use std::sync::LazyLock;
//! use tachograph::Registry;
//! use tachograph::metrics::{Counter, Family};
//!
//! static PLACED: LazyLock<Family<Counter, 1>> = LazyLock::new(|| {
//!     Registry::global()
//!         .counter("orders.placed")
//!         .with_description("Orders that were accepted.")
//!         .with_unit("{order}")
//!         .with_labels(["tier"])
//!         .build()
//!         .expect("the name is free")
//! });
//!
//! PLACED.get(["paid"]).increment();
//!
//! let snapshot = Registry::global().snapshot();
//! assert!(snapshot.metric("orders.placed").is_some());
//! ```
//!
//! Names are words in dots, without a unit and without `total`: `http.server.request.duration` with the unit `s`.
//! Exporters make of them what their backends like.
//!
//! With the feature `metrics` the registry also records for the facade of that name, so that what other crates count
//! with `metrics::counter!` is exported too.

mod bounds;
mod builder;
mod by_thread;
mod counter;
mod error;
mod exemplar;
mod exponential;
mod family;
mod function;
mod gauge;
mod histogram;
mod info;
mod instrument;
mod label;
mod observable;
mod rules;
mod shards;
mod snapshot;
mod spec;
mod table;
mod up_down_counter;

pub use bounds::{exponential_bounds, linear_bounds};
pub use builder::InstrumentBuilder;
pub use counter::{Counter, Number};
pub use error::{BuildError, Declaration};
pub use exemplar::ExemplarFilter;
pub use exponential::ExponentialHistogram;
pub use family::Family;
pub use function::FunctionBuckets;
pub use gauge::Gauge;
pub use histogram::Histogram;
pub use info::{InstrumentInfo, InstrumentKind, Registered};
pub use instrument::Instrument;
pub(crate) use instrument::Kind;
pub use label::{
    Label, LabelSet, LabelText, LabelValue, bounded, caller, label, label_text, literal,
};
pub use observable::{Callback, Observable, Observer};
pub use snapshot::{
    Descriptor, Exemplar, ExponentialHistogramValue, HistogramValue, Labels, Metric, MetricData,
    Point, Points, PointsIter, Series, SeriesList, Snapshot,
};
pub use up_down_counter::UpDownCounter;

pub(crate) use bounds::DurationBuckets;
#[cfg(feature = "metrics")]
pub(crate) use counter::{Adds, Sum};
pub(crate) use function::{
    CallResult, Combination, FunctionCells, FunctionSeries, LocalCells, Overflow, SeriesIndex,
    Side, check_functions, owner, publish, seconds,
};
#[cfg(feature = "metrics")]
pub(crate) use gauge::Level;
#[cfg(feature = "metrics")]
pub(crate) use histogram::Buckets;
pub(crate) use spec::{LabelNames, Spec};
#[cfg(feature = "metrics")]
pub(crate) use table::Row;
pub(crate) use table::{AnyTable, Table};
