//! Jaeger, all in one process and in memory: does somebody else's backend understand our spans?

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use super::http::{get, get_json};
use super::process::{Process, wait_until};

const CONFIG: &str = include_str!("../../peers/jaeger.yaml");

/// A running Jaeger, empty at first. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Jaeger {
    process: Process,
}

impl Jaeger {
    /// Starts Jaeger and returns when it takes spans.
    ///
    /// # Panics
    ///
    /// If it is not installed or does not come up.
    pub(crate) fn start() -> Self {
        let process = Process::start(
            "jaeger",
            &[
                "HEALTH_PORT",
                "QUERY_PORT",
                "QUERY_GRPC_PORT",
                "OTLP_GRPC_PORT",
                "OTLP_HTTP_PORT",
                "THRIFT_HTTP_PORT",
                "THRIFT_COMPACT_PORT",
                "THRIFT_BINARY_PORT",
                "ZIPKIN_PORT",
            ],
            |command, place| {
                fs::write(place.dir().join("jaeger.yaml"), CONFIG).expect("the folder is ours");
                command.args(["--config", "jaeger.yaml"]);
            },
            |place| {
                let health = format!("http://{}/status", place.address("HEALTH_PORT"));
                get(&health, &[], "*/*").is_ok()
            },
        );
        Self { process }
    }

    /// Where OTLP over HTTP goes, without `/v1/traces`: `http://127.0.0.1:PORT`.
    pub(crate) fn otlp_http(&self) -> String {
        format!("http://{}", self.address("OTLP_HTTP_PORT"))
    }

    /// Where batches of Jaeger's Thrift in the binary protocol are posted: `http://127.0.0.1:PORT/api/traces`.
    pub(crate) fn thrift_http(&self) -> String {
        format!("http://{}/api/traces", self.address("THRIFT_HTTP_PORT"))
    }

    /// Where `emitBatch` datagrams in Thrift's compact protocol go, as to an agent's port 6831.
    pub(crate) fn thrift_compact(&self) -> SocketAddr {
        self.address("THRIFT_COMPACT_PORT")
    }

    /// An array of the traces that `service` has a span in, in the JSON of Jaeger's own pages: each with its `traceID`,
    /// `spans` (`operationName`, `references`, `tags`, `logs`, `processID`) and `processes`.
    pub(crate) fn traces(&self, service: &str) -> Value {
        // By default it looks back two days from now, and a manual clock may be anywhere.
        let query = [
            ("service", service),
            ("start", "0"),
            ("end", "9000000000000000"),
            ("limit", "10000"),
        ];
        self.ask("traces", &query)
    }

    /// Waits until the [`traces`](Self::traces) of `service` are `enough`, and returns them.
    ///
    /// # Panics
    ///
    /// If that takes longer than `bound`.
    pub(crate) fn wait_for_traces(
        &self,
        service: &str,
        bound: Duration,
        enough: impl Fn(&Value) -> bool,
    ) -> Value {
        wait_until(
            &format!("traces of {service}"),
            bound,
            || self.traces(service),
            enough,
        )
    }

    fn address(&self, port: &str) -> SocketAddr {
        self.process.place().address(port)
    }

    fn ask(&self, what: &str, query: &[(&str, &str)]) -> Value {
        let url = format!("http://{}/api/{what}", self.address("QUERY_PORT"));
        let mut answer = get_json(&url, query);
        assert!(answer["errors"].is_null(), "Jaeger answers {answer:#}");
        // Nothing found is `null` or an empty array, depending on the question.
        match answer["data"].take() {
            Value::Null => Value::Array(Vec::new()),
            data => data,
        }
    }
}
