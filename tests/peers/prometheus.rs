//! Prometheus and its `promtool`: are our pages, exemplars and remote writes what they take them for?

use std::fmt::Write as _;
use std::fs;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use super::http::{get, get_json};
use super::process::{Process, run, wait_until};

/// A running Prometheus. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Prometheus {
    process: Process,
}

impl Prometheus {
    /// Starts Prometheus and returns when it answers queries; it scrapes `/metrics` of all `targets` four times a second,
    /// asking for `OpenMetrics` first. Samples carry `job="peers"` and their target as `instance`.
    ///
    /// # Panics
    ///
    /// If it is not installed or does not come up.
    pub(crate) fn start(targets: &[SocketAddr]) -> Self {
        let formats = [
            "OpenMetricsText1.0.0",
            "OpenMetricsText0.0.1",
            "PrometheusText0.0.4",
        ];
        Self::start_asking_for(&formats, targets)
    }

    /// The same, asking for these formats, the first of them first.
    ///
    /// # Panics
    ///
    /// Where [`start`](Self::start) does.
    pub(crate) fn start_asking_for(formats: &[&str], targets: &[SocketAddr]) -> Self {
        let config = config(formats, targets);
        let process = Process::start(
            "prometheus",
            &["WEB_PORT"],
            |command, place| {
                fs::write(place.dir().join("prometheus.yml"), &config).expect("the folder is ours");
                let listen = format!("--web.listen-address={}", place.address("WEB_PORT"));
                command
                    .args(["--config.file=prometheus.yml", "--storage.tsdb.path=data"])
                    .arg("--enable-feature=exemplar-storage")
                    // Or it scrapes nothing for its first five seconds.
                    .arg("--scrape.discovery-reload-interval=100ms")
                    .args(["--web.enable-remote-write-receiver", &listen]);
            },
            |place| {
                let ready = format!("http://{}/-/ready", place.address("WEB_PORT"));
                get(&ready, &[], "*/*").is_ok()
            },
        );
        Self { process }
    }

    /// What `expression` is now, as the query API's `result`: for an instant vector an array of objects with `metric`
    /// (the labels) and `value` (time and a string).
    ///
    /// # Panics
    ///
    /// If Prometheus does not understand the expression.
    pub(crate) fn query(&self, expression: &str) -> Value {
        self.ask("query", &[("query", expression)])["result"].take()
    }

    /// The exemplars of the series in `expression`: an array of objects with `seriesLabels` and `exemplars` (`labels`,
    /// `value`, `timestamp`).
    ///
    /// # Panics
    ///
    /// If Prometheus does not understand the expression.
    pub(crate) fn query_exemplars(
        &self,
        expression: &str,
        start: SystemTime,
        end: SystemTime,
    ) -> Value {
        let (start, end) = (unix_seconds(start), unix_seconds(end));
        let query = [("query", expression), ("start", &start), ("end", &end)];
        self.ask("query_exemplars", &query)
    }

    /// Waits until the result of [`query`](Self::query) is `enough`, and returns it.
    ///
    /// # Panics
    ///
    /// If that takes longer than `bound`.
    pub(crate) fn wait_for_query(
        &self,
        expression: &str,
        bound: Duration,
        enough: impl Fn(&Value) -> bool,
    ) -> Value {
        wait_until(expression, bound, || self.query(expression), enough)
    }

    fn address(&self) -> SocketAddr {
        self.process.place().address("WEB_PORT")
    }

    fn ask(&self, what: &str, query: &[(&str, &str)]) -> Value {
        let url = format!("http://{}/api/v1/{what}", self.address());
        get_json(&url, query)["data"].take()
    }
}

/// Lets `promtool check metrics` read a page in the Prometheus text format; of `OpenMetrics` it knows nothing.
///
/// It compares each series with each other one of its family: thousands in one family take minutes.
///
/// # Errors
///
/// What it complains about: lines it cannot parse, and names or help texts against the conventions.
///
/// # Panics
///
/// If it is not installed, or does not end within a minute.
pub(crate) fn promtool_check_metrics(text: &str) -> Result<(), String> {
    run(
        "promtool",
        &["check", "metrics"],
        text,
        Duration::from_secs(60),
    )
}

fn config(formats: &[&str], targets: &[SocketAddr]) -> String {
    let formats = formats.join(", ");
    let mut config = format!(
        "global:
  scrape_interval: 250ms
  scrape_timeout: 250ms
  scrape_protocols: [{formats}]
scrape_configs:
  - job_name: peers
    static_configs:
"
    );
    for target in targets {
        writeln!(config, "      - targets: ['{target}']").expect("a string takes all");
    }
    config
}

/// In the form the query API takes.
fn unix_seconds(time: SystemTime) -> String {
    let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    format!(
        "{}.{:03}",
        since_epoch.as_secs(),
        since_epoch.subsec_millis()
    )
}
