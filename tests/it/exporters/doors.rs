//! The telemetry server's doors, from outside: who sees what, and what clients cost.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc;

use tachograph::trace::Span;
use tachograph_exporters::{Door, ExportError, Telemetry};
use tachograph_tests::alone;

use super::PATIENCE;

/// Asks for a page, and reads nothing yet.
fn ask(address: SocketAddr, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

/// The status of a page.
fn status(address: SocketAddr, path: &str) -> String {
    let mut answer = String::new();
    ask(address, path).read_to_string(&mut answer).unwrap();
    answer[9..12].to_owned()
}

#[test]
fn a_variable_of_metrics_does_not_publish_spans() {
    let variables = [
        ("OTEL_EXPORTER_PROMETHEUS_HOST", "0.0.0.0"),
        ("OTEL_EXPORTER_PROMETHEUS_PORT", "0"),
    ];
    alone(&variables, || {
        let install = |open: bool| {
            let builder = Telemetry::builder("tests");
            let builder = if open {
                builder.debug_pages(true)
            } else {
                builder
            };
            let telemetry = builder.install().unwrap();
            let port = telemetry.server_address().unwrap().port();
            (telemetry, SocketAddr::from(([127, 0, 0, 1], port)))
        };
        let (telemetry, address) = install(false);
        assert_eq!(status(address, "/metrics"), "200");
        assert_eq!(status(address, "/debug/traces"), "404");
        assert_eq!(status(address, "/debug/functions"), "404");
        assert_eq!(telemetry.door_address(Door::Debug), None);
        telemetry.shutdown(PATIENCE).unwrap();

        let (telemetry, address) = install(true);
        assert_eq!(status(address, "/debug/traces"), "200");
        telemetry.shutdown(PATIENCE).unwrap();
    });
}

#[test]
fn a_door_may_have_an_address_of_its_own() {
    alone(&[], || {
        let builder = Telemetry::builder("tests").without_server();
        let builder = builder.serve_door(Door::Debug, "127.0.0.1:0");
        let telemetry = builder.install().unwrap();
        assert_eq!(telemetry.server_address(), None);
        assert_eq!(telemetry.door_address(Door::Probes), None);
        let address = telemetry.door_address(Door::Debug).unwrap();
        assert_eq!(status(address, "/debug/traces"), "200");
        assert_eq!(status(address, "/metrics"), "404");
        telemetry.shutdown(PATIENCE).unwrap();
    });
}

#[test]
fn a_program_starts_where_the_default_address_is_taken() {
    alone(&[], || {
        // Another program may have it already, which is as good.
        let _taken = TcpListener::bind("127.0.0.1:9090");
        let (sender, errors) = mpsc::channel();
        let on_error = move |error: &ExportError| sender.send(error.to_string()).unwrap();
        let telemetry = Telemetry::builder("tests").on_error(on_error).install();
        let telemetry = telemetry.unwrap();
        assert_eq!(telemetry.server_address(), None);
        let error = errors.try_recv().unwrap();
        assert!(
            error.starts_with("there is no telemetry server: ") && error.contains("127.0.0.1:9090"),
            "{error}"
        );
        telemetry.shutdown(PATIENCE).unwrap();
    });
}

/// What the process has in memory, in KiB.
#[cfg(target_os = "linux")]
fn resident(which: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(which)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn clients_that_do_not_read_cost_little_memory() {
    alone(&[], || {
        let telemetry = Telemetry::builder("tests").serve("127.0.0.1:0").install();
        let telemetry = telemetry.unwrap();
        let address = telemetry.server_address().unwrap();
        let before = resident("VmRSS");
        for _ in 0..100 {
            let mut root = Span::start("root");
            root.in_scope(|| {
                for _ in 0..200 {
                    let large = "x".repeat(4_000);
                    Span::builder("large")
                        .with_attribute("large", large)
                        .start()
                        .end();
                }
            });
            root.end();
            telemetry.force_flush(PATIENCE).unwrap();
        }
        let clients: Vec<_> = (0..8).map(|_| ask(address, "/debug/traces")).collect();
        for client in &clients {
            // Its answer is under way, or it was refused.
            client.peek(&mut [0]).unwrap();
        }
        assert_eq!(status(address, "/health"), "200");
        let grown = resident("VmHWM").saturating_sub(before) >> 10;
        assert!(grown < 96, "{grown} MiB");
        drop(clients);
        telemetry.shutdown(PATIENCE).unwrap();
    });
}
