//! Pages of metrics with any name, unit, label and value are read by other people's parsers.

use std::collections::HashSet;
use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_gauge, gauge, histogram};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tachograph::metrics::Callback;
use tachograph::{Registry, metered};
use tachograph_exporters::Telemetry;
use tachograph_tests::alone;

use super::http::get;
use super::process::run;
use super::prometheus::Prometheus;

const BOUND: Duration = Duration::from_secs(60);
const OPEN_METRICS: &str = "application/openmetrics-text";

/// Something that a program records.
#[derive(Clone, Debug)]
struct Recorded {
    kind: Kind,
    name: String,
    unit: &'static str,
    /// Of each series.
    labels: Vec<(String, String)>,
    values: Vec<f64>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Counter,
    CounterF64,
    Gauge,
    UpDownCounter,
    Histogram,
    HistogramFromBelowZero,
    Exponential,
    ObservableCounter,
    ObservableGauge,
    FacadeCounter,
    FacadeGauge,
    FacadeHistogram,
}

const KINDS: [Kind; 12] = [
    Kind::Counter,
    Kind::CounterF64,
    Kind::Gauge,
    Kind::UpDownCounter,
    Kind::Histogram,
    Kind::HistogramFromBelowZero,
    Kind::Exponential,
    Kind::ObservableCounter,
    Kind::ObservableGauge,
    Kind::FacadeCounter,
    Kind::FacadeGauge,
    Kind::FacadeHistogram,
];

/// Names that mean something to a scraper, or come to others that do.
const NAMES: [&str; 34] = [
    "a",
    "a.b",
    "a-b",
    "a_b",
    "A_b",
    "a.total",
    "a_total",
    "a.total_total",
    "a.created",
    "a.sum",
    "a.count",
    "a.bucket",
    "a.info",
    "a.gsum",
    "bytes",
    "seconds",
    "seconds_total",
    "percent",
    "ratio",
    "_total",
    "total",
    "target",
    "target.info",
    "target_created",
    "_",
    ":",
    "1st",
    "größe",
    "le",
    "quantile",
    "function.calls",
    "up",
    "x.bytes",
    "x_seconds",
];
const UNITS: [&str; 12] = [
    "", "1", "s", "ms", "By", "%", "{call}", "By/s", "total", "created", "a_b", "10^6",
];
const KEYS: [&str; 14] = [
    "le",
    "quantile",
    "exported_le",
    "a.b",
    "a-b",
    "a_b",
    "a",
    "__name__",
    "_",
    "",
    "ü",
    "1st",
    "job",
    "function",
];
const VALUES: [&str; 9] = ["", "x", "y", "\"", "\\", "\n", "\0", "a\",b=\"c", "ü"];

const SPECIAL: [f64; 7] = [
    0.0,
    -0.0,
    1.0,
    -1.5,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
];

fn recorded() -> impl Strategy<Value = Recorded> {
    let any_of = |known: &'static [&'static str], other: &'static str| {
        let known = prop::sample::select(known).prop_map(str::to_owned);
        prop_oneof![9 => known, 1 => other]
    };
    let name = any_of(&NAMES, "[^\0]{0,12}");
    let label = (any_of(&KEYS, "[^\0]{0,6}"), any_of(&VALUES, ".{0,6}"));
    let value = prop_oneof![-9.0..9.0, any::<f64>(), prop::sample::select(&SPECIAL[..])];
    (
        prop::sample::select(&KINDS[..]),
        name,
        prop::sample::select(&UNITS[..]),
        prop::collection::vec(label, 0..4),
        prop::collection::vec(value, 0..4),
    )
        .prop_map(|(kind, name, unit, labels, values)| Recorded {
            kind,
            name,
            unit,
            labels,
            values,
        })
}

impl Recorded {
    /// Records it in the global registry; does nothing if that does not take it.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "any whole number will do"
    )]
    fn record(&self) {
        let registry = Registry::global();
        let values = self.values.iter().copied();
        // Instruments with labels know how many there are.
        let label = self
            .labels
            .first()
            .map_or(["label"], |(key, _)| [key.as_str()]);
        let of_label = self
            .labels
            .first()
            .map_or([""], |(_, value)| [value.as_str()]);
        let name = self.name.clone();
        macro_rules! instrument {
            ($builder:expr, $record:expr) => {{
                let builder = $builder
                    .with_unit(self.unit)
                    .with_description(self.name.clone());
                if let Ok(family) = builder.with_labels(label.map(str::to_owned)).build() {
                    let instrument = family.get(of_label);
                    values.for_each(|value| $record(&instrument, value));
                }
            }};
        }
        match self.kind {
            Kind::Counter => instrument!(
                registry.counter(name),
                |it: &tachograph::metrics::Counter, n| it.add(n as u64)
            ),
            Kind::CounterF64 => instrument!(
                registry.counter_f64(name),
                |it: &tachograph::metrics::Counter<f64>, n| it.add(n)
            ),
            Kind::Gauge => instrument!(
                registry.gauge(name),
                |it: &tachograph::metrics::Gauge, n| it.set(n)
            ),
            Kind::UpDownCounter => instrument!(
                registry.up_down_counter(name),
                |it: &tachograph::metrics::UpDownCounter, n| it.add(n as i64)
            ),
            Kind::Histogram => instrument!(
                registry.histogram(name),
                |it: &tachograph::metrics::Histogram, n| it.record(n)
            ),
            Kind::HistogramFromBelowZero => instrument!(
                registry.histogram(name).with_bounds([-2.5, 0.0, 100_000.0]),
                |it: &tachograph::metrics::Histogram, n| it.record(n)
            ),
            Kind::Exponential => instrument!(
                registry.histogram(name).with_exponential_buckets(),
                |it: &tachograph::metrics::ExponentialHistogram, n| it.record(n)
            ),
            Kind::ObservableCounter => {
                let (counter, values) =
                    (registry.observable_counter_f64(name), self.values.clone());
                let callback = counter.with_unit(self.unit).build(move |observer| {
                    for value in &values {
                        observer.observe(*value, []);
                    }
                });
                callback.into_iter().for_each(Callback::detach);
            }
            Kind::ObservableGauge => {
                let (gauge, values) = (registry.observable_gauge(name), self.values.clone());
                let callback = gauge.with_unit(self.unit).build(move |observer| {
                    for value in &values {
                        observer.observe(*value, []);
                    }
                });
                callback.into_iter().for_each(Callback::detach);
            }
            Kind::FacadeCounter => {
                describe_counter!(name.clone(), Unit::Bytes, self.name.clone());
                values.for_each(|n| counter!(name.clone(), &self.labels).increment(n as u64));
            }
            Kind::FacadeGauge => {
                describe_gauge!(name.clone(), Unit::Percent, self.name.clone());
                values.for_each(|n| gauge!(name.clone(), &self.labels).set(n));
            }
            Kind::FacadeHistogram => {
                values.for_each(|n| histogram!(name.clone(), &self.labels).record(n));
            }
        }
    }
}

/// Its families have the names of units.
#[metered(name = "bytes")]
fn function_called_as_a_unit() {}

#[test]
fn the_strictest_parser_takes_any_page() {
    alone(&[], || {
        let telemetry = Telemetry::builder("strange")
            .serve("127.0.0.1:0")
            .install()
            .expect("installs");
        let address = telemetry.server_address().expect("a server");
        function_called_as_a_unit();
        let own: HashSet<_> = Registry::global()
            .list()
            .into_iter()
            .map(|it| it.name().to_owned())
            .collect();
        let config = Config {
            cases: 96,
            failure_persistence: None,
            ..Config::default()
        };
        let outcome =
            TestRunner::new(config).run(&prop::collection::vec(recorded(), 1..24), |all| {
                all.iter().for_each(Recorded::record);
                let page =
                    get(&format!("http://{address}/metrics"), &[], OPEN_METRICS).expect("a page");
                for metric in Registry::global().list() {
                    if !own.contains(metric.name()) {
                        Registry::global().remove(metric.name());
                    }
                }
                run("openmetrics", &[], &page, BOUND)
                    .map_err(|error| TestCaseError::fail(format!("{error}\n{page}")))
            });
        outcome.unwrap_or_else(|error| panic!("{error}"));
        telemetry.shutdown(BOUND).expect("shuts down");
    });
}

#[test]
fn prometheus_takes_every_name_in_both_formats() {
    alone(&[], || {
        let telemetry = Telemetry::builder("strange")
            .serve("127.0.0.1:0")
            .install()
            .expect("installs");
        let address = telemetry.server_address().expect("a server");
        for (number, name) in NAMES.iter().enumerate() {
            let labels = KEYS.iter().zip(VALUES.iter().cycle());
            let recorded = Recorded {
                kind: KINDS[number % KINDS.len()],
                name: (*name).to_owned(),
                unit: UNITS[number % UNITS.len()],
                labels: labels
                    .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                    .collect(),
                values: vec![-1.0, 2.5, f64::NAN, f64::INFINITY],
            };
            recorded.record();
        }
        gauge!("the.last").set(7.0);
        for format in ["OpenMetricsText1.0.0", "PrometheusText0.0.4"] {
            let prometheus = Prometheus::start_asking_for(&[format], &[address]);
            let last = prometheus.wait_for_query("the_last", BOUND, |series| series[0].is_object());
            assert_eq!(last[0]["value"][1], "7");
            let up = prometheus.query("up");
            assert_eq!(up[0]["value"][1], "1", "{format}");
        }
        telemetry.shutdown(BOUND).expect("shuts down");
    });
}
