//! What leaves the process. Telemetry is installed for a whole process, so each test has one of its own.

mod delivery;
mod doors;
mod errors;
mod flushing;
mod installing;
mod logs;
mod otlp;
mod prometheus;
mod shutdown;
mod tls;

use std::time::Duration;

use tachograph::trace::{Span, SpanId};
use tachograph::{metered, traced};
use tachograph_exporters::{Exporter, Otlp, Telemetry, TelemetryBuilder};
use tachograph_tests::collector::Collector;

/// Longer than any flush takes, however busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// Longer than any test may take: whoever waits for it hangs.
const FOR_EVER: Duration = Duration::from_secs(3_600);

/// How OTLP travels.
#[derive(Clone, Copy, Debug)]
enum Protocol {
    Http,
    Grpc,
}

/// Telemetry that goes to this collector alone. No request is given up in the time that a test has.
fn sending_to(collector: &Collector, protocol: Protocol) -> TelemetryBuilder {
    sending(otlp(&collector.endpoint(), protocol))
}

/// Telemetry with this exporter alone.
fn sending(exporter: impl Exporter) -> TelemetryBuilder {
    let builder = Telemetry::builder("tests").without_server();
    builder.export_timeout(FOR_EVER).export(exporter)
}

/// An exporter to this endpoint that gives no request up in the time that a test has.
fn otlp(endpoint: &str, protocol: Protocol) -> Otlp {
    let otlp = match protocol {
        Protocol::Http => Otlp::http(endpoint),
        Protocol::Grpc => Otlp::grpc(endpoint),
    };
    otlp.timeout(FOR_EVER)
}

/// Two spans; returns their ids, the parent first.
#[traced(fields(n))]
#[metered]
fn call(n: u64) -> [SpanId; 2] {
    [current(), inner()]
}

#[traced]
fn inner() -> SpanId {
    current()
}

fn current() -> SpanId {
    Span::current().context().expect("somebody listens").span_id
}
