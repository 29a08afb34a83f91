//! Snapshots as an `ExportMetricsServiceRequest`.
//!
//! <https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto>

use std::borrow::Cow;
use std::ops::Range;

use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value};
use opentelemetry_proto::tonic::metrics::v1 as proto;
use prost::Message;
use tachograph::Resource;
use tachograph::metrics::{
    Exemplar, ExponentialHistogramValue, HistogramValue, Labels, Metric, MetricData, Point, Points,
    Snapshot,
};

use super::own_scope;
use super::parts;
use super::request::{ITEM, Request};
use crate::pipeline::payload::{Encoded, Limits, Payload};
use crate::pipeline::sink::Encoder;

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
        let scope = request.scope(&own_scope());
        Self { request, scope }
    }

    /// Adds a metric, in parts if it has more points than one request can carry.
    fn add(&mut self, metric: &[u8], points: u64) {
        let mut waiting = vec![(Cow::Borrowed(metric), points)];
        while let Some((metric, points)) = waiting.pop() {
            let half = points / 2;
            let halves = || {
                let part =
                    |points: Range<u64>| parts::part(&metric, parts::POINTS_OF_METRIC, &points);
                Some([(part(half..points)?, points - half), (part(0..half)?, half)])
            };
            if half > 0
                && !self.request.may_carry(metric.len())
                && let Some(halves) = halves()
            {
                waiting.extend(halves.map(|(part, points)| (Cow::Owned(part), points)));
                continue;
            }
            self.request
                .add(self.scope, points, |items| items.bytes(ITEM, &metric));
        }
    }
}

impl Encoder<Snapshot> for MetricEncoder {
    fn encode(&mut self, snapshot: &Snapshot, limits: Limits) -> Encoded {
        self.request.limit(limits);
        let moment = Moment {
            unix_nanos: snapshot.unix_nanos(),
        };
        for metric in snapshot.metrics() {
            let points = metric.data().point_count();
            if points > 0
                && let Some(data) = moment.data(metric.data())
            {
                self.add(&message(metric, data).encode_to_vec(), points as u64);
            }
        }
        self.request.finish()
    }

    fn halves(&self, payload: &Payload) -> Option<[Payload; 2]> {
        parts::halves(payload, parts::POINTS)
    }
}

fn message(metric: &Metric, data: proto::metric::Data) -> proto::Metric {
    proto::Metric {
        name: metric.name().to_owned(),
        description: metric.description().to_owned(),
        unit: metric.unit().to_owned(),
        data: Some(data),
        ..Default::default()
    }
}

/// When all points of a snapshot were read.
#[derive(Clone, Copy, Debug)]
struct Moment {
    unix_nanos: u64,
}

impl Moment {
    /// The points; `None` for a kind that this version does not know.
    fn data(self, data: &MetricData) -> Option<proto::metric::Data> {
        use proto::number_data_point::Value;

        match data {
            MetricData::Counter(points) => {
                let saturated = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
                let numbers = self.numbers(points, |value| Value::AsInt(saturated(*value)));
                Some(sum(numbers, true))
            }
            MetricData::CounterF64(points) => {
                let numbers = self.numbers(points, |value| Value::AsDouble(*value));
                Some(sum(numbers, true))
            }
            MetricData::UpDownCounter(points) => {
                let numbers = self.numbers(points, |value| Value::AsInt(*value));
                Some(sum(numbers, false))
            }
            MetricData::Gauge(points) => {
                let data_points = self.numbers(points, |value| Value::AsDouble(*value));
                let gauge = proto::Gauge { data_points };
                Some(proto::metric::Data::Gauge(gauge))
            }
            MetricData::Histogram(points) => {
                let data_points = points.iter().map(|point| self.histogram(point));
                let histogram = proto::Histogram {
                    data_points: data_points.collect(),
                    aggregation_temporality: CUMULATIVE,
                };
                Some(proto::metric::Data::Histogram(histogram))
            }
            MetricData::ExponentialHistogram(points) => {
                let data_points = points.iter().map(|point| self.exponential_histogram(point));
                let histogram = proto::ExponentialHistogram {
                    data_points: data_points.collect(),
                    aggregation_temporality: CUMULATIVE,
                };
                Some(proto::metric::Data::ExponentialHistogram(histogram))
            }
            _ => None,
        }
    }

    fn numbers<T>(
        self,
        points: &Points<T>,
        value: impl Fn(&T) -> proto::number_data_point::Value,
    ) -> Vec<proto::NumberDataPoint> {
        let number = |point: Point<'_, T>| proto::NumberDataPoint {
            attributes: attributes(point.labels()),
            start_time_unix_nano: point.start_unix_nanos(),
            time_unix_nano: self.unix_nanos,
            value: Some(value(point.value())),
            ..Default::default()
        };
        points.iter().map(number).collect()
    }

    fn histogram(self, point: Point<'_, HistogramValue>) -> proto::HistogramDataPoint {
        let value = point.value();
        proto::HistogramDataPoint {
            attributes: attributes(point.labels()),
            start_time_unix_nano: point.start_unix_nanos(),
            time_unix_nano: self.unix_nanos,
            count: value.count(),
            sum: Some(value.sum()),
            bucket_counts: value.counts().to_vec(),
            explicit_bounds: value.bounds().to_vec(),
            exemplars: value.exemplars().map(|(_, it)| exemplar(it)).collect(),
            ..Default::default()
        }
    }

    fn exponential_histogram(
        self,
        point: Point<'_, ExponentialHistogramValue>,
    ) -> proto::ExponentialHistogramDataPoint {
        let mut value = point.value().clone();
        value.limit(MAX_EXPONENTIAL_BUCKETS);
        proto::ExponentialHistogramDataPoint {
            attributes: attributes(point.labels()),
            start_time_unix_nano: point.start_unix_nanos(),
            time_unix_nano: self.unix_nanos,
            count: value.count(),
            sum: Some(value.sum()),
            scale: value.scale(),
            zero_count: value.zero_count(),
            positive: buckets(value.positive()),
            negative: buckets(value.negative()),
            exemplars: value.exemplars().map(exemplar).collect(),
            ..Default::default()
        }
    }
}

/// All buckets from the first to the last one, those between them that are empty too.
fn buckets(
    counts: impl Iterator<Item = (i32, u64)> + Clone,
) -> Option<proto::exponential_histogram_data_point::Buckets> {
    let (offset, _) = counts.clone().next()?;
    let mut bucket_counts = Vec::new();
    for (index, count) in counts {
        bucket_counts.resize(index.abs_diff(offset) as usize, 0);
        bucket_counts.push(count);
    }
    Some(proto::exponential_histogram_data_point::Buckets {
        offset,
        bucket_counts,
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

fn attributes(labels: Labels<'_>) -> Vec<KeyValue> {
    let text = |text: &str| any_value::Value::StringValue(text.to_owned());
    let pairs = labels.map(|(key, value)| KeyValue {
        key: key.to_owned(),
        value: Some(AnyValue {
            value: Some(text(value)),
        }),
        ..Default::default()
    });
    pairs.collect()
}

#[cfg(test)]
mod tests;
