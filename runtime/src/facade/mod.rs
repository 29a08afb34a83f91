//! The `metrics` facade: what a registry keeps for it, and how its handles write to instruments.

mod recorder;

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use metrics::{CounterFn, GaugeFn, HistogramFn, Key, KeyName};

use crate::metrics::{
    Adds, AnyTable, Buckets, BuildError, Counter, Descriptor, Family, Gauge, Histogram, Instrument,
    LabelNames, Level, Row, Sum,
};

/// What the facade's macros ask for again and again, so that each asks once what it costs to find out.
#[derive(Debug)]
pub(crate) struct Facade {
    counters: Handles<metrics::Counter>,
    gauges: Handles<metrics::Gauge>,
    histograms: Handles<metrics::Histogram>,
    /// By name; written before the instrument exists or after.
    descriptors: RwLock<HashMap<KeyName, Descriptor>>,
    conflicts: Mutex<Vec<BuildError>>,
    conflicting: Family<Counter, 1>,
    /// So many names were introduced and not removed.
    names: AtomicUsize,
    /// How often a metric was removed.
    removals: AtomicUsize,
}

/// Keys with the same labels in another order are the same key.
type Handles<H> = RwLock<HashMap<Key, H, BuildHasherDefault<KnownHash>>>;

/// So many handles of each kind are kept; further ones are looked up each time, which only takes longer.
const HANDLES: usize = 16_384;
/// So many metrics are made; names that a program makes up as it runs would otherwise fill its memory.
const NAMES: usize = 2_000;
/// So many conflicts are kept to be reported; all are counted.
const CONFLICTS: usize = 128;

impl Facade {
    /// `conflicting` counts, by metric, the handles that record nothing.
    pub(crate) fn new(conflicting: Family<Counter, 1>) -> Self {
        Self {
            counters: Handles::default(),
            gauges: Handles::default(),
            histograms: Handles::default(),
            descriptors: RwLock::default(),
            conflicts: Mutex::default(),
            conflicting,
            names: AtomicUsize::new(0),
            removals: AtomicUsize::new(0),
        }
    }

    /// Forgets the handles of a metric that was removed, and those that were turned away for its sake.
    pub(crate) fn forget(&self, name: &str, removed: &dyn AnyTable) {
        if removed.spec().labels == LabelNames::Any {
            self.names.fetch_sub(1, Ordering::Relaxed);
        }
        // Whoever is about to keep a handle sees this, or else keeps it before it is forgotten.
        self.removals.fetch_add(1, Ordering::Relaxed);
        forget(&self.counters, name);
        forget(&self.gauges, name);
        forget(&self.histograms, name);
    }

    fn turn_away(&self, name: &str, error: BuildError) {
        match error {
            // There may be any number of these.
            BuildError::TooManyNames { .. } => self.conflicting.overflow(),
            _ => self.conflicting.get([name]),
        }
        .increment();
        let mut conflicts = self
            .conflicts
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let is_known = |known: &BuildError| match &error {
            BuildError::TooManyNames { .. } => matches!(known, BuildError::TooManyNames { .. }),
            error => known == error,
        };
        if conflicts.len() < CONFLICTS && !conflicts.iter().any(is_known) {
            conflicts.push(error);
        }
    }
}

fn forget<H>(handles: &Handles<H>, name: &str) {
    let mut handles = handles.write().unwrap_or_else(PoisonError::into_inner);
    handles.retain(|key, _| !key.name().eq_ignore_ascii_case(name));
}

/// An instrument that the facade knows.
trait Recorded: Instrument {
    type Handle: Clone;

    fn handles(facade: &Facade) -> &Handles<Self::Handle>;
    fn handle(&self) -> Self::Handle;
    fn noop() -> Self::Handle;
}

macro_rules! recorded {
    ($($instrument:ident, $handles:ident;)*) => {$(
        impl Recorded for $instrument {
            type Handle = metrics::$instrument;

            fn handles(facade: &Facade) -> &Handles<Self::Handle> {
                &facade.$handles
            }

            fn handle(&self) -> Self::Handle {
                Self::Handle::from_arc(Arc::clone(self.row()))
            }

            fn noop() -> Self::Handle {
                Self::Handle::noop()
            }
        }
    )*};
}

recorded! {
    Counter, counters;
    Gauge, gauges;
    Histogram, histograms;
}

impl CounterFn for Row<Sum> {
    fn increment(&self, n: u64) {
        self.cells.add(n);
    }

    fn absolute(&self, total: u64) {
        self.cells.raise_to(total);
    }
}

impl GaugeFn for Row<Level> {
    fn increment(&self, n: f64) {
        self.cells.add(n);
    }

    fn decrement(&self, n: f64) {
        self.cells.add(-n);
    }

    fn set(&self, value: f64) {
        self.cells.set(value);
    }
}

impl HistogramFn for Row<Buckets> {
    fn record(&self, value: f64) {
        self.cells.record(value, 1);
    }

    fn record_many(&self, value: f64, times: usize) {
        self.cells.record(value, times as u64);
    }
}

/// Takes the hash that a key of the facade carries already.
#[derive(Default)]
struct KnownHash(u64);

impl Hasher for KnownHash {
    fn write(&mut self, bytes: &[u8]) {
        // Keys write their hash and nothing else; were that to change, this would still be right.
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
