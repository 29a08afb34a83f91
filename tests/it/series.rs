//! The series of instruments: their order, limits, starts and ends.

use std::thread::{self, ScopedJoinHandle};
use std::time::Duration;

use tachograph::Registry;
use tachograph::metrics::{BuildError, Metric, MetricData, Snapshot};
use tachograph::testing::Recorder;

/// The values of the label of a counter, by series.
fn shown(recorder: &Recorder, name: &str) -> Vec<String> {
    let snapshot = recorder.registry().snapshot();
    match snapshot.metric(name).map(Metric::data) {
        Some(MetricData::Counter(points)) => {
            let values = points.iter().filter_map(|point| point.labels().next());
            values.map(|(_, value)| value.to_owned()).collect()
        }
        None => Vec::new(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn series_keep_their_identity_and_order() -> Result<(), BuildError> {
    let registry = Registry::new();
    let family = registry.counter("placed").with_labels(["tier"]).build()?;
    for tier in ["paid", "free", "trial", "free"] {
        family.get([tier]).increment();
    }
    let points = || match registry.snapshot().metric("placed").unwrap().data() {
        MetricData::Counter(points) => points.clone(),
        other => panic!("{other:?}"),
    };
    let [first, second] = [points(), points()];
    let tiers = first
        .iter()
        .map(|point| (point.label("tier"), *point.value()));
    assert_eq!(
        tiers.collect::<Vec<_>>(),
        [(Some("paid"), 1), (Some("free"), 2), (Some("trial"), 1)]
    );
    let starts = first.iter().map(|point| point.start_unix_nanos());
    assert!(starts.is_sorted_by(|a, b| a < b), "{first:?}");
    assert_eq!(second.series().common_len(first.series()), 3);
    Ok(())
}

#[test]
fn a_series_made_again_has_another_start() -> Result<(), BuildError> {
    let registry = Registry::new();
    let family = registry.counter("placed").with_labels(["tier"]).build()?;
    let start = || match registry.snapshot().metric("placed")?.data() {
        MetricData::Counter(points) => Some(points.iter().next()?.start_unix_nanos()),
        other => panic!("{other:?}"),
    };
    family.get(["paid"]).increment();
    let first = start();
    family.get(["paid"]).increment();
    assert_eq!(start(), first);
    family.remove(["paid"]);
    family.get(["paid"]).increment();
    let second = start();
    family.clear();
    assert_eq!(start(), None);
    family.get(["paid"]).increment();
    assert!(first < second && second < start());
    Ok(())
}

#[test]
fn series_beyond_the_limit_share_one() -> Result<(), BuildError> {
    let recorder = Recorder::new();
    let open = recorder
        .registry()
        .up_down_counter("open")
        .with_labels(["peer", "zone"]);
    let family = open.with_series_limit(2).build()?;
    for peer in ["a", "b", "c", "d", "a"] {
        family.get([peer, "1"]).increment();
    }
    recorder.assert_metric_deltas(
        "
        open{otel.metric.overflow=true} +2
        open{peer=a,zone=1} +2
        open{peer=b,zone=1} +1
        tachograph.series.overflowed{metric=open} +2
        ",
    );
    family.remove(["a", "2"]);
    family.remove(["a", "1"]);
    family.get(["e", "1"]).add(7);
    recorder.assert_metric_deltas("open{peer=e,zone=1} +7");
    family.clear();
    family.get(["a", "1"]).increment();
    recorder.assert_metric_deltas("open{peer=a,zone=1} +1");
    Ok(())
}

#[test]
fn series_that_nobody_uses_expire() -> Result<(), BuildError> {
    const TTL: Duration = Duration::from_secs(60);
    let recorder = Recorder::new();
    let sent = recorder.registry().counter("sent").with_labels(["peer"]);
    let sent = sent.with_series_limit(3).with_series_ttl(TTL).build()?;
    let shown = || shown(&recorder, "sent");
    let later = |seconds| recorder.clock().advance(Duration::from_secs(seconds));

    let held = sent.get(["held"]);
    sent.get(["once"]).increment();
    sent.get(["often"]).increment();
    later(3_600);
    // What was written is shown once at least, however late.
    assert_eq!(shown(), ["held", "once", "often"]);
    later(59);
    sent.get(["often"]).increment();
    assert_eq!(shown(), ["held", "once", "often"]);
    later(1);
    assert_eq!(shown(), ["held", "often"]);
    // There is room for another one, which finds its place while an earlier snapshot is held.
    let earlier = recorder.registry().snapshot();
    sent.get(["new"]).increment();
    later(59);
    assert_eq!(shown(), ["held", "new"]);
    assert_eq!(earlier.point_count(), 2);
    later(59);
    held.increment();
    assert_eq!(shown(), ["held", "new"]);
    drop(held);
    later(1);
    // The last use of `held` may have been up to now.
    assert_eq!(shown(), ["held"]);
    later(60);
    assert_eq!(shown(), [""; 0]);

    sent.get(["once"]).increment();
    recorder.assert_metric_deltas("sent{peer=once} +1");
    Ok(())
}

#[test]
fn a_snapshot_that_is_held_keeps_no_series_alive() -> Result<(), BuildError> {
    const TTL: Duration = Duration::from_secs(60);
    let recorder = Recorder::new();
    let sent = recorder.registry().counter("sent").with_labels(["peer"]);
    let sent = sent.with_series_ttl(TTL).build()?;
    let mut held = Vec::new();
    for round in 0..5 {
        sent.get([&round.to_string()]).increment();
        held.push(recorder.registry().snapshot());
        recorder.clock().advance(TTL / 2);
    }
    assert_eq!(shown(&recorder, "sent"), ["4"]);
    sent.remove(["4"]);
    assert_eq!(shown(&recorder, "sent"), [""; 0]);
    assert_eq!(
        held.iter().map(Snapshot::point_count).sum::<usize>(),
        1 + 2 + 2 + 2 + 2
    );
    Ok(())
}

#[test]
fn series_that_come_while_others_are_read_lose_nothing() -> Result<(), BuildError> {
    const THREADS: usize = 8;
    const SERIES: usize = 600;
    let registry = Registry::new();
    let sent = registry.counter("sent").with_labels(["peer"]).build()?;
    let totals = || match registry.snapshot().metric("sent").map(Metric::data) {
        Some(MetricData::Counter(points)) => points.values().copied().collect(),
        _ => Vec::new(),
    };
    thread::scope(|scope| {
        let work = |thread: usize| {
            for n in 0..2 * SERIES {
                let peer = (n * (2 * thread + 1)) % SERIES;
                sent.get([&peer.to_string()]).increment();
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|n| scope.spawn(move || work(n))).collect();
        let mut before: Vec<u64> = Vec::new();
        while !threads.iter().all(ScopedJoinHandle::is_finished) {
            let now = totals();
            assert!(now.len() >= before.len());
            assert!(now.iter().zip(&before).all(|(now, before)| now >= before));
            before = now;
        }
    });
    let totals = totals();
    assert_eq!(totals.len(), SERIES);
    assert_eq!(totals.iter().sum::<u64>(), (THREADS * 2 * SERIES) as u64);
    Ok(())
}
