//! Spans on their way from the collector to lanes. The one test here for which the process listens.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tachograph::collector::Spans;
use tachograph::trace::{Span, SpanBatch};
use tokio::time::{Instant, sleep};

use super::Answer::{Later, Slowly};
use super::{BOUNDS, Backend, PerRequest, World, delivery};
use crate::dropped::Dropped;
use crate::pipeline::feed::Feed;
use crate::pipeline::inbox::Room;
use crate::pipeline::lane::Bounds;
use crate::pipeline::lanes::Lanes;
use crate::pipeline::sink::Sink;
use crate::pipeline::tap::Tap;

/// A view that counts spans, and panics over each batch.
#[derive(Default)]
struct Seen(AtomicU64);

impl Tap<SpanBatch> for Seen {
    fn see(&self, batch: &Arc<SpanBatch>) {
        self.0.fetch_add(batch.len() as u64, Ordering::Relaxed);
        panic!("on purpose");
    }
}

/// A feed of these lanes, each with room for so many spans; `batch_size` of them are a request.
struct Feeding {
    feed: Arc<Feed<Spans>>,
    seen: Arc<Seen>,
    world: Arc<World>,
}

impl Feeding {
    fn new(backends: &[(&str, &Backend)], room: u64, batch_size: usize) -> Self {
        let world = World::new();
        let bounds = Bounds {
            inbox: Room {
                items: room,
                bytes: usize::MAX,
            },
            ..BOUNDS
        };
        let (circuits, self_metrics) = (&world.circuits, &world.self_metrics);
        let lanes = Lanes::new(bounds, Arc::clone(circuits), Arc::clone(self_metrics));
        for (name, backend) in backends {
            lanes.open(sink(name, backend));
        }
        let seen = Arc::<Seen>::default();
        let taps = vec![Arc::clone(&seen) as Arc<dyn Tap<_>>];
        let feed = Feed::new(lanes, taps, batch_size, self_metrics).unwrap();
        Self { feed, seen, world }
    }

    fn seen(&self) -> u64 {
        self.seen.0.load(Ordering::Relaxed)
    }

    fn dropped(&self) -> String {
        let collected = self.feed.losses();
        let losses = collected.chain(self.world.self_metrics.losses());
        Dropped {
            losses: losses.collect(),
        }
        .to_string()
    }
}

fn sink(name: &str, backend: &Backend) -> Sink<SpanBatch> {
    Sink {
        name: name.into(),
        encoder: Box::new(PerRequest {
            items: 1,
            settled: Arc::new(Mutex::default()),
        }),
        transport: Box::new(backend.clone()),
        delivery: delivery(),
    }
}

fn record(spans: u64) {
    tachograph::listener::start();
    (0..spans).for_each(|_| Span::start("span").end());
    tachograph::listener::stop();
}

/// While threads record batches leave before the delay is over; what is left of the last one waits for it.
async fn delays() {
    const DELAY: Duration = Duration::from_secs(5);
    let backend = Backend::new([]);
    let feeding = Feeding::new(&[("quick", &backend)], 1_000, 3);
    let task = tokio::spawn(Arc::clone(&feeding.feed).run(DELAY));
    let begin = Instant::now();
    for round in 1..=2 {
        // So many that the thread tells of some.
        record(200);
        sleep(DELAY / 10).await;
        let sent = backend.items().len();
        assert!(
            (round * 200 - 100..=round * 200).contains(&sent),
            "{sent} in round {round}"
        );
    }
    sleep(DELAY * 2).await;
    assert_eq!(backend.items().len(), 400);
    let last = Duration::from_millis(u64::try_from(*backend.times().last().unwrap()).unwrap());
    assert!(
        (DELAY..DELAY * 2).contains(&last),
        "{last:?} of {:?}",
        begin.elapsed()
    );
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    feeding.feed.end().await;
}

/// A burst waits for a slow backend, which delays no other.
async fn bursts() {
    let slow = Backend::always(Slowly(Duration::from_secs(1)));
    let quick = Backend::new([]);
    let feeding = Feeding::new(&[("slow", &slow), ("quick", &quick)], 1_000, 2);
    let begin = Instant::now();
    record(40);
    feeding.feed.drain().await;
    feeding.feed.settled().await;
    assert_eq!(feeding.dropped(), "nothing was dropped");
    assert_eq!(begin.elapsed(), Duration::from_secs(40));
    assert_eq!((slow.items().len(), quick.items().len()), (40, 40));
    assert!(quick.times().iter().all(|time| *time == 0));
    feeding.feed.end().await;
}

/// What a dead backend does not take is lost under its own name, and everybody else goes on.
async fn dead_backends() {
    let dead = Backend::always(Later { after: None });
    let quick = Backend::new([]);
    let feeding = Feeding::new(&[("dead", &dead)], 4, 2);
    record(40);
    feeding.feed.drain().await;
    assert_eq!(feeding.seen(), 40, "a view is live without a backend");
    let lost = feeding.dropped();
    assert!(
        lost.starts_with("dropped: ") && lost.ends_with(" spans of dead (queue full)"),
        "{lost}"
    );

    // A lane that comes later has what comes later.
    feeding.feed.lanes.open(sink("quick", &quick));
    record(10);
    feeding.feed.drain().await;
    feeding.feed.lanes.close(|name| name == "dead", 0).await;
    feeding.feed.settled().await;
    assert_eq!((feeding.seen(), quick.items().len()), (50, 10));
    assert!(feeding.dropped().contains("of dead (unsent at shutdown)"));
    feeding.feed.end().await;
    assert!(
        !feeding.dropped().contains("quick"),
        "{}",
        feeding.dropped()
    );
}

#[tokio::test(start_paused = true)]
async fn spans_reach_whom_they_can() {
    bursts().await;
    dead_backends().await;
    delays().await;
}
