//! What the contenders record to: collectors that throw everything away, installed for the process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

use fastrace::collector::{Config, Reporter, SpanRecord};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use opentelemetry::trace::{Link, SpanKind, TraceId, TracerProvider};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, Sampler, SamplingResult, SdkTracerProvider,
    ShouldSample, SpanData, SpanExporter,
};
use tachograph::collector::{Collector, Spans};
use tachograph::trace::SpanBatch;
use tracing_subscriber::layer::SubscriberExt;

/// Spans that are taken at once, as many as OpenTelemetry's batches hold.
const BATCH: usize = 512;
/// Spans that wait before our collector is woken, and how often it looks by itself: as the exporters do while spans come.
const MANY: usize = 16_384;
const TICK: Duration = Duration::from_millis(10);

/// Whoever collects our spans, until the exporters do.
static SPANS: Mutex<Option<Collector<Spans>>> = Mutex::new(None);
static PROMETHEUS: OnceLock<PrometheusHandle> = OnceLock::new();
static PROVIDER: OnceLock<SdkTracerProvider> = OnceLock::new();
/// Whether the OpenTelemetry SDK samples new traces.
static SAMPLES: AtomicBool = AtomicBool::new(true);

/// Installs all of them, and starts to listen.
pub(crate) fn install() {
    let collector = Collector::install().expect("nobody else collects them");
    let drain = thread::spawn(|| {
        loop {
            thread::park_timeout(TICK);
            settle_spans();
        }
    });
    collector.wake_at(MANY, move || drain.thread().unpark());
    *spans() = Some(collector);
    tachograph::listener::start();

    let buckets = [
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
    ];
    let recorder = PrometheusBuilder::new()
        .set_buckets(&buckets)
        .expect("increasing bounds")
        .build_recorder();
    PROMETHEUS.get_or_init(|| recorder.handle());
    metrics::set_global_recorder(recorder).expect("the only recorder");

    fastrace::set_reporter(Discard, Config::default());

    // Room for all spans of a turn, or dropping them would be measured.
    let batches = BatchConfigBuilder::default()
        .with_max_queue_size(1 << 17)
        .build();
    let processor = BatchSpanProcessor::builder(Discard)
        .with_batch_config(batches)
        .build();
    let provider = SdkTracerProvider::builder()
        .with_span_processor(processor)
        .with_sampler(Switch::new())
        .build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("benches"));
    PROVIDER.get_or_init(|| provider);
    tracing::subscriber::set_global_default(tracing_subscriber::registry().with(layer))
        .expect("the only subscriber");
}

/// Takes all of our spans that wait.
pub(crate) fn settle_spans() {
    while take_spans(BATCH).is_some_and(|batch| !batch.is_empty()) {}
}

/// Takes so many of our spans; none once the exporters do.
pub(crate) fn take_spans(max: usize) -> Option<SpanBatch> {
    spans().as_ref().map(|collector| collector.drain(max))
}

/// Leaves our spans to the exporters.
pub(crate) fn leave_spans() {
    spans().take();
}

fn spans() -> MutexGuard<'static, Option<Collector<Spans>>> {
    SPANS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The recorder of `metrics`.
pub(crate) fn prometheus() -> &'static PrometheusHandle {
    PROMETHEUS.get().expect("installed first")
}

/// Lets the recorder of `metrics` put what histograms were given into buckets.
pub(crate) fn settle_metrics() {
    prometheus().run_upkeep();
}

/// Lets the OpenTelemetry SDK export all spans that wait.
pub(crate) fn settle_opentelemetry() {
    if let Some(provider) = PROVIDER.get() {
        provider
            .force_flush()
            .expect("nothing can fail to be thrown away");
    }
}

/// Decides whether new traces of the OpenTelemetry SDK are sampled.
pub(crate) fn sample_opentelemetry(samples: bool) {
    SAMPLES.store(samples, Ordering::Relaxed);
}

/// Takes spans and keeps none.
#[derive(Debug)]
struct Discard;

impl SpanExporter for Discard {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        drop(batch);
        Ok(())
    }
}

impl Reporter for Discard {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        drop(spans);
    }
}

/// All traces or none, as [`sample_opentelemetry`] said last; children as their parents.
#[derive(Clone, Debug)]
struct Switch {
    on: Sampler,
    off: Sampler,
}

impl Switch {
    fn new() -> Self {
        let parent_based = |root| Sampler::ParentBased(Box::new(root));
        Self {
            on: parent_based(Sampler::AlwaysOn),
            off: parent_based(Sampler::AlwaysOff),
        }
    }
}

impl ShouldSample for Switch {
    fn should_sample(
        &self,
        parent: Option<&Context>,
        trace_id: TraceId,
        name: &str,
        kind: &SpanKind,
        attributes: &[KeyValue],
        links: &[Link],
    ) -> SamplingResult {
        let sampler = if SAMPLES.load(Ordering::Relaxed) {
            &self.on
        } else {
            &self.off
        };
        sampler.should_sample(parent, trace_id, name, kind, attributes, links)
    }
}
