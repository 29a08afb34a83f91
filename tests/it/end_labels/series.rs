//! Which series calls with labels of their result count in: beyond limits, with sampled durations and of namesakes.

use std::time::Duration;

use tachograph::metered;
use tachograph::metrics::MetricData;
use tachograph::testing::Recorder;
use tachograph_tests::check;

use super::{Failed, Fate, Page, Source, Tier};

#[metered(duration(sample = 4), on_ok(source = ok.source))]
fn hot(recorder: &Recorder, source: Source) -> Result<Page, Failed> {
    recorder.clock().advance(Duration::from_secs(1));
    Fate::Found(source).come()
}

#[test]
fn of_sampled_durations_each_label_has_its_share() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        for n in 0..8_000 {
            let source = [Source::Cache, Source::Disk][n % 2];
            let _ = hot(&recorder, source);
        }
    });
    let snapshot = recorder.registry().snapshot();
    let calls = snapshot.metric("function.calls").unwrap();
    let MetricData::Counter(calls) = calls.data() else {
        panic!("calls are a counter");
    };
    let calls = calls.iter().filter(|point| point.label("source").is_some());
    let calls: Vec<_> = calls.map(|point| *point.value()).collect();
    assert_eq!(calls, [4_000, 4_000]);
    let durations = snapshot.metric("function.calls.duration").unwrap();
    let MetricData::ExponentialHistogram(durations) = durations.data() else {
        panic!("durations are exponential");
    };
    for source in ["cache", "disk"] {
        let mut durations = durations.iter();
        let timed = durations.find(|point| point.label("source") == Some(source));
        let timed = timed.unwrap().value().count();
        // A thousand, give or take six standard deviations.
        assert!((810..1_190).contains(&timed), "{source}: {timed}");
    }
}

#[metered(labels(user(user, max = 2)), on_ok(page(ok.unwrap_or(0), max = 1)))]
fn open(user: &str, page: u8) -> Option<u8> {
    let _ = user;
    Some(page)
}

#[test]
fn what_a_full_label_leaves_out_is_counted() {
    check(
        |_| {
            for (user, page) in [("ann", 1), ("bob", 1), ("cid", 2), ("cid", 1), ("ann", 3)] {
                open(user, page);
            }
        },
        "",
        "
        function.calls{function=open,module=it::end_labels::series,result=ok,user=_OTHER,page=1} +1
        function.calls{function=open,module=it::end_labels::series,result=ok,user=_OTHER,page=_OTHER} +1
        function.calls{function=open,module=it::end_labels::series,result=ok,user=ann,page=1} +1
        function.calls{function=open,module=it::end_labels::series,result=ok,user=ann,page=_OTHER} +1
        function.calls{function=open,module=it::end_labels::series,result=ok,user=bob,page=1} +1
        function.calls.duration{function=open,module=it::end_labels::series,result=ok,user=_OTHER,page=1} +1 sum 0ns
        function.calls.duration{function=open,module=it::end_labels::series,result=ok,user=_OTHER,page=_OTHER} +1 sum 0ns
        function.calls.duration{function=open,module=it::end_labels::series,result=ok,user=ann,page=1} +1 sum 0ns
        function.calls.duration{function=open,module=it::end_labels::series,result=ok,user=ann,page=_OTHER} +1 sum 0ns
        function.calls.duration{function=open,module=it::end_labels::series,result=ok,user=bob,page=1} +1 sum 0ns
        tachograph.labels.overflowed{function=open,module=it::end_labels::series,label=page} +2
        tachograph.labels.overflowed{function=open,module=it::end_labels::series,label=user} +2
        ",
    );
}

#[metered(labels(first(n, max = 1_000)), on_ok(second(*ok % 4, max = 60)))]
fn count(n: u32) -> u32 {
    n
}

#[test]
fn ends_beyond_the_limit_on_series_are_still_ends_of_their_starts() {
    let recorder = Recorder::new();
    recorder.in_scope(|| (0..4).for_each(|_| (0..1_500).for_each(|n| _ = count(n))));
    let deltas = recorder.metric_deltas();
    let calls = |of: &str| -> u64 {
        let lines = deltas
            .lines()
            .filter(|line| line.starts_with("function.calls{") && line.contains(of));
        lines
            .map(|line| line.rsplit_once('+').unwrap().1.parse::<u64>().unwrap())
            .sum()
    };
    assert_eq!(calls("function=count"), 6_000);
    assert!(deltas.contains(&format!(
        "tachograph.series.overflowed{{metric=function.calls}} +{}",
        calls("otel.metric.overflow=true")
    )));
    assert!(calls("otel.metric.overflow=true") > 0, "{deltas}");
    assert!(!deltas.contains("in_flight"), "{deltas}");
}

struct Parcel;

trait Weighed {
    fn rate(&self) -> bool;
}

trait Taxed {
    fn rate(&self, tier: Tier) -> bool;
}

impl Weighed for Parcel {
    #[metered(on_ok(tier = "free"))]
    fn rate(&self) -> bool {
        true
    }
}

impl Taxed for Parcel {
    #[metered(labels(tier = tier))]
    fn rate(&self, tier: Tier) -> bool {
        matches!(tier, Tier::Paid)
    }
}

#[test]
fn functions_with_the_same_labels_are_one_series() {
    check(
        |_| {
            Weighed::rate(&Parcel);
            Taxed::rate(&Parcel, Tier::Free);
        },
        "",
        "
        function.calls{function=Parcel::rate,module=it::end_labels::series,result=ok,tier=free} +2
        function.calls.duration{function=Parcel::rate,module=it::end_labels::series,result=ok,tier=free} +2 sum 0ns
        ",
    );
}
