//! Counters, up-down counters, gauges and histograms, and what they refuse.

use tachograph::metrics::{
    BuildError, Counter, Family, HistogramValue, InstrumentKind, MetricData,
};
use tachograph::testing::Recorder;
use tachograph::trace::Span;
use tachograph::{Registry, metered};

fn names(registry: &Registry) -> Vec<String> {
    let snapshot = registry.snapshot();
    let names = snapshot.metrics().map(|metric| metric.name().to_owned());
    names.collect()
}

#[test]
fn every_kind_of_instrument_shows_what_changed() {
    let recorder = Recorder::new();
    let registry = recorder.registry();
    let orders = registry
        .counter("shop.orders")
        .with_labels(["tier"])
        .build()
        .unwrap();
    let open = registry.up_down_counter("shop.open").build().unwrap();
    let load = registry.gauge("shop.load").build().unwrap();
    let size = registry.histogram("shop.size").with_unit("By");
    let size = size.with_bounds([10.0, 100.0]).build().unwrap();
    let wait = registry
        .histogram("shop.wait")
        .with_unit("s")
        .build()
        .unwrap();
    recorder.assert_metric_deltas("shop.load = 0");

    orders.get(["gold"]).add(2);
    orders.get(["not so gold"]).add(1);
    open.add(3);
    load.set(0.5);
    size.record(12.5);
    size.record(0.1);
    wait.record(0.25);
    recorder.assert_metric_deltas(
        r#"
        shop.load = 0.5
        shop.open +3
        shop.orders{tier="not so gold"} +1
        shop.orders{tier=gold} +2
        shop.size +2 sum 12.6
        shop.wait +1 sum 250ms
        "#,
    );

    open.add(-1);
    size.record(0.2);
    recorder.assert_metric_deltas(
        "
        shop.open -1
        shop.size +1 sum 0.2
        ",
    );
    recorder.assert_metric_deltas("");
}

#[test]
fn instruments_without_labels_show_at_zero() -> Result<(), BuildError> {
    let registry = Registry::new();
    registry.counter("b").build()?;
    registry.gauge("a").build()?;
    registry.up_down_counter("c").build()?;
    registry.histogram("d").build()?;
    registry.counter("e").with_labels(["tier"]).build()?;
    assert_eq!(names(&registry), ["a", "b", "c", "d"]);
    Ok(())
}

#[test]
fn the_same_instrument_twice_is_one_series() -> Result<(), BuildError> {
    let recorder = Recorder::new();
    let build = |name: &'static str| recorder.registry().counter(name).with_unit("By").build();
    build("sent")?.add(2);
    build("Sent")?.add(3);
    recorder.assert_metric_deltas("sent +5");
    Ok(())
}

#[test]
fn a_value_in_a_sampled_span_is_an_exemplar() -> Result<(), BuildError> {
    let recorder = Recorder::new();
    let size = recorder
        .registry()
        .histogram("size")
        .with_bounds([1.0, 2.0])
        .build()?;
    size.record(0.5);
    recorder.in_scope(|| Span::start("pack").in_scope(|| size.record(1.5)));
    let snapshot = recorder.registry().snapshot();
    let MetricData::Histogram(points) = snapshot.metric("size").unwrap().data() else {
        panic!("a histogram");
    };
    let spans = recorder.spans();
    let span = spans.iter().next().expect("one span");
    let exemplars: Vec<_> = points
        .values()
        .flat_map(HistogramValue::exemplars)
        .collect();
    let [(1, exemplar)] = exemplars[..] else {
        panic!("{exemplars:?}");
    };
    assert_eq!(
        (exemplar.value, exemplar.span_id, exemplar.unix_nanos),
        (1.5, span.span_id(), span.end_unix_nanos())
    );
    Ok(())
}

#[test]
fn one_name_for_two_instruments_names_both_places() {
    let registry = Registry::new();
    let (first, there) = (registry.counter("orders"), line!());
    assert!(first.with_unit("{order}").build().is_ok());
    let (gauge, here) = (registry.gauge("Orders").build(), line!());
    let file = file!();
    assert_eq!(
        gauge.unwrap_err().to_string(),
        format!(
            "`Orders` is a gauge at {file}:{here}, but a counter at {file}:{there}: \
             describe both alike, or rename one of them"
        )
    );
}

#[track_caller]
fn check_difference<T>(built: Result<T, BuildError>, expected: [&str; 2]) {
    match built.map(drop) {
        Err(BuildError::Conflict { this, that, .. }) => assert_eq!([this, that], expected),
        other => panic!("{other:?}"),
    }
}

#[test]
fn one_name_for_two_instruments_says_where_they_differ() -> Result<(), BuildError> {
    let registry = Registry::new();
    let counter = || registry.counter("orders").with_unit("{order}");
    counter().build()?;
    check_difference(
        registry.counter("orders").build(),
        ["a counter without a unit", "a counter in `{order}`"],
    );
    check_difference(
        counter().with_labels(["a", "b"]).build(),
        [
            "a counter with the labels `a`, `b`",
            "a counter without labels",
        ],
    );
    let histogram = || registry.histogram("size");
    histogram().with_bounds([1.0, 2.5]).build()?;
    check_difference(
        histogram().with_bounds([1.0]).build(),
        [
            "a histogram with the bucket bounds [1.0]",
            "a histogram with the bucket bounds [1.0, 2.5]",
        ],
    );
    Ok(())
}

#[test]
fn default_bounds_can_be_written_out() -> Result<(), BuildError> {
    let registry = Registry::new();
    let wait = || registry.histogram("wait").with_unit("s");
    wait().build()?;
    let seconds = [
        0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
    ];
    wait().with_bounds(seconds).build()?;
    Ok(())
}

#[metered(name = "kitchen")]
fn cook() {}

#[test]
fn an_instrument_cannot_have_the_name_of_a_function_metric() {
    cook();
    check_difference(
        Registry::new().gauge("Kitchen.Calls").build(),
        [
            "a gauge",
            "a metric of the function `it::instruments::cook`",
        ],
    );
    assert!(Registry::new().gauge("kitchen").build().is_ok());
    assert_eq!(Registry::check_functions(), Ok(()));
}

#[track_caller]
fn check_refused<T>(built: Result<T, BuildError>, expected: &str) {
    let message = built.map(drop).unwrap_err().to_string();
    assert!(
        message.contains(expected) && message.contains(file!()),
        "{message}"
    );
}

#[test]
fn wrong_descriptions_say_what_to_write() {
    let registry = Registry::new();
    check_refused(
        registry.counter("http requests").build(),
        "write `http_requests`",
    );
    check_refused(registry.counter("2xx").build(), "write `xx`");
    check_refused(registry.counter("").build(), "`` at ");
    check_refused(registry.counter("a".repeat(256)).build(), "1 to 255");
    check_refused(registry.gauge("t").with_unit("°C").build(), "is `°C`");
    let labelled =
        |label: &'static str| registry.counter("c").with_labels([label, "x", "x"]).build();
    check_refused(labelled("le"), "the label `le` of `c`");
    check_refused(labelled("__name__"), "all that start with `__`");
    check_refused(labelled(""), "is empty");
    check_refused(labelled("y"), "the label `x` of `c`");
    let bounded = registry.histogram("h").with_bounds([1.0, 0.1]).build();
    check_refused(bounded, "bucket bounds must increase, but 0.1 follows 1");
    assert_eq!(names(&registry), [""; 0]);
}

#[test]
fn fractions_are_counted() -> Result<(), BuildError> {
    let recorder = Recorder::new();
    let registry = recorder.registry();
    let busy = registry.counter_f64("busy").with_unit("s").build()?;
    busy.add(0.5);
    busy.increment();
    for left_out in [-1.0, f64::NAN, f64::INFINITY] {
        busy.add(left_out);
    }
    let paid = registry
        .counter_f64("paid")
        .with_labels(["currency"])
        .build()?;
    paid.get(["EUR"]).add(12.25);
    paid.get(["EUR"]).raise_to(10.0);
    recorder.assert_metric_deltas(
        "
        busy +1.5s
        paid{currency=EUR} +12.25
        ",
    );
    check_difference(
        registry.counter("busy").with_unit("s").build(),
        ["a counter", "a counter with fractions"],
    );
    Ok(())
}

#[test]
fn instruments_are_found_by_name() -> Result<(), BuildError> {
    let recorder = Recorder::new();
    let registry = recorder.registry();
    registry.counter("sent").build()?.increment();
    let (placed, line) = (registry.counter("Placed").with_labels(["tier"]), line!());
    placed
        .with_unit("{order}")
        .with_description("Orders.")
        .build()?;

    registry
        .get::<Counter>("SENT")
        .expect("a counter")
        .increment();
    let placed = registry.get::<Family<Counter, 1>>("placed");
    placed.expect("a family").get(["paid"]).increment();
    recorder.assert_metric_deltas(
        "
        Placed{tier=paid} +1
        sent +2
        ",
    );
    assert!(registry.get::<Counter<f64>>("sent").is_none());
    assert!(registry.get::<Counter>("placed").is_none());
    assert!(registry.get::<Family<Counter, 2>>("placed").is_none());
    assert!(registry.get::<Counter>("nothing").is_none());

    let all = registry.list();
    let placed = all
        .iter()
        .find(|it| it.name() == "Placed")
        .expect("it is listed");
    assert_eq!(placed.kind(), InstrumentKind::Counter);
    assert_eq!(
        (placed.unit(), placed.description()),
        ("{order}", "Orders.")
    );
    assert!(placed.labels().eq(["tier"]));
    assert_eq!(placed.series_count(), 1);
    assert_eq!(
        placed.declaration().to_string(),
        format!("{}:{line}", file!())
    );
    Ok(())
}

#[test]
fn what_is_removed_is_gone_and_its_name_is_free() -> Result<(), BuildError> {
    let recorder = Recorder::new();
    let registry = recorder.registry();
    let old = registry.counter("uploads").build()?;
    old.increment();
    recorder.assert_metric_deltas("uploads +1");
    assert!(registry.remove("Uploads"));
    assert!(!registry.remove("uploads"));
    old.increment();
    let new = registry.up_down_counter("uploads").build()?;
    new.add(-3);
    recorder.assert_metric_deltas("uploads -3");

    registry
        .counter("a")
        .with_labels(["b"])
        .with_series_limit(0)
        .build()?
        .get(["c"])
        .add(1);
    assert!(!registry.remove("tachograph.series.overflowed"));
    recorder.assert_metric_deltas(
        "
        a{otel.metric.overflow=true} +1
        tachograph.series.overflowed{metric=a} +1
        ",
    );
    Ok(())
}
