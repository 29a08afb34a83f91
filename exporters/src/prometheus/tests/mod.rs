mod strange;

use expect_test::expect_file;
use proptest::prelude::*;
use tachograph::metrics::{
    Descriptor, Exemplar, ExponentialHistogramValue, HistogramValue, Metric, MetricData, Series,
    Snapshot,
};
use tachograph::trace::{SpanId, TraceId};
use tachograph::{Attribute, Resource};

use super::{Format, Renderer};

/// A page of one renderer, and what it reported.
fn page(renderer: &mut Renderer, metrics: &[Metric], format: Format) -> (String, Vec<String>) {
    let snapshot = Snapshot::new(0, metrics.iter().cloned());
    let mut reports = Vec::new();
    let page = renderer.render(&snapshot, format, |report| reports.push(report));
    (page, reports)
}

fn metric(name: &str, description: &str, unit: &str, data: MetricData) -> Metric {
    let [name, description, unit] = [name, description, unit].map(str::to_owned);
    Metric::new(Descriptor::new(name, description, unit), data)
}

fn series(labels: &[(&str, &str)]) -> Series {
    Series::new(labels.iter().copied())
}

fn counter(name: &str, value: u64) -> Metric {
    let point = (series(&[]), value);
    metric(name, "", "", MetricData::Counter([point].into()))
}

fn gauge(name: &str, value: f64) -> Metric {
    let point = (series(&[]), value);
    metric(name, "", "", MetricData::Gauge([point].into()))
}

fn shop() -> Resource {
    Resource::new("shop").merge([
        Attribute::new("telemetry.sdk.version", "0.1.0"),
        Attribute::new("deployment.environment.name", "staging \"b\""),
        Attribute::new("host.cpus", 2),
    ])
}

/// Each kind of metric, function metrics as the runtime makes them first.
fn metrics() -> Vec<Metric> {
    let function = [("function", "Cart::pay"), ("module", "shop::orders")];
    let ok = series(&[function[0], function[1], ("result", "ok")]);
    let error = series(&[function[0], function[1], ("result", "error")]);
    let exemplar = Exemplar::new(
        0.0625,
        1_700_000_000_123_456_789,
        TraceId::from_u128(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736).unwrap(),
        SpanId::from_u64(0x00f0_67aa_0ba9_02b7).unwrap(),
    );
    let bounds = [0.005, 0.1, 1.0, 10.0];
    let timed = HistogramValue::new(bounds, [1, 3, 0, 0, 1], 20.25);
    let durations = [
        (ok.clone(), timed.with_exemplars([(1, exemplar)])),
        (series(&[]), HistogramValue::new(bounds, [0; 5], 0.0)),
    ];
    let mut large = exemplar;
    large.value = 30.5;
    let sizes = ExponentialHistogramValue::new(5)
        .with_zero_count(1)
        .with_positive([(4 * 32, 2), (4 * 32 + 31, 3), (6 * 32 + 5, 1)])
        .with_sum(200.0)
        .with_exemplars([large]);
    vec![
        metric(
            "function.calls",
            "Calls of annotated functions that have ended, by result.",
            "{call}",
            MetricData::Counter([(ok, 5), (error, 0)].into()),
        ),
        metric(
            "function.calls.duration",
            "How long calls of annotated functions took, by result.",
            "s",
            MetricData::Histogram(durations.into()),
        ),
        metric(
            "function.calls.in_flight",
            "Calls of annotated functions that are running now.",
            "{call}",
            MetricData::UpDownCounter([(series(&function), -1)].into()),
        ),
        metric(
            "network.io",
            "Bytes \"on the wire\",\nin C:\\net",
            "By",
            MetricData::Counter([(series(&[("interface", "eth\\0\n\"a\"")]), u64::MAX)].into()),
        ),
        metric(
            "response.size",
            "How large responses are.",
            "By",
            MetricData::ExponentialHistogram(
                [
                    (series(&[("route", "/")]), sizes),
                    (series(&[]), ExponentialHistogramValue::new(5)),
                ]
                .into(),
            ),
        ),
        metric(
            "temperature",
            "",
            "Cel",
            MetricData::Gauge(
                [
                    (
                        series(&[("room.a", "1"), ("room-a", "2"), ("le", "3")]),
                        -0.5,
                    ),
                    (series(&[("room", "b")]), f64::NAN),
                    (series(&[("room", "c")]), f64::INFINITY),
                    (series(&[("room", "d")]), f64::NEG_INFINITY),
                ]
                .into(),
            ),
        ),
        metric("unused", "No series yet.", "", MetricData::Gauge([].into())),
    ]
}

#[test]
fn both_formats() {
    let mut renderer = Renderer::new(&shop());
    // The second page is written from what the first one left.
    for _ in 0..2 {
        let (text, reports) = page(&mut renderer, &metrics(), Format::Text);
        expect_file!["../../../tests/golden/prometheus/metrics.txt"].assert_eq(&text);
        assert_eq!(reports, [""; 0]);
        let (open, _) = page(&mut renderer, &metrics(), Format::OpenMetrics);
        expect_file!["../../../tests/golden/prometheus/metrics.openmetrics"].assert_eq(&open);
    }
}

#[test]
fn the_first_metric_keeps_a_name_that_two_come_to() {
    let mut renderer = Renderer::new(&shop());
    let first = [counter("jobs.done", 1), gauge("seconds", 2.0)];
    let (alone, reports) = page(&mut renderer, &first, Format::Text);
    assert_eq!(reports, [""; 0]);

    let [done, seconds] = first;
    let all = [
        gauge("jobs", 3.0),
        gauge("jobs.", 4.0),
        counter("jobs-done", 5),
        done,
        gauge("jobs.done.total", 6.0),
        gauge("jobs_", 7.0),
        seconds,
        gauge("target.info", 8.0),
    ];
    let (page_of_all, reports) = page(&mut renderer, &all, Format::Text);
    assert_eq!(
        reports,
        [
            "`jobs-done` is left out of `/metrics`: its name `jobs_done_total` there belongs to `jobs.done`; \
             rename one of them",
            "`jobs.done.total` is left out of `/metrics`: its name `jobs_done_total` there belongs to `jobs.done`; \
             rename one of them",
            "`jobs_` is left out of `/metrics`: its name `jobs_` there belongs to `jobs.`; rename one of them",
            "`target.info` is left out of `/metrics`: its name `target_info` there belongs to the resource; \
             rename one of them",
        ]
    );
    let (target, own) = alone.split_at(alone.find("# TYPE jobs").unwrap());
    let others = "# TYPE jobs gauge\njobs 3.0\n# TYPE jobs_ gauge\njobs_ 4.0\n";
    assert_eq!(page_of_all, format!("{target}{others}{own}"));

    let (_, reports) = page(&mut renderer, &all, Format::Text);
    assert_eq!(reports, [""; 0], "each is reported once");
}

#[test]
fn a_metric_may_change_its_description() {
    let mut renderer = Renderer::new(&shop());
    let described = |description| {
        metric(
            "up",
            description,
            "",
            MetricData::Gauge([(series(&[]), 1.0)].into()),
        )
    };
    page(&mut renderer, &[described("")], Format::Text);
    let (text, reports) = page(
        &mut renderer,
        &[described("Whether it is up.")],
        Format::Text,
    );
    assert!(
        text.ends_with("# HELP up Whether it is up.\n# TYPE up gauge\nup 1.0\n"),
        "{text}"
    );
    assert_eq!(reports, [""; 0]);
}

/// Text between quotes, or up to the end of the line, with its escapes taken back as the formats say.
fn unescaped(text: &mut &str, end: char, quotes: bool) -> String {
    let mut unescaped = String::new();
    let mut letters = text.chars();
    loop {
        match letters.next().expect("the text has an end") {
            '\\' => match letters.next().expect("a letter follows the backslash") {
                'n' => unescaped.push('\n'),
                '\\' => unescaped.push('\\'),
                '"' if quotes => unescaped.push('"'),
                other => panic!("no escape: \\{other}"),
            },
            letter if letter == end => break,
            letter => unescaped.push(letter),
        }
    }
    *text = letters.as_str();
    unescaped
}

proptest! {
    /// Any text but a zero byte, which Prometheus cannot read.
    #[test]
    fn any_label_value_and_description_survives(
        value in "[^\0]*|[\\\\\"\n]*",
        other in "[^\0]*",
        description in "[^\0]*[a-z][^\0]*|[\\\\\"\n]+x",
        format in prop_oneof![Just(Format::Text), Just(Format::OpenMetrics)],
    ) {
        let point = (series(&[("first", &value), ("second", &other)]), 1.5);
        let metrics = [metric("m", &description, "", MetricData::Gauge([point].into()))];
        let (page, _) = page(&mut Renderer::new(&shop()), &metrics, format);

        let (_, mut rest) = page.split_once("# HELP m ").expect("there is help");
        prop_assert_eq!(unescaped(&mut rest, '\n', format == Format::OpenMetrics), description.trim());
        let mut rest = rest.strip_prefix("# TYPE m gauge\nm{first=\"").expect("a first label");
        prop_assert_eq!(unescaped(&mut rest, '"', true), value);
        let mut rest = rest.strip_prefix(",second=\"").expect("a second label");
        prop_assert_eq!(unescaped(&mut rest, '"', true), other);
        let end = if format == Format::OpenMetrics { "} 1.5\n# EOF\n" } else { "} 1.5\n" };
        prop_assert_eq!(rest, end);
    }

    #[test]
    fn any_number_survives(value in any::<f64>()) {
        let (page, _) = page(&mut Renderer::new(&shop()), &[gauge("m", value)], Format::Text);
        let (_, written) = page.trim_end().rsplit_once(' ').expect("a value");
        let read: f64 = written.parse().expect("a number");
        prop_assert!(read.to_bits() == value.to_bits() || (read.is_nan() && value.is_nan()));
    }

    /// However strange names and keys are, the page has valid ones.
    #[test]
    fn any_name_becomes_a_valid_one(name in ".*", unit in ".*", key in ".*") {
        let is_valid = |name: &str| {
            name.starts_with(|first: char| first.is_ascii_alphabetic() || "_:".contains(first))
                && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_:".contains(letter))
                && !name.contains("__")
        };
        let point = (series(&[(&key, "")]), 1.0);
        let metrics = [metric(&name, "", &unit, MetricData::Gauge([point].into()))];
        let (page, reports) = page(&mut Renderer::new(&shop()), &metrics, Format::Text);
        prop_assume!(reports.is_empty());
        let line = page.lines().last().expect("a line");
        let (name, rest) = line.split_once('{').expect("labels");
        let (key, rest) = rest.split_once('=').expect("a label");
        prop_assert!(is_valid(name), "{}", line);
        prop_assert!(is_valid(key) && !key.contains(':'), "{}", line);
        prop_assert_eq!(rest, "\"\"} 1.0");
    }
}
