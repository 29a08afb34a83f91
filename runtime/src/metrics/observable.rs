//! Instruments whose values are asked for when metrics are collected.

use std::any::Any;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use super::builder::InstrumentBuilder;
use super::counter::{Adds, Counter, Number};
use super::error::BuildError;
use super::gauge::{Gauge, Level};
use super::info::InstrumentKind;
use super::instrument::{Instrument, Kind};
use super::snapshot::{MetricData, Points};
use super::table::Table;
use super::up_down_counter::UpDownCounter;

/// An instrument whose values are asked for when metrics are collected: an `Observable<Counter>`, `Observable<Gauge>` and
/// so on. It is only described, with [`Registry::observable_counter`](crate::Registry::observable_counter) and its
/// siblings; what records is a callback.
///
/// A counter's total that is below the one before it begins a new series, as if the old one had been removed. Of totals
/// with fractions, negative ones, NaN and infinities are left out.
#[derive(Debug)]
pub struct Observable<I>(PhantomData<I>);

/// Keeps a callback registered; once it is dropped, the callback is not called again, and what it alone observed is not
/// shown any more. A call that is under way ends.
#[derive(Debug)]
#[must_use = "the callback is forgotten when this is dropped: keep it, or call `detach`"]
pub struct Callback(Option<Registration>);

/// What a callback tells its values to.
pub struct Observer<'a, T, const N: usize> {
    observe: &'a mut dyn FnMut(T, &[&str]),
}

/// An instrument whose values can be asked for.
pub trait Observed: Instrument {
    /// The kind of those that are.
    const OBSERVABLE_KIND: InstrumentKind;

    /// What is observed.
    type Number: Copy + Send + 'static;

    /// Sets the value of a series, if a series that had the present one can have this one next.
    fn set(cells: &Self::Cells, number: Self::Number) -> bool;

    /// Whether there can be such a value.
    fn is_value(_number: Self::Number) -> bool {
        true
    }

    /// What the overflow series shows of two values.
    fn both(first: Self::Number, second: Self::Number) -> Self::Number;
}

/// All callbacks of one metric.
pub struct Callbacks<T> {
    next: AtomicU64,
    all: Mutex<Vec<(u64, SharedCallback<T>)>>,
}

type SharedCallback<T> = Arc<Mutex<dyn FnMut(&mut dyn FnMut(T, &[&str])) + Send>>;

struct Registration {
    table: Weak<dyn Any + Send + Sync>,
    remove: fn(&(dyn Any + Send + Sync), u64),
    id: u64,
}

/// Everything that the callbacks of one metric told in one collection; of two values of one series the last.
struct Round<T> {
    values: Vec<(Vec<String>, T)>,
    positions: HashMap<Vec<String>, usize>,
}

impl<T, const N: usize> Observer<'_, T, N> {
    /// Tells the value of the series with these labels, `[]` for an instrument without.
    pub fn observe(&mut self, value: T, labels: [&str; N]) {
        (self.observe)(value, &labels);
    }
}

impl<T, const N: usize> fmt::Debug for Observer<'_, T, N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Observer").finish_non_exhaustive()
    }
}

impl Callback {
    /// Keeps the callback registered for as long as its registry lives.
    pub fn detach(mut self) {
        self.0 = None;
    }
}

impl Drop for Callback {
    fn drop(&mut self) {
        if let Some(registration) = &self.0
            && let Some(table) = registration.table.upgrade()
        {
            (registration.remove)(&*table, registration.id);
        }
    }
}

impl fmt::Debug for Registration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Registration").field(&self.id).finish()
    }
}

impl<I: Observed> InstrumentBuilder<Observable<I>> {
    /// Registers a callback, which is called whenever metrics are collected and tells its [`Observer`] the value.
    ///
    /// It is called on the thread that collects, without a lock of the registry, so it may build instruments; by one
    /// collection at a time, which others at the same time wait for and share. So it had better be quick, and must not
    /// wait for a thread that collects the same registry: that one waits for it. One that panics is counted in
    /// `tachograph.callbacks.panicked`, by `metric`, and told; the others are called all the same, and what it had told
    /// before stays as it was.
    ///
    /// Several callbacks may share a metric.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU32, Ordering};
    /// use tachograph::Registry;
    ///
    /// let idle = Arc::new(AtomicU32::new(4));
    /// let registry = Registry::new();
    /// let pool = Arc::clone(&idle);
    /// let gauge = registry
    ///     .observable_gauge("pool.idle")
    ///     .with_unit("{connection}")
    ///     .build(move |observer| observer.observe(pool.load(Ordering::Relaxed).into(), []))?;
    /// assert_eq!(registry.snapshot().point_count(), 1);
    /// drop(gauge);
    /// assert_eq!(registry.snapshot().point_count(), 0);
    /// # Ok::<(), tachograph::metrics::BuildError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for other instruments.
    pub fn build(
        self,
        callback: impl FnMut(&mut Observer<'_, I::Number, 0>) + Send + 'static,
    ) -> Result<Callback, BuildError> {
        self.into_table().map(|table| register(&table, callback))
    }
}

impl<I: Observed, const N: usize> InstrumentBuilder<Observable<I>, [Cow<'static, str>; N]> {
    /// Registers a callback, which tells its [`Observer`] the values of some series. Those that it does not tell are not
    /// shown.
    ///
    /// ```
    /// use tachograph::Registry;
    ///
    /// let depth = Registry::global()
    ///     .observable_up_down_counter("queue.depth")
    ///     .with_labels(["queue"])
    ///     .build(|observer| {
    ///         observer.observe(3, ["mail"]);
    ///         observer.observe(0, ["invoices"]);
    ///     })?;
    /// // As long as the program runs:
    /// depth.detach();
    /// # Ok::<(), tachograph::metrics::BuildError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As for other instruments.
    pub fn build(
        self,
        callback: impl FnMut(&mut Observer<'_, I::Number, N>) + Send + 'static,
    ) -> Result<Callback, BuildError> {
        self.into_table().map(|table| register(&table, callback))
    }
}

fn register<I: Observed, const N: usize>(
    table: &Arc<Table<Observable<I>>>,
    mut callback: impl FnMut(&mut Observer<'_, I::Number, N>) + Send + 'static,
) -> Callback {
    let id = table.callbacks.add(Arc::new(Mutex::new(
        move |observe: &mut dyn FnMut(I::Number, &[&str])| callback(&mut Observer { observe }),
    )));
    let table: Weak<Table<Observable<I>>> = Arc::downgrade(table);
    Callback(Some(Registration {
        table,
        remove: |table, id| {
            if let Some(table) = table.downcast_ref::<Table<Observable<I>>>() {
                table.callbacks.remove(id);
            }
        },
        id,
    }))
}

/// Asks the callbacks of a metric for its values; `panicked` is told of each one that panics.
fn ask<I: Observed>(table: &Table<Observable<I>>, panicked: &mut dyn FnMut()) {
    let mut round = Round::<I::Number> {
        values: Vec::new(),
        positions: HashMap::new(),
    };
    let mut is_whole = true;
    for callback in table.callbacks.all() {
        let mut observe = |value, labels: &[&str]| {
            if I::is_value(value) {
                round.add(value, labels);
            }
        };
        let call = || {
            let mut callback = callback.lock().unwrap_or_else(PoisonError::into_inner);
            callback(&mut observe);
        };
        // What it captured may be half done, and that is its own affair: the next collection calls it again.
        if catch_unwind(AssertUnwindSafe(call)).is_err() {
            is_whole = false;
            panicked();
        }
    }
    table.observe(&round.values, is_whole);
}

impl<T: Copy> Round<T> {
    fn add(&mut self, value: T, labels: &[&str]) {
        let labels: Vec<_> = labels.iter().map(|label| (*label).to_owned()).collect();
        if let Some(position) = self.positions.get(&labels) {
            self.values[*position].1 = value;
        } else {
            self.positions.insert(labels.clone(), self.values.len());
            self.values.push((labels, value));
        }
    }
}

impl<T> Callbacks<T> {
    fn add(&self, callback: SharedCallback<T>) -> u64 {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.push((id, callback));
        id
    }

    fn remove(&self, id: u64) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        let position = all.iter().position(|(known, _)| *known == id);
        let removed = position.map(|position| all.remove(position));
        drop(all);
        // What it captured is dropped without the lock: it may be the handle of another one.
        drop(removed);
    }

    /// All of them, copied, so that they are called without a lock.
    fn all(&self) -> Vec<SharedCallback<T>> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.iter()
            .map(|(_, callback)| Arc::clone(callback))
            .collect()
    }
}

impl<T> Default for Callbacks<T> {
    fn default() -> Self {
        Self {
            next: AtomicU64::new(0),
            all: Mutex::default(),
        }
    }
}

impl<T> fmt::Debug for Callbacks<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Callbacks").finish_non_exhaustive()
    }
}

impl<I: Observed> Kind for Observable<I> {
    const KIND: InstrumentKind = I::OBSERVABLE_KIND;
    type Cells = I::Cells;
    type Value = I::Value;
    type Callbacks = Callbacks<I::Number>;

    fn cells(bounds: &Arc<[f64]>) -> I::Cells {
        I::cells(bounds)
    }

    fn ask(table: &Table<Self>, panicked: &mut dyn FnMut()) {
        ask(table, panicked);
    }

    fn read(cells: &I::Cells) -> I::Value {
        I::read(cells)
    }

    fn data(points: Points<I::Value>) -> MetricData {
        I::data(points)
    }
}

impl<N: Number> Observed for Counter<N> {
    const OBSERVABLE_KIND: InstrumentKind = N::OBSERVABLE_KIND;
    type Number = N;

    fn set(sum: &N::Sum, total: N) -> bool {
        sum.raise_to(total);
        sum.get() <= total
    }

    fn is_value(total: N) -> bool {
        total.can_be_counted()
    }

    fn both(first: N, second: N) -> N {
        first.plus(second)
    }
}

impl Observed for UpDownCounter {
    const OBSERVABLE_KIND: InstrumentKind = InstrumentKind::ObservableUpDownCounter;
    type Number = i64;

    fn set(sum: &AtomicI64, value: i64) -> bool {
        sum.store(value, Ordering::Relaxed);
        true
    }

    fn both(first: i64, second: i64) -> i64 {
        first.saturating_add(second)
    }
}

impl Observed for Gauge {
    const OBSERVABLE_KIND: InstrumentKind = InstrumentKind::ObservableGauge;
    type Number = f64;

    fn set(level: &Level, value: f64) -> bool {
        level.set(value);
        true
    }

    fn both(_: f64, last: f64) -> f64 {
        last
    }
}
