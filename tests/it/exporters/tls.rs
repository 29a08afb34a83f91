//! OTLP over TLS: whole sessions with certificates that exist for the test alone.

use std::net::UdpSocket;
use std::sync::mpsc;
use std::time::Duration;

use tachograph::trace::SpanId;
use tachograph_exporters::{Cause, ExportError, FlushError, Signal, TelemetryBuilder};
use tachograph_tests::alone;
use tachograph_tests::authority::Authority;
use tachograph_tests::collector::Collector;

use super::{PATIENCE, Protocol, call, sending_to};

/// Fails unless two spans and the metrics arrive, and nothing is lost.
#[track_caller]
fn assert_arrives(builder: TelemetryBuilder, collector: &Collector) {
    let telemetry = builder.install().unwrap();
    let [parent, child] = call(7).map(SpanId::to_bytes);
    let dropped = telemetry.shutdown(PATIENCE).unwrap();
    assert!(dropped.is_empty(), "{dropped}");
    let received = collector.received();
    let mut ids: Vec<_> = received.spans().map(|span| &*span.span_id).collect();
    ids.sort_by_key(|id| **id != parent);
    assert_eq!(ids, [parent, child]);
    assert!(!received.metrics.is_empty());
}

#[test]
fn over_http_to_whom_code_trusts() {
    alone(&[], || {
        let authority = Authority::new();
        let collector = Collector::start_secure(&authority, false);
        let builder = sending_to(&collector, Protocol::Http);
        let builder = builder.otlp_certificate(authority.file("ca.pem"));
        assert_arrives(builder, &collector);
    });
}

#[test]
fn over_grpc_to_whom_code_trusts_and_says_who_it_is() {
    alone(&[], || {
        let authority = Authority::new();
        let collector = Collector::start_secure(&authority, true);
        let builder = sending_to(&collector, Protocol::Grpc);
        let builder = builder
            .otlp_certificate(authority.file("ca.pem"))
            .otlp_client_identity(authority.file("client.pem"), authority.file("client.key"));
        assert_arrives(builder, &collector);
    });
}

#[test]
fn as_the_environment_says() {
    // Relative, because the test's folder has no name yet.
    let variables = [
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "no/such/ca.pem"),
        ("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", "ca.pem"),
        ("OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", "ca.pem"),
        ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "client.pem"),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", "client.key"),
    ];
    alone(&variables, || {
        let authority = Authority::new();
        std::env::set_current_dir(authority.folder()).unwrap();
        let collector = Collector::start_secure(&authority, true);
        assert_arrives(sending_to(&collector, Protocol::Http), &collector);
    });
}

#[test]
fn a_key_alone_is_refused() {
    let variables = [("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "client.key")];
    alone(&variables, || {
        let collector = Collector::start([]);
        let error = sending_to(&collector, Protocol::Http).install();
        let expected = "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY cannot be `client.key`: certificate and key go together; \
                        set `OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE` too, or neither";
        assert_eq!(error.unwrap_err().to_string(), expected);
    });
}

/// Fails unless all that goes to the collector is tried, told of and counted as lost, while another backend gets all.
/// Returns what was told.
#[track_caller]
fn lost(builder: TelemetryBuilder, collector: &Collector) -> String {
    let agent = UdpSocket::bind("127.0.0.1:0").unwrap();
    agent.set_read_timeout(Some(PATIENCE)).unwrap();
    let (sender, errors) = mpsc::channel();
    let on_error = move |error: &ExportError| drop(sender.send(error.clone()));
    let telemetry = builder
        .jaeger_agent("127.0.0.1", agent.local_addr().unwrap().port())
        .batch_delay(Duration::from_millis(1))
        .on_error(on_error)
        .install()
        .unwrap();
    call(7);
    let error = errors.recv_timeout(PATIENCE).unwrap();
    let ExportError::Retrying { reason, .. } = error else {
        panic!("{error}");
    };
    let endpoint = collector.endpoint();
    let (_, address) = endpoint.split_once("://").unwrap();
    assert!(reason.contains(address), "{reason}");
    let (len, _) = agent.recv_from(&mut vec![0; 65_000]).unwrap();
    assert!(len > 0);

    let error = telemetry.shutdown(Duration::from_millis(100)).unwrap_err();
    let FlushError::TimedOut { dropped, .. } = &error else {
        panic!("{error}");
    };
    let traces = dropped.iter().filter(|loss| loss.signal == Signal::Traces);
    let [loss] = traces.collect::<Vec<_>>()[..] else {
        panic!("{dropped}");
    };
    assert!(loss.exporter.starts_with("otlp_"), "{dropped}");
    assert_eq!((loss.cause, loss.items), (Cause::Shutdown, 2), "{dropped}");
    assert_eq!(collector.received().attempts.len(), 0);
    reason
}

#[test]
fn whom_it_does_not_trust_it_sends_nothing() {
    alone(&[], || {
        let collector = Collector::start_secure(&Authority::new(), false);
        let another = Authority::new();
        for protocol in [Protocol::Http, Protocol::Grpc] {
            let builder = sending_to(&collector, protocol);
            let reason = lost(builder.otlp_certificate(another.file("ca.pem")), &collector);
            assert!(
                reason.ends_with("invalid peer certificate: UnknownIssuer"),
                "{reason}"
            );
            // Without a file the public authorities are trusted.
            let reason = lost(sending_to(&collector, protocol), &collector);
            assert!(
                reason.ends_with("invalid peer certificate: UnknownIssuer"),
                "{reason}"
            );
        }
    });
}

#[test]
fn a_port_without_tls_is_told_of() {
    alone(&[], || {
        let collector = Collector::start([]);
        let endpoint = collector.endpoint().replace("http://", "https://");
        for protocol in [Protocol::Http, Protocol::Grpc] {
            let builder = match protocol {
                Protocol::Http => sending_to(&collector, protocol).otlp(&endpoint),
                Protocol::Grpc => sending_to(&collector, protocol).otlp_grpc(&endpoint),
            };
            let reason = lost(builder, &collector);
            let hint = "; its port may be one without TLS, which wants `http://`";
            assert!(reason.ends_with(hint), "{reason}");
        }
    });
}

#[test]
fn who_says_nothing_of_itself_is_refused_where_it_must() {
    alone(&[], || {
        let authority = Authority::new();
        let collector = Collector::start_secure(&authority, true);
        for protocol in [Protocol::Http, Protocol::Grpc] {
            let builder = sending_to(&collector, protocol);
            let builder = builder.otlp_certificate(authority.file("ca.pem"));
            lost(builder, &collector);
        }
    });
}
