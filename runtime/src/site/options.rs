//! What the attributes were told of a function, and how generated code says so.

use std::time::Duration;

use super::Site;
use super::switches::Switches;
use crate::listen;
use crate::metrics::{DurationBuckets, Side};
use crate::objective::{LatencyObjective, Objective};
use crate::trace::{Level, SpanKind};

/// What `#[metered]` was told.
#[derive(Debug)]
pub(crate) struct Metered {
    /// What the names of its metrics begin with; empty for that which most functions share.
    pub(crate) prefix: &'static str,
    pub(crate) buckets: DurationBuckets,
    pub(crate) fixed_labels: &'static [(&'static str, &'static str)],
    /// The names of labels that are known when a call starts.
    pub(crate) labels: &'static [&'static str],
    /// Those that are known when it ends, with an `Ok` or with an `Err`.
    pub(crate) end_labels: [&'static [&'static str]; Side::ALL.len()],
    /// Whether it is shown how many calls are running.
    pub(crate) in_flight: bool,
    /// One call in so many is timed.
    pub(crate) sample: u32,
    /// What calls shall not take longer than; zero if that does not matter.
    pub(crate) latency_nanos: u64,
    /// How many of them, in percent.
    latency_percent: f64,
    /// How many calls shall end well, in percent; zero if that does not matter.
    success_percent: f64,
}

/// What `#[traced]` was told.
#[derive(Debug)]
pub(super) struct Traced {
    pub(super) name: &'static str,
    pub(super) kind: SpanKind,
    /// Empty for the module.
    pub(super) target: &'static str,
    pub(super) level: Level,
    /// Of the log record that an error makes besides.
    pub(super) error_level: Option<Level>,
    /// Whether each poll of a future is a span of its own, instead of the whole life of the future.
    pub(super) enters_on_poll: bool,
    /// Whether calls say where their spans begin.
    pub(super) opens: bool,
}

impl Metered {
    /// What holds where nothing is told.
    pub(super) const NEW: Self = Self {
        prefix: "",
        buckets: DurationBuckets::Default,
        fixed_labels: &[],
        labels: &[],
        end_labels: [&[]; Side::ALL.len()],
        in_flight: true,
        sample: 1,
        latency_nanos: 0,
        latency_percent: 0.0,
        success_percent: 0.0,
    };

    /// The names of labels that are known when a call starts, or when it ends on this side.
    pub(crate) fn names(&self, end: Option<Side>) -> &'static [&'static str] {
        end.map_or(self.labels, |side| self.end_labels[side as usize])
    }

    pub(super) fn objective(&self) -> Objective {
        let latency = (self.latency_nanos > 0).then(|| LatencyObjective {
            threshold: Duration::from_nanos(self.latency_nanos),
            percent: self.latency_percent,
        });
        Objective {
            success: (self.success_percent > 0.0).then_some(self.success_percent),
            latency,
        }
    }

    pub(crate) fn has_end_labels(&self) -> bool {
        self.end_labels.iter().any(|labels| !labels.is_empty())
    }
}

impl Traced {
    /// What holds where nothing is told.
    pub(super) const NEW: Self = Self {
        name: "",
        kind: SpanKind::Internal,
        target: "",
        level: Level::Info,
        error_level: None,
        enters_on_poll: false,
        opens: false,
    };
}

/// For generated code.
#[doc(hidden)]
impl Site {
    #[must_use]
    pub const fn within(mut self, module: &'static str, version: Option<&'static str>) -> Self {
        self.module = module;
        self.version = version;
        self
    }

    #[must_use]
    pub const fn doc(mut self, doc: &'static str) -> Self {
        self.doc = doc;
        self
    }

    #[must_use]
    pub const fn metered(mut self) -> Self {
        self.records |= listen::METRICS;
        self.switches = Switches::new(self.records);
        self
    }

    #[must_use]
    pub const fn prefixed(mut self, name: &'static str) -> Self {
        self.metered.prefix = name;
        self
    }

    #[must_use]
    pub const fn buckets(mut self, seconds: &'static [f64]) -> Self {
        self.metered.buckets = DurationBuckets::Explicit(seconds);
        self
    }

    #[must_use]
    pub const fn exponential_buckets(mut self) -> Self {
        self.metered.buckets = DurationBuckets::Exponential;
        self
    }

    #[must_use]
    pub const fn fixed_labels(mut self, labels: &'static [(&'static str, &'static str)]) -> Self {
        self.metered.fixed_labels = labels;
        self
    }

    #[must_use]
    pub const fn labels(mut self, keys: &'static [&'static str]) -> Self {
        self.metered.labels = keys;
        self
    }

    #[must_use]
    pub const fn ok_labels(mut self, keys: &'static [&'static str]) -> Self {
        self.metered.end_labels[Side::Ok as usize] = keys;
        self.plain = false;
        self
    }

    #[must_use]
    pub const fn err_labels(mut self, keys: &'static [&'static str]) -> Self {
        self.metered.end_labels[Side::Err as usize] = keys;
        self.plain = false;
        self
    }

    #[must_use]
    pub const fn without_in_flight(mut self) -> Self {
        self.metered.in_flight = false;
        self
    }

    /// Times one call in so many.
    #[must_use]
    pub const fn time_one_in(mut self, calls: u32) -> Self {
        self.metered.sample = calls;
        self
    }

    #[must_use]
    pub const fn success_objective(mut self, percent: f64) -> Self {
        self.metered.success_percent = percent;
        self
    }

    #[must_use]
    pub const fn latency_objective(mut self, nanos: u64, percent: f64) -> Self {
        self.metered.latency_nanos = nanos;
        self.metered.latency_percent = percent;
        self
    }

    #[must_use]
    pub const fn traced(mut self) -> Self {
        self.records |= listen::SPANS;
        self.switches = Switches::new(self.records);
        self
    }

    #[must_use]
    pub const fn span_name(mut self, name: &'static str) -> Self {
        self.traced.name = name;
        self
    }

    #[must_use]
    pub const fn kind(mut self, kind: SpanKind) -> Self {
        self.traced.kind = kind;
        self
    }

    #[must_use]
    pub const fn target(mut self, target: &'static str) -> Self {
        self.traced.target = target;
        self
    }

    #[must_use]
    pub const fn level(mut self, level: Level) -> Self {
        self.traced.level = level;
        self
    }

    #[must_use]
    pub const fn log_errors(mut self, level: Level) -> Self {
        self.records |= listen::LOGS;
        self.switches = Switches::new(self.records);
        self.traced.error_level = Some(level);
        self
    }

    /// The keys of all fields, which calls name by their index.
    #[must_use]
    pub const fn fields(mut self, keys: &'static [&'static str]) -> Self {
        self.fields = keys;
        self
    }

    /// Calls have fields of their results.
    #[must_use]
    pub const fn end_fields(mut self) -> Self {
        self.plain = false;
        self
    }

    #[must_use]
    pub const fn opens(mut self) -> Self {
        self.traced.opens = true;
        self
    }

    #[must_use]
    pub const fn enter_on_poll(mut self) -> Self {
        self.traced.enters_on_poll = true;
        self
    }
}
