//! Lanes with scripted backends. Time is tokio's paused clock, which jumps to the next timer when nothing else is left.

mod queues;
mod sending;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tachograph::Registry;
use tachograph::metrics::{MetricData, Snapshot};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tracing::level_filters::LevelFilter;

use super::lane::{Bounds, Lane};
use super::payload::{Encoded, Limits, Payload};
use super::queue::Load;
use super::sink::{Delivery, Encoder, Sending, Sink, Transport};
use super::tally::SelfMetrics;
use super::verdict::{Receipt, Verdict};
use crate::report::{OnError, Reporter};
use crate::signal::Signal;

/// So many items that are different from all others.
struct Batch(u64);

impl Load for Batch {
    const SIGNAL: Signal = Signal::Traces;
    const SUPERSEDES: bool = false;

    fn items(&self) -> u64 {
        self.0
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
}

/// What a backend does with a request.
#[derive(Clone, Debug)]
enum Answer {
    Take,
    TakeSome { rejected: u64 },
    Say(&'static str),
    Refuse,
    Later { after: Option<Duration> },
    Slowly(Duration),
    Panic,
}

use Answer::{Later, Panic, Refuse, Say, Slowly, Take, TakeSome};

/// A backend that follows a script, and takes everything at its end.
#[derive(Clone)]
struct Backend {
    script: Arc<Mutex<VecDeque<Answer>>>,
    begin: Instant,
    /// When requests came, and with how many items.
    requests: Arc<Mutex<Vec<(Duration, u64)>>>,
}

impl Backend {
    fn new(script: impl IntoIterator<Item = Answer>) -> Self {
        Self {
            script: Arc::new(Mutex::new(script.into_iter().collect())),
            begin: Instant::now(),
            requests: Arc::default(),
        }
    }

    /// When requests came, in milliseconds.
    fn times(&self) -> Vec<u128> {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(|(time, _)| time.as_millis()).collect()
    }

    fn items(&self) -> Vec<u64> {
        let requests = self.requests.lock().unwrap();
        requests.iter().map(|(_, items)| *items).collect()
    }
}

impl Transport for Backend {
    fn send<'a>(&'a self, payload: &'a Payload) -> Sending<'a> {
        Box::pin(async move {
            let request = (self.begin.elapsed(), payload.items);
            self.requests.lock().unwrap().push(request);
            let answer = self.script.lock().unwrap().pop_front().unwrap_or(Take);
            let reason = "says the script".to_owned();
            match answer {
                Take => Verdict::Taken(Receipt::default()),
                TakeSome { rejected } => Verdict::Taken(Receipt {
                    rejected,
                    message: reason,
                }),
                Say(message) => Verdict::Taken(Receipt {
                    rejected: 0,
                    message: message.to_owned(),
                }),
                Refuse => Verdict::Refused { reason },
                Later { after } => Verdict::Later { reason, after },
                Slowly(time) => {
                    sleep(time).await;
                    Verdict::Taken(Receipt::default())
                }
                Panic => panic!("on purpose"),
            }
        })
    }
}

/// Puts so many items into one request; what is beyond is too large.
struct PerRequest(u64);

impl<D: Load> Encoder<D> for PerRequest {
    fn encode(&mut self, data: &D, _: Limits) -> Encoded {
        let requests = data.items() / self.0;
        Encoded {
            payloads: (0..requests).map(|_| Payload::new("", self.0)).collect(),
            too_large: data.items() % self.0,
        }
    }
}

/// A lane under test.
struct Harness<D> {
    lane: Arc<Lane<D>>,
    task: JoinHandle<()>,
    registry: Registry,
    /// What `on_error` heard.
    errors: Arc<Mutex<Vec<String>>>,
}

impl<D: Load> Harness<D> {
    /// A lane whose queue has room for 4 items, with 10 s for a request and 30 s for a batch.
    fn new(backend: &Backend, per_request: u64) -> Self {
        Self::with_room(backend, per_request, &Arc::new(Notify::new()))
    }

    /// The same; `room` is told when there is more room.
    fn with_room(backend: &Backend, per_request: u64, room: &Arc<Notify>) -> Self {
        let registry = Registry::new();
        let errors = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&errors);
        let on_error: OnError = Box::new(move |error| {
            heard.lock().unwrap().push(error.to_string());
        });
        let reporter = Reporter::new(Some(on_error), LevelFilter::OFF);
        let self_metrics = SelfMetrics::new(&registry, Arc::new(reporter)).unwrap();
        let sink = Sink {
            name: "test".into(),
            encoder: Box::new(PerRequest(per_request)),
            transport: Box::new(backend.clone()),
            delivery: Delivery::within(Duration::from_secs(10)),
        };
        let bounds = Bounds {
            max_queue_items: 4,
            export_timeout: Duration::from_secs(30),
        };
        let (lane, task) = Lane::open(sink, bounds, Arc::clone(room), &self_metrics);
        Self {
            lane,
            task: tokio::spawn(task),
            registry,
            errors,
        }
    }

    /// Figures that are not zero: `dropped(queue_full)=2 exported=1`.
    fn figures(&self) -> String {
        let mut figures = Vec::new();
        let snapshot: Snapshot = self.registry.snapshot();
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
        self.errors.lock().unwrap().clone()
    }
}
