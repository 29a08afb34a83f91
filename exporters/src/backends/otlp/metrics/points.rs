//! Points, as the messages `NumberDataPoint`, `HistogramDataPoint` and `ExponentialHistogramDataPoint`.

use tachograph::metrics::{Exemplar, ExponentialHistogramValue, HistogramValue, Labels, Point};

use super::super::wire::Writer;

/// The default of OpenTelemetry's SDKs, which backends are prepared for.
const MAX_EXPONENTIAL_BUCKETS: u32 = 160;

/// Writer of the fields of one point.
pub(super) struct PointWriter<'a>(pub(super) &'a mut Writer);

impl PointWriter<'_> {
    pub(super) fn integer<T>(mut self, point: &Point<'_, T>, moment: u64, value: i64) {
        self.times(point, moment);
        self.0.fixed64(6, value.cast_unsigned());
        write_labels(self.0, 7, point.labels());
    }

    pub(super) fn float<T>(mut self, point: &Point<'_, T>, moment: u64, value: f64) {
        self.times(point, moment);
        self.0.double(4, value);
        write_labels(self.0, 7, point.labels());
    }

    pub(super) fn histogram(mut self, point: &Point<'_, HistogramValue>, moment: u64) {
        let value = point.value();
        self.times(point, moment);
        let out = self.0;
        out.fixed64(4, value.count());
        out.double(5, value.sum());
        write_fixed64s(out, 6, value.counts().iter().copied());
        write_fixed64s(out, 7, value.bounds().iter().map(|bound| bound.to_bits()));
        for (_, exemplar) in value.exemplars() {
            out.message::<1>(8, |out| write_exemplar(out, exemplar));
        }
        write_labels(out, 9, point.labels());
    }

    pub(super) fn exponential_histogram(
        mut self,
        point: &Point<'_, ExponentialHistogramValue>,
        moment: u64,
    ) {
        let mut value = point.value().clone();
        value.limit(MAX_EXPONENTIAL_BUCKETS);
        self.times(point, moment);
        let out = self.0;
        write_labels(out, 1, point.labels());
        out.fixed64(4, value.count());
        out.double(5, value.sum());
        out.int(6, zigzag(value.scale()));
        out.fixed64(7, value.zero_count());
        write_buckets(out, 8, value.positive());
        write_buckets(out, 9, value.negative());
        for exemplar in value.exemplars() {
            out.message::<1>(11, |out| write_exemplar(out, exemplar));
        }
    }

    /// When the series began, and when it was read.
    fn times<T>(&mut self, point: &Point<'_, T>, moment: u64) {
        self.0.fixed64(2, point.start_unix_nanos());
        self.0.fixed64(3, moment);
    }
}

/// All buckets from the first to the last one, those between them that are empty too.
fn write_buckets(out: &mut Writer, field: u8, counts: impl Iterator<Item = (i32, u64)> + Clone) {
    let Some((offset, _)) = counts.clone().next() else {
        return;
    };
    out.message::<1>(field, |buckets| {
        buckets.int(1, zigzag(offset));
        buckets.message::<1>(2, |packed| {
            let mut next = offset;
            for (index, count) in counts {
                (next..index).for_each(|_| packed.varint(0));
                packed.varint(count);
                next = index.saturating_add(1);
            }
        });
    });
}

/// Numbers of eight bytes each, packed.
fn write_fixed64s(out: &mut Writer, field: u8, numbers: impl ExactSizeIterator<Item = u64>) {
    out.bytes_header(field, numbers.len() * 8);
    for number in numbers {
        out.extend(&number.to_le_bytes());
    }
}

fn write_exemplar(out: &mut Writer, exemplar: &Exemplar) {
    out.fixed64(2, exemplar.unix_nanos);
    out.double(3, exemplar.value);
    out.bytes(4, &exemplar.span_id.to_bytes());
    out.bytes(5, &exemplar.trace_id.to_bytes());
}

fn write_labels(out: &mut Writer, field: u8, labels: Labels<'_>) {
    for (key, value) in labels {
        out.message::<1>(field, |pair| {
            pair.bytes(1, key.as_bytes());
            pair.message::<1>(2, |any| any.bytes(1, value.as_bytes()));
        });
    }
}

/// A `sint32`: numbers of small size are short, whatever their sign.
fn zigzag(number: i32) -> i64 {
    let number = i64::from(number);
    number << 1 ^ number >> 63
}
