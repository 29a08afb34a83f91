//! Telemetry from `install()` to its end: what is refused, who hears of problems, and what a burst of calls costs.

use std::net::{TcpListener, UdpSocket};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use tachograph::metrics::MetricData;
use tachograph::{Registry, metered, traced};
use tachograph_exporters::{
    BuildError, Cause, ExportError, FlushError, Jaeger, Otlp, Telemetry, TelemetryBuilder,
};
use tachograph_tests::collector::{Answer, Collector};
use tachograph_tests::{Nowhere, alone};
use tokio::runtime::Builder;

use super::{PATIENCE, Protocol, call, otlp, sending, sending_to};

/// Fails unless the message has all these parts, and telemetry can be installed all the same afterwards.
#[track_caller]
fn assert_refused(builder: TelemetryBuilder, parts: &[&str]) {
    let error = builder
        .install()
        .expect_err("it makes no sense")
        .to_string();
    for part in parts {
        assert!(error.contains(part), "{error}");
    }
    let telemetry = Telemetry::builder("tests").without_server().install();
    telemetry.unwrap().shutdown(PATIENCE).unwrap();
}

#[test]
fn what_makes_no_sense_is_refused() {
    alone(&[], || {
        let builder = || Telemetry::builder("tests").without_server();
        assert_refused(
            builder().export(Otlp::http("collector")),
            &["Otlp::http(..) is no usable endpoint", "http://"],
        );
        assert_refused(
            builder().export(Otlp::http("https://collector").ca("no/such/ca.pem")),
            &["Otlp::ca(..)", "a PEM file"],
        );
        assert_refused(
            builder().export(Jaeger::http("localhost")),
            &["Jaeger::http(..) is no usable endpoint"],
        );
        assert_refused(
            builder().export(Otlp::http("http://localhost").header("api key", "secret")),
            &["Otlp::header(..) has a header", "letters, digits"],
        );
        assert_refused(
            builder().batch_size(0),
            &[".batch_size(..) cannot be `0`", "above zero"],
        );
        assert_refused(builder().batch_size(3_000), &["`3000`", "queue of 2048"]);

        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = taken.local_addr().unwrap().to_string();
        assert_refused(
            builder().serve(&address),
            &[".serve(..)", &address, "another port"],
        );
        assert_refused(
            builder().serve("nowhere"),
            &[".serve(..)", "`***`", "`127.0.0.1:9090`"],
        );
    });
}

#[test]
fn what_makes_no_sense_is_refused_within_a_runtime_too() {
    alone(&[], || {
        for mut runtime in [Builder::new_multi_thread(), Builder::new_current_thread()] {
            runtime.build().unwrap().block_on(async {
                let builder = Telemetry::builder("tests").without_server();
                assert_refused(
                    builder.export(Otlp::http("collector")),
                    &["Otlp::http(..) is"],
                );
            });
        }
    });
}

#[test]
fn a_name_of_the_exporters_own_is_refused_within_a_runtime_too() {
    alone(&[], || {
        let taken = Registry::global().gauge("tachograph.exporter.exported");
        taken.build().unwrap();
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let error = Telemetry::builder("tests").without_server().install();
            let error = error.unwrap_err().to_string();
            assert!(error.contains("`tachograph.exporter.exported`"), "{error}");
        });
    });
}

#[test]
fn one_recorder_of_the_facade() {
    alone(&[], || {
        metrics::set_global_recorder(metrics::NoopRecorder).unwrap();
        let builder = || Telemetry::builder("tests").without_server();
        let error = builder().install().unwrap_err();
        assert!(matches!(error, BuildError::RecorderTaken), "{error}");
        assert!(
            error.to_string().contains(".metrics_facade(false)"),
            "{error}"
        );
        let telemetry = builder().metrics_facade(false).install().unwrap();
        telemetry.shutdown(PATIENCE).unwrap();
    });
}

#[test]
fn what_the_facade_turns_away_is_told() {
    alone(&[], || {
        let (sender, errors) = mpsc::channel();
        let on_error = move |error: &ExportError| sender.send(error.to_string()).unwrap();
        let builder = Telemetry::builder("tests").without_server();
        let telemetry = builder.on_error(on_error).install().unwrap();
        metrics::counter!("hits").increment(1);
        metrics::gauge!("hits").set(1.0);
        telemetry.force_flush(PATIENCE).unwrap();
        let error = errors.try_recv().unwrap();
        assert!(error.starts_with("`hits` is a gauge"), "{error}");
        telemetry.shutdown(PATIENCE).unwrap();
        assert!(errors.try_recv().is_err(), "it was told once");
    });
}

#[test]
fn a_default_address_that_is_taken_is_told_and_left_out() {
    alone(&[], || {
        // If this fails somebody has it already, which is the same.
        let _taken = TcpListener::bind("127.0.0.1:9090");
        let (sender, errors) = mpsc::channel();
        let on_error = move |error: &ExportError| sender.send(error.to_string()).unwrap();
        let builder = Telemetry::builder("tests").on_error(on_error);
        let telemetry = builder.install().unwrap();
        assert_eq!(telemetry.server_address(), None);
        let error = errors.try_recv().unwrap();
        assert!(error.contains("127.0.0.1:9090"), "{error}");
        telemetry.shutdown(PATIENCE).unwrap();

        let error = Telemetry::builder("tests").serve("127.0.0.1:9090");
        let error = error.install().unwrap_err();
        assert!(matches!(error, BuildError::AddressInUse { .. }), "{error}");
    });
}

#[test]
fn the_environment_fills_in() {
    let variables = [
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "0"),
        ("OTEL_BSP_SCHEDULE_DELAY", "soon"),
    ];
    alone(&variables, || {
        let (sender, errors) = mpsc::channel();
        let on_error = move |error: &ExportError| sender.send(error.to_string()).unwrap();
        let telemetry = Telemetry::builder("tests")
            .on_error(on_error)
            .install()
            .unwrap();
        let address = telemetry.server_address().unwrap();
        assert!(
            address.ip().is_loopback() && address.port() != 0,
            "{address}"
        );
        let expected =
            "OTEL_BSP_SCHEDULE_DELAY is ignored: write a whole number of milliseconds above zero";
        assert_eq!(errors.try_recv().unwrap(), expected);

        // The address is free again at once.
        telemetry.shutdown(PATIENCE).unwrap();
        TcpListener::bind(address).unwrap();
    });
}

#[test]
fn the_environment_switches_all_off() {
    alone(&[("OTEL_SDK_DISABLED", "true")], || {
        let collector = Collector::start([]);
        let telemetry = sending_to(&collector, Protocol::Http)
            .serve("127.0.0.1:0")
            .install()
            .unwrap();
        assert_eq!(telemetry.server_address(), None);
        assert!(!is_listened_to(), "nobody listens");
        telemetry.force_flush(PATIENCE).unwrap();
        assert!(telemetry.shutdown(PATIENCE).unwrap().is_empty());
    });
}

/// Whether a call is traced now.
fn is_listened_to() -> bool {
    #[traced]
    fn call() -> bool {
        tachograph::trace::Span::current().context().is_some()
    }
    call()
}

#[traced]
#[metered]
fn quick(_n: u64) {}

#[test]
fn a_burst_arrives_whole() {
    alone(&[], || {
        let collector = Collector::start([]);
        let telemetry = sending_to(&collector, Protocol::Http).install().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..5_000).for_each(quick));
            }
        });
        let dropped = telemetry.shutdown(PATIENCE).unwrap();
        assert!(dropped.is_empty(), "{dropped}");
        assert_eq!(collector.received().spans().count(), 20_000);
    });
}

#[test]
fn a_stuck_backend_costs_others_nothing() {
    alone(&[], || {
        // As many as are under way at a time.
        let collector = Collector::start([Answer::Held; 4]);
        let agent = UdpSocket::bind("127.0.0.1:0").unwrap();
        let telemetry = sending_to(&collector, Protocol::Http)
            .export(Jaeger::agent(
                "127.0.0.1",
                agent.local_addr().unwrap().port(),
            ))
            .install()
            .unwrap();
        // More than waits for it at most, in steps.
        for sent in 1..=75 {
            (0..1_000).for_each(quick);
            while exported("jaeger_udp") < sent * 1_000 {
                let _ = telemetry.force_flush(Duration::from_millis(10));
            }
        }
        let error = telemetry.shutdown(Duration::from_millis(100)).unwrap_err();
        let FlushError::TimedOut { dropped, .. } = &error else {
            panic!("{error}");
        };
        let mut losses = dropped.iter().map(|loss| (&*loss.exporter, loss.cause));
        let queue_full = ("otlp_http", Cause::QueueFull);
        assert!(losses.clone().any(|loss| loss == queue_full), "{dropped}");
        assert!(
            losses.all(|(exporter, _)| exporter == "otlp_http"),
            "{dropped}"
        );
    });
}

/// The self-metric of what an exporter has sent.
fn exported(exporter: &str) -> u64 {
    let snapshot = Registry::global().snapshot();
    let name = "tachograph.exporter.exported";
    let MetricData::Counter(points) = snapshot.metric(name).unwrap().data() else {
        panic!("{name} is a counter");
    };
    let of_exporter = points
        .iter()
        .filter(|point| point.label("exporter") == Some(exporter));
    of_exporter.map(|point| *point.value()).sum()
}

#[test]
fn nobody_waits_for_a_backend_that_is_not_there() {
    alone(&[], || {
        let nowhere = Nowhere::new();
        let endpoint = format!("http://{}", nowhere.address());
        let telemetry = sending(otlp(&endpoint, Protocol::Http)).install().unwrap();
        for n in 0..10_000 {
            call(n);
        }
        let error = telemetry.shutdown(Duration::from_secs(1)).unwrap_err();
        let FlushError::TimedOut { dropped, .. } = &error else {
            panic!("{error}");
        };
        let spans = dropped
            .iter()
            .filter(|loss| loss.signal == tachograph_exporters::Signal::Traces);
        assert_eq!(spans.map(|loss| loss.items).sum::<u64>(), 20_000, "{error}");
    });
}

#[test]
fn the_exporters_thread_does_not_wait_for_itself() {
    alone(&[], || {
        let collector = Collector::start([Answer::Refuse]);
        let installed = Arc::new(Mutex::new(None::<Telemetry>));
        let (sender, ended) = mpsc::channel();
        let on_error = {
            let installed = Arc::clone(&installed);
            move |_: &ExportError| {
                if let Some(telemetry) = installed.lock().unwrap().take() {
                    let flushed = telemetry.force_flush(PATIENCE);
                    sender
                        .send((flushed, telemetry.shutdown(PATIENCE)))
                        .unwrap();
                }
            }
        };
        let builder = sending_to(&collector, Protocol::Http).batch_size(64);
        let telemetry = builder.on_error(on_error).install().unwrap();
        // The shutdown waits until the calls, which want a listener, are over.
        let mut waiting = installed.lock().unwrap();
        for n in 0..100 {
            call(n);
        }
        *waiting = Some(telemetry);
        drop(waiting);
        let ended = ended.recv_timeout(PATIENCE).unwrap();
        let refused = Err::<(), _>(FlushError::OnExporterThread);
        assert_eq!(format!("{ended:?}"), format!("{:?}", (&refused, &refused)));
        assert!(!is_listened_to(), "the shutdown takes its course");
    });
}
