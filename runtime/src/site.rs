//! Sites: one static for each annotated function, listed before its first call.

use std::any::type_name;
use std::panic::Location;
use std::sync::{Mutex, Once, OnceLock, PoisonError};
use std::time::Duration;

use crate::listen;
use crate::metrics::FunctionCells;
use crate::objective::{LatencyObjective, Objective};
use crate::semconv;
use crate::trace::{Level, Scope, SpanKind};
use crate::value::Attribute;

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
    joined: Once,
    code_attributes: OnceLock<[Attribute; 3]>,
    pub(crate) cells: FunctionCells,
}

/// What `#[metered]` was told.
#[derive(Debug)]
pub(crate) struct Metered {
    /// The name of a metric family of its own; empty for the family that all functions share.
    pub(crate) family: &'static str,
    /// Bucket bounds in seconds; empty for the shared ones.
    pub(crate) buckets: &'static [f64],
    pub(crate) fixed_labels: &'static [(&'static str, &'static str)],
    pub(crate) labels: &'static [&'static str],
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
}

#[derive(Debug)]
struct Names {
    /// `Type::method` or `function`.
    function: String,
    /// `crate::module::Type::method`.
    path: String,
    /// `Type::method` or `module::function`.
    span: String,
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
                buckets: &[],
                fixed_labels: &[],
                labels: &[],
                in_flight: true,
                untimed: 0,
                objective: Objective::NONE,
            },
            traced: Traced {
                name: "",
                kind: SpanKind::Internal,
                target: "",
                level: Level::Info,
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
        self.metered.buckets = seconds;
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

    /// What filters know its spans by: the path of its module, or what `target = ".."` says.
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

    /// What its calls are meant to reach.
    #[must_use]
    pub fn objective(&self) -> Objective {
        self.metered.objective
    }

    pub(crate) fn span_kind(&self) -> SpanKind {
        self.traced.kind
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

    /// Adds the site to the list, where the linker does not do it.
    #[inline]
    pub(crate) fn join(&'static self) {
        if !crate::listed::LINKER_LISTS {
            self.joined.call_once(|| {
                JOINED
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(self);
            });
        }
    }

    fn names(&self) -> &Names {
        self.names
            .get_or_init(|| Names::new((self.marker)(), self.module))
    }
}

impl Names {
    /// Reads the names from the type name of a closure inside the static inside the function.
    fn new(marker: &str, module: &str) -> Self {
        let plain = without_generics(marker);
        let segments = plain
            .split("::")
            .filter(|segment| !segment.starts_with('{') && *segment != "SITE");
        let segments = segments.collect::<Vec<_>>();

        // The path of a method in an `impl` block away from its type begins at the type, wherever that stands.
        let depth = module.split("::").count();
        let away = marker.contains("<impl ") || marker.starts_with('<');
        let from = if away {
            segments.len().saturating_sub(2)
        } else {
            depth.min(segments.len())
        };
        let function = segments[from..].join("::");
        let last_module = module.rsplit("::").next().unwrap_or(module);
        let span = if function.contains("::") {
            function.clone()
        } else {
            format!("{last_module}::{function}")
        };
        Self {
            path: format!("{module}::{function}"),
            function,
            span,
        }
    }
}

/// Leaves generic arguments out, and puts the type in the place of `<Type as Trait>` and `<impl Trait for Type>`.
fn without_generics(name: &str) -> String {
    let Some(open) = name.find('<') else {
        return name.to_owned();
    };
    let (before, inside) = (&name[..open], &name[open + 1..]);
    let (inside, after) = inside.split_at(closing(inside));
    let after = without_generics(after.trim_start_matches('>'));
    if let Some(implementation) = inside.strip_prefix("impl ") {
        let subject =
            split_outside(implementation, " for ").map_or(implementation, |(_, subject)| subject);
        return without_generics(subject) + &after;
    }
    match split_outside(inside, " as ") {
        Some((subject, _)) if before.is_empty() => without_generics(subject) + &after,
        _ => before.trim_end_matches("::").to_owned() + &after,
    }
}

/// Where the bracket closes that was opened before `inside`.
fn closing(inside: &str) -> usize {
    let mut depth = 1_u32;
    let bytes = inside.as_bytes();
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            b'<' => depth += 1,
            b'>' if index > 0 && bytes[index - 1] == b'-' => {}
            b'>' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return index;
        }
    }
    inside.len()
}

/// Splits at a separator that is not inside brackets.
fn split_outside<'a>(text: &'a str, separator: &str) -> Option<(&'a str, &'a str)> {
    let balanced = |text: &str| {
        let arrows = text.matches("->").count();
        text.matches('<').count() + arrows == text.matches('>').count()
    };
    let at = text
        .match_indices(separator)
        .map(|(at, _)| at)
        .find(|at| balanced(&text[..*at]))?;
    Some((&text[..at], &text[at + separator.len()..]))
}

/// Sites that no linker lists: on platforms without the means, each joins at its first call.
static JOINED: Mutex<Vec<&'static Site>> = Mutex::new(Vec::new());

/// Every annotated function of the crates linked into this program, sorted by path and line.
///
/// On Linux, macOS, Windows and the BSDs all are there before their first call; elsewhere, and under Miri, a function
/// joins when it is first called while somebody listens.
#[must_use]
pub fn sites() -> Vec<&'static Site> {
    let joined = JOINED.lock().unwrap_or_else(PoisonError::into_inner);
    let mut sites: Vec<_> = crate::listed::sites()
        .iter()
        .copied()
        .chain(joined.iter().copied())
        .collect();
    sites.sort_by_cached_key(|site| {
        (
            site.path().to_owned(),
            site.location.line(),
            site.location.column(),
        )
    });
    sites
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(marker: &str, module: &str, function: &str, span: &str, path: &str) {
        let names = Names::new(marker, module);
        assert_eq!(
            (
                names.function.as_str(),
                names.span.as_str(),
                names.path.as_str()
            ),
            (function, span, path)
        );
    }

    #[test]
    fn names_of_functions_and_methods() {
        let marker = "shop::orders::place::SITE::{{closure}}";
        check(
            marker,
            "shop::orders",
            "place",
            "orders::place",
            "shop::orders::place",
        );
        let marker = "shop::orders::Cart<_>::pay::{{closure}}::SITE::{{closure}}";
        check(
            marker,
            "shop::orders",
            "Cart::pay",
            "Cart::pay",
            "shop::orders::Cart::pay",
        );
        let marker = "shop::orders::place::check::SITE::{{closure}}";
        check(
            marker,
            "shop::orders",
            "place::check",
            "place::check",
            "shop::orders::place::check",
        );
        check(
            "shop::main::SITE::{{closure}}",
            "shop",
            "main",
            "shop::main",
            "shop::main",
        );
    }

    #[test]
    fn names_of_implementations() {
        let marker = "shop::<impl shop::Tax for u32>::rate::SITE::{{closure}}";
        check(marker, "shop", "u32::rate", "u32::rate", "shop::u32::rate");
        let marker = "shop::<impl shop::cart::W<alloc::vec::Vec<u8>>>::outer::SITE::{{closure}}";
        check(marker, "shop", "W::outer", "W::outer", "shop::W::outer");
        let marker = "<shop::cart::W<_> as shop::Tax<fn(u8) -> u8>>::rate::SITE::{{closure}}";
        check(
            marker,
            "shop::cart",
            "W::rate",
            "W::rate",
            "shop::cart::W::rate",
        );
        let marker = "shop::cart::Tax::provided::SITE::{{closure}}";
        check(
            marker,
            "shop::cart",
            "Tax::provided",
            "Tax::provided",
            "shop::cart::Tax::provided",
        );
    }
}
