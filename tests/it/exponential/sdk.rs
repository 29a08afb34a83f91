//! The same values through OpenTelemetry's own SDK are in the same buckets.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use opentelemetry::metrics::MeterProvider;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::metrics::data::{
    AggregatedMetrics, ExponentialBucket, ExponentialHistogramDataPoint, Metric, MetricData,
    ResourceMetrics, ScopeMetrics,
};
use opentelemetry_sdk::metrics::exporter::PushMetricExporter;
use opentelemetry_sdk::metrics::{
    Aggregation, Instrument, PeriodicReader, SdkMeterProvider, Stream, Temporality,
};
use proptest::prelude::*;
use tachograph::Registry;
use tachograph::metrics::ExponentialHistogramValue;

/// Keeps the only point of the last export.
#[derive(Clone, Debug, Default)]
struct Keeper(Arc<Mutex<Option<ExponentialHistogramDataPoint<f64>>>>);

impl PushMetricExporter for Keeper {
    async fn export(&self, metrics: &ResourceMetrics) -> OTelSdkResult {
        let mut metrics = metrics.scope_metrics().flat_map(ScopeMetrics::metrics);
        let data = metrics.next().map(Metric::data);
        let Some(AggregatedMetrics::F64(MetricData::ExponentialHistogram(histogram))) = data else {
            panic!("an exponential histogram");
        };
        *self.0.lock().unwrap() = histogram.data_points().next().cloned();
        Ok(())
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }

    fn temporality(&self) -> Temporality {
        Temporality::Cumulative
    }
}

fn of_the_sdk(values: &[f64]) -> ExponentialHistogramDataPoint<f64> {
    let keeper = Keeper::default();
    let exponential = |_: &Instrument| {
        let aggregation = Aggregation::Base2ExponentialHistogram {
            max_size: 160,
            max_scale: 20,
            record_min_max: false,
        };
        Stream::builder().with_aggregation(aggregation).build().ok()
    };
    let provider = SdkMeterProvider::builder()
        .with_reader(PeriodicReader::builder(keeper.clone()).build())
        .with_view(exponential)
        .build();
    let histogram = provider.meter("tests").f64_histogram("h").build();
    for value in values {
        histogram.record(*value, &[]);
    }
    provider.shutdown().unwrap();
    let point = keeper.0.lock().unwrap().take();
    point.unwrap()
}

fn of_ours(values: &[f64]) -> ExponentialHistogramValue {
    let registry = Registry::new();
    let histogram = registry
        .histogram("h")
        .with_exponential_buckets()
        .build()
        .unwrap();
    for value in values {
        histogram.record(*value);
    }
    super::series(&registry.snapshot(), "h", "")
        .remove("")
        .unwrap()
}

fn counts(buckets: &ExponentialBucket) -> BTreeMap<i32, u64> {
    let counts = (buckets.offset()..).zip(buckets.counts());
    counts.filter(|(_, count)| *count > 0).collect()
}

/// Compares what OTLP would have of both, at the lower one of both scales.
fn check(values: &[f64]) {
    let (sdk, mut ours) = (of_the_sdk(values), of_ours(values));
    let mut theirs = ExponentialHistogramValue::new(sdk.scale().into())
        .with_zero_count(sdk.zero_count())
        .with_positive(counts(sdk.positive_bucket()))
        .with_negative(counts(sdk.negative_bucket()))
        .with_sum(ours.sum());

    ours.limit(160);
    assert!(
        ours.scale() == theirs.scale().min(5),
        "{} {}",
        ours.scale(),
        theirs.scale()
    );
    theirs.downscale(ours.scale());
    assert_eq!(ours, theirs);
}

#[test]
fn powers_of_two() {
    let values: Vec<_> = (-1022..=1023)
        .map(|exponent| 2_f64.powi(exponent))
        .collect();
    check(&values);
    check(&values[1_000..1_050]);
    check(&[0.0, -0.0, -1.0, 1.0, 0.25, -8.0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_values(values in prop::collection::vec(prop_oneof![
        any::<f64>().prop_filter("the SDK knows finite values only", |value| value.is_finite()),
        -10.0..10.0,
        Just(0.0),
    ], 1..100)) {
        check(&values);
    }

    #[test]
    fn durations(values in prop::collection::vec(1e-7..10.0, 1..300)) {
        check(&values);
    }
}
