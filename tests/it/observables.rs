//! Instruments whose values are asked for when metrics are collected.

use std::sync::atomic::{AtomicI64, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Mutex, Weak};
use std::thread;

use tachograph::Registry;
use tachograph::metrics::{BuildError, InstrumentInfo, InstrumentKind, Metric, MetricData};
use tachograph::testing::Recorder;

/// The labels, values and starts of a counter's series.
fn totals(registry: &Registry, name: &str) -> Vec<(String, u64, u64)> {
    let snapshot = registry.snapshot();
    match snapshot.metric(name).map(Metric::data) {
        Some(MetricData::Counter(points)) => {
            let totals = points.iter().map(|point| {
                let label = point.labels().next().map_or("", |(_, value)| value);
                (label.to_owned(), *point.value(), point.start_unix_nanos())
            });
            totals.collect()
        }
        None => Vec::new(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn every_kind_is_asked_at_each_collection() -> Result<(), BuildError> {
    let recorder = Recorder::new();
    let registry = recorder.registry();
    let ticks = Arc::new(AtomicU32::new(0));
    let (a, b, c, d) = (ticks.clone(), ticks.clone(), ticks.clone(), ticks.clone());
    let now = |ticks: &AtomicU32| ticks.load(Ordering::Relaxed);
    let _callbacks = [
        registry
            .observable_counter("ticks")
            .build(move |observer| observer.observe(now(&a).into(), []))?,
        registry
            .observable_counter_f64("worked")
            .with_unit("s")
            .build(move |observer| observer.observe(f64::from(now(&b)) / 4.0, []))?,
        registry
            .observable_up_down_counter("depth")
            .with_labels(["queue"])
            .build(move |observer| {
                observer.observe(2 - i64::from(now(&c)), ["mail"]);
                observer.observe(9, ["fixed"]);
            })?,
        registry
            .observable_gauge("heat")
            .build(move |observer| observer.observe(0.5 * f64::from(now(&d)), []))?,
    ];
    recorder.assert_metric_deltas(
        "
        depth{queue=fixed} +9
        depth{queue=mail} +2
        heat = 0
        ",
    );
    ticks.store(3, Ordering::Relaxed);
    recorder.assert_metric_deltas(
        "
        depth{queue=mail} -3
        heat = 1.5
        ticks +3
        worked +750ms
        ",
    );
    let list = registry.list();
    let kinds = list
        .iter()
        .filter(|it| !it.name().starts_with("tachograph."));
    assert_eq!(
        kinds.map(InstrumentInfo::kind).collect::<Vec<_>>(),
        [
            InstrumentKind::ObservableUpDownCounter,
            InstrumentKind::ObservableGauge,
            InstrumentKind::ObservableCounter,
            InstrumentKind::ObservableCounterF64,
        ]
    );
    let message = registry.gauge("heat").build().unwrap_err().to_string();
    assert!(message.contains("but an observable gauge at "), "{message}");
    Ok(())
}

#[test]
fn a_callback_is_called_as_long_as_it_is_kept() -> Result<(), BuildError> {
    let registry = Registry::new();
    let seen = || {
        totals(&registry, "seen")
            .into_iter()
            .map(|(label, ..)| label)
    };
    let build = |label: &'static str| {
        let counter = registry.observable_counter("seen").with_labels(["by"]);
        counter.build(move |observer| observer.observe(1, [label]))
    };
    let first = build("first")?;
    build("for good")?.detach();
    assert!(seen().eq(["first", "for good"]));
    let starts = |label: &str| {
        let mut all = totals(&registry, "seen").into_iter();
        all.find(|(it, ..)| it == label).map(|(_, _, start)| start)
    };
    let [old, good] = ["first", "for good"].map(starts);
    drop(first);
    assert!(seen().eq(["for good"]));
    let _first = build("first")?;
    assert!(starts("first") > old && starts("for good") == good);
    Ok(())
}

#[test]
fn what_is_not_observed_is_not_shown() -> Result<(), BuildError> {
    let registry = Registry::new();
    let peers = Arc::new(Mutex::new(vec!["a", "b", "c"]));
    let connected = Arc::clone(&peers);
    let _sent = registry
        .observable_counter("sent")
        .with_labels(["peer"])
        .with_series_limit(2)
        .build(move |observer| {
            for peer in connected.lock().unwrap().iter() {
                // Of two values the last counts.
                observer.observe(1, [peer]);
                observer.observe(7, [peer]);
            }
        })?;
    let seen = || {
        let totals = totals(&registry, "sent").into_iter();
        totals
            .map(|(peer, total, _)| (peer, total))
            .collect::<Vec<_>>()
    };
    let expected = |all: &[(&str, u64)]| {
        let all = all.iter().map(|(peer, total)| ((*peer).to_owned(), *total));
        all.collect::<Vec<_>>()
    };
    assert_eq!(seen(), expected(&[("a", 7), ("b", 7), ("true", 7)]));
    peers.lock().unwrap().remove(0);
    peers.lock().unwrap().push("d");
    // What is gone has made room for the first of the others.
    assert_eq!(seen(), expected(&[("b", 7), ("c", 7), ("true", 7)]));
    Ok(())
}

#[test]
fn a_total_that_goes_back_begins_anew() -> Result<(), BuildError> {
    let registry = Registry::new();
    let total = Arc::new(AtomicU64::new(5));
    let read = Arc::clone(&total);
    let _sent = registry
        .observable_counter("sent")
        .build(move |observer| observer.observe(read.load(Ordering::Relaxed), []))?;
    let seen = || totals(&registry, "sent").remove(0);
    let (_, five, start) = seen();
    total.store(6, Ordering::Relaxed);
    assert_eq!((five, seen()), (5, (String::new(), 6, start)));
    total.store(2, Ordering::Relaxed);
    let (_, two, later) = seen();
    assert!(two == 2 && later > start);
    Ok(())
}

#[test]
fn fractions_that_cannot_be_counted_are_left_out() -> Result<(), BuildError> {
    let recorder = Recorder::new();
    let values = [-1.0, f64::NAN, f64::INFINITY, 1.5];
    let counter = recorder.registry().observable_counter_f64("busy");
    let _busy = counter.with_labels(["n"]).build(move |observer| {
        for (n, value) in values.iter().enumerate() {
            observer.observe(*value, [&n.to_string()]);
        }
    })?;
    recorder.assert_metric_deltas("busy{n=3} +1.5");
    Ok(())
}

#[test]
fn one_that_panics_harms_no_other() -> Result<(), BuildError> {
    let recorder = Recorder::new();
    let registry = recorder.registry();
    let depth = Arc::new(AtomicI64::new(1));
    let read = Arc::clone(&depth);
    let _broken = registry
        .observable_up_down_counter("broken")
        .with_labels(["queue"])
        .build(move |observer| {
            let depth = read.load(Ordering::Relaxed);
            observer.observe(depth, ["a"]);
            assert!(depth < 2, "as it is meant to");
            observer.observe(depth, ["b"]);
        })?;
    let _whole = registry
        .observable_gauge("whole")
        .build(|observer| observer.observe(1.0, []))?;
    recorder.assert_metric_deltas(
        "
        broken{queue=a} +1
        broken{queue=b} +1
        whole = 1
        ",
    );
    assert_eq!(registry.panicked_callbacks(), []);
    depth.store(2, Ordering::Relaxed);
    recorder.assert_metric_deltas(
        "
        broken{queue=a} +1
        tachograph.callbacks.panicked{metric=broken} +1
        ",
    );
    depth.store(1, Ordering::Relaxed);
    recorder.assert_metric_deltas("broken{queue=a} -1");
    let [(metric, declaration)] = &registry.panicked_callbacks()[..] else {
        panic!("{:?}", registry.panicked_callbacks());
    };
    assert_eq!(metric, "broken");
    assert!(declaration.to_string().contains(file!()));
    Ok(())
}

#[test]
fn a_callback_may_use_the_registry() -> Result<(), BuildError> {
    let registry = Registry::new();
    let own = registry.clone();
    let _busy = registry.observable_counter("busy").build(move |observer| {
        let counter = own.counter("made.in.callback").build();
        counter.expect("the name is free").increment();
        // Reads what there was the last time, and waits for nobody.
        observer.observe(own.snapshot().point_count() as u64, []);
        let other = own.observable_gauge("other").build(|_| ());
        drop(other.expect("the name is free"));
    })?;
    let names = || {
        let snapshot = registry.snapshot();
        let names = snapshot.metrics().map(|it| it.name().to_owned());
        names.collect::<Vec<_>>()
    };
    assert_eq!(names(), ["busy", "made.in.callback"]);
    assert_eq!(names(), ["busy", "made.in.callback"]);
    assert_eq!(totals(&registry, "made.in.callback")[0].1, 3);
    Ok(())
}

#[test]
fn a_callback_may_let_go_of_itself() -> Result<(), BuildError> {
    let registry = Registry::new();
    let kept = Arc::new(Mutex::new(None));
    let own: Weak<Mutex<_>> = Arc::downgrade(&kept);
    let once = registry.observable_counter("once").build(move |observer| {
        observer.observe(1, []);
        let own = own.upgrade();
        drop(own.and_then(|own| own.lock().unwrap().take()));
    })?;
    *kept.lock().unwrap() = Some(once);
    assert_eq!(totals(&registry, "once").len(), 1);
    assert_eq!(totals(&registry, "once").len(), 0);
    Ok(())
}

#[test]
fn collections_at_the_same_time_share_what_they_are_told() -> Result<(), BuildError> {
    const SCRAPES: usize = 8;
    let registry = Registry::new();
    let calls = Arc::new(AtomicU64::new(0));
    let (began, go_on) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
    let _slow = registry.observable_counter("slow").build({
        let (calls, began, go_on) = (calls.clone(), began.clone(), go_on.clone());
        move |observer| {
            observer.observe(calls.fetch_add(1, Ordering::Relaxed) + 1, []);
            if calls.load(Ordering::Relaxed) == 1 {
                began.wait();
                go_on.wait();
            }
        }
    })?;
    let arrived = Barrier::new(SCRAPES + 1);
    thread::scope(|scope| {
        let first = scope.spawn(|| totals(&registry, "slow"));
        began.wait();
        let others = [(); SCRAPES].map(|()| {
            scope.spawn(|| {
                arrived.wait();
                totals(&registry, "slow")
            })
        });
        arrived.wait();
        go_on.wait();
        assert_eq!(first.join().unwrap()[0].1, 1);
        for other in others {
            let total = other.join().unwrap()[0].1;
            // One that came too late to share asked anew.
            assert!((1..=1 + SCRAPES as u64).contains(&total));
        }
    });
    Ok(())
}
