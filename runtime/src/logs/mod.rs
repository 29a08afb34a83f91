//! Log records: what happened, for people to read. Annotated functions make them where `err(level = ..)` asks for it.
//!
//! Nothing here shows or sends a record: it is given to whoever listens, in the moment in which it is made.

pub(crate) mod listener;

use crate::semconv;
use crate::site::Site;
use crate::trace::{Level, SpanContext};
use crate::value::Attribute;

/// Something that happened, by OpenTelemetry's data model for logs.
#[derive(Clone, Debug)]
pub struct LogRecord {
    site: &'static Site,
    severity: Level,
    body: Option<String>,
    attributes: Vec<Attribute>,
    span_context: Option<SpanContext>,
    unix_nanos: u64,
}

impl LogRecord {
    /// A call of the function failed. `message` is there if the function records it.
    pub(crate) fn of_error(
        site: &'static Site,
        severity: Level,
        error_type: &'static str,
        message: Option<String>,
        span_context: Option<SpanContext>,
        unix_nanos: u64,
    ) -> Self {
        Self {
            site,
            severity,
            body: message,
            attributes: vec![Attribute::new(semconv::ERROR_TYPE, error_type)],
            span_context,
            unix_nanos,
        }
    }

    /// How much it matters.
    #[must_use]
    pub fn severity(&self) -> Level {
        self.severity
    }

    /// What it says: the message of an error, if the function records it.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        self.body.as_deref()
    }

    /// Details, such as `error.type`, without those that say where the code stands.
    #[must_use]
    pub fn attributes(&self) -> &[Attribute] {
        &self.attributes
    }

    /// `code.function.name`, `code.file.path` and `code.line.number`: the same slice for every record of one function.
    #[must_use]
    pub fn code_attributes(&self) -> &'static [Attribute] {
        self.site.code_attributes()
    }

    /// What filters know it by: that of the function's spans.
    #[must_use]
    pub fn target(&self) -> &'static str {
        self.site.span_target()
    }

    /// The annotated function.
    #[must_use]
    pub fn site(&self) -> &'static Site {
        self.site
    }

    /// The span in which it happened, sampled or not. That of the call itself, if it has one.
    #[must_use]
    pub fn span_context(&self) -> Option<&SpanContext> {
        self.span_context.as_ref()
    }

    /// When it happened, in nanoseconds since the Unix epoch.
    #[must_use]
    pub fn unix_nanos(&self) -> u64 {
        self.unix_nanos
    }
}
