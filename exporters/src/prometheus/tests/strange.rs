//! Metrics that would spoil the page for all others. Among the peers other people's parsers read what becomes of them.

use super::*;

/// The page of these metrics in OpenMetrics, without the target's lines and the end.
#[track_caller]
fn check(metrics: &[Metric], expected: &str, expected_reports: &[&str]) {
    let mut renderer = Renderer::new(&shop());
    let (open, reports) = page(&mut renderer, metrics, Format::OpenMetrics);
    let (_, own) = open.split_once("} 1\n").expect("the target comes first");
    assert_eq!(own, format!("{expected}# EOF\n"));
    assert_eq!(reports, expected_reports);

    let (again, reports) = page(&mut renderer, metrics, Format::OpenMetrics);
    assert_eq!(again, open);
    assert_eq!(reports, [""; 0], "it is told once");
}

#[test]
fn a_metric_may_be_called_as_its_unit() {
    let named = |name, unit| {
        metric(
            name,
            "",
            unit,
            MetricData::Gauge([(series(&[]), 1.0)].into()),
        )
    };
    let received = MetricData::Counter([(series(&[]), 1)].into());
    check(
        &[
            named("bytes", "By"),
            named("free.bytes", "By"),
            named("percent", "%"),
            metric("seconds_total", "", "s", received),
        ],
        "# TYPE bytes gauge\nbytes 1.0\n\
         # TYPE free_bytes gauge\n# UNIT free_bytes bytes\nfree_bytes 1.0\n\
         # TYPE percent gauge\npercent 1.0\n\
         # TYPE seconds counter\nseconds_total 1\n",
        &[],
    );
}

#[test]
fn a_counter_has_a_name_besides_its_suffix() {
    check(
        &[counter("_total", 1)],
        "# TYPE _total counter\n_total_total 1\n",
        &[],
    );
}

#[test]
fn no_metric_has_the_name_of_a_start() {
    check(
        &[counter("a", 1), gauge("a.created", 2.0)],
        "# TYPE a counter\na_total 1\n",
        &[
            "`a.created` is left out of `/metrics`: its name `a_created` there belongs to `a`; rename one of them",
        ],
    );
}

#[test]
fn a_sum_of_negative_values_is_none() {
    let histogram = |name, bounds: &[f64], sum| {
        let value = HistogramValue::new(bounds, vec![1; bounds.len() + 1], sum);
        metric(
            name,
            "",
            "",
            MetricData::Histogram([(series(&[]), value)].into()),
        )
    };
    let metrics = [
        histogram("bounds", &[-1.0, 2.0], 7.0),
        histogram("sum", &[1.0], -7.0),
        histogram("unknown", &[1.0], f64::NAN),
    ];
    let told = |name| {
        format!(
            "`{name}` is on `/metrics` without `{name}_sum` and `{name}_count` for scrapers that ask for OpenMetrics, \
             which has none beside negative values; its buckets are there"
        )
    };
    let told = ["bounds", "sum", "unknown"].map(told);
    check(
        &metrics,
        "# TYPE bounds histogram\n\
         bounds_bucket{le=\"-1.0\"} 1\nbounds_bucket{le=\"2.0\"} 2\nbounds_bucket{le=\"+Inf\"} 3\n\
         # TYPE sum histogram\nsum_bucket{le=\"1.0\"} 1\nsum_bucket{le=\"+Inf\"} 2\n\
         # TYPE unknown histogram\nunknown_bucket{le=\"1.0\"} 1\nunknown_bucket{le=\"+Inf\"} 2\n",
        &told.each_ref().map(|told| &**told),
    );
    let (text, _) = page(&mut Renderer::new(&shop()), &metrics, Format::Text);
    assert!(
        text.contains("\nbounds_sum 7.0\nbounds_count 3\n"),
        "{text}"
    );
}

#[test]
fn series_that_come_to_the_same_labels_do_not_meet() {
    let points = [
        (series(&[("a-b", "1"), ("a.c", "2")]), 1.0),
        (series(&[("a-c", "2"), ("a.b", "1")]), 2.0),
        (series(&[("a.b", "2"), ("a.c", "2")]), 3.0),
    ];
    check(
        &[metric("m", "", "", MetricData::Gauge(points.into()))],
        "# TYPE m gauge\nm{a_b=\"1\",a_c=\"2\"} 1.0\nm{a_b=\"2\",a_c=\"2\"} 3.0\n",
        &[
            "series of `m` are left out of `/metrics`: their labels there are those of another series; rename labels that \
             only differ in what stands between their letters",
        ],
    );
}

#[test]
fn a_name_is_free_again_when_its_metric_is_gone() {
    let mut renderer = Renderer::new(&shop());
    let both = [gauge("a.b", 1.0), gauge("a-b", 2.0)];
    let (_, reports) = page(&mut renderer, &both, Format::Text);
    assert_eq!(reports.len(), 1, "{reports:?}");
    let (text, reports) = page(&mut renderer, &both[1..], Format::Text);
    assert!(text.ends_with("\na_b 2.0\n"), "{text}");
    assert_eq!(reports, [""; 0]);
}
