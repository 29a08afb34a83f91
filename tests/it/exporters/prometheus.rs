//! The same recordings through `metrics-exporter-prometheus` give the same families and values.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use metrics::{
    Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram,
    with_local_recorder,
};
use metrics_exporter_prometheus::PrometheusBuilder;
use tachograph::trace::Span;
use tachograph::{Registry, metered, traced};
use tachograph_exporters::Telemetry;
use tachograph_tests::alone;

const BUCKETS: [f64; 14] = [
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];

/// What the names of all families on the pages begin with.
const PREFIX: &str = "demo_";

fn record() {
    describe_counter!(
        "demo.http.requests",
        Unit::Count,
        "Requests that were answered."
    );
    describe_counter!("demo.disk.read", Unit::Bytes, "Bytes read.");
    describe_gauge!("demo.pool.size", "Connections in the pool.");
    describe_histogram!(
        "demo.http.duration",
        Unit::Seconds,
        "How long requests took."
    );
    for status in ["200", "404", "500"] {
        counter!("demo.http.requests", "status" => status, "path" => "/a\"b\\c\nd").increment(3);
    }
    counter!("demo.disk.read").increment(4_096);
    counter!("demo.plain_total").increment(1);
    gauge!("demo.pool.size", "pool" => "main").set(7.5);
    gauge!("demo.pool.size", "pool" => "main").decrement(0.25);
    gauge!("demo.temperature").set(-3.0);
    for value in [0.001, 0.005, 0.2, 0.2, 7.0, 100.0] {
        histogram!("demo.http.duration", "method" => "GET").record(value);
    }
}

/// One page, as far as its order does not matter.
#[derive(Debug, Default, PartialEq)]
struct Page {
    /// `TYPE` of each family.
    types: BTreeMap<String, String>,
    help: BTreeMap<String, String>,
    /// Each series with its labels in order, and its value.
    samples: BTreeMap<(String, BTreeSet<String>), f64>,
}

impl Page {
    /// Reads the families that [`record`] makes.
    fn read(text: &str) -> Self {
        let mut page = Self::default();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let mut words = line.splitn(4, ' ');
            let (first, second, third) = (words.next(), words.next(), words.next());
            match (first, second, third) {
                (Some("#"), Some("TYPE"), Some(name)) if name.starts_with(PREFIX) => {
                    page.types.insert(name.into(), words.next().unwrap().into());
                }
                (Some("#"), Some("HELP"), Some(name)) if name.starts_with(PREFIX) => {
                    page.help
                        .insert(name.into(), words.next().unwrap_or_default().into());
                }
                (Some("#"), ..) => {}
                _ if line.starts_with(PREFIX) => page.read_sample(line),
                _ => {}
            }
        }
        page
    }

    fn read_sample(&mut self, line: &str) {
        // Only OpenMetrics has exemplars, after this.
        let line = line.split(" # ").next().unwrap_or_default();
        let (series, value) = line.rsplit_once(' ').unwrap();
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let labels = labels.trim_end_matches('}').split("\",");
        let labels = labels.map(|label| label.trim_end_matches('"'));
        let labels = labels.filter(|label| !label.is_empty()).map(same_number);
        let labels = labels.collect();
        let known = self
            .samples
            .insert((name.into(), labels), value.parse().unwrap());
        assert_eq!(known, None, "{series} twice");
    }
}

/// A bound may be written `1` or `1.0`.
fn same_number(label: &str) -> String {
    match label.split_once("le=\"") {
        Some(("", bound)) => format!("le={:?}", bound.parse::<f64>().unwrap()),
        _ => label.to_owned(),
    }
}

fn get(address: SocketAddr, path: &str, accept: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: tests\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    let (head, body) = response.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
    body.to_owned()
}

#[test]
fn the_same_families_and_values_as_the_other_exporter() {
    alone(&[], || {
        let builder = PrometheusBuilder::new().with_recommended_naming(true);
        let other = builder.set_buckets(&BUCKETS).unwrap().build_recorder();
        with_local_recorder(&other, record);
        let expected = Page::read(&other.handle().render());

        let telemetry = Telemetry::builder("tests")
            .serve("127.0.0.1:0")
            .install()
            .unwrap();
        with_local_recorder(Registry::global(), record);
        let page = get(telemetry.server_address().unwrap(), "/metrics", "*/*");
        assert_eq!(Page::read(&page), expected);
    });
}

/// Looks for a product.
#[traced]
#[metered(name = "search", buckets = exponential)]
fn search() {}

#[test]
fn exponential_buckets_end_at_powers_of_two_in_both_formats() {
    alone(&[], || {
        let telemetry = Telemetry::builder("tests")
            .serve("127.0.0.1:0")
            .install()
            .unwrap();
        let waits = Registry::global().histogram("demo.wait").with_unit("s");
        let waits = waits.with_exponential_buckets().build().unwrap();
        let record = || {
            for wait in [0.3, 0.25, 1.5, 0.0] {
                waits.record(wait);
            }
        };
        Span::start("wait").in_scope(record);
        (0..10).for_each(|_| search());

        let get = |accept| get(telemetry.server_address().unwrap(), "/metrics", accept);
        let open = get("application/openmetrics-text");
        let (text, open_page) = (Page::read(&get("text/plain")), Page::read(&open));
        let wait = |page: &Page| {
            let mut samples = page.samples.clone();
            samples.retain(|(name, _), _| name.starts_with("demo_wait_seconds"));
            samples.into_iter().collect::<Vec<_>>()
        };
        let bucket = |le: &str, count| {
            let labels = BTreeSet::from([format!("le={le}")]);
            (("demo_wait_seconds_bucket".to_owned(), labels), count)
        };
        let expected = [
            bucket("0.0", 1.0),
            bucket("0.125", 1.0),
            bucket("0.25", 2.0),
            bucket("0.5", 3.0),
            bucket("1.0", 3.0),
            bucket("2.0", 4.0),
            bucket("inf", 4.0),
            (("demo_wait_seconds_count".to_owned(), BTreeSet::new()), 4.0),
            (("demo_wait_seconds_sum".to_owned(), BTreeSet::new()), 2.05),
        ];
        assert_eq!(wait(&text), expected);
        assert_eq!(wait(&open_page), expected);
        assert_eq!(text.types["demo_wait_seconds"], "histogram");
        assert!(open.contains("# TYPE search_calls_duration_seconds histogram\n"));

        let exemplars = |name: &str| {
            let lines = open.lines().filter(|line| line.starts_with(name));
            lines.filter(|line| line.contains(" # {trace_id=")).count()
        };
        assert!(exemplars("demo_wait_seconds_bucket") >= 3, "{open}");
        assert!(
            exemplars("search_calls_duration_seconds_bucket") >= 1,
            "{open}"
        );
    });
}

/// Loads a page.
#[metered(
    name = "page.loads",
    labels(fast = page < 3),
    on_ok(even = ok % 2 == 0),
    on_err(code(err, max = 9)),
)]
fn load_page(page: u64) -> Result<u64, u64> {
    if page == 5 { Err(404) } else { Ok(page) }
}

#[test]
fn labels_of_results_are_there_where_they_apply() {
    alone(&[], || {
        let telemetry = Telemetry::builder("tests")
            .serve("127.0.0.1:0")
            .install()
            .unwrap();
        for page in 0..6 {
            let _ = load_page(page);
        }
        let page = get(
            telemetry.server_address().unwrap(),
            "/metrics",
            "text/plain",
        );
        let samples = |name: &str| {
            let names = format!("function=\"load_page\",module=\"{}\",", module_path!());
            let lines = page.lines().filter(|line| line.starts_with(name));
            let lines = lines.map(|line| line.replace(&names, ""));
            lines.collect::<Vec<_>>()
        };
        assert_eq!(
            samples("page_loads_calls_total"),
            [
                r#"page_loads_calls_total{result="ok",fast="false"} 0"#,
                r#"page_loads_calls_total{result="error",fast="false"} 0"#,
                r#"page_loads_calls_total{result="ok",fast="false",even="false"} 1"#,
                r#"page_loads_calls_total{result="ok",fast="false",even="true"} 1"#,
                r#"page_loads_calls_total{result="error",fast="false",code="404"} 1"#,
                r#"page_loads_calls_total{result="ok",fast="true"} 0"#,
                r#"page_loads_calls_total{result="error",fast="true"} 0"#,
                r#"page_loads_calls_total{result="ok",fast="true",even="false"} 1"#,
                r#"page_loads_calls_total{result="ok",fast="true",even="true"} 2"#,
            ]
        );
        assert_eq!(
            samples("page_loads_calls_in_flight"),
            [
                r#"page_loads_calls_in_flight{fast="false"} 0"#,
                r#"page_loads_calls_in_flight{fast="true"} 0"#,
            ]
        );
        assert_eq!(
            samples("page_loads_calls_duration_seconds_count"),
            [
                r#"page_loads_calls_duration_seconds_count{result="ok",fast="false"} 0"#,
                r#"page_loads_calls_duration_seconds_count{result="ok",fast="false",even="false"} 1"#,
                r#"page_loads_calls_duration_seconds_count{result="ok",fast="false",even="true"} 1"#,
                r#"page_loads_calls_duration_seconds_count{result="error",fast="false",code="404"} 1"#,
                r#"page_loads_calls_duration_seconds_count{result="ok",fast="true"} 0"#,
                r#"page_loads_calls_duration_seconds_count{result="ok",fast="true",even="false"} 1"#,
                r#"page_loads_calls_duration_seconds_count{result="ok",fast="true",even="true"} 2"#,
            ]
        );
    });
}
