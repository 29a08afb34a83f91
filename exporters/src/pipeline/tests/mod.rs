//! Lanes with scripted backends. Time is tokio's paused clock, which jumps to the next timer when nothing else is left.

mod backends;
mod delivery;
mod feeding;
mod halving;
mod queues;
mod sending;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tachograph::Registry;
use tachograph::metrics::{MetricData, Snapshot};
use tokio::task::JoinSet;
use tracing::level_filters::LevelFilter;

use super::circuit::Circuits;
use super::inbox::Room;
use super::lane::{Bounds, Lane};
use super::load::Load;
use super::payload::{Encoded, Limits, Payload, PayloadId};
use super::sink::{Delivery, Encoder, Sink};
use super::tally::SelfMetrics;
use super::verdict::Outcome;
use crate::report::{OnError, Reporter};
use crate::signal::Signal;
use backends::{Answer, Backend};

/// So many items that are different from all others.
struct Batch(u64);

impl Load for Batch {
    const SIGNAL: Signal = Signal::Traces;
    const SUPERSEDES: bool = false;

    fn items(&self) -> u64 {
        self.0
    }

    fn bytes(&self) -> usize {
        0
    }
}

/// A snapshot: the newest will do.
struct State;

impl Load for State {
    const SIGNAL: Signal = Signal::Metrics;
    const SUPERSEDES: bool = true;

    fn items(&self) -> u64 {
        1
    }

    fn bytes(&self) -> usize {
        0
    }
}

/// Puts so many items into one request; what is beyond is too large.
struct PerRequest {
    items: u64,
    settled: Arc<Mutex<Vec<(PayloadId, Outcome)>>>,
}

impl<D: Load> Encoder<D> for PerRequest {
    fn encode(&mut self, data: &D, _: Limits) -> Encoded {
        let requests = data.items() / self.items;
        Encoded {
            payloads: (0..requests)
                .map(|_| Payload::new("", self.items))
                .collect(),
            too_large: data.items() % self.items,
        }
    }

    fn halves(&self, payload: &Payload) -> Option<[Payload; 2]> {
        let half = payload.items / 2;
        (half > 0).then(|| [half, payload.items - half].map(|items| payload.part("", items)))
    }

    fn settled(&mut self, id: PayloadId, outcome: Outcome) {
        self.settled.lock().unwrap().push((id, outcome));
    }
}

/// A lane under test, with figures that others may share.
struct Harness<D> {
    lane: Arc<Lane<D>>,
    tasks: JoinSet<()>,
    settled: Arc<Mutex<Vec<(PayloadId, Outcome)>>>,
    world: Arc<World>,
}

/// What lanes have in common.
struct World {
    registry: Registry,
    self_metrics: Arc<SelfMetrics>,
    circuits: Arc<Circuits>,
    /// What `on_error` heard.
    errors: Arc<Mutex<Vec<String>>>,
}

impl World {
    fn new() -> Arc<Self> {
        let registry = Registry::new();
        let errors = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&errors);
        let on_error: OnError = Box::new(move |error| {
            heard.lock().unwrap().push(error.to_string());
        });
        let reporter = Reporter::new(Some(on_error), LevelFilter::OFF);
        Arc::new(Self {
            self_metrics: Arc::new(SelfMetrics::new(&registry, Arc::new(reporter)).unwrap()),
            registry,
            circuits: Arc::default(),
            errors,
        })
    }
}

/// Room for 4 items, and 30 s for all attempts to send a batch.
const BOUNDS: Bounds = Bounds {
    inbox: Room {
        items: 4,
        bytes: usize::MAX,
    },
    outbox: Room {
        items: 4,
        bytes: usize::MAX,
    },
    export_timeout: Duration::from_secs(30),
};

/// One request at a time, with 10 s for attempts.
fn delivery() -> Delivery {
    Delivery {
        max_in_flight: 1,
        ..Delivery::default()
    }
}

impl<D: Load> Harness<D> {
    /// A lane that sends so many items with each request, one request at a time.
    fn new(backend: &Backend, per_request: u64) -> Self {
        Self::open(backend, per_request, delivery(), BOUNDS, &World::new())
    }

    fn open(
        backend: &Backend,
        per_request: u64,
        delivery: Delivery,
        bounds: Bounds,
        world: &Arc<World>,
    ) -> Self {
        let settled = Arc::default();
        let sink = Sink {
            name: "test".into(),
            encoder: Box::new(PerRequest {
                items: per_request,
                settled: Arc::clone(&settled),
            }),
            transport: Box::new(backend.clone()),
            delivery,
        };
        let tally = world.self_metrics.tally(&sink.name, D::SIGNAL);
        let mut tasks = JoinSet::new();
        let lane = Lane::open(sink, bounds, &world.circuits, tally, &mut tasks);
        Self {
            lane,
            tasks,
            settled,
            world: Arc::clone(world),
        }
    }

    /// Figures that are not zero: `dropped(queue_full)=2 exported=1`.
    fn figures(&self) -> String {
        let mut figures = Vec::new();
        let snapshot: Snapshot = self.world.registry.snapshot();
        for metric in snapshot.metrics() {
            let Some(name) = metric.name().strip_prefix("tachograph.exporter.") else {
                continue;
            };
            let points = match metric.data() {
                MetricData::Counter(points) => points.map(|value| i64::try_from(*value).unwrap()),
                MetricData::UpDownCounter(points) => points.clone(),
                _ => panic!("{name} is another kind"),
            };
            for point in points.iter().filter(|point| *point.value() != 0) {
                let cause = point.label("cause");
                let cause = cause.map_or(String::new(), |cause| format!("({cause})"));
                figures.push(format!("{name}{cause}={}", point.value()));
            }
        }
        figures.join(" ")
    }

    fn errors(&self) -> Vec<String> {
        self.world.errors.lock().unwrap().clone()
    }

    fn outcomes(&self) -> Vec<Outcome> {
        let settled = self.settled.lock().unwrap();
        settled.iter().map(|(_, outcome)| *outcome).collect()
    }
}
