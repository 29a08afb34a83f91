//! Who hears of what goes wrong, and that hearing it badly harms nobody.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;

use tachograph::metrics::{ExemplarFilter, MetricData, Points};
use tachograph::trace::Span;
use tachograph::{Registry, metered, traced};
use tachograph_exporters::{ExportError, Telemetry};
use tachograph_tests::alone;
use tachograph_tests::collector::{Answer, Collector};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::{PATIENCE, Protocol, call, sending_to};

/// Panics over our own events.
struct Panicking;

static EVENTS: AtomicU32 = AtomicU32::new(0);

impl Subscriber for Panicking {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "tachograph"
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        EVENTS.fetch_add(1, Ordering::Relaxed);
        panic!("on purpose");
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn a_callback_and_a_subscriber_that_panic() {
    let variables = [("OTEL_BSP_SCHEDULE_DELAY", "soon")];
    alone(&variables, || {
        tracing::subscriber::set_global_default(Panicking).unwrap();
        for protocol in [Protocol::Http, Protocol::Grpc] {
            EVENTS.store(0, Ordering::Relaxed);
            let collector = Collector::start([Answer::Refuse, Answer::Busy(None)]);
            let builder = sending_to(&collector, protocol);
            let telemetry = builder.on_error(|_| panic!("on purpose")).install();
            let telemetry = telemetry.unwrap();
            call(0);
            let dropped = telemetry.force_flush(PATIENCE).unwrap().to_string();
            assert!(dropped.starts_with("dropped: 2 spans of otlp"), "{dropped}");
            call(1);
            assert_eq!(telemetry.shutdown(PATIENCE).unwrap().to_string(), dropped);
            assert_eq!(collector.received().spans().count(), 2);
            let told = EVENTS.load(Ordering::Relaxed);
            assert_eq!(told, 3, "what is ignored, what is dropped, what is retried");
        }
    });
}

static HEARD: AtomicU32 = AtomicU32::new(0);

/// Records more of itself than there was to begin with.
#[traced(err(level = "error"))]
#[metered]
fn hear(error: &ExportError) -> Result<(), String> {
    HEARD.fetch_add(1, Ordering::Relaxed);
    Span::start("hearing").end();
    Err(error.to_string())
}

#[test]
fn what_a_callback_records_does_not_call_it_again() {
    alone(&[], || {
        let collector = Collector::start([Answer::Refuse]);
        let builder = sending_to(&collector, Protocol::Http);
        let telemetry = builder
            .on_error(|error| drop(hear(error)))
            .install()
            .unwrap();
        call(0);
        for _ in 0..3 {
            let dropped = telemetry.force_flush(PATIENCE).unwrap().to_string();
            assert!(dropped.starts_with("dropped: 2 spans of otlp"), "{dropped}");
        }
        assert_eq!(HEARD.load(Ordering::Relaxed), 1);
        telemetry.shutdown(PATIENCE).unwrap();
        assert_eq!(collector.received().spans().count(), 0);
    });
}

#[test]
fn what_the_environment_asks_in_vain_is_told_once() {
    let variables = [
        ("OTEL_PROPAGATORS", "tracecontext,baggage"),
        ("OTEL_METRICS_EXEMPLAR_FILTER", "always_on"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zstd"),
        ("OTEL_LOG_LEVEL", "none"),
    ];
    alone(&variables, || {
        let (sender, errors) = mpsc::channel();
        let on_error = move |error: &ExportError| drop(sender.send(error.clone()));
        let collector = Collector::start([]);
        let builder = sending_to(&collector, Protocol::Http);
        let telemetry = builder.on_error(on_error).install().unwrap();
        let ignored = errors.try_iter().map(|error| match error {
            ExportError::Ignored { option, .. } => option,
            _ => panic!("{error}"),
        });
        let expected = [
            "OTEL_PROPAGATORS",
            "OTEL_METRICS_EXEMPLAR_FILTER",
            "OTEL_EXPORTER_OTLP_COMPRESSION",
        ];
        assert_eq!(ignored.collect::<Vec<_>>(), expected);
        telemetry.shutdown(PATIENCE).unwrap();
    });
}

/// How many exemplars the durations of calls have now.
fn exemplars() -> usize {
    let snapshot = Registry::global().snapshot();
    let histograms = snapshot.metrics().filter_map(|metric| match metric.data() {
        MetricData::ExponentialHistogram(points) => Some(points),
        _ => None,
    });
    let values = histograms.flat_map(Points::values);
    values.map(|value| value.exemplars().len()).sum()
}

#[test]
fn exemplars_can_be_switched_off() {
    alone(&[("OTEL_METRICS_EXEMPLAR_FILTER", "always_off")], || {
        let builder = || Telemetry::builder("tests").without_server();
        let telemetry = builder().install().unwrap();
        call(0);
        assert_eq!(exemplars(), 0);
        telemetry.shutdown(PATIENCE).unwrap();

        let builder = builder().exemplar_filter(ExemplarFilter::TraceBased);
        let _telemetry = builder.install().unwrap();
        assert_eq!(exemplars(), 0, "none was kept meanwhile");
        call(0);
        assert!(exemplars() > 0, "code wins");
    });
}
