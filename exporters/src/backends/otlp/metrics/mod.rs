//! Snapshots as an `ExportMetricsServiceRequest`.
//!
//! <https://github.com/open-telemetry/opentelemetry-proto/blob/main/opentelemetry/proto/metrics/v1/metrics.proto>

mod points;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::ops::Range;

use tachograph::Resource;
use tachograph::metrics::{Metric, MetricData, Point, Points, Snapshot};

use self::points::PointWriter;
use super::own_scope;
use super::parts;
use super::request::{ITEM, Request};
use super::wire::Writer;
use crate::pipeline::payload::{Encoded, Limits, Payload};
use crate::pipeline::sink::Encoder;

/// `AGGREGATION_TEMPORALITY_CUMULATIVE`.
const CUMULATIVE: i64 = 2;

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
        let moment = snapshot.unix_nanos();
        let mut out = Writer::default();
        for metric in snapshot.metrics() {
            let points = metric.data().point_count();
            if points > 0 {
                out.truncate(0);
                write_metric(&mut out, metric, moment);
                self.add(out.as_slice(), points as u64);
            }
        }
        self.request.finish()
    }

    fn halves(&self, payload: &Payload) -> Option<[Payload; 2]> {
        parts::halves(payload, parts::POINTS)
    }
}

/// Kinds of metrics: the number of their field in a `Metric`, and what stands behind their points.
#[derive(Clone, Copy)]
struct Kind {
    field: u8,
    is_cumulative: bool,
    is_monotonic: bool,
}

const GAUGE: Kind = Kind {
    field: 5,
    is_cumulative: false,
    is_monotonic: false,
};
const SUM: Kind = Kind {
    field: 7,
    is_cumulative: true,
    is_monotonic: false,
};
const MONOTONIC_SUM: Kind = Kind {
    is_monotonic: true,
    ..SUM
};
const HISTOGRAM: Kind = Kind { field: 9, ..SUM };
const EXPONENTIAL_HISTOGRAM: Kind = Kind { field: 10, ..SUM };

/// Writes the fields of a `Metric`. One of a kind that this version does not know has no data.
fn write_metric(out: &mut Writer, metric: &Metric, moment: u64) {
    out.bytes(1, metric.name().as_bytes());
    out.bytes(2, metric.description().as_bytes());
    out.bytes(3, metric.unit().as_bytes());
    match metric.data() {
        MetricData::Counter(points) => {
            let saturated = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
            write_data(out, MONOTONIC_SUM, points, |to, point| {
                to.integer(&point, moment, saturated(*point.value()));
            });
        }
        MetricData::CounterF64(points) => {
            write_data(out, MONOTONIC_SUM, points, |to, point| {
                to.float(&point, moment, *point.value());
            });
        }
        MetricData::UpDownCounter(points) => {
            write_data(out, SUM, points, |to, point| {
                to.integer(&point, moment, *point.value());
            });
        }
        MetricData::Gauge(points) => {
            write_data(out, GAUGE, points, |to, point| {
                to.float(&point, moment, *point.value());
            });
        }
        MetricData::Histogram(points) => {
            write_data(out, HISTOGRAM, points, |to, point| {
                to.histogram(&point, moment);
            });
        }
        MetricData::ExponentialHistogram(points) => {
            write_data(out, EXPONENTIAL_HISTOGRAM, points, |to, point| {
                to.exponential_histogram(&point, moment);
            });
        }
        _ => {}
    }
}

/// Writes all points, and what stands behind them.
fn write_data<T>(
    out: &mut Writer,
    kind: Kind,
    points: &Points<T>,
    write: impl Fn(PointWriter<'_>, Point<'_, T>),
) {
    out.message::<3>(kind.field, |data| {
        for point in points {
            data.message::<1>(1, |out| write(PointWriter(out), point));
        }
        if kind.is_cumulative {
            data.int(2, CUMULATIVE);
        }
        if kind.is_monotonic {
            data.bool(3, true);
        }
    });
}
