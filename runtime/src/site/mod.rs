//! Sites: one static for each annotated function, listed before its first call.

mod names;

use std::any::type_name;
use std::panic::Location;
use std::sync::{Once, OnceLock};
use std::time::Duration;

use crate::listen;
use crate::metrics::{DurationBuckets, FunctionCells, Side};
use crate::objective::{LatencyObjective, Objective};
use crate::semconv;
use crate::trace::{Level, Scope, SpanKind};
use crate::value::Attribute;
use names::Names;

/// An annotated function: what it is called, where it stands and what its calls record.
///
/// The attribute macros make one `static` of it for each function, however many instances a generic function has.
#[derive(Debug)]
pub struct Site {
    /// The type name of a closure in the function's body, from which the names are read.
    marker: fn() -> &'static str,
    location: &'static Location<'static>,
    doc: &'static str,
    module: &'static str,
    version: Option<&'static str>,
    /// The signals that calls of this function feed.
    pub(crate) records: usize,
    pub(crate) metered: Metered,
    traced: Traced,
    names: OnceLock<Names>,
    pub(crate) joined: Once,
    code_attributes: OnceLock<[Attribute; 3]>,
    pub(crate) cells: FunctionCells,
}

/// What `#[metered]` was told.
#[derive(Debug)]
pub(crate) struct Metered {
    /// The name of a metric family of its own; empty for the family that all functions share.
    pub(crate) family: &'static str,
    pub(crate) buckets: DurationBuckets,
    pub(crate) fixed_labels: &'static [(&'static str, &'static str)],
    /// The names of labels that are known when a call starts.
    pub(crate) labels: &'static [&'static str],
    /// Those that are known when it ends, with an `Ok` or with an `Err`.
    pub(crate) end_labels: [&'static [&'static str]; Side::ALL.len()],
    /// Whether it is shown how many calls are running.
    pub(crate) in_flight: bool,
    /// A call is timed when none of these bits is set in the number of calls before it.
    pub(crate) untimed: u64,
    pub(crate) objective: Objective,
}

/// What `#[traced]` was told.
#[derive(Debug)]
struct Traced {
    name: &'static str,
    kind: SpanKind,
    /// Empty for the module.
    target: &'static str,
    level: Level,
    /// Of the log record that an error makes besides.
    error_level: Option<Level>,
    /// Whether each poll of a future is a span of its own, in the place of the future's whole life.
    enters_on_poll: bool,
}

impl Metered {
    /// The names of labels that are known when a call starts, or when it ends on this side.
    pub(crate) fn names(&self, end: Option<Side>) -> &'static [&'static str] {
        end.map_or(self.labels, |side| self.end_labels[side as usize])
    }

    pub(crate) fn has_end_labels(&self) -> bool {
        self.end_labels.iter().any(|labels| !labels.is_empty())
    }
}

/// For generated code.
#[doc(hidden)]
impl Site {
    /// A site named by the place where `_marker` is written, at the caller's location.
    #[track_caller]
    #[must_use]
    pub const fn new<F: Fn() + Copy>(_marker: F) -> Self {
        Self {
            marker: type_name::<F>,
            location: Location::caller(),
            doc: "",
            module: "",
            version: None,
            records: 0,
            metered: Metered {
                family: "",
                buckets: DurationBuckets::Default,
                fixed_labels: &[],
                labels: &[],
                end_labels: [&[]; Side::ALL.len()],
                in_flight: true,
                untimed: 0,
                objective: Objective::NONE,
            },
            traced: Traced {
                name: "",
                kind: SpanKind::Internal,
                target: "",
                level: Level::Info,
                error_level: None,
                enters_on_poll: false,
            },
            names: OnceLock::new(),
            joined: Once::new(),
            code_attributes: OnceLock::new(),
            cells: FunctionCells::new(),
        }
    }

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
        self
    }

    #[must_use]
    pub const fn family(mut self, name: &'static str) -> Self {
        self.metered.family = name;
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
        self
    }

    #[must_use]
    pub const fn err_labels(mut self, keys: &'static [&'static str]) -> Self {
        self.metered.end_labels[Side::Err as usize] = keys;
        self
    }

    #[must_use]
    pub const fn without_in_flight(mut self) -> Self {
        self.metered.in_flight = false;
        self
    }

    /// Times one call in so many, which is a power of two.
    #[must_use]
    pub const fn time_one_in(mut self, calls: u64) -> Self {
        self.metered.untimed = calls - 1;
        self
    }

    #[must_use]
    pub const fn success_objective(mut self, percent: f64) -> Self {
        self.metered.objective.success = Some(percent);
        self
    }

    #[must_use]
    pub const fn latency_objective(mut self, nanos: u64, percent: f64) -> Self {
        let threshold = Duration::from_nanos(nanos);
        self.metered.objective.latency = Some(LatencyObjective { threshold, percent });
        self
    }

    #[must_use]
    pub const fn traced(mut self) -> Self {
        self.records |= listen::SPANS;
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
        self.traced.error_level = Some(level);
        self
    }

    #[must_use]
    pub const fn enter_on_poll(mut self) -> Self {
        self.traced.enters_on_poll = true;
        self
    }
}

impl Site {
    /// The function as metrics name it: `Type::method`, or the bare name of a free function.
    #[must_use]
    pub fn function(&self) -> &str {
        &self.names().function
    }

    /// The function's full path, without generic arguments: `shop::orders::Cart::checkout`.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.names().path
    }

    /// The module it stands in.
    #[must_use]
    pub fn module(&self) -> &'static str {
        self.module
    }

    /// Where its name is written.
    #[must_use]
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }

    /// The first paragraph of its documentation; empty when there is none.
    #[must_use]
    pub fn doc_comment(&self) -> &'static str {
        self.doc
    }

    /// Whether its calls are counted and timed.
    #[must_use]
    pub fn is_metered(&self) -> bool {
        self.records & listen::METRICS != 0
    }

    /// Whether its calls are spans.
    #[must_use]
    pub fn is_traced(&self) -> bool {
        self.records & listen::SPANS != 0
    }

    /// The name of its spans: `Type::method`, `module::function`, or what `name = ".."` says.
    #[must_use]
    pub fn span_name_or_path(&self) -> &str {
        if self.traced.name.is_empty() {
            &self.names().span
        } else {
            self.traced.name
        }
    }

    /// What filters know its spans and its log records by: the path of its module, or what `target = ".."` says.
    #[must_use]
    pub fn span_target(&self) -> &'static str {
        match self.traced.target {
            "" => self.module,
            own => own,
        }
    }

    /// How much its spans matter: [`Level::Info`], or what `level = ".."` says.
    #[must_use]
    pub fn span_level(&self) -> Level {
        self.traced.level
    }

    /// The crate it belongs to.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope {
            name: self.module.split("::").next().unwrap_or(self.module),
            version: self.version.unwrap_or_default(),
        }
    }

    /// The family of its metrics: the name before `.calls`, `.calls.duration` and `.calls.in_flight`.
    #[must_use]
    pub fn metric_family(&self) -> &'static str {
        match self.metered.family {
            "" => "function",
            own => own,
        }
    }

    /// Whether it is shown how many of its calls are running, which `in_flight = false` leaves out.
    #[must_use]
    pub fn shows_in_flight(&self) -> bool {
        self.metered.in_flight
    }

    /// What its calls are meant to reach.
    #[must_use]
    pub fn objective(&self) -> Objective {
        self.metered.objective
    }

    pub(crate) fn span_kind(&self) -> SpanKind {
        self.traced.kind
    }

    pub(crate) fn error_level(&self) -> Option<Level> {
        self.traced.error_level
    }

    /// Whether a call that begins in no span may have something to say all the same: at its end, or when it is polled
    /// elsewhere.
    #[inline]
    pub(crate) fn records_without_span(&self, signals: usize) -> bool {
        signals & listen::LOGS != 0 || signals & listen::SPANS != 0 && self.enters_on_poll()
    }

    #[inline]
    pub(crate) fn enters_on_poll(&self) -> bool {
        self.traced.enters_on_poll
    }

    pub(crate) fn code_attributes(&'static self) -> &'static [Attribute] {
        self.code_attributes.get_or_init(|| {
            [
                Attribute::new(semconv::CODE_FUNCTION_NAME, self.path().to_owned()),
                Attribute::new(semconv::CODE_FILE_PATH, self.location.file()),
                Attribute::new(semconv::CODE_LINE_NUMBER, self.location.line()),
            ]
        })
    }

    fn names(&self) -> &Names {
        self.names
            .get_or_init(|| Names::new((self.marker)(), self.module))
    }
}
