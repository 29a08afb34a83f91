//! What becomes of data when its backend does not take it now.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use tachograph::collector::{Collector, Spans};
use tachograph::trace::Span;
use tachograph_exporters::{FlushError, Signal, Telemetry, TelemetryBuilder};
use tachograph_tests::collector::{self, Answer};
use tachograph_tests::{Nowhere, alone};

use super::{PATIENCE, Protocol, call, otlp, sending_to};

#[test]
fn a_shutdown_that_cannot_wait_says_so_at_once() {
    alone(&[], || {
        for protocol in [Protocol::Http, Protocol::Grpc] {
            let busy = Answer::Busy(Some(PATIENCE + Duration::from_secs(30)));
            let collector = collector::Collector::start([busy]);
            let telemetry = sending_to(&collector, protocol).install().unwrap();
            call(0);
            while collector.received().attempts.is_empty() {
                let _ = telemetry.force_flush(Duration::from_millis(10));
            }
            // It would not be done in the time that it has, so it does not wait for its end.
            let dropped = telemetry.shutdown(PATIENCE).unwrap();
            let spans = dropped.iter().filter(|loss| loss.signal == Signal::Traces);
            assert_eq!(spans.map(|loss| loss.items).sum::<u64>(), 2, "{dropped}");
        }
    });
}

/// What a path of the telemetry server shows.
fn page(server: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(server).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "GET {path} HTTP/1.0\r\nhost: localhost\r\n\r\n").unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    page
}

#[test]
fn a_dead_backend_leaves_the_local_view_live() {
    alone(&[], || {
        let nowhere = Nowhere::new();
        let endpoint = format!("http://{}", nowhere.address());
        let builder = Telemetry::builder("tests").serve("127.0.0.1:0");
        let builder = builder.export(otlp(&endpoint, Protocol::Http));
        let telemetry = builder.batch_size(8).queue_size(8).install().unwrap();
        (0..1_000).for_each(|_| Span::start("older").end());
        Span::start("newest").end();
        let server = telemetry.server_address().unwrap();
        let page = page(server, "/debug/traces");
        assert!(page.contains("newest"), "{page}");

        let FlushError::TimedOut { dropped, .. } =
            telemetry.shutdown(Duration::from_millis(100)).unwrap_err()
        else {
            panic!("nobody is there");
        };
        assert!(
            dropped.iter().all(|loss| &*loss.exporter == "otlp_http"),
            "{dropped}"
        );
    });
}

#[test]
fn nothing_waits_for_nobody() {
    alone(&[], || {
        let waiting = |builder: TelemetryBuilder| {
            let telemetry = builder.install().unwrap();
            (0..50_000).for_each(|_| Span::start("span").end());
            // Whoever installs a collector has the spans that no telemetry takes.
            telemetry.shutdown(PATIENCE).unwrap();
            Collector::<Spans>::install()
                .unwrap()
                .drain(usize::MAX)
                .len()
        };
        let builder = || Telemetry::builder("tests");
        for builder in [
            builder().without_server(),
            builder().serve("127.0.0.1:0").max_traces(0),
        ] {
            // None is left for the next telemetry to tell of as lost.
            assert_eq!(waiting(builder), 0);
        }
    });
}
