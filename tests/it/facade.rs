//! What is recorded through the `metrics` facade.

use metrics::{
    Unit, counter, describe_counter, describe_histogram, gauge, histogram, with_local_recorder,
};
use tachograph::metrics::{Metric, MetricData};
use tachograph::testing::Recorder;

/// Records through the facade, and compares the changes of the metrics.
#[track_caller]
fn check(record: impl Fn(), expected: &str) -> Recorder {
    let recorder = Recorder::new();
    with_local_recorder(recorder.registry(), record);
    recorder.assert_metric_deltas(expected);
    recorder
}

fn metric(recorder: &Recorder, name: &str) -> Metric {
    let snapshot = recorder.registry().snapshot();
    snapshot.metric(name).expect("the metric is there").clone()
}

#[test]
fn all_operations() {
    check(
        || {
            counter!("hits").increment(2);
            counter!("hits").absolute(7);
            counter!("hits").absolute(5);
            gauge!("level").set(5.0);
            gauge!("level").increment(2.5);
            gauge!("level").decrement(1.0);
            histogram!("size").record(3);
            histogram!("size").record_many(2.5, 4);
        },
        "
        hits +7
        level = 6.5
        size +5 sum 13
        ",
    );
}

#[test]
fn labels_in_another_order_are_the_same_series() {
    check(
        || {
            counter!("hits", "b" => "2", "a" => "1").increment(1);
            counter!("hits", "a" => "1", "b" => "2").increment(1);
            counter!("hits", "a" => "1", "b" => String::from("3")).increment(1);
            counter!("hits").increment(1);
        },
        "
        hits +1
        hits{a=1,b=2} +2
        hits{a=1,b=3} +1
        ",
    );
}

#[test]
fn labels_are_unique_and_leave_reserved_names_alone() {
    check(
        || {
            counter!("hits", "le" => "1", "__name__" => "2", "" => "3").increment(1);
            counter!("hits", "exported_le" => "0", "le" => "1", "exported___name__" => "2")
                .increment(1);
        },
        "hits{exported___name__=2,exported_le=1} +2",
    );
}

#[test]
fn descriptions_come_before_or_after() {
    let recorder = check(
        || {
            describe_histogram!("wait", Unit::Seconds, "How long it took.");
            histogram!("wait").record(0.5);
            counter!("sent").increment(1);
            describe_counter!("sent", Unit::Bytes, "What was sent.");
        },
        "
        sent +1
        wait +1 sum 500ms
        ",
    );
    let texts = |name| {
        let metric = metric(&recorder, name);
        (metric.description().to_owned(), metric.unit().to_owned())
    };
    assert_eq!(texts("wait"), ("How long it took.".into(), "s".into()));
    assert_eq!(texts("sent"), ("What was sent.".into(), "By".into()));
}

#[test]
fn histograms_have_buckets() {
    let recorder = Recorder::new();
    with_local_recorder(recorder.registry(), || {
        describe_histogram!("a.time", Unit::Seconds, "");
        histogram!("a.time").record(0.1);
        histogram!("b_duration_seconds").record(0.1);
        histogram!("c.size").record(0.1);
    });
    let bounds = |name| match metric(&recorder, name).data() {
        MetricData::Histogram(points) => {
            let bounds = points.values().next().unwrap().bounds();
            (bounds[0], bounds.len())
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(
        ["a.time", "b_duration_seconds", "c.size"].map(bounds),
        [(0.005, 14), (0.005, 14), (0.0, 15)]
    );
}

#[test]
fn the_first_of_two_kinds_wins() {
    let recorder = check(
        || {
            counter!("hits").increment(1);
            gauge!("Hits").set(5.0);
            gauge!("Hits").set(6.0);
            histogram!("hits").record(6.0);
        },
        "
        hits +1
        tachograph.facade.conflicts{metric=Hits} +1
        tachograph.facade.conflicts{metric=hits} +1
        ",
    );
    let conflicts = recorder.registry().facade_conflicts();
    let messages: Vec<_> = conflicts.iter().map(ToString::to_string).collect();
    assert_eq!(
        messages,
        ["`Hits` is a gauge", "`hits` is a histogram"].map(|this| format!(
            "{this} at `it::facade` (through the `metrics` facade), but a counter at `it::facade` \
             (through the `metrics` facade): describe both alike, or rename one of them"
        ))
    );
}

#[test]
fn an_instrument_and_the_facade_do_not_share_a_name() {
    let recorder = Recorder::new();
    let own = recorder
        .registry()
        .counter("hits")
        .build()
        .expect("the name is free");
    with_local_recorder(recorder.registry(), || counter!("hits").increment(1));
    own.increment();
    recorder.assert_metric_deltas(
        "
        hits +1
        tachograph.facade.conflicts{metric=hits} +1
        ",
    );
    assert!(
        recorder.registry().facade_conflicts()[0]
            .to_string()
            .contains(file!())
    );
}

#[test]
fn series_beyond_the_limit_share_one() {
    let hits = |user: u32| counter!("hits", "user" => user.to_string());
    check(
        || {
            (0..2_000).for_each(|user| drop(hits(user)));
            (1_998..2_003).for_each(|user| hits(user).increment(1));
        },
        "
        hits{otel.metric.overflow=true} +3
        hits{user=1998} +1
        hits{user=1999} +1
        tachograph.series.overflowed{metric=hits} +3
        ",
    );
}

#[test]
fn what_is_removed_can_be_recorded_again() {
    let recorder = check(
        || {
            counter!("hits").increment(2);
            gauge!("Hits").set(1.0);
        },
        "
        hits +2
        tachograph.facade.conflicts{metric=Hits} +1
        ",
    );
    assert!(recorder.registry().remove("hits"));
    with_local_recorder(recorder.registry(), || gauge!("Hits").set(5.0));
    recorder.assert_metric_deltas("Hits = 5");
}

#[test]
fn names_beyond_the_limit_are_left_out_and_told_once() {
    let recorder = Recorder::new();
    let count = |n: u32| counter!(format!("request.{n}")).increment(1);
    with_local_recorder(recorder.registry(), || (0..2_003).for_each(count));
    let names = || {
        let all = recorder.registry().list();
        all.iter()
            .filter(|it| it.name().starts_with("request."))
            .count()
    };
    assert_eq!(names(), 2_000);
    let [told] = &recorder.registry().facade_conflicts()[..] else {
        panic!("{:?}", recorder.registry().facade_conflicts());
    };
    let told = told.to_string();
    assert!(told.starts_with("`request.2000` at `it::facade`"), "{told}");

    let conflicts = metric(&recorder, "tachograph.facade.conflicts");
    let MetricData::Counter(points) = conflicts.data() else {
        panic!("{conflicts:?}");
    };
    let counted = points
        .iter()
        .map(|point| (point.label("otel.metric.overflow"), *point.value()));
    assert_eq!(
        counted.collect::<Vec<_>>(),
        [(Some("true"), 3)],
        "in one series"
    );

    assert!(recorder.registry().remove("request.0"));
    with_local_recorder(recorder.registry(), || count(3_000));
    assert_eq!(names(), 2_000);
}
