//! Sites: one static for each annotated function, listed before its first call.

mod filter;
mod names;
mod number;
mod options;
mod switches;

use std::any::type_name;
use std::panic::Location;
use std::sync::{Once, OnceLock};

use crate::listen;
use crate::metrics::FunctionCells;
use crate::objective::Objective;
use crate::packed::FieldList;
use crate::semconv;
use crate::trace::{InstrumentationScope, Level, SpanKind};
use crate::value::Attribute;
pub(crate) use filter::apply_to_new;
pub use filter::{filter_spans, unfilter_spans};
use names::Names;
use number::Number;
pub(crate) use number::numbered;
pub(crate) use options::Metered;
use options::Traced;
use switches::Switches;

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
    /// The signals that calls of this function feed if nothing is switched off.
    pub(crate) records: usize,
    pub(crate) switches: Switches,
    /// Whether calls have nothing to say of their results.
    plain: bool,
    pub(crate) metered: Metered,
    traced: Traced,
    /// The keys of what calls record.
    fields: FieldList,
    names: OnceLock<Box<Names>>,
    number: Number,
    pub(crate) joined: Once,
    pub(crate) cells: FunctionCells,
}

/// For generated code, which goes on with what the attributes were told.
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
            switches: Switches::new(0),
            plain: true,
            metered: Metered::NEW,
            traced: Traced::NEW,
            fields: &[],
            names: OnceLock::new(),
            number: Number::none(),
            joined: Once::new(),
            cells: FunctionCells::new(),
        }
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
    pub fn scope(&self) -> InstrumentationScope<'static> {
        let name = self.module.split("::").next().unwrap_or(self.module);
        InstrumentationScope::of_crate(name, self.version.unwrap_or_default())
    }

    /// The number by which records name it, from 1 on in the order of first use: an index into what an exporter keeps
    /// for each function. It is another one in every run.
    #[inline]
    #[must_use]
    pub fn number(&'static self) -> u32 {
        self.number.of(self)
    }

    /// The keys of all fields that its attribute names: those of calls and those of their results.
    ///
    /// ```
    /// #[tachograph::traced(fields(order.id = id), on_ok(rows = ok.len()))]
    /// fn lines(id: u64) -> Result<Vec<String>, std::io::Error> {
    ///     Ok(vec![id.to_string()])
    /// }
    ///
    /// let sites = tachograph::sites();
    /// let site = sites.iter().find(|site| site.path().ends_with("lines")).unwrap();
    /// assert_eq!(site.field_keys(), ["order.id", "rows"]);
    /// ```
    #[inline]
    #[must_use]
    pub fn field_keys(&self) -> &'static [&'static str] {
        self.fields
    }

    /// What the names of its metrics begin with, before `.calls`, `.calls.duration` and `.calls.in_flight`: the `name` of
    /// its attribute, or `function`.
    #[must_use]
    pub fn metric_prefix(&self) -> &'static str {
        match self.metered.prefix {
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
        self.metered.objective()
    }

    /// Switches the spans of calls that begin from now on off or on again. What the calls do below is not concerned: their
    /// spans become children of the span that is left.
    ///
    /// Takes a few nanoseconds, and costs calls nothing.
    ///
    /// ```
    /// use tachograph::{sites, traced};
    ///
    /// #[traced]
    /// fn noisy() {}
    ///
    /// for site in sites().into_iter().filter(|site| site.function() == "noisy") {
    ///     site.set_spans(false);
    /// }
    /// ```
    pub fn set_spans(&self, on: bool) {
        self.switches.set_spans(self.records, on);
    }

    /// Switches the metrics of calls that begin from now on off or on again. Calls that are running count at their ends.
    pub fn set_metrics(&self, on: bool) {
        self.switches.set_metrics(self.records, on);
    }

    /// Records the spans of calls that begin from now on, and all below them, whatever was decided about their traces; or
    /// no longer. They are sampled as if a sampler had said so. While nobody listens it does nothing.
    pub fn force_spans(&self, forced: bool) {
        self.switches.set_forced(self.records, forced);
    }

    /// Whether calls count and are timed now, if somebody listens.
    #[must_use]
    pub fn has_metrics_on(&self) -> bool {
        self.switches.on() & listen::METRICS != 0
    }

    /// Whether calls are spans now, if somebody listens: neither switched off nor left out by a filter.
    #[must_use]
    pub fn has_spans_on(&self) -> bool {
        self.switches.on() & listen::SPANS != 0
    }

    /// Whether a call is counted, and nothing else, as far as can be told before it begins.
    #[inline]
    pub(crate) fn is_lean(&self, listening: usize) -> bool {
        // A scope is among the higher bits, and spans that are forced are no matter.
        listening & (self.switches.on() | !listen::ALL) == listen::METRICS && self.plain
    }

    /// Whether a call counts.
    #[inline]
    pub(crate) fn is_counted(&self, listening: usize) -> bool {
        listening & self.switches.on() & listen::METRICS != 0
    }

    /// Whether calls have nothing to say at their ends.
    #[inline]
    pub(crate) fn counts_plainly(&self) -> bool {
        self.plain && self.records & listen::LOGS == 0 && !self.enters_on_poll()
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

    /// Whether calls say where their spans begin, which then is not where they are made.
    #[inline]
    pub(crate) fn opens_spans(&self) -> bool {
        self.traced.opens
    }

    #[inline]
    pub(crate) fn enters_on_poll(&self) -> bool {
        self.traced.enters_on_poll
    }

    /// `code.function.name`, `code.file.path` and `code.line.number`.
    #[must_use]
    pub fn code_attributes(&'static self) -> &'static [Attribute] {
        let names = self.names();
        names.code_attributes.get_or_init(|| {
            [
                Attribute::new(semconv::CODE_FUNCTION_NAME, names.path.clone()),
                Attribute::new(semconv::CODE_FILE_PATH, self.location.file()),
                Attribute::new(semconv::CODE_LINE_NUMBER, self.location.line()),
            ]
        })
    }

    fn names(&self) -> &Names {
        self.names
            .get_or_init(|| Box::new(Names::new((self.marker)(), self.module)))
    }
}
