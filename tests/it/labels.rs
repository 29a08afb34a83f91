//! Labels of function metrics, and families of their own.

use std::time::Duration;

use tachograph::metrics::{Metric, MetricData};
use tachograph::testing::Recorder;
use tachograph::{Label, metered};
use tachograph_tests::check;

#[derive(Clone, Copy)]
enum Tier {
    Free,
    Paid,
    /// Not among the listed values.
    Unheard,
}

impl Label for Tier {
    const VALUES: &'static [&'static str] = &["free", "paid"];

    fn index(&self) -> usize {
        *self as usize
    }
}

#[derive(Clone, Copy, Label)]
#[label(rename_all = "snake_case")]
enum Plan {
    PayAsYouGo,
    Yearly,
    #[label(rename = "staff")]
    OneOfUs,
}

#[metered(labels(plan = &plan))]
fn renew(plan: Plan) {}

#[test]
fn a_derived_label_has_the_names_of_the_variants() {
    check(
        |_| {
            renew(Plan::PayAsYouGo);
            renew(Plan::OneOfUs);
        },
        "",
        "
        function.calls{function=renew,module=it::labels,result=ok,plan=pay_as_you_go} +1
        function.calls{function=renew,module=it::labels,result=ok,plan=staff} +1
        function.calls.duration{function=renew,module=it::labels,result=ok,plan=pay_as_you_go} +1 sum 0ns
        function.calls.duration{function=renew,module=it::labels,result=ok,plan=staff} +1 sum 0ns
        ",
    );
    assert_eq!(Plan::VALUES[Plan::Yearly.index()], "yearly");
}

#[metered(labels(region = "eu", shard = 3, tier = tier, cached = cached))]
fn price(tier: Tier, cached: bool) {}

#[test]
fn every_combination_of_labels_is_a_series() {
    check(
        |recorder| {
            price(Tier::Free, true);
            price(Tier::Paid, false);
            price(Tier::Paid, false);
            recorder.assert_metric_deltas(
                "
                function.calls{function=price,module=it::labels,result=ok,region=eu,shard=3,tier=free,cached=true} +1
                function.calls{function=price,module=it::labels,result=ok,region=eu,shard=3,tier=paid,cached=false} +2
                function.calls.duration{function=price,module=it::labels,result=ok,region=eu,shard=3,tier=free,cached=true} +1 sum 0ns
                function.calls.duration{function=price,module=it::labels,result=ok,region=eu,shard=3,tier=paid,cached=false} +2 sum 0ns
                ",
            );
        },
        "",
        "",
    );
}

#[test]
fn a_value_that_is_not_listed_goes_to_the_overflow_series() {
    check(
        |_| price(Tier::Unheard, true),
        "",
        "
        function.calls{function=price,module=it::labels,result=ok,region=eu,shard=3,otel.metric.overflow=true} +1
        function.calls.duration{function=price,module=it::labels,result=ok,region=eu,shard=3,otel.metric.overflow=true} +1 sum 0ns
        tachograph.series.overflowed{metric=function.calls} +1
        ",
    );
}

#[derive(Clone, Copy)]
struct Letter(usize);

impl Label for Letter {
    const VALUES: &'static [&'static str] = &[
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r",
        "s", "t", "u", "v", "w", "x", "y", "z", "A", "B", "C", "D", "E", "F", "G", "H", "I", "J",
        "K", "L", "M", "N", "O", "P", "Q", "R", "S", "T", "U", "V", "W", "X", "Y", "Z",
    ];

    fn index(&self) -> usize {
        self.0
    }
}

#[metered(labels(first = first, second = second))]
fn spell(first: Letter, second: Letter) {}

#[test]
fn combinations_beyond_the_limit_share_the_overflow_series() {
    let recorder = Recorder::new();
    let letters = Letter::VALUES.len();
    for _ in 0..2 {
        recorder.in_scope(|| {
            for (first, second) in (0..letters).flat_map(|a| (0..letters).map(move |b| (a, b))) {
                spell(Letter(first), Letter(second));
            }
        });
    }
    let deltas = recorder.metric_deltas();
    let calls = deltas
        .lines()
        .filter(|line| line.starts_with("function.calls{"));
    let (overflow, own): (Vec<_>, Vec<_>) = calls.partition(|line| line.contains("overflow"));
    assert_eq!(own.len(), 2_000);
    assert!(own.iter().all(|line| line.ends_with(" +2")));
    let beyond = 2 * (letters * letters - 2_000);
    assert_eq!(
        overflow,
        [format!(
            "function.calls{{function=spell,module=it::labels,result=ok,otel.metric.overflow=true}} +{beyond}"
        )]
    );
}

#[metered(labels(user(user, max = 2), premium = premium))]
fn greet(user: &str, premium: bool) {}

#[test]
fn bounded_labels_tell_the_first_values_apart() {
    check(
        |_| {
            for user in ["ann", "bob", "cid", "ann", "dan"] {
                greet(user, user == "ann");
            }
        },
        "",
        "
        function.calls{function=greet,module=it::labels,result=ok,user=_OTHER,premium=false} +2
        function.calls{function=greet,module=it::labels,result=ok,user=ann,premium=true} +2
        function.calls{function=greet,module=it::labels,result=ok,user=bob,premium=false} +1
        function.calls.duration{function=greet,module=it::labels,result=ok,user=_OTHER,premium=false} +2 sum 0ns
        function.calls.duration{function=greet,module=it::labels,result=ok,user=ann,premium=true} +2 sum 0ns
        function.calls.duration{function=greet,module=it::labels,result=ok,user=bob,premium=false} +1 sum 0ns
        tachograph.labels.overflowed{function=greet,module=it::labels,label=user} +2
        ",
    );
}

/// Boils an egg.
#[metered(name = "kitchen.eggs", buckets = [60, 240.5])]
fn boil(recorder: &Recorder, seconds: u64) {
    recorder.clock().advance(Duration::from_secs(seconds));
}

#[test]
fn a_family_has_its_own_buckets_and_description() {
    let recorder = Recorder::new();
    recorder.in_scope(|| [60, 61, 600].map(|seconds| boil(&recorder, seconds)));
    let snapshot = recorder.registry().snapshot();
    let names = snapshot.metrics().map(Metric::name);
    assert_eq!(
        names.collect::<Vec<_>>(),
        [
            "kitchen.eggs.calls",
            "kitchen.eggs.calls.duration",
            "kitchen.eggs.calls.in_flight"
        ]
    );
    assert!(
        snapshot
            .metrics()
            .all(|metric| metric.description() == "Boils an egg.")
    );
    let durations = snapshot.metric("kitchen.eggs.calls.duration").unwrap();
    let MetricData::Histogram(points) = durations.data() else {
        panic!("durations are a histogram");
    };
    let value = points.values().next().unwrap();
    assert_eq!(value.bounds(), [60.0, 240.5]);
    assert_eq!(value.counts(), [1, 1, 1]);
    assert_eq!(durations.unit(), "s");
}

#[metered(duration(sample = 64))]
fn hot(recorder: &Recorder, fails: bool) -> Result<(), ()> {
    recorder.clock().advance(Duration::from_secs(1));
    if fails { Err(()) } else { Ok(()) }
}

/// How many calls were counted and how many of them were timed, of those with this result.
#[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
fn counted_and_timed(recorder: &Recorder, result: &str) -> (u64, u64) {
    let snapshot = recorder.registry().snapshot();
    let of = |name: &str| snapshot.metric(name).unwrap().data().clone();
    let (MetricData::Counter(calls), MetricData::ExponentialHistogram(durations)) =
        (of("function.calls"), of("function.calls.duration"))
    else {
        panic!("a counter and exponential durations");
    };
    let mut calls = calls.iter();
    let calls = calls.find(|point| point.label("result") == Some(result));
    let mut durations = durations.iter();
    let durations = durations.find(|point| point.label("result") == Some(result));
    let timed = durations.map(|point| {
        let value = point.value();
        assert!((value.sum() - value.count() as f64).abs() < 1e-6);
        value.count()
    });
    (
        calls.map_or(0, |point| *point.value()),
        timed.unwrap_or_default(),
    )
}

#[test]
#[expect(clippy::cast_precision_loss, reason = "the numbers are small")]
fn of_sampled_durations_all_calls_are_counted_and_each_kind_is_timed_in_fair_share() {
    for period in [2, 64, 100] {
        const CALLS: u64 = 640_000;
        let recorder = Recorder::new();
        recorder.in_scope(|| {
            for n in 0..CALLS {
                let _ = hot(&recorder, n % period == 0);
            }
        });
        let (errors, timed_errors) = counted_and_timed(&recorder, "error");
        let (ok, timed_ok) = counted_and_timed(&recorder, "ok");
        assert_eq!((errors, errors + ok), (CALLS / period, CALLS));
        for (calls, timed) in [(errors, timed_errors), (ok, timed_ok)] {
            let share = calls as f64 / 64.0;
            let off = (timed as f64 - share).abs();
            // Six standard deviations.
            assert!(off < 6.0 * share.sqrt(), "{period}: {timed} of {calls}");
        }
    }
}

#[derive(Clone, Copy)]
struct Shelf(usize);

impl Label for Shelf {
    const VALUES: &'static [&'static str] = &[
        "0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16",
        "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28", "29", "30", "31",
        "32", "33", "34", "35", "36", "37", "38", "39",
    ];

    fn index(&self) -> usize {
        self.0
    }
}

#[metered(labels(shelf = shelf, item(item, max = 1_900)))]
fn pick(shelf: Shelf, item: u32) {
    let _ = item;
}

/// Of 76,040 possible combinations those have series that come.
#[test]
fn combinations_take_room_when_they_come() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        for item in 0..1_000 {
            pick(Shelf(item % 40), u32::try_from(item).unwrap());
        }
    });
    let deltas = recorder.metric_deltas();
    let calls = deltas
        .lines()
        .filter(|line| line.starts_with("function.calls{"));
    assert_eq!(calls.count(), 1_000);
    assert!(!deltas.contains("overflow"), "{deltas}");
}

#[metered(name = "kitchen.pans", in_flight = false)]
fn fry() {}

#[test]
fn the_gauge_may_be_left_out() {
    let recorder = Recorder::new();
    recorder.in_scope(fry);
    let snapshot = recorder.registry().snapshot();
    let names = snapshot.metrics().map(Metric::name);
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["kitchen.pans.calls", "kitchen.pans.calls.duration"]
    );
}

#[metered(caller, labels(premium = premium))]
#[track_caller]
fn charge(premium: bool) {}

#[test]
fn calls_are_told_apart_by_their_callers() {
    let line = line!() + 3;
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        charge(true);
        (0..2).for_each(|_| charge(false));
    });
    let deltas = recorder.metric_deltas();
    for (line, premium, calls) in [(line, true, 1), (line + 1, false, 2)] {
        let caller = format!("caller={}:{line},premium={premium}}} +{calls}\n", file!());
        assert!(deltas.contains(&caller), "{caller}{deltas}");
    }
}

struct Parcel;

trait Weighed {
    fn rate(&self, recorder: &Recorder);
}

trait Taxed {
    fn rate(&self, recorder: &Recorder);
}

impl Weighed for Parcel {
    #[metered]
    fn rate(&self, recorder: &Recorder) {
        recorder.clock().advance(Duration::from_secs(1));
    }
}

impl Taxed for Parcel {
    #[metered]
    fn rate(&self, recorder: &Recorder) {
        recorder.clock().advance(Duration::from_secs(2));
    }
}

#[test]
fn functions_with_the_same_labels_are_one_series() {
    let recorder = Recorder::new();
    recorder.in_scope(|| Weighed::rate(&Parcel, &recorder));
    recorder.assert_metric_deltas(
        "
        function.calls{function=Parcel::rate,module=it::labels,result=ok} +1
        function.calls.duration{function=Parcel::rate,module=it::labels,result=ok} +1 sum 1s
        ",
    );
    recorder.in_scope(|| {
        Taxed::rate(&Parcel, &recorder);
        Weighed::rate(&Parcel, &recorder);
    });
    recorder.assert_metric_deltas(
        "
        function.calls{function=Parcel::rate,module=it::labels,result=ok} +2
        function.calls.duration{function=Parcel::rate,module=it::labels,result=ok} +2 sum 3s
        ",
    );
}

/// Seven letters and three labels of 2,001 values: more combinations than a number of 64 bits has room for.
#[metered(labels(
    a = word[0], b = word[1], c = word[2], d = word[3], e = word[4], f = word[5], g = word[6],
    user(id, max = 2_000), shop(id, max = 2_000), item(id, max = 2_000)
))]
fn write_down(word: [Letter; 7], id: u64) {
    let _ = (word, id);
}

#[test]
fn combinations_that_have_no_number_share_the_overflow_series() {
    let recorder = Recorder::new();
    recorder.in_scope(|| {
        for id in 0..3 {
            write_down([1, 2, 3, 4, 5, 6, 7].map(Letter), id);
        }
    });
    let deltas = recorder.metric_deltas();
    let calls: Vec<_> = deltas
        .lines()
        .filter(|line| line.starts_with("function.calls{"))
        .collect();
    assert_eq!(
        calls,
        [
            "function.calls{function=write_down,module=it::labels,result=ok,otel.metric.overflow=true} +3"
        ]
    );
    assert!(deltas.contains("tachograph.series.overflowed{metric=function.calls} +3"));
}
