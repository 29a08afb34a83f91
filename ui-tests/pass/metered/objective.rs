//! The macros know the default bounds of the runtime: each can be the latency of an objective.

use tachograph::metered;
use tachograph::metrics::MetricData;
use tachograph::testing::Recorder;

macro_rules! held_to {
    ($($name:ident: $latency:literal,)*) => {
        $(
            #[metered(objective(latency($latency, 99)))]
            fn $name() {}
        )*

        fn main() {
            let recorder = Recorder::new();
            recorder.in_scope(|| {
                $($name();)*
            });
            let snapshot = recorder.registry().snapshot();
            let durations = snapshot.metrics().find_map(|metric| match metric.data() {
                MetricData::Histogram(points) => Some(points),
                _ => None,
            });
            let bounds = durations.unwrap().values().next().unwrap().bounds();
            assert_eq!(bounds.len(), [$(stringify!($name)),*].len());
            for site in tachograph::sites() {
                let latency = site.objective().latency.unwrap();
                let seconds = latency.threshold.as_secs_f64();
                assert!(bounds.contains(&seconds), "{seconds}");
            }
        }
    };
}

held_to! {
    a: 5ms, b: 10ms, c: 25ms, d: 50ms, e: 75ms, f: 100ms, g: 250000us,
    h: 500ms, i: 0.75s, j: 1s, k: 2.5s, l: 5s, m: 7.5s, n: 10s,
}
