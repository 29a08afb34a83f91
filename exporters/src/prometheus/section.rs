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
    is_left_out: bool,
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
            is_left_out: false,
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
        section.open_metrics_head =
            head(&section.name, kind, &unit, description, Format::OpenMetrics);
        section
    }

    /// From now on it writes nothing.
    pub(super) fn leave_out(&mut self) {
        self.is_left_out = true;
    }

    /// Whether it is this metric's, unchanged.
    pub(super) fn describes(&self, metric: &Metric) -> bool {
        self.kind == Kind::of(metric.data()) && self.descriptor == *metric.descriptor()
    }

    /// The metric's own name, in dots.
    pub(super) fn metric_name(&self) -> &str {
        self.descriptor.name()
    }

    /// The names of its samples, the one that its numbers have first, and the name that OpenMetrics describes them by.
    pub(super) fn sample_names(&self) -> Vec<String> {
        let suffixes: &[_] = match self.kind {
            Kind::Counter => &["_total", ""],
            Kind::Gauge | Kind::Unknown => &[""],
            Kind::Histogram => &["", "_bucket", "_sum", "_count"],
        };
        let named = |suffix| format!("{}{suffix}", self.name);
        suffixes.iter().map(named).collect()
    }

    /// Writes the head and all samples; nothing if there are none.
    pub(super) fn write(&mut self, page: &mut String, data: &MetricData, format: Format) {
        match data {
            _ if self.is_left_out => {}
            MetricData::Counter(points) => {
                self.write_numbers(page, points, format, text::integer);
            }
            MetricData::UpDownCounter(points) => {
                self.write_numbers(page, points, format, text::integer);
            }
            MetricData::CounterF64(points) | MetricData::Gauge(points) => {
                self.write_numbers(page, points, format, text::float);
            }
            MetricData::Histogram(points) => self.write_histograms(page, points, format),
            MetricData::ExponentialHistogram(points) => {
                let points = self.octaves.explicit(points);
                self.write_histograms(page, &points, format);
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
    ) {
        if points.is_empty() {
            return;
        }
        let name = self.sample_names().swap_remove(0);
        self.lines.follow(points, |line, labels| {
            line.push_str(&name);
            if !labels.is_empty() {
                line.push('{');
                self.labels.write(line, labels);
                line.push('}');
            }
            line.push(' ');
        });
        self.write_head(page, format);
        for (line, value) in self.lines.texts().zip(points.values()) {
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
    ) {
        if points.is_empty() {
            return;
        }
        self.lines.follow(points, |line, labels| {
            line.push_str(&self.name);
            line.push_str(histogram::BUCKET);
            if !labels.is_empty() {
                self.labels.write(line, labels);
                line.push(',');
            }
        });
        self.write_head(page, format);
        for (bucket, value) in self.lines.texts().zip(points.values()) {
            self.le.follow(value.bounds());
            let histogram = Histogram {
                name: &self.name,
                bucket,
                value,
            };
            histogram.write(page, &self.le, format);
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
