//! One metric as a family of samples on the page.

use tachograph::metrics::{Descriptor, HistogramValue, Metric, MetricData, Points};

use super::histogram::{Bounds, Histogram};
use super::labels::{self, Rendered};
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
pub(super) struct Family {
    descriptor: Descriptor,
    kind: Kind,
    /// Without a counter's `_total`.
    name: String,
    text_head: String,
    open_metrics_head: String,
    /// Of a counter or gauge, a line up to its value; of a histogram, the labels.
    lines: Rendered,
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

impl Family {
    pub(super) fn new(metric: &Metric) -> Self {
        let kind = Kind::of(metric.data());
        let unit = names::unit_words(metric.unit());
        let name = names::family(metric.name(), &unit, kind == Kind::Counter);
        let description = metric.description();
        let mut family = Self {
            descriptor: metric.descriptor().clone(),
            kind,
            name,
            text_head: String::new(),
            open_metrics_head: String::new(),
            lines: Rendered::default(),
            le: Bounds::default(),
            octaves: Octaves::default(),
            is_left_out: false,
        };
        // Only OpenMetrics knows families: the text format describes samples, so a counter has its suffix there.
        family.text_head = head(
            family.sample_names()[0].as_str(),
            kind,
            "",
            description,
            Format::Text,
        );
        family.open_metrics_head =
            head(&family.name, kind, &unit, description, Format::OpenMetrics);
        family
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

    /// The names of its samples, the one that its numbers have first, and the name of the family.
    pub(super) fn sample_names(&self) -> Vec<String> {
        let suffixes: &[_] = match self.kind {
            Kind::Counter => &["_total", ""],
            Kind::Gauge | Kind::Unknown => &[""],
            Kind::Histogram => &["", "_bucket", "_sum", "_count"],
        };
        let named = |suffix| format!("{}{suffix}", self.name);
        suffixes.iter().map(named).collect()
    }

    /// Writes the family with all its samples; nothing if there are none.
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
            if labels.clone().next().is_some() {
                line.push('{');
                labels::write(line, labels);
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
        self.lines
            .follow(points, |line, labels| labels::write(line, labels));
        self.write_head(page, format);
        for (labels, value) in self.lines.texts().zip(points.values()) {
            self.le.follow(value.bounds());
            let histogram = Histogram {
                name: &self.name,
                labels,
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
