//! All lanes of one signal, which come and go while the program runs.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use tokio::task::JoinSet;

use super::circuit::Circuits;
use super::lane::{Bounds, Lane};
use super::load::Load;
use super::sink::Sink;
use super::tally::SelfMetrics;

/// The lanes, each with its tasks.
pub(crate) struct Lanes<D> {
    open: RwLock<Vec<Open<D>>>,
    bounds: Bounds,
    circuits: Arc<Circuits>,
    self_metrics: Arc<SelfMetrics>,
}

struct Open<D> {
    name: Arc<str>,
    lane: Arc<Lane<D>>,
    tasks: JoinSet<()>,
}

impl<D: Load> Lanes<D> {
    pub(crate) fn new(
        bounds: Bounds,
        circuits: Arc<Circuits>,
        self_metrics: Arc<SelfMetrics>,
    ) -> Self {
        Self {
            open: RwLock::default(),
            bounds,
            circuits,
            self_metrics,
        }
    }

    /// Opens a lane to this sink, on the runtime that the caller has entered.
    pub(crate) fn open(&self, sink: Sink<D>) {
        let name = Arc::clone(&sink.name);
        let tally = self.self_metrics.tally(&name, D::SIGNAL);
        let mut tasks = JoinSet::new();
        let lane = Lane::open(sink, self.bounds, &self.circuits, tally, &mut tasks);
        let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
        open.push(Open { name, lane, tasks });
    }

    /// Stops the lanes of these exporters, and counts as dropped what waits in them, and so many items more.
    pub(crate) async fn close(&self, is_one: impl Fn(&str) -> bool, to_come: u64) {
        let closed = {
            let mut open = self.open.write().unwrap_or_else(PoisonError::into_inner);
            open.extract_if(.., |lane| is_one(&lane.name))
                .collect::<Vec<_>>()
        };
        for mut closed in closed {
            closed.tasks.shutdown().await;
            closed.lane.abandon(to_come);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.lanes().is_empty()
    }

    /// Gives the same data to each.
    pub(crate) fn offer(&self, data: &Arc<D>) {
        for Open { lane, .. } in &*self.lanes() {
            lane.offer(data);
        }
    }

    /// Waits until all that was offered when this was called is sent or given up.
    pub(crate) fn settled(&self) -> impl Future<Output = ()> + use<D> {
        let settled = self
            .lanes()
            .iter()
            .map(|open| open.lane.settled())
            .collect::<Vec<_>>();
        async move {
            for lane in settled {
                lane.await;
            }
        }
    }

    /// So many items were to come, and nobody brings them any more: for a caller who is told so.
    pub(crate) fn miss(&self, items: u64) {
        for Open { lane, .. } in &*self.lanes() {
            lane.miss(items);
        }
    }

    fn lanes(&self) -> RwLockReadGuard<'_, Vec<Open<D>>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner)
    }
}
