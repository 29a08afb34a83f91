//! The OpenTelemetry Collector as a witness: what arrives over OTLP, it writes down as the standard's own JSON.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use super::process::{Process, wait_until};

const CONFIG: &str = include_str!("../../peers/otelcol.yaml");
const OUTPUT_FILE: &str = "received.jsonl";

/// A running collector. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Collector {
    process: Process,
}

impl Collector {
    /// Starts the collector and returns when it takes all signals.
    ///
    /// # Panics
    ///
    /// If it is not installed or does not come up.
    pub(crate) fn start() -> Self {
        let process = Process::start(
            "otelcol",
            &["OTLP_GRPC_PORT", "OTLP_HTTP_PORT", "PROMETHEUS_PORT"],
            |command, place| {
                fs::write(place.dir().join("otelcol.yaml"), CONFIG).expect("the folder is ours");
                command.args(["--config", "file:otelcol.yaml"]);
                command.env("OUTPUT_FILE", OUTPUT_FILE);
            },
            // An open port is not enough: the pipelines behind it start one after the other.
            |place| place.log().contains("Everything is ready"),
        );
        Self { process }
    }

    /// Where OTLP over gRPC goes: `http://127.0.0.1:PORT`.
    pub(crate) fn otlp_grpc(&self) -> String {
        format!("http://{}", self.address("OTLP_GRPC_PORT"))
    }

    /// Where OTLP over HTTP goes, without `/v1/traces` and the like: `http://127.0.0.1:PORT`.
    pub(crate) fn otlp_http(&self) -> String {
        format!("http://{}", self.address("OTLP_HTTP_PORT"))
    }

    /// An array of the export requests so far, in order of arrival and all signals mixed: objects with one of
    /// `resourceSpans`, `resourceMetrics` and `resourceLogs`.
    pub(crate) fn received(&self) -> Value {
        // The file appears at the start, but a missing one would only mean that nothing came yet.
        let text =
            fs::read_to_string(self.process.place().dir().join(OUTPUT_FILE)).unwrap_or_default();
        // A last line without its end is still being written.
        let complete = text.rsplit_once('\n').map_or("", |(lines, _)| lines);
        let parse = |line| -> Value {
            serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}"))
        };
        complete.lines().map(parse).collect()
    }

    /// Waits until what was [`received`](Self::received) is `enough`, and returns it.
    ///
    /// # Panics
    ///
    /// If that takes longer than `bound`.
    pub(crate) fn wait_for(&self, bound: Duration, enough: impl Fn(&Value) -> bool) -> Value {
        wait_until("requests", bound, || self.received(), enough)
    }

    fn address(&self, port: &str) -> SocketAddr {
        self.process.place().address(port)
    }
}

/// All spans in what was [`received`](Collector::received), without the resources and scopes around them.
pub(crate) fn spans(received: &Value) -> Vec<&Value> {
    flatten(received, ["resourceSpans", "scopeSpans", "spans"])
}

/// All metrics in what was [`received`](Collector::received), without the resources and scopes around them.
pub(crate) fn metrics(received: &Value) -> Vec<&Value> {
    flatten(received, ["resourceMetrics", "scopeMetrics", "metrics"])
}

fn flatten<'a>(received: &'a Value, path: [&str; 3]) -> Vec<&'a Value> {
    let requests: Vec<_> = received.as_array().into_iter().flatten().collect();
    path.iter().fold(requests, |level, key| {
        let arrays = level.into_iter().filter_map(|value| value[key].as_array());
        arrays.flatten().collect()
    })
}
