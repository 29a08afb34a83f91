//! One series of a histogram as its samples.

use std::fmt::Write;

use tachograph::metrics::{Exemplar, HistogramValue};

use super::{Format, text};

/// The bounds of a histogram's buckets as the ends of their labels, `le="0.005"} `, the infinite one last.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    of: Option<Vec<f64>>,
    labels: Vec<String>,
}

impl Bounds {
    /// All series of a metric mostly have the same bounds, so the labels of the last ones are kept.
    pub(super) fn follow(&mut self, bounds: &[f64]) {
        if self.of.as_deref() == Some(bounds) {
            return;
        }
        let finite = bounds.iter().map(|bound| text::bound(*bound));
        self.labels = finite
            .chain(["+Inf".to_owned()])
            .map(|bound| format!("le=\"{bound}\"}} "))
            .collect();
        self.of = Some(bounds.to_vec());
    }
}

/// What follows the name in the line of a bucket.
pub(super) const BUCKET: &str = "_bucket{";

/// One series of a histogram.
pub(super) struct Histogram<'a> {
    pub(super) name: &'a str,
    /// The line of a bucket up to its bound: name, suffix and labels, with a comma behind them if there are some.
    pub(super) bucket: &'a str,
    pub(super) value: &'a HistogramValue,
}

impl Histogram<'_> {
    /// Whether it shows its sum, and how many values that is of. Where values may be negative the sum is no counter, and
    /// [OpenMetrics](https://prometheus.io/docs/specs/om/open_metrics_spec/#histogram-1) has neither of both.
    pub(super) fn has_sum(&self, format: Format) -> bool {
        let is_below_zero = |bound: &f64| *bound < 0.0;
        match format {
            Format::Text => true,
            Format::OpenMetrics => {
                self.value.sum() >= 0.0 && !self.value.bounds().first().is_some_and(is_below_zero)
            }
        }
    }

    pub(super) fn write(&self, page: &mut String, le: &Bounds, format: Format) {
        let mut count = 0_u64;
        for (bucket, (le, counted)) in le.labels.iter().zip(self.value.counts()).enumerate() {
            count = count.wrapping_add(*counted);
            page.push_str(self.bucket);
            page.push_str(le);
            text::integer(page, count);
            if format == Format::OpenMetrics
                && let Some((_, exemplar)) = self.value.exemplars().find(|(of, _)| *of == bucket)
            {
                write_exemplar(page, exemplar);
            }
            page.push('\n');
        }
        if !self.has_sum(format) {
            return;
        }
        self.write_name(page, "_sum");
        text::float(page, self.value.sum());
        page.push('\n');
        self.write_name(page, "_count");
        text::integer(page, count);
        page.push('\n');
    }

    fn write_name(&self, page: &mut String, suffix: &str) {
        page.push_str(self.name);
        page.push_str(suffix);
        if let Some(labels) = self.bucket[self.name.len() + BUCKET.len()..].strip_suffix(',') {
            page.push('{');
            page.push_str(labels);
            page.push('}');
        }
        page.push(' ');
    }
}

/// Both ids take 63 of the 128 characters that OpenMetrics allows.
fn write_exemplar(page: &mut String, exemplar: &Exemplar) {
    let (trace_id, span_id) = (exemplar.trace_id, exemplar.span_id);
    let _ = write!(
        page,
        " # {{trace_id=\"{trace_id}\",span_id=\"{span_id}\"}} "
    );
    text::float(page, exemplar.value);
    page.push(' ');
    text::unix_seconds(page, exemplar.unix_nanos);
}
