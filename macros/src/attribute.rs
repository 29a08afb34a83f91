//! The two attributes: how each is written, which options it has, and how one finds the other on the same function.

use proc_macro2::{Span, TokenStream};
use syn::{Error, Ident, Meta, Path};

use crate::options::{self, Usage};
use crate::report::{self, Faults};
use crate::{metered, traced};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Attribute {
    Metered,
    Traced,
}

/// The options that mean something for each function of a block. The others are about the arguments or the result of
/// one function.
pub(crate) const FOR_EACH: [&str; 8] = [
    "duration",
    "err",
    "in_flight",
    "kind",
    "level",
    "objective",
    "sample",
    "target",
];

impl Attribute {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Metered => "metered",
            Self::Traced => "traced",
        }
    }

    /// Sorted by name.
    fn options(self) -> &'static [Usage] {
        match self {
            Self::Metered => metered::OPTIONS,
            Self::Traced => traced::OPTIONS,
        }
    }

    /// What options of other frameworks are here.
    fn known_elsewhere(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Metered => metered::KNOWN_ELSEWHERE,
            Self::Traced => traced::KNOWN_ELSEWHERE,
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Metered => Self::Traced,
            Self::Traced => Self::Metered,
        }
    }

    /// How to write the option `name`, if there is one.
    fn usage(self, name: &Ident) -> Result<&'static Usage, Error> {
        let find = |attribute: Self| attribute.options().iter().find(|usage| name == usage.name);
        if let Some(usage) = find(self) {
            return Ok(usage);
        }
        if let Some((_, help)) = self.known_elsewhere().iter().find(|(word, _)| name == word) {
            return Err(report::fault(
                name,
                format!("unknown option `{name}`"),
                help,
            ));
        }
        if find(self.other()).is_some() {
            let what = format!("`{name}` belongs to `#[{}]`", self.other().name());
            return Err(report::fault(name, what, "move it there"));
        }
        Err(options::unknown(name, self.options()))
    }

    /// The options that are given once, known and written as they should be.
    pub(crate) fn read(self, options: TokenStream, faults: &mut Faults) -> Vec<Meta> {
        options::read(|name| self.usage(name), "name", options, faults)
    }

    pub(crate) fn ident(self) -> Ident {
        Ident::new(self.name(), Span::call_site())
    }

    /// Whether `path` names this attribute: plainly, through `tachograph`, or through the path given as `crate`. A last
    /// segment alone proves nothing.
    fn is_named_by(self, path: &Path, krate: Option<&Path>) -> bool {
        let path = report::text(path);
        let named = |prefix: &str| path.strip_prefix(prefix) == Some(self.name());
        ["", "tachograph::", "::tachograph::"]
            .into_iter()
            .any(named)
            || krate.is_some_and(|krate| named(&format!("{}::", report::text(krate))))
    }

    /// Blocks hand attributes on as `::tachograph::__private::traced`.
    fn is_handed_on_by(self, path: &str) -> bool {
        let private = path.strip_suffix(self.name());
        private.is_some_and(|private| private.ends_with("::__private::"))
    }
}

/// An attribute that was taken off an item.
pub(crate) struct Taken {
    pub(crate) attribute: Attribute,
    pub(crate) path: Path,
    pub(crate) options: TokenStream,
}

/// Whether this attribute is written `#[traced = ..]`, which the compiler refuses in its own words. The macro is run
/// all the same, and not told.
pub(crate) fn is_key_value() -> bool {
    let written = Span::call_site().source_text().unwrap_or_default();
    written
        .find(['=', '(', '{'])
        .is_some_and(|at| written[at..].starts_with('='))
}

/// Takes the attributes that are `wanted` off the item, in order, with their options.
pub(crate) fn take(
    attrs: &mut Vec<syn::Attribute>,
    wanted: &[Attribute],
    krate: Option<&Path>,
) -> Vec<Taken> {
    let mut taken = Vec::new();
    attrs.retain(|attr| {
        let path = attr.path();
        let mut wanted = wanted.iter().copied();
        let named = wanted.find(|attribute| attribute.is_named_by(path, krate));
        let (Some(attribute), Some(options)) = (named, options(attr)) else {
            return true;
        };
        taken.push(Taken {
            attribute,
            path: path.clone(),
            options,
        });
        false
    });
    taken
}

/// Takes off what blocks around the item have handed on, and returns its options.
pub(crate) fn take_handed_on(
    attrs: &mut Vec<syn::Attribute>,
    attribute: Attribute,
) -> Vec<TokenStream> {
    let handed_on =
        |attr: &mut syn::Attribute| attribute.is_handed_on_by(&report::text(attr.path()));
    let taken = attrs.extract_if(.., handed_on);
    taken.filter_map(|attr| options(&attr)).collect()
}

/// Whether this attribute may be on the item under another name, which only the compiler can tell: then there is an
/// attribute that is none of the compiler's own, with options that would be right.
pub(crate) fn may_have_another_name(attrs: &[syn::Attribute], attribute: Attribute) -> bool {
    const BUILT_IN: [&str; 12] = [
        "automatically_derived",
        "bench",
        "cold",
        "deprecated",
        "ignore",
        "inline",
        "must_use",
        "naked",
        "no_mangle",
        "should_panic",
        "test",
        "track_caller",
    ];
    attrs.iter().any(|attr| {
        let path = attr.path();
        let handed_on = [attribute, attribute.other()]
            .iter()
            .any(|attribute| attribute.is_handed_on_by(&report::text(path)));
        let first = &path.segments[0].ident;
        let of_tool = first == "rustfmt" || first == "clippy";
        if handed_on || of_tool || BUILT_IN.iter().any(|name| path.is_ident(name)) {
            return false;
        }
        options(attr).is_some_and(|options| {
            let mut faults = Faults::default();
            attribute.read(options, &mut faults);
            faults.is_empty()
        })
    })
}

/// What stands in its parentheses. The compiler refuses `#[traced = ..]` itself.
fn options(attr: &syn::Attribute) -> Option<TokenStream> {
    match &attr.meta {
        Meta::Path(_) => Some(TokenStream::new()),
        Meta::List(list) => Some(list.tokens.clone()),
        Meta::NameValue(_) => None,
    }
}
