//! Lanes with scripted backends. Time is tokio's paused clock, which jumps to the next timer when nothing else is left.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use tachograph::Registry;
use tachograph::metrics::{MetricData, Snapshot};
use tachograph::trace::Span;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tracing::level_filters::LevelFilter;

use super::feed::SpanFeed;
use super::lane::{Bounds, Lane};
use super::queue::Load;
use super::sink::{
    Encoded, Encoder, Payload, Receipt, SendError, Sending, Signal, Sink, Transport,
};
use super::tally::SelfMetrics;
use crate::report::{OnError, Reporter};

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
                Take => Ok(Receipt::default()),
                TakeSome { rejected } => Ok(Receipt {
                    rejected,
                    message: reason,
                }),
                Say(message) => Ok(Receipt {
                    rejected: 0,
                    message: message.to_owned(),
                }),
                Refuse => Err(SendError::Permanent { reason }),
                Later { after } => Err(SendError::Retryable { reason, after }),
                Slowly(time) => {
                    sleep(time).await;
                    Ok(Receipt::default())
                }
                Panic => panic!("on purpose"),
            }
        })
    }
}

/// Puts so many items into one request; what is beyond is too large.
struct PerRequest(u64);

impl<D: Load> Encoder<D> for PerRequest {
    fn encode(&mut self, data: &D) -> Encoded {
        let requests = data.items() / self.0;
        let payload = Payload {
            body: Bytes::new(),
            items: self.0,
        };
        Encoded {
            payloads: vec![payload; usize::try_from(requests).unwrap()],
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
            name: "test",
            encoder: Box::new(PerRequest(per_request)),
            transport: Box::new(backend.clone()),
            timeout: Duration::from_secs(10),
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
        for metric in &snapshot.metrics {
            let Some(name) = metric.descriptor.name.strip_prefix("tachograph.exporter.") else {
                continue;
            };
            let points: Vec<_> = match &metric.data {
                MetricData::Counter(points) => points
                    .iter()
                    .map(|point| (&point.series, i64::try_from(point.value).unwrap()))
                    .collect(),
                MetricData::UpDownCounter(points) => points
                    .iter()
                    .map(|point| (&point.series, point.value))
                    .collect(),
                _ => panic!("{name} is another kind"),
            };
            for (series, value) in points.into_iter().filter(|(_, value)| *value != 0) {
                let cause = series.labels.iter().find(|(key, _)| key == "cause");
                let cause = cause.map_or(String::new(), |(_, cause)| format!("({cause})"));
                figures.push(format!("{name}{cause}={value}"));
            }
        }
        figures.join(" ")
    }

    fn errors(&self) -> Vec<String> {
        self.errors.lock().unwrap().clone()
    }
}

/// What becomes of a batch of 3 items in 3 requests, and what is heard of it.
async fn check(
    script: impl IntoIterator<Item = Answer>,
    figures: &str,
    errors: &[&str],
) -> Backend {
    let backend = Backend::new(script);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(3)));
    harness.lane.settled().await;
    assert_eq!(harness.figures(), figures);
    assert_eq!(harness.errors(), errors);
    backend
}

#[tokio::test(start_paused = true)]
async fn taken_refused_and_partly_taken() {
    check([], "exported=3", &[]).await;
    let refused = "test dropped 1 spans: says the script";
    check(
        [Refuse],
        "dropped(rejected)=1 exported=2 failed=1",
        &[refused],
    )
    .await;
    let some = TakeSome { rejected: 1 };
    check([Take, some], "dropped(rejected)=1 exported=2", &[refused]).await;
    let said = "test hears from the backend of traces: use gzip";
    check([Say("use gzip")], "exported=3", &[said]).await;
}

#[tokio::test(start_paused = true)]
async fn an_exporter_survives_its_panics() {
    let panicked = "test dropped 2 spans: it panicked";
    let backend = Backend::new([Take, Panic]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(3)));
    harness.lane.offer(&Arc::new(Batch(1)));
    harness.lane.settled().await;
    assert_eq!(harness.figures(), "dropped(panicked)=2 exported=2");
    assert_eq!(harness.errors(), [panicked]);
}

#[tokio::test(start_paused = true)]
async fn what_no_request_can_carry_is_dropped() {
    let backend = Backend::new([]);
    let harness = Harness::new(&backend, 2);
    harness.lane.offer(&Arc::new(Batch(3)));
    harness.lane.settled().await;
    assert_eq!(harness.figures(), "dropped(too_large)=1 exported=2");
    assert_eq!(backend.items(), [2]);
}

#[tokio::test(start_paused = true)]
async fn pauses_between_attempts_double_and_vary() {
    let later = Later { after: None };
    let retrying = "test cannot send traces now and tries again: says the script";
    let script = vec![later; 3];
    let backend = check(script, "exported=3 failed=3 retried=3", &[retrying; 3]).await;
    let times = backend.times();
    let pauses = times.windows(2).map(|pair| pair[1] - pair[0]);
    let pauses = pauses.take(3).collect::<Vec<_>>();
    for (pause, least) in pauses.iter().zip([250, 500, 1_000]) {
        assert!((least..=2 * least + 1).contains(pause), "{pauses:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_backend_says_when_to_come_back() {
    let after = Some(Duration::from_secs(7));
    let backend = Backend::new([Later { after }]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(1)));
    harness.lane.settled().await;
    assert_eq!(backend.times(), [0, 7_000]);

    // Longer than a request may take: it is given up, and the next one waits all the same.
    let after = Some(Duration::from_secs(20));
    let backend = Backend::new([Later { after }]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(2)));
    harness.lane.settled().await;
    assert_eq!(backend.times(), [0, 20_000]);
    assert_eq!(
        harness.figures(),
        "dropped(timed_out)=1 exported=1 failed=1"
    );

    // Longer than a batch may take: that is given up in its time, and so is the next one.
    let begin = Instant::now();
    let after = Some(Duration::from_secs(3_600));
    let backend = Backend::new([Later { after }]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(3)));
    harness.lane.offer(&Arc::new(Batch(1)));
    harness.lane.settled().await;
    assert_eq!(backend.times(), [0]);
    assert_eq!(begin.elapsed(), Duration::from_secs(2 * 30));
    assert_eq!(harness.figures(), "dropped(timed_out)=4 failed=1");
}

#[tokio::test(start_paused = true)]
async fn attempts_end_with_the_time_for_a_request() {
    let begin = Instant::now();
    let dropped = "test dropped 1 spans: no answer within 10s";
    let slowly = Slowly(Duration::from_secs(60));
    check(
        [slowly],
        "dropped(timed_out)=1 exported=2 failed=1",
        &[dropped],
    )
    .await;
    assert_eq!(begin.elapsed(), Duration::from_secs(10));

    // Nobody there: attempts go on for about as long.
    let backend = Backend::new(vec![Later { after: None }; 100]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(1)));
    harness.lane.settled().await;
    let times = backend.times();
    assert!(
        (4..10).contains(&times.len()) && times[times.len() - 1] < 10_000,
        "{times:?}"
    );
    assert!(
        harness
            .figures()
            .starts_with("dropped(timed_out)=1 failed=")
    );
}

#[tokio::test(start_paused = true)]
async fn a_batch_has_its_time_however_many_requests_it_is() {
    let begin = Instant::now();
    let backend = Backend::new(vec![Slowly(Duration::from_secs(9)); 4]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(4)));
    harness.lane.settled().await;
    assert_eq!(
        harness.figures(),
        "dropped(timed_out)=1 exported=3 failed=1"
    );
    assert_eq!(begin.elapsed(), Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_drops_what_comes_and_says_so() {
    let backend = Backend::new([Slowly(Duration::from_secs(1))]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(1)));
    tokio::task::yield_now().await;
    for _ in 0..3 {
        harness.lane.offer(&Arc::new(Batch(2)));
    }
    assert!(!harness.lane.has_room(1));
    assert_eq!(harness.figures(), "dropped(queue_full)=2 queue.size=4");
    harness.lane.settled().await;
    assert_eq!(harness.figures(), "dropped(queue_full)=2 exported=5");
    assert_eq!(
        harness.errors(),
        ["test dropped 2 spans: its queue is full"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_slow_backend_delays_no_other() {
    let begin = Instant::now();
    let (slow, quick) = (
        Backend::new([Slowly(Duration::from_secs(5))]),
        Backend::new([]),
    );
    let (slow_lane, quick_lane) = (Harness::new(&slow, 1), Harness::new(&quick, 1));
    let batch = Arc::new(Batch(1));
    slow_lane.lane.offer(&batch);
    quick_lane.lane.offer(&batch);
    quick_lane.lane.settled().await;
    assert_eq!(begin.elapsed(), Duration::ZERO);
    slow_lane.lane.settled().await;
    assert_eq!(begin.elapsed(), Duration::from_secs(5));
}

#[tokio::test(start_paused = true)]
async fn the_newest_snapshot_takes_the_place_of_one_that_waits() {
    let backend = Backend::new([Slowly(Duration::from_secs(1))]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(State));
    tokio::task::yield_now().await;
    for _ in 0..3 {
        harness.lane.offer(&Arc::new(State));
    }
    assert_eq!(harness.figures(), "queue.size=1");
    harness.lane.settled().await;
    assert_eq!(harness.figures(), "exported=2");
}

#[tokio::test(start_paused = true)]
async fn what_is_cut_off_is_counted() {
    let backend = Backend::new([Slowly(Duration::from_secs(9))]);
    let harness = Harness::new(&backend, 1);
    harness.lane.offer(&Arc::new(Batch(3)));
    harness.lane.offer(&Arc::new(Batch(1)));
    tokio::task::yield_now().await;
    harness.task.abort();
    assert!(harness.task.await.unwrap_err().is_cancelled());
    harness.lane.abandon(0);
    let losses = harness.lane.tally().drops().losses().collect();
    assert_eq!(
        crate::Dropped { losses }.to_string(),
        "dropped: 4 spans of test (unsent at shutdown)"
    );
}

/// Fails unless a burst of 40 spans through two lanes ends in these figures, when one of them takes so long for each 2.
///
/// The only test here for which the process listens: it takes spans from the collector that all have in common.
async fn check_burst(time: Duration, figures: &str) {
    let (slow, quick) = (Backend::new(vec![Slowly(time); 20]), Backend::new([]));
    let room = Arc::new(Notify::new());
    let lanes = [&slow, &quick].map(|backend| Harness::with_room(backend, 2, &room));
    let feed = SpanFeed::new(
        lanes.iter().map(|lane| Arc::clone(&lane.lane)).collect(),
        2,
        room,
        None,
        &SelfMetrics::new(
            &Registry::new(),
            Arc::new(Reporter::new(None, LevelFilter::OFF)),
        )
        .unwrap(),
    );
    tachograph::listener::start();
    (0..40).for_each(|_| Span::start("burst").end());
    tachograph::listener::stop();
    feed.drain().await;
    feed.settled().await;
    assert_eq!(lanes[0].figures(), figures);
    assert_eq!(lanes[1].figures(), "exported=40");
}

#[tokio::test(start_paused = true)]
async fn a_burst_waits_a_moment_for_the_slower_of_two() {
    check_burst(Duration::from_millis(90), "exported=40").await;
    // What makes no use of the moment loses what it has no room for.
    let lost = "dropped(queue_full)=34 exported=6";
    check_burst(Duration::from_millis(110), lost).await;
}
