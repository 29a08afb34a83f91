//! Any latency can be an objective, unless the function lists its buckets: then it is one of them.

use tachograph::metered;
use tachograph::metrics::MetricData;
use tachograph::testing::Recorder;

macro_rules! held_to {
    ($($name:ident: $latency:literal $(, $options:tt)?;)*) => {
        $(
            #[metered(objective(latency($latency, 99)))]
            fn $name() {}
        )*

        fn main() {
            let recorder = Recorder::new();
            recorder.in_scope(|| {
                $($name();)*
                exponential();
                listed();
            });
            let snapshot = recorder.registry().snapshot();
            for (prefix, functions) in [
                ("function", [$(stringify!($name)),*].len()),
                ("exponential", 1),
                ("listed", 1),
            ] {
                let within = snapshot.metric(&format!("{prefix}.calls.within_objective"));
                let Some(MetricData::Counter(points)) = within.map(|metric| metric.data()) else {
                    panic!("{within:?}");
                };
                let ok = points.iter().filter(|point| point.label("result") == Some("ok"));
                assert_eq!(ok.map(|point| *point.value()).collect::<Vec<_>>(), vec![1; functions]);
            }
        }
    };
}

#[metered(name = "exponential", buckets = exponential, objective(latency(3ms, 99)))]
fn exponential() {}

#[metered(name = "listed", buckets = [0.1, 0.25], objective(latency(250ms, 99)))]
fn listed() {}

held_to! {
    a: 5ms; b: 300ms; c: 250000us; d: 0.75s; e: 1m;
}
