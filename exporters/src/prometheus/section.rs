//! One metric on the page: its head and its samples.

use tachograph::metrics::{Descriptor, HistogramValue, Metric, MetricData, Points};

use super::histogram::{self, Bounds, Histogram};
use super::labels::{Rendered, Writer};
use super::octaves::Octaves;
use super::{Format, names, text};

/// What Prometheus calls the kind of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
    /// Newer than this version: it stays off the page.
    Unknown,
}

/// A metric's names and all that was rendered for it on earlier pages.
#[derive(Debug)]
pub(super) struct Section {
    descriptor: Descriptor,
    kind: Kind,
    /// Without a counter's `_total`.
    name: String,
    text_head: String,
    open_metrics_head: String,
    /// Of a counter or gauge, a line up to its value; of a histogram, the line of a bucket up to its bound.
    lines: Rendered,
    labels: Writer,
    le: Bounds,
    octaves: Octaves,
    /// Why it writes nothing, if it does not.
    left_out: Option<String>,
    told: Told,
}

/// What was told of a metric already.
#[derive(Debug, Default)]
struct Told {
    twins: bool,
    no_sum: bool,
}

impl Kind {
    fn of(data: &MetricData) -> Self {
        match data {
            MetricData::Counter(_) | MetricData::CounterF64(_) => Self::Counter,
            MetricData::UpDownCounter(_) | MetricData::Gauge(_) => Self::Gauge,
            MetricData::Histogram(_) | MetricData::ExponentialHistogram(_) => Self::Histogram,
            _ => Self::Unknown,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
            Self::Unknown => "unknown",
        }
    }
}

impl Section {
    pub(super) fn new(metric: &Metric) -> Self {
        let kind = Kind::of(metric.data());
        let unit = names::unit_words(metric.unit());
        let name = names::base(metric.name(), &unit, kind == Kind::Counter);
        let description = metric.description();
        let mut section = Self {
            descriptor: metric.descriptor().clone(),
            kind,
            name,
            text_head: String::new(),
            open_metrics_head: String::new(),
            lines: Rendered::default(),
            labels: Writer::default(),
            le: Bounds::default(),
            octaves: Octaves::default(),
            left_out: None,
            told: Told::default(),
        };
        // OpenMetrics describes all samples of a metric at once, the text format samples of one name, so that a counter has
        // its suffix there.
        section.text_head = head(
            section.sample_names()[0].as_str(),
            kind,
            "",
            description,
            Format::Text,
        );
        let unit = if names::ends_with_unit(&section.name, &unit) {
            &unit
        } else {
            ""
        };
        section.open_metrics_head =
            head(&section.name, kind, unit, description, Format::OpenMetrics);
        section
    }

    /// From now on it writes nothing, for this reason.
    pub(super) fn leave_out(&mut self, reason: String) {
        self.left_out = Some(reason);
    }

    /// Why it writes nothing, if it does not.
    pub(super) fn left_out(&self) -> Option<&str> {
        self.left_out.as_deref()
    }

    /// Whether it is this metric's, unchanged.
    pub(super) fn describes(&self, metric: &Metric) -> bool {
        self.kind == Kind::of(metric.data()) && self.descriptor == *metric.descriptor()
    }

    /// The metric's own name, in dots.
    pub(super) fn metric_name(&self) -> &str {
        self.descriptor.name()
    }

    /// The names of its samples, the one that its numbers have first, the name that OpenMetrics describes them by, and
    /// those that no other metric may have beside it there.
    pub(super) fn sample_names(&self) -> Vec<String> {
        let suffixes: &[_] = match self.kind {
            Kind::Counter => &["_total", "", "_created"],
            Kind::Gauge | Kind::Unknown => &[""],
            Kind::Histogram => &["", "_bucket", "_sum", "_count", "_created"],
        };
        let named = |suffix| format!("{}{suffix}", self.name);
        suffixes.iter().map(named).collect()
    }

    /// Writes the head and all samples; nothing if there are none. `report` is told once of what cannot be written.
    pub(super) fn write(
        &mut self,
        page: &mut String,
        data: &MetricData,
        format: Format,
        report: &mut impl FnMut(String),
    ) {
        if self.left_out.is_some() {
            return;
        }
        match data {
            MetricData::Counter(points) => {
                self.write_numbers(page, points, format, text::integer, report);
            }
            MetricData::UpDownCounter(points) => {
                self.write_numbers(page, points, format, text::integer, report);
            }
            MetricData::CounterF64(points) | MetricData::Gauge(points) => {
                self.write_numbers(page, points, format, text::float, report);
            }
            MetricData::Histogram(points) => self.write_histograms(page, points, format, report),
            MetricData::ExponentialHistogram(points) => {
                let points = self.octaves.explicit(points);
                self.write_histograms(page, &points, format, report);
            }
            _ => {}
        }
    }

    fn write_numbers<T: Copy>(
        &mut self,
        page: &mut String,
        points: &Points<T>,
        format: Format,
        number: impl Fn(&mut String, T),
        report: &mut impl FnMut(String),
    ) {
        if points.is_empty() {
            return;
        }
        let name = self.sample_names().swap_remove(0);
        let has_new = self.lines.follow(points, |line, labels| {
            line.push_str(&name);
            if !labels.is_empty() {
                line.push('{');
                self.labels.write(line, labels);
                line.push('}');
            }
            line.push(' ');
        });
        if has_new {
            self.silence_twins(report);
        }
        self.write_head(page, format);
        for (line, value) in self.lines.texts().zip(points.values()) {
            if line.is_empty() {
                continue;
            }
            page.push_str(line);
            number(page, *value);
            page.push('\n');
        }
    }

    fn write_histograms(
        &mut self,
        page: &mut String,
        points: &Points<HistogramValue>,
        format: Format,
        report: &mut impl FnMut(String),
    ) {
        if points.is_empty() {
            return;
        }
        let has_new = self.lines.follow(points, |line, labels| {
            line.push_str(&self.name);
            line.push_str(histogram::BUCKET);
            if !labels.is_empty() {
                self.labels.write(line, labels);
                line.push(',');
            }
        });
        if has_new {
            self.silence_twins(report);
        }
        self.write_head(page, format);
        let mut lacks_sum = false;
        for (bucket, value) in self.lines.texts().zip(points.values()) {
            if bucket.is_empty() {
                continue;
            }
            self.le.follow(value.bounds());
            let histogram = Histogram {
                name: &self.name,
                bucket,
                value,
            };
            lacks_sum |= !histogram.has_sum(format);
            histogram.write(page, &self.le, format);
        }
        if lacks_sum && !std::mem::replace(&mut self.told.no_sum, true) {
            report(format!(
                "`{}` is on `/metrics` without `{name}_sum` and `{name}_count` for scrapers that ask for OpenMetrics, \
                 which has none beside negative values; its buckets are there",
                self.metric_name(),
                name = self.name
            ));
        }
    }

    /// Of series that come to the same labels the first one stays: with two of them a scraper would refuse the page.
    fn silence_twins(&mut self, report: &mut impl FnMut(String)) {
        if self.labels.may_have_twins()
            && self.lines.silence_twins()
            && !std::mem::replace(&mut self.told.twins, true)
        {
            report(format!(
                "series of `{}` are left out of `/metrics`: their labels there are those of another series; rename labels \
                 that only differ in what stands between their letters",
                self.metric_name()
            ));
        }
    }

    fn write_head(&self, page: &mut String, format: Format) {
        page.push_str(match format {
            Format::Text => &self.text_head,
            Format::OpenMetrics => &self.open_metrics_head,
        });
    }
}

/// `# HELP`, `# TYPE` and `# UNIT`.
fn head(name: &str, kind: Kind, unit: &str, description: &str, format: Format) -> String {
    let mut head = String::new();
    // Parsers do not keep space around it.
    let description = description.trim();
    if !description.is_empty() {
        head.extend(["# HELP ", name, " "]);
        text::help(&mut head, description, format);
        head.push('\n');
    }
    head.extend(["# TYPE ", name, " ", kind.as_str(), "\n"]);
    if !unit.is_empty() {
        head.extend(["# UNIT ", name, " ", unit, "\n"]);
    }
    head
}
