//! OTLP over TLS: whole sessions with certificates that exist for the test alone.

use std::fs;
use std::net::UdpSocket;
use std::sync::mpsc;
use std::time::Duration;

use tachograph::trace::SpanId;
use tachograph_exporters::{
    Cause, ExportError, FlushError, Jaeger, Signal, Telemetry, TelemetryBuilder,
};
use tachograph_tests::alone;
use tachograph_tests::authority::Authority;
use tachograph_tests::collector::Collector;

use super::{FOR_EVER, PATIENCE, Protocol, call, otlp, sending, sending_to};

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
        let otlp = otlp(&collector.endpoint(), Protocol::Http);
        let builder = sending(otlp.ca(authority.file("ca.pem")));
        assert_arrives(builder, &collector);
    });
}

#[test]
fn over_grpc_to_whom_code_trusts_and_says_who_it_is() {
    alone(&[], || {
        let authority = Authority::new();
        let collector = Collector::start_secure(&authority, true);
        let otlp = otlp(&collector.endpoint(), Protocol::Grpc)
            .ca(authority.file("ca.pem"))
            .identity(authority.file("client.pem"), authority.file("client.key"));
        assert_arrives(sending(otlp), &collector);
    });
}

/// The collector belongs to the process of the test, and the environment of the other one names it: credentials of the
/// environment go only to an endpoint of the environment.
#[test]
fn as_the_environment_says() {
    let authority = Authority::new();
    let collector = Collector::start_secure(&authority, true);
    let file = |name| authority.file(name).to_str().unwrap().to_owned();
    let (endpoint, ca) = (collector.endpoint(), file("ca.pem"));
    let (certificate, key) = (file("client.pem"), file("client.key"));
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &*endpoint),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "no/such/ca.pem"),
        ("OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE", &ca),
        ("OTEL_EXPORTER_OTLP_METRICS_CERTIFICATE", &ca),
        ("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", &certificate),
        ("OTEL_EXPORTER_OTLP_CLIENT_KEY", &key),
    ];
    let mut is_other = false;
    alone(&variables, || {
        is_other = true;
        let builder = Telemetry::builder("tests").without_server();
        let telemetry = builder.export_timeout(FOR_EVER).install().unwrap();
        call(7);
        let dropped = telemetry.shutdown(PATIENCE).unwrap();
        assert!(dropped.is_empty(), "{dropped}");
    });
    if !is_other {
        let received = collector.received();
        assert_eq!(received.spans().count(), 2);
        assert!(!received.metrics.is_empty());
    }
}

/// Where the system's certificates are files, a variable can name others.
#[cfg(target_os = "linux")]
#[test]
fn to_whom_the_system_trusts() {
    let authority = Authority::new();
    let collector = Collector::start_secure(&authority, false);
    let endpoint = collector.endpoint();
    let ca = authority.file("ca.pem").to_str().unwrap().to_owned();
    let variables = [
        ("SSL_CERT_FILE", &*ca),
        ("SSL_CERT_DIR", ""),
        ("OTEL_EXPORTER_OTLP_CERTIFICATE", "no/such/ca.pem"),
        ("TACHOGRAPH_TEST_ENDPOINT", &endpoint),
    ];
    let mut is_other = false;
    alone(&variables, || {
        is_other = true;
        let endpoint = std::env::var("TACHOGRAPH_TEST_ENDPOINT").unwrap();
        for protocol in [Protocol::Http, Protocol::Grpc] {
            let telemetry = sending(otlp(&endpoint, protocol).system_roots());
            let telemetry = telemetry.install().unwrap();
            call(7);
            let dropped = telemetry.shutdown(PATIENCE).unwrap();
            assert!(dropped.is_empty(), "{dropped}");
        }
    });
    if !is_other {
        assert_eq!(collector.received().spans().count(), 4);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_system_that_trusts_nobody_is_told_of() {
    let variables = [("SSL_CERT_FILE", "/dev/null"), ("SSL_CERT_DIR", "")];
    alone(&variables, || {
        for (exporter, method) in [
            (
                sending(otlp("https://localhost", Protocol::Http).system_roots()),
                "Otlp",
            ),
            (
                Telemetry::builder("tests").export(Jaeger::http("https://h").system_roots()),
                "Jaeger",
            ),
        ] {
            let error = exporter.install().unwrap_err().to_string();
            let expected = format!(
                "{method}::system_roots() cannot be `true`: the operating system says of nobody that it trusts them ("
            );
            assert!(error.starts_with(&expected), "{error}");
            let instead =
                "(often the package `ca-certificates`), or name a PEM file with `.ca(..)`";
            assert!(error.ends_with(instead), "{error}");
        }
    });
}

/// Those of somebody whom the collector does not know, until others take their place.
#[test]
fn client_certificates_that_are_replaced_are_used() {
    alone(&[], || {
        let (authority, stranger) = (Authority::new(), Authority::new());
        let collector = Collector::start_secure(&authority, true);
        for protocol in [Protocol::Http, Protocol::Grpc] {
            let [certificate, key] = ["own.pem", "own.key"].map(|name| authority.file(name));
            let become_one_of = |authority: &Authority| {
                fs::copy(authority.file("client.pem"), &certificate).unwrap();
                fs::copy(authority.file("client.key"), &key).unwrap();
            };
            become_one_of(&stranger);
            let otlp = otlp(&collector.endpoint(), protocol);
            let otlp = otlp
                .ca(authority.file("ca.pem"))
                .identity(&certificate, &key);
            let (sender, errors) = mpsc::channel();
            let telemetry = sending(otlp)
                .batch_delay(Duration::from_millis(1))
                .on_error(move |error: &ExportError| drop(sender.send(error.clone())))
                .install()
                .unwrap();
            call(7);
            let error = errors.recv_timeout(PATIENCE).unwrap();
            assert!(matches!(error, ExportError::Retrying { .. }), "{error}");
            become_one_of(&authority);
            let dropped = telemetry.shutdown(PATIENCE).unwrap();
            assert!(dropped.is_empty(), "{dropped}");
        }
        assert_eq!(collector.received().spans().count(), 4);
    });
}

#[test]
fn a_key_alone_is_refused() {
    let variables = [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318"),
        ("OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY", "client.key"),
    ];
    alone(&variables, || {
        let error = Telemetry::builder("tests").without_server().install();
        let expected = "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY cannot be `***`: certificate and key go together; \
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
        .export(Jaeger::agent(
            "127.0.0.1",
            agent.local_addr().unwrap().port(),
        ))
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
            let distrusting = otlp(&collector.endpoint(), protocol).ca(another.file("ca.pem"));
            let reason = lost(sending(distrusting), &collector);
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
            let reason = lost(sending(otlp(&endpoint, protocol)), &collector);
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
            let otlp = otlp(&collector.endpoint(), protocol);
            lost(sending(otlp.ca(authority.file("ca.pem"))), &collector);
        }
    });
}
