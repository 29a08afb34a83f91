use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1 as proto;
use prost::Message;
use tachograph::metered;
use tachograph::metrics::{
    Descriptor, Exemplar, ExponentialHistogramValue, HistogramValue, Series,
};
use tachograph::testing::Recorder;
use tachograph::trace::{SpanId, TraceId};

use super::*;

fn series(labels: &[(&str, &str)]) -> Series {
    Series::starting_at(1_000, labels.iter().copied())
}

fn snapshot(
    metrics: impl IntoIterator<Item = (&'static str, &'static str, MetricData)>,
) -> Snapshot {
    let metric = |(name, unit, data)| Metric::new(Descriptor::new(name, "Help.", unit), data);
    Snapshot::new(2_000, metrics.into_iter().map(metric))
}

/// The metrics of the only request that a snapshot becomes.
fn encode(snapshot: &Snapshot) -> Vec<proto::Metric> {
    let encoded = MetricEncoder::new(&Resource::new("shop")).encode(snapshot, Limits::default());
    let [payload] = &encoded.payloads[..] else {
        panic!("one request, not {:?}", encoded.payloads.len());
    };
    let mut request = ExportMetricsServiceRequest::decode(&payload.body[..]).expect("protobuf");
    let resource = request.resource_metrics.pop().expect("a resource");
    assert!(request.resource_metrics.is_empty());
    assert_eq!(
        resource.schema_url,
        "https://opentelemetry.io/schemas/1.44.0"
    );
    assert_eq!(
        resource.resource.unwrap().attributes[0],
        pair("service.name", "shop")
    );
    let [scope] = &resource.scope_metrics[..] else {
        panic!("one scope");
    };
    assert_eq!(scope.scope.as_ref().unwrap().name, "tachograph");
    let points = scope.metrics.iter().map(points).sum::<usize>();
    assert_eq!(payload.items, points as u64);
    scope.metrics.clone()
}

fn points(metric: &proto::Metric) -> usize {
    match metric.data.as_ref().expect("points") {
        proto::metric::Data::Sum(sum) => sum.data_points.len(),
        proto::metric::Data::Gauge(gauge) => gauge.data_points.len(),
        proto::metric::Data::Histogram(histogram) => histogram.data_points.len(),
        proto::metric::Data::ExponentialHistogram(histogram) => histogram.data_points.len(),
        summary @ proto::metric::Data::Summary(_) => panic!("{summary:?}"),
    }
}

fn pair(key: &str, value: &str) -> KeyValue {
    KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue {
            value: Some(any_value::Value::StringValue(value.to_owned())),
        }),
        ..Default::default()
    }
}

fn number(
    value: proto::number_data_point::Value,
    attributes: Vec<KeyValue>,
) -> proto::NumberDataPoint {
    proto::NumberDataPoint {
        attributes,
        start_time_unix_nano: 1_000,
        time_unix_nano: 2_000,
        value: Some(value),
        ..Default::default()
    }
}

fn metric(name: &str, unit: &str, data: proto::metric::Data) -> proto::Metric {
    proto::Metric {
        name: name.to_owned(),
        description: "Help.".to_owned(),
        unit: unit.to_owned(),
        data: Some(data),
        ..Default::default()
    }
}

#[test]
fn sums_and_gauges() {
    use proto::number_data_point::Value;

    let metrics = encode(&snapshot([
        (
            "orders",
            "{order}",
            MetricData::Counter(
                [
                    (series(&[("tier", "gold"), ("fast", "true")]), 3),
                    (series(&[]), u64::MAX),
                ]
                .into(),
            ),
        ),
        (
            "queue",
            "",
            MetricData::UpDownCounter([(series(&[]), -4)].into()),
        ),
        (
            "load",
            "1",
            MetricData::Gauge([(series(&[]), f64::INFINITY)].into()),
        ),
    ]));

    let labels = vec![pair("tier", "gold"), pair("fast", "true")];
    let orders = proto::Sum {
        data_points: vec![
            number(Value::AsInt(3), labels),
            number(Value::AsInt(i64::MAX), Vec::new()),
        ],
        aggregation_temporality: 2,
        is_monotonic: true,
    };
    let queue = proto::Sum {
        data_points: vec![number(Value::AsInt(-4), Vec::new())],
        aggregation_temporality: 2,
        is_monotonic: false,
    };
    let load = proto::Gauge {
        data_points: vec![number(Value::AsDouble(f64::INFINITY), Vec::new())],
    };
    assert_eq!(
        metrics,
        [
            metric("load", "1", proto::metric::Data::Gauge(load)),
            metric("orders", "{order}", proto::metric::Data::Sum(orders)),
            metric("queue", "", proto::metric::Data::Sum(queue)),
        ]
    );
}

#[test]
fn histograms_carry_exemplars() {
    let trace_id = TraceId::from_u128(7).unwrap();
    let span_id = SpanId::from_u64(8).unwrap();
    let exemplar = Exemplar::new(0.2, 1_500, trace_id, span_id);
    let value = HistogramValue::new([0.1, 0.5], [1, 2, 3], 4.5).with_exemplars([(1, exemplar)]);
    let points = MetricData::Histogram([(series(&[("function", "pay")]), value)].into());
    let metrics = encode(&snapshot([("seconds", "s", points)]));

    let histogram = proto::Histogram {
        data_points: vec![proto::HistogramDataPoint {
            attributes: vec![pair("function", "pay")],
            start_time_unix_nano: 1_000,
            time_unix_nano: 2_000,
            count: 6,
            sum: Some(4.5),
            bucket_counts: vec![1, 2, 3],
            explicit_bounds: vec![0.1, 0.5],
            exemplars: vec![proto::Exemplar {
                time_unix_nano: 1_500,
                span_id: span_id.to_bytes().to_vec(),
                trace_id: trace_id.to_bytes().to_vec(),
                value: Some(proto::exemplar::Value::AsDouble(0.2)),
                ..Default::default()
            }],
            ..Default::default()
        }],
        aggregation_temporality: 2,
    };
    let histogram = proto::metric::Data::Histogram(histogram);
    assert_eq!(metrics, [metric("seconds", "s", histogram)]);
}

/// The only point of an exponential histogram.
fn exponential(value: ExponentialHistogramValue) -> proto::ExponentialHistogramDataPoint {
    let point = (series(&[("function", "pay")]), value);
    let points = MetricData::ExponentialHistogram([point].into());
    let mut metrics = encode(&snapshot([("seconds", "s", points)]));
    let Some(proto::metric::Data::ExponentialHistogram(mut histogram)) = metrics.remove(0).data
    else {
        panic!("an exponential histogram");
    };
    assert_eq!(histogram.aggregation_temporality, 2);
    histogram.data_points.remove(0)
}

#[test]
fn exponential_histograms_are_sent_as_they_are() {
    let trace_id = TraceId::from_u128(7).unwrap();
    let span_id = SpanId::from_u64(8).unwrap();
    let value = ExponentialHistogramValue::new(5)
        .with_zero_count(2)
        .with_positive([(-3, 4), (0, 1), (2, 6)])
        .with_negative([(-7, 1)])
        .with_sum(4.5)
        .with_exemplars([Exemplar::new(0.2, 1_500, trace_id, span_id)]);

    let buckets = |offset, counts: &[u64]| {
        Some(proto::exponential_histogram_data_point::Buckets {
            offset,
            bucket_counts: counts.to_vec(),
        })
    };
    let expected = proto::ExponentialHistogramDataPoint {
        attributes: vec![pair("function", "pay")],
        start_time_unix_nano: 1_000,
        time_unix_nano: 2_000,
        count: 14,
        sum: Some(4.5),
        scale: 5,
        zero_count: 2,
        positive: buckets(-3, &[4, 0, 0, 1, 0, 6]),
        negative: buckets(-7, &[1]),
        exemplars: vec![proto::Exemplar {
            time_unix_nano: 1_500,
            span_id: span_id.to_bytes().to_vec(),
            trace_id: trace_id.to_bytes().to_vec(),
            value: Some(proto::exemplar::Value::AsDouble(0.2)),
            ..Default::default()
        }],
        ..Default::default()
    };
    assert_eq!(exponential(value), expected);
    assert_eq!(
        exponential(ExponentialHistogramValue::new(5)).positive,
        None
    );
}

#[test]
fn exponential_histograms_have_at_most_160_buckets() {
    let value = ExponentialHistogramValue::new(5).with_positive([(0, 1), (160, 1), (161, 1)]);
    let point = exponential(value);
    assert_eq!((point.scale, point.count), (4, 3));
    let buckets = point.positive.unwrap();
    assert_eq!((buckets.offset, buckets.bucket_counts.len()), (0, 81));
    assert_eq!(buckets.bucket_counts[80], 2);
}

#[test]
fn a_metric_without_points_is_left_out() {
    let none = snapshot([("none", "", MetricData::Counter([].into()))]);
    let encoded = MetricEncoder::new(&Resource::new("shop")).encode(&none, Limits::default());
    assert!(encoded.payloads.is_empty());
}

#[metered]
fn pay() {}

#[test]
fn calls_of_functions() {
    let recorder = Recorder::new();
    recorder.in_scope(pay);
    let metrics = encode(&recorder.registry().snapshot());
    let names = metrics
        .iter()
        .map(|metric| (metric.name.as_str(), metric.unit.as_str()));
    assert_eq!(
        names.collect::<Vec<_>>(),
        [
            ("function.calls", "{call}"),
            ("function.calls.duration", "s"),
            ("function.calls.in_flight", "{call}"),
        ]
    );
}
