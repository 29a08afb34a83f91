//! Who made a span or a log record.

use std::borrow::Cow;

use crate::packed::{Cursor, put_text};
use crate::semconv;

/// The library or program that made spans or log records: of annotated functions, their crate.
///
/// ```
/// use tachograph::trace::InstrumentationScope;
///
/// let scope = InstrumentationScope::new("sqlx").with_version("0.8.6");
/// assert_eq!((scope.name(), scope.version()), ("sqlx", "0.8.6"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct InstrumentationScope<'a> {
    name: Cow<'a, str>,
    version: Cow<'a, str>,
    schema_url: Cow<'a, str>,
}

impl<'a> InstrumentationScope<'a> {
    /// A library of this name.
    pub fn new(name: impl Into<Cow<'a, str>>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// An annotated function's crate.
    pub(crate) fn of_crate(name: &'a str, version: &'a str) -> Self {
        Self {
            name: name.into(),
            version: version.into(),
            schema_url: semconv::SCHEMA_URL.into(),
        }
    }

    /// Says the library's version; empty, which means unknown, otherwise.
    #[must_use]
    pub fn with_version(self, version: impl Into<Cow<'a, str>>) -> Self {
        Self {
            version: version.into(),
            ..self
        }
    }

    /// Says by which conventions its attributes are named; empty, which means unknown, otherwise.
    #[must_use]
    pub fn with_schema_url(self, schema_url: impl Into<Cow<'a, str>>) -> Self {
        Self {
            schema_url: schema_url.into(),
            ..self
        }
    }

    /// The library's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The library's version; empty when unknown.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The conventions by which its attributes are named; empty when unknown.
    #[must_use]
    pub fn schema_url(&self) -> &str {
        &self.schema_url
    }

    /// The same, to be kept.
    #[must_use]
    pub fn into_owned(self) -> InstrumentationScope<'static> {
        let owned = |text: Cow<'_, str>| Cow::Owned(text.into_owned());
        InstrumentationScope {
            name: owned(self.name),
            version: owned(self.version),
            schema_url: owned(self.schema_url),
        }
    }

    pub(crate) fn pack(&self, out: &mut Vec<u8>) {
        for text in [&self.name, &self.version, &self.schema_url] {
            put_text(out, text);
        }
    }

    pub(crate) fn unpack(cursor: &mut Cursor<'a>) -> Option<Self> {
        Some(Self {
            name: cursor.text()?.into(),
            version: cursor.text()?.into(),
            schema_url: cursor.text()?.into(),
        })
    }
}
