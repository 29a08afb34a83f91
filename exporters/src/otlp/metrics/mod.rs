//! Snapshots as an `ExportMetricsServiceRequest`.
//!
//! <https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto>

use std::collections::BTreeMap;

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1 as proto;
use prost::Message;
use tachograph::Resource;
use tachograph::metrics::{
    Exemplar, ExponentialHistogramValue, HistogramValue, Metric, MetricData, Point, Series,
    Snapshot,
};

use super::request::{ITEM, Request};
use super::{SCOPE_NAME, SCOPE_VERSION};
use crate::pipeline::sink::{Encoded, Encoder};

const CUMULATIVE: i32 = proto::AggregationTemporality::Cumulative as i32;
/// The default of OpenTelemetry's SDKs, which backends are prepared for.
const MAX_EXPONENTIAL_BUCKETS: u32 = 160;

/// Encodes metrics.
#[derive(Debug)]
pub(super) struct MetricEncoder {
    request: Request,
    scope: usize,
}

impl MetricEncoder {
    pub(super) fn new(resource: &Resource) -> Self {
        let mut request = Request::new(resource);
        let scope = request.scope(SCOPE_NAME, SCOPE_VERSION);
        Self { request, scope }
    }
}

impl Encoder<Snapshot> for MetricEncoder {
    fn encode(&mut self, snapshot: &Snapshot) -> Encoded {
        let period = Period {
            start_unix_nanos: snapshot.start_unix_nanos,
            unix_nanos: snapshot.unix_nanos,
        };
        for metric in &snapshot.metrics {
            if let Some((points, data)) = period.data(&metric.data)
                && points > 0
            {
                let metric = message(metric, data).encode_to_vec();
                self.request.add(self.scope, points as u64, |items| {
                    items.bytes(ITEM, &metric);
                });
            }
        }
        self.request.finish()
    }
}

fn message(metric: &Metric, data: proto::metric::Data) -> proto::Metric {
    proto::Metric {
        name: metric.descriptor.name.to_string(),
        description: metric.descriptor.description.to_string(),
        unit: metric.descriptor.unit.to_string(),
        data: Some(data),
        ..Default::default()
    }
}

/// From when to when all points of a snapshot count.
#[derive(Clone, Copy, Debug)]
struct Period {
    start_unix_nanos: u64,
    unix_nanos: u64,
}

impl Period {
    /// How many points there are, and the points; `None` for a kind that this version does not know.
    fn data(self, data: &MetricData) -> Option<(usize, proto::metric::Data)> {
        use proto::number_data_point::Value;

        match data {
            MetricData::Counter(points) => {
                let saturated = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
                let numbers = self.numbers(points, |value| Value::AsInt(saturated(*value)));
                Some((points.len(), sum(numbers, true)))
            }
            MetricData::UpDownCounter(points) => {
                let numbers = self.numbers(points, |value| Value::AsInt(*value));
                Some((points.len(), sum(numbers, false)))
            }
            MetricData::Gauge(points) => {
                let data_points = self.numbers(points, |value| Value::AsDouble(*value));
                let gauge = proto::Gauge { data_points };
                Some((points.len(), proto::metric::Data::Gauge(gauge)))
            }
            MetricData::Histogram(points) => {
                let data_points = points.iter().map(|point| self.histogram(point));
                let histogram = proto::Histogram {
                    data_points: data_points.collect(),
                    aggregation_temporality: CUMULATIVE,
                };
                Some((points.len(), proto::metric::Data::Histogram(histogram)))
            }
            MetricData::ExponentialHistogram(points) => {
                let data_points = points.iter().map(|point| self.exponential_histogram(point));
                let histogram = proto::ExponentialHistogram {
                    data_points: data_points.collect(),
                    aggregation_temporality: CUMULATIVE,
                };
                let histogram = proto::metric::Data::ExponentialHistogram(histogram);
                Some((points.len(), histogram))
            }
            _ => None,
        }
    }

    fn numbers<T>(
        self,
        points: &[Point<T>],
        value: impl Fn(&T) -> proto::number_data_point::Value,
    ) -> Vec<proto::NumberDataPoint> {
        let number = |point: &Point<T>| proto::NumberDataPoint {
            attributes: attributes(&point.series),
            start_time_unix_nano: self.start_unix_nanos,
            time_unix_nano: self.unix_nanos,
            value: Some(value(&point.value)),
            ..Default::default()
        };
        points.iter().map(number).collect()
    }

    fn histogram(self, point: &Point<HistogramValue>) -> proto::HistogramDataPoint {
        let exemplars = point.value.exemplars.iter();
        proto::HistogramDataPoint {
            attributes: attributes(&point.series),
            start_time_unix_nano: self.start_unix_nanos,
            time_unix_nano: self.unix_nanos,
            count: point.value.count(),
            sum: Some(point.value.sum),
            bucket_counts: point.value.counts.clone(),
            explicit_bounds: point.value.bounds.to_vec(),
            exemplars: exemplars.map(|(_, example)| exemplar(example)).collect(),
            ..Default::default()
        }
    }

    fn exponential_histogram(
        self,
        point: &Point<ExponentialHistogramValue>,
    ) -> proto::ExponentialHistogramDataPoint {
        let mut value = point.value.clone();
        value.limit(MAX_EXPONENTIAL_BUCKETS);
        proto::ExponentialHistogramDataPoint {
            attributes: attributes(&point.series),
            start_time_unix_nano: self.start_unix_nanos,
            time_unix_nano: self.unix_nanos,
            count: value.count(),
            sum: Some(value.sum),
            scale: value.scale,
            zero_count: value.zero_count,
            positive: buckets(&value.positive),
            negative: buckets(&value.negative),
            exemplars: value.exemplars.iter().map(exemplar).collect(),
            ..Default::default()
        }
    }
}

/// All buckets from the first to the last one, those between them that are empty too.
fn buckets(
    counts: &BTreeMap<i32, u64>,
) -> Option<proto::exponential_histogram_data_point::Buckets> {
    let (&offset, _) = counts.first_key_value()?;
    let (&last, _) = counts.last_key_value()?;
    let count = |index| counts.get(&index).copied().unwrap_or_default();
    Some(proto::exponential_histogram_data_point::Buckets {
        offset,
        bucket_counts: (offset..=last).map(count).collect(),
    })
}

fn sum(data_points: Vec<proto::NumberDataPoint>, is_monotonic: bool) -> proto::metric::Data {
    proto::metric::Data::Sum(proto::Sum {
        data_points,
        aggregation_temporality: CUMULATIVE,
        is_monotonic,
    })
}

fn exemplar(exemplar: &Exemplar) -> proto::Exemplar {
    proto::Exemplar {
        time_unix_nano: exemplar.unix_nanos,
        span_id: exemplar.span_id.to_bytes().into(),
        trace_id: exemplar.trace_id.to_bytes().into(),
        value: Some(proto::exemplar::Value::AsDouble(exemplar.value)),
        ..Default::default()
    }
}

fn attributes(series: &Series) -> Vec<KeyValue> {
    let text = |text: &str| any_value::Value::StringValue(text.to_owned());
    let pairs = series.labels.iter().map(|(key, value)| KeyValue {
        key: key.to_string(),
        value: Some(AnyValue {
            value: Some(text(value)),
        }),
        ..Default::default()
    });
    pairs.collect()
}

#[cfg(test)]
mod tests;
